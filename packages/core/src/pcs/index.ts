export { BLINDING_COLUMNS, maskRows } from './blinding.ts';
export type { WhirError } from './errors.ts';
export {
  type OutOfDomainPair,
  type RegisteredShape,
  readOutOfDomainPairs,
  registeredPoints,
} from './out-of-domain.ts';
export {
  type BlindingParameters,
  finalVariables,
  type OracleShape,
  oracleShapes,
  totalVariables,
  validateWhirParameters,
  WHIR_LIMITS,
  type WhirParameters,
  type WhirParametersError,
} from './parameters.ts';
export { type RootSlot, verifyOpening } from './verifier.ts';
export { type ColumnRange, evaluatePowerWeight } from './weights.ts';
