export { decodeProgram } from './encoding/decode.ts';
export { encodeProgram, PROGRAM_FORMAT, programDigest } from './encoding/encode.ts';
export { decodeCbor, encodeCbor, ValueReader } from './encoding/strict-cbor.ts';
export { describeProgramError, type ProgramError } from './errors.ts';
export { axisBits, elementCount, totalBits } from './shape/dimensions.ts';
export { LIMITS } from './shape/limits.ts';
export { validateProgram } from './shape/validate.ts';
export type {
  Form,
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
} from './types.ts';
export { accumulatorRange, checkModel } from './ranges/check-model.ts';
export { deriveRanges } from './ranges/derive.ts';
export { formRange } from './ranges/form-range.ts';
export { columnRange, columnValues, rangeTable } from './tables/columns.ts';
export { type Indexer, identityView, viewAxes, viewIndexer, wholeAxes } from './views/indexer.ts';
