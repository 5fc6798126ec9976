export {
  budgetForRows,
  RENEWAL_UNITS,
  type StaticSecrets,
  tailRowsFor,
  unitsFor,
  type UseBudget,
  useBudget,
} from './budget.ts';
export { detachTree } from './detach.ts';
export {
  DEFAULT_PROOFS,
  keyShowing,
  openedRows,
  portBudget,
  type PortPlace,
  withPort,
} from './port.ts';
export type { OpeningErrorCode } from './errors.ts';
export {
  commitTensor,
  type OpenedTensor,
  openTensor,
  type TensorOpening,
  type TensorOptions,
} from './tensor.ts';
