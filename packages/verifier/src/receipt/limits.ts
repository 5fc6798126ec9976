/** Bounds on a receipt, each checked before any work of that size is done. */
export const RECEIPT_LIMITS = {
  /** Bytes of the envelope. */
  bytes: 32 * 2 ** 20,
  /** Objects and arrays inside one another, in the envelope and in the statement. */
  depth: 8,
  /** UTF-16 units of a model title or a port name. */
  nameLength: 512,
  ports: 256,
  /** Integers of one port written out in full. */
  values: 2 ** 20,
  /** Elements of a port of which only the digest stands in the receipt. */
  elements: 2 ** 28,
  /** Registered out-of-domain answers of a model root. */
  registeredAnswers: 16,
  nonceBytes: 64,
  proofBytes: 8 * 2 ** 20,
  fileNameLength: 128,
} as const;
