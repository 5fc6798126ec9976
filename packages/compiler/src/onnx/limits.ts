/** What a model file may cost before it is understood; every limit has a typed refusal and a test. */

export interface ModelLimits {
  /** Size of the file, in bytes. @default 1 GiB */
  readonly maxBytes: number;
  /** Messages, strings and byte strings in the file: each costs an object of a few hundred bytes. @default 1,000,000 */
  readonly maxObjects: number;
  /** Numbers outside raw data. @default 8,000,000 */
  readonly maxScalars: number;
  /** Messages within messages. @default 32 */
  readonly maxDepth: number;
  /** Nodes of the main graph. @default 100,000 */
  readonly maxNodes: number;
  /** Elements of one tensor. @default 2^27 */
  readonly maxElements: number;
  /** Elements of all tensors that depend on the input. @default 2^28 */
  readonly maxVariableElements: number;
  /** Axes of one tensor. @default 64 */
  readonly maxRank: number;
  /** Elements of all constants that import makes, lists of indices included. @default 2^26 */
  readonly maxFoldedElements: number;
  /** Elements touched and multiply-adds made to evaluate the constant parts of the graph. @default 2^30 */
  readonly maxFoldingWork: number;
}

export const defaultModelLimits: ModelLimits = {
  maxBytes: 2 ** 30,
  maxObjects: 1_000_000,
  maxScalars: 8_000_000,
  maxDepth: 32,
  maxNodes: 100_000,
  maxElements: 2 ** 27,
  maxVariableElements: 2 ** 28,
  maxRank: 64,
  maxFoldedElements: 2 ** 26,
  maxFoldingWork: 2 ** 30,
};
