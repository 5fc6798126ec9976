export type { WhirError } from './errors.ts';
export {
  type OutOfDomainPair,
  type RegisteredShape,
  readOutOfDomainPairs,
  registeredPoints,
} from './out-of-domain.ts';
export {
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
