export {
  importModel,
  maxOpset,
  minOpset,
  supportedOperators,
  type ImportOptions,
} from './import.ts';
export { UnsupportedModelError, type ModelProblem, type ProblemKind } from './errors.ts';
export { defaultModelLimits, type ModelLimits } from './limits.ts';
export type { Dimensions } from './interface.ts';
export {
  encodeModel,
  type AttributeSpec,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from './encode.ts';
