/**
 * Bounds on what a program may ask of whoever reads it. A program is untrusted until it is validated:
 * everything below is checked before any work of that size is done.
 */
export const LIMITS = {
  /** CBOR bytes of an encoded program. */
  programBytes: 67_108_864,
  tensors: 65_536,
  tables: 1_024,
  relations: 65_536,
  steps: 131_072,
  nodes: 65_536,
  ports: 256,
  nameLength: 512,
  /** Axes of a tensor, or of a form with its sums. */
  axes: 12,
  /** Elements of one tensor, of one form, of one operand. */
  elements: 268_435_456,
  /** Terms of one form, products of one relation. */
  terms: 4_096,
  /** Rows of a table given by segments, of a listed table, columns of a table. */
  segmentRows: 1_048_576,
  listedRows: 65_536,
  tableColumns: 16,
  segments: 256,
  /** Blocks of all tensors, tables and lookups. */
  blocks: 1_048_576,
  /** What a verifier walks in all, in steps of about 0.1 µs (`checkWork`). */
  work: 33_554_432,
  /** Logical positions and storage positions that one factor of a view walks. */
  factorPositions: 4_194_304,
  /** Storage and logical axes of one reshape factor (states of its automaton). */
  reshapeAxes: 8,
} as const;
