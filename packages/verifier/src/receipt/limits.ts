/** Bounds on a receipt, each checked before any work of that size is done. */
export const RECEIPT_LIMITS: {
  /** Bytes of the envelope: 2^25. */
  readonly bytes: number;
  /** Objects and arrays inside one another, in the envelope and in the statement. */
  readonly depth: number;
  /** Objects and arrays in all, in either. */
  readonly lists: number;
  /** UTF-16 units of a model title or a port name. */
  readonly nameLength: number;
  readonly ports: number;
  /** Integers of one port written out in full: 2^20. */
  readonly values: number;
  /** Elements of a port of which only the digest stands in the receipt: 2^28. */
  readonly elements: number;
  /** Registered out-of-domain answers of a model root. */
  readonly registeredAnswers: number;
  /** Rows of a committed port's tail: 2^27. */
  readonly tailRows: number;
  readonly nonceBytes: number;
  /** 2^23. */
  readonly proofBytes: number;
} = {
  bytes: 33_554_432,
  depth: 8,
  lists: 4_096,
  nameLength: 512,
  ports: 256,
  values: 1_048_576,
  elements: 268_435_456,
  registeredAnswers: 16,
  tailRows: 134_217_728,
  nonceBytes: 64,
  proofBytes: 8_388_608,
};
