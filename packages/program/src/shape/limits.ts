/**
 * Bounds on what a program may ask of whoever reads it. A program is untrusted until it is validated:
 * everything below is checked before any work of that size is done.
 */
export const LIMITS = {
  /** CBOR bytes of an encoded program. */
  programBytes: 64 * 2 ** 20,
  tensors: 2 ** 16,
  tables: 2 ** 10,
  relations: 2 ** 16,
  steps: 2 ** 17,
  nodes: 2 ** 16,
  ports: 2 ** 8,
  nameLength: 512,
  /** Axes of a tensor, or of a form with its sums. */
  axes: 12,
  /** Elements of one tensor, of one form, of one operand. */
  elements: 2 ** 28,
  /** Terms of one form, products of one relation. */
  terms: 2 ** 12,
  /** Rows of a table given by segments, of a listed table, columns of a table. */
  segmentRows: 2 ** 20,
  listedRows: 2 ** 16,
  tableColumns: 16,
  segments: 2 ** 8,
  /** Sum over everything that a verifier walks element by element. */
  listedTotal: 2 ** 23,
} as const;
