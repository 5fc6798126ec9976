export {
  RENEWAL_UNITS,
  type StaticSecrets,
  tailRowsFor,
  unitsFor,
  type UseBudget,
  useBudget,
} from './budget.ts';
export { detachTree } from './detach.ts';
export type { OpeningErrorCode } from './errors.ts';
export {
  commitTensor,
  type OpenedTensor,
  openTensor,
  type TensorOpening,
  type TensorOptions,
} from './tensor.ts';
