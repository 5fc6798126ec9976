import type { MarketEvent } from '@assay/market';
import type { Hex } from 'viem';
import type { ExpectedJob } from './job-list.ts';

/** Where the tokens are, in the smallest unit. */
export interface Money {
  /** Tokens of all accounts before and after. */
  readonly minted: bigint;
  readonly accounts: bigint;
  readonly inMarket: bigint;
  readonly inProviders: bigint;
  readonly inDisputes: bigint;
  /** Inside the market. */
  readonly requester: bigint;
  readonly providers: readonly bigint[];
  /** What the requester has paid in. */
  readonly deposited: bigint;
}

/** What the registry says of a provider. */
export interface Standing {
  readonly address: Hex;
  readonly stake: bigint;
  readonly free: bigint;
  readonly reserved: bigint;
  readonly done: number;
  readonly late: number;
  readonly faulty: number;
  readonly slashed: number;
}

export interface Facts {
  readonly jobs: readonly ExpectedJob[];
  readonly events: readonly MarketEvent[];
  readonly money: Money;
  readonly standings: readonly Standing[];
  /** Transactions and jobs that a node says it still has, by node. */
  readonly leftovers: readonly { readonly name: string; readonly count: number }[];
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

type Named<Name> = Extract<MarketEvent, { contract: 'market'; name: Name }>;

/** Sentences about what is wrong: empty when every job was done right and paid once, and no token is lost. Pure. */
export function findFaults(facts: Facts): readonly string[] {
  const faults: string[] = [];
  const byJob = new Map<Hex, MarketEvent[]>();
  for (const event of facts.events) {
    if (event.contract !== 'market' || !('job' in event.args)) continue;
    byJob.set(event.args.job, [...(byJob.get(event.args.job) ?? []), event]);
  }
  const known = new Set(facts.jobs.map(({ id }) => id));
  for (const id of byJob.keys()) if (!known.has(id)) faults.push(`${id}: nobody posted it`);
  let paid = 0n;
  const done = new Map<string, number>();
  for (const job of facts.jobs) {
    const events = byJob.get(job.id) ?? [];
    const named = <Name extends string>(name: Name): Named<Name>[] =>
      events.filter((event): event is Named<Name> => event.name === name);
    for (const name of ['Posted', 'Locked', 'Submitted', 'Finalized']) {
      const count = named(name).length;
      if (count !== 1) faults.push(`${job.id}: ${name} ${count} times`);
    }
    for (const event of named('Faulted')) faults.push(`${job.id}: fault ${event.args.fault}`);
    for (const event of named('Submitted')) {
      const { output, content } = event.args;
      if (output !== job.output) faults.push(`${job.id}: another output`);
      if (content.outputRoot !== job.outputRoot) faults.push(`${job.id}: another output root`);
      if (content.traceRoot !== job.traceRoot) faults.push(`${job.id}: another trace root`);
    }
    const [lock] = named('Locked');
    for (const { args } of named('Finalized')) {
      paid += args.price;
      if (args.price !== lock?.args.price) faults.push(`${job.id}: paid another price`);
    }
    if (lock !== undefined) {
      const provider = lock.args.provider.toLowerCase();
      done.set(provider, (done.get(provider) ?? 0) + 1);
    }
  }
  const { money, standings, leftovers } = facts;
  const held = money.inMarket + money.inProviders + money.inDisputes;
  if (money.accounts + held !== money.minted) faults.push('tokens were lost, or made');
  if (money.inMarket !== money.requester + sum(money.providers)) {
    faults.push('the market holds more, or less, than its accounts have');
  }
  if (sum(money.providers) !== paid) faults.push('providers have another sum than was paid');
  if (money.requester !== money.deposited - paid) faults.push('the requester has another rest');
  for (const { address, stake, free, reserved, ...counts } of standings) {
    if (free !== stake || reserved !== 0n) faults.push(`${address}: stake is not whole and free`);
    if (counts.done !== (done.get(address.toLowerCase()) ?? 0)) {
      faults.push(`${address}: the registry counts ${counts.done} jobs`);
    }
    if (counts.late + counts.faulty + counts.slashed > 0)
      faults.push(`${address}: late, or slashed`);
  }
  for (const { name, count } of leftovers) {
    if (count > 0) faults.push(`${name}: ${count} transactions or jobs are left`);
  }
  return faults;
}
