export {
  type ArgumentSizes,
  type BudgetTerm,
  COLLISION_BITS,
  describeBudget,
  type SecurityBudget,
  securityBits,
  securityBudget,
} from './budget.ts';
export {
  type CostModel,
  DEFAULT_COST_MODEL,
  type FirstOracleColumns,
  oracleQueryMs,
  oracleWorkMs,
} from './cost.ts';
export {
  type DerivedParameters,
  type DeriveOptions,
  deriveParameters,
  PROFILES,
} from './derive.ts';
export type { ColumnsFor, HidingTails } from './first-oracle.ts';
export type { HiddenSpan, HidingView } from './hiding-messages.ts';
export { type HidingRank, hidingRank, hidingView } from './hiding-view.ts';
export {
  freshTailRows,
  MAX_TARGET_BITS,
  type ParametersError,
  type ProofParameters,
  staticTailRows,
  validateParameters,
} from './parameters.ts';
export { type OracleRow, searchSmallestProof, type SmallestProofOptions } from './search.ts';
