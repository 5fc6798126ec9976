export { decodeProgram } from './encoding/decode.ts';
export { encodeProgram, PROGRAM_FORMAT, programDigest } from './encoding/encode.ts';
export { decodeCbor, encodeCbor, ValueReader } from './encoding/strict-cbor.ts';
export { describeProgramError, type ProgramError } from './errors.ts';
export { axisBits, elementCount, totalBits } from './shape/dimensions.ts';
export { LIMITS } from './shape/limits.ts';
export { validateProgram } from './shape/validate.ts';
export type {
  Form,
  LookupRelation,
  Port,
  Product,
  Program,
  ProgramNode,
  Range,
  Relation,
  RelationId,
  Step,
  Table,
  TableColumn,
  TableId,
  Tensor,
  TensorId,
  TensorRole,
  Term,
  Trace,
  View,
  ViewFactor,
  Weights,
  ZeroRelation,
} from './types.ts';
export { accumulatorRange, checkModel } from './ranges/check-model.ts';
export { coarseAbove, coarseRange, powerRange } from './ranges/coarse.ts';
export { checkPrivate, roundDeclared } from './ranges/private.ts';
export { checkDetermined } from './ranges/determined.ts';
export { deriveRanges } from './ranges/derive.ts';
export { formRange } from './ranges/form-range.ts';
export { registrationProgram, registrationWeights } from './registration/registration-program.ts';
export { renewalProgram } from './registration/renewal.ts';
export { columnRange, columnValues, rangeTable } from './tables/columns.ts';
export { type Indexer, identityView, viewAxes, viewIndexer, wholeAxes } from './views/indexer.ts';
export { type Block, tile } from './layout/blocks.ts';
export {
  type ColumnSpan,
  type Layout,
  layoutProgram,
  type LayoutProfile,
  layoutTensor,
  type PlacedBlock,
  type PortSpan,
  type Span,
  type StoredBlock,
  storedElements,
} from './layout/layout.ts';
export type { Placed } from './layout/pack.ts';
export { multiplicityTensor, PAD_COORDINATES, padTensor } from './layout/pseudo-tensors.ts';
export {
  type Functional,
  type FunctionalTerm,
  formFunctional,
  instanceCoefficient,
  type LookupChallenges,
  lookupFunctionals,
  operandAxes,
  operandFunctional,
  padFunctional,
  sharedPoint,
  zeroFunctional,
} from './system/claims.ts';
export {
  axisOffsets,
  type EinsumInstance,
  type EinsumSystem,
  einsumSystem,
} from './system/einsums.ts';
export { evaluatePublic, type PublicValues, WeightEvaluator } from './system/evaluate.ts';
export { type LookupSection, type LookupTree, lookupTree } from './system/sections.ts';
export { checkProgram } from './system/check-program.ts';
export { deriveSystem, secretForm, type System } from './system/system.ts';
export { checkLayout, tailsFit } from './system/work.ts';
export {
  ABSENT,
  type AxisWeight,
  axisWeightKey,
  ONES,
  type PointName,
} from './views/axis-weight.ts';
export {
  type FactorWeight,
  type GivenFactor,
  givenWeight,
  type ViewWeight,
  ViewWeights,
} from './views/weights.ts';
export { concealPorts } from './visibility/conceal.ts';
export {
  isHiding,
  type PortVisibility,
  publicVisibility,
  sameVisibility,
  secretTensors,
  type Visibility,
  type WeightsVisibility,
} from './visibility/visibility.ts';
