/**
 * The money of the contracts' state table, and nothing else: who is paid what when a job ends. Amounts are
 * integers; a share is rounded down, as in the contracts; whatever is left over burns.
 */
export interface Rules {
  /** Reporter's share of the reserve. */
  readonly rewardBps: number;
  readonly rewardCap: number;
  /** Late sum as a share of the price. */
  readonly latePerPriceBps: number;
  /** Share of a lost challenge's bond that burns. */
  readonly forfeitBurnBps: number;
  readonly idleBps: number;
  readonly voidBps: number;
}

/** One job's amounts. */
export interface Job {
  /** Of a rescue: its pot, which is not the requester's. */
  readonly price: number;
  readonly reserve: number;
  readonly verifierFee: number;
  readonly rescue?: boolean;
}

/** Where an ended job's escrow, reserve and bonds go. Zero where nothing is said. */
export interface Payout {
  readonly requester: number;
  /** Earned: credited to the provider's balance. */
  readonly provider: number;
  /** Given back from the reserve to the provider's free stake. */
  readonly released: number;
  /** Who proved the fault. */
  readonly reporter: number;
  readonly verifiers: number;
  /** Stays in escrow: pot and verifierFee of a job that waits for a rescue. */
  readonly kept: number;
  readonly burned: number;
}

const nothing: Payout = {
  requester: 0,
  provider: 0,
  released: 0,
  reporter: 0,
  verifiers: 0,
  kept: 0,
  burned: 0,
};

const ALL = 10_000;

/** ⌊amount·bps/10000⌋ */
export const share = (amount: number, bps: number): number => Math.floor((amount * bps) / ALL);

/** Cancelled or expired while open: all back. */
export const unlocked = (job: Job): Payout => ({
  ...nothing,
  requester: job.price + job.verifierFee,
});

/** Final without a verdict: the window is over, or the requester accepted. */
export const final = (job: Job): Payout => ({
  ...nothing,
  provider: job.price,
  released: job.reserve,
  requester: job.verifierFee,
});

/** Final by k signatures `pass`. */
export const passed = (job: Job): Payout => ({
  ...nothing,
  provider: job.price,
  released: job.reserve,
  verifiers: job.verifierFee,
});

/** What the requester gets back of the price. */
const refund = (job: Job): number => (job.rescue === true ? 0 : job.price);

/** The pot of a rescue that fails burns. */
const lostPot = (job: Job): number => (job.rescue === true ? job.price : 0);

export const reward = (rules: Rules, reserve: number): number =>
  Math.min(share(reserve, rules.rewardBps), rules.rewardCap, reserve);

/** Slashed by a fraud proof, or by silence in a data challenge. */
export function fraud(rules: Rules, job: Job): Payout {
  const reporter = reward(rules, job.reserve);
  return {
    ...nothing,
    requester: refund(job) + job.verifierFee,
    reporter,
    burned: job.reserve - reporter + lostPot(job),
  };
}

const lateSum = (rules: Rules, job: Job): number =>
  Math.min(share(job.price, rules.latePerPriceBps), job.reserve);

/** Not submitted in time, with a rescue to follow: half of the late sum is its pot, half burns. */
export function late(rules: Rules, job: Job): Payout {
  const sum = lateSum(rules, job);
  const pot = Math.floor(sum / 2);
  return {
    ...nothing,
    requester: job.price,
    kept: pot + job.verifierFee,
    burned: sum - pot,
    released: job.reserve - sum,
  };
}

/** The job that a rescuer locks after `late`. */
export function rescueOf(rules: Rules, job: Job): Job {
  const pot = late(rules, job).kept - job.verifierFee;
  return { price: pot, reserve: job.reserve, verifierFee: job.verifierFee, rescue: true };
}

/** Nobody took the rescue. Nothing is reserved any more. */
export const unrescued = (rescue: Job): Payout => ({
  ...nothing,
  requester: rescue.verifierFee,
  burned: rescue.price,
});

/** Not submitted in time, and no rescue to follow, or itself one: the late sum burns. */
export function lateUnrescued(rules: Rules, job: Job): Payout {
  const sum = lateSum(rules, job);
  return {
    ...nothing,
    requester: refund(job) + job.verifierFee,
    burned: sum + lostPot(job),
    released: job.reserve - sum,
  };
}

/** Sealed input not delivered in time: the requester pays the idle fee; in a rescue the pot does. */
export function notDelivered(rules: Rules, job: Job): Payout {
  const fee = share(job.price, rules.idleBps);
  const rest = job.price - fee;
  return {
    ...nothing,
    requester: job.verifierFee + (job.rescue === true ? 0 : rest),
    provider: fee,
    released: job.reserve,
    burned: job.rescue === true ? rest : 0,
  };
}

/** Delivered and not acknowledged: nobody can tell whose fault it is, so both burn the same. */
export function notAcknowledged(rules: Rules, job: Job): Payout {
  const most = job.rescue === true ? job.verifierFee : Infinity;
  const fee = Math.min(share(job.price, rules.idleBps), most, job.reserve);
  return {
    ...nothing,
    requester: job.verifierFee + refund(job) - fee,
    released: job.reserve - fee,
    burned: 2 * fee + lostPot(job),
  };
}

/** Slashed by k signatures `fail` (or fail and unavailable): the set's fee and the late sum from the reserve. */
export function failed(rules: Rules, job: Job): Payout {
  const cut = Math.min(share(job.price, rules.latePerPriceBps) + job.verifierFee, job.reserve);
  return {
    ...nothing,
    requester: refund(job) + job.verifierFee,
    verifiers: job.verifierFee,
    burned: cut - job.verifierFee + lostPot(job),
    released: job.reserve - cut,
  };
}

/** Neither accepted nor judged in time: the price burns, and a little of the reserve. */
export function voided(rules: Rules, job: Job): Payout {
  const lost = Math.min(share(job.price, rules.voidBps), job.reserve);
  return {
    ...nothing,
    requester: job.verifierFee,
    burned: job.price + lost,
    released: job.reserve - lost,
  };
}

/** A challenge that was answered, or abandoned by the challenger. */
export function challengeLost(rules: Rules, bond: number): Payout {
  const burned = share(bond, rules.forfeitBurnBps);
  return { ...nothing, provider: bond - burned, burned };
}

/** Leaves of output that add a unit to the bond of a demand, and that earn one. */
const OUTPUT_LEAVES_PER_UNIT = 128;
const OUTPUT_LEAVES_PAID_PER_UNIT = 2816;

/** Bond of a demand for a piece of output. */
export const outputBond = (unit: number, leaves: number): number =>
  unit + Math.ceil((unit * leaves) / OUTPUT_LEAVES_PER_UNIT);

/** A demand for output that was answered: nobody can tell whose fault it was. */
export function outputAnswered(unit: number, leaves: number): Payout {
  const provider = Math.floor((unit * leaves) / OUTPUT_LEAVES_PAID_PER_UNIT);
  return { ...nothing, provider, requester: outputBond(unit, leaves) - provider };
}

/** Sum of a payout: what went into escrow, reserve, pot and bond comes out. */
export const total = (payout: Payout): number =>
  Object.values(payout).reduce((sum: number, amount: number) => sum + amount, 0);
