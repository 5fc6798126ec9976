import type { Job, Payout } from './rules.ts';

/**
 * Every unit of the market in one place: providers' stakes and earnings by number, everybody else by role.
 * All amounts are integers below 2^53, so sums are exact, and `total` never changes but by `deposit`.
 */
export class Ledger {
  readonly free: Float64Array;
  readonly reserved: Float64Array;
  readonly earned: Float64Array;
  requesters: number = 0;
  escrow: number = 0;
  reporters: number = 0;
  verifiers: number = 0;
  burned: number = 0;

  constructor(providers: number, stake: number) {
    this.free = new Float64Array(providers).fill(stake);
    this.reserved = new Float64Array(providers);
    this.earned = new Float64Array(providers);
  }

  /** Escrows the price and reserves stake. False: not enough free stake, nothing moved. */
  lock(provider: number, job: Job): boolean {
    const free = this.free[provider] ?? 0;
    if (free < job.reserve) return false;
    this.free[provider] = free - job.reserve;
    this.reserved[provider] = (this.reserved[provider] ?? 0) + job.reserve;
    this.requesters -= job.price + job.verifierFee;
    this.escrow += job.price + job.verifierFee;
    return true;
  }

  /** Ends a locked job. */
  end(provider: number, job: Job, payout: Payout): void {
    this.reserved[provider] = (this.reserved[provider] ?? 0) - job.reserve;
    this.escrow -= job.price + job.verifierFee - payout.kept;
    this.free[provider] = (this.free[provider] ?? 0) + payout.released;
    this.earned[provider] = (this.earned[provider] ?? 0) + payout.provider;
    this.requesters += payout.requester;
    this.reporters += payout.reporter;
    this.verifiers += payout.verifiers;
    this.burned += payout.burned;
  }

  /** Free, reserved and earned of one provider. */
  wealth(provider: number): number {
    return (
      (this.free[provider] ?? 0) + (this.reserved[provider] ?? 0) + (this.earned[provider] ?? 0)
    );
  }

  total(): number {
    let sum = this.requesters + this.escrow + this.reporters + this.verifiers;
    sum += this.burned;
    for (let i = 0; i < this.free.length; i++) sum += this.wealth(i);
    return sum;
  }
}
