/** `Rules` of IJobMarket: amounts in the token's smallest unit (six decimals). */
export interface DeployRules {
  readonly minWork: number;
  readonly minWindow: number;
  readonly minWindowBlocks: number;
  readonly graceSeconds: number;
  readonly graceBlocks: number;
  readonly turnSeconds: number;
  readonly turnBlocks: number;
  readonly verdictSeconds: number;
  readonly deliverSeconds: number;
  readonly minReserve: bigint;
  readonly reservePerPrice: number;
  readonly latePerPriceBps: number;
  readonly challengeBond: bigint;
  readonly rewardCap: bigint;
  readonly rewardBps: number;
  readonly forfeitBurnBps: number;
  readonly idleBps: number;
  readonly voidBps: number;
  readonly activeFrom: number;
}

const DOLLAR = 1_000_000n;

/**
 * For public chains. A reserve of 250 prices makes cheating lose when one wrong job in 250 is proven
 * wrong; the reward's cap is far below the least reserve, so that reporting oneself gains nothing; the
 * window leaves a watcher time to fetch, run again and descend; a turn outlasts an outage; stake that waits
 * for input in vain costs who withholds it more than its owner.
 */
export const DEFAULT_RULES: DeployRules = {
  minWork: 30,
  minWindow: 1800,
  minWindowBlocks: 10,
  graceSeconds: 600,
  graceBlocks: 10,
  turnSeconds: 3600,
  turnBlocks: 30,
  verdictSeconds: 86_400,
  deliverSeconds: 1800,
  minReserve: 100n * DOLLAR,
  reservePerPrice: 250,
  latePerPriceBps: 20_000,
  challengeBond: 5n * DOLLAR,
  rewardCap: 10n * DOLLAR,
  rewardBps: 1000,
  forfeitBurnBps: 1000,
  idleBps: 1000,
  voidBps: 500,
  activeFrom: 0,
};

/** For a chain on this machine: the same shape, with clocks of seconds. */
export const LOCAL_RULES: DeployRules = {
  ...DEFAULT_RULES,
  minWork: 1,
  minWindow: 2,
  minWindowBlocks: 1,
  graceSeconds: 1,
  graceBlocks: 2,
  turnSeconds: 10,
  turnBlocks: 2,
  verdictSeconds: 20,
  deliverSeconds: 20,
  minReserve: 50n * DOLLAR,
  reservePerPrice: 20,
};
