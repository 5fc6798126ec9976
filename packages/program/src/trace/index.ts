export {
  evaluate,
  formValue,
  instances,
  leafPosition,
  type ReadElement,
  type Reading,
  reads,
  unravel,
  viewPosition,
} from './check.ts';
export { decodeRelation, encodeRelation, RELATION_KINDS, relationHash } from './codec.ts';
export { describeTraceError, type TraceError } from './errors.ts';
export { ExactSum } from './exact.ts';
export { TRACE_LIMITS } from './limits.ts';
export {
  type NeededLeaves,
  neededLeaves,
  type OpenableTensor,
  openInstance,
  openRelation,
  openTensor,
  type TraceSource,
} from './open.ts';
export { checkRelation, chunkCount, mentions, tensorKey } from './structure.ts';
export {
  LEAF_BYTES,
  LEAF_ELEMENTS,
  type LeafProof,
  ListTree,
  leafBytes,
  leafCount,
  listDepth,
  rootOfPath,
  TensorTree,
  tensorDepth,
  tensorLeafHash,
  tensorNodeHash,
  zeroNode,
} from './tree.ts';
export { relationsTree, TraceTrees } from './trees.ts';
export {
  type Coordinate,
  type DefinitionGroup,
  type Factor,
  type FraudProof,
  LIST,
  type ListId,
  type Lists,
  type Opening,
  type PaddingProof,
  type RelationKind,
  type RelationRef,
  type Stride,
  type TensorRef,
  type TraceForm,
  type TraceLists,
  type TraceRelation,
  type TraceTensor,
  type TraceView,
} from './types.ts';
export { paddingViolated, violated } from './verify.ts';
export {
  boxIndices,
  CHALLENGE_LEAVES,
  challengeLeaves,
  checkTrace,
  compilePositions,
  constantValues,
  type Dearest,
  dearest,
  deriveTrace,
  type DerivedLists,
  type DerivedTensor,
  fraudProofBytes,
  inLeafOrder,
  lintTrace,
  type Origin,
  type Positions,
  type ProgramSum,
  tableReader,
  type TraceProgram,
} from './derive/index.ts';
