import {
  challengeLost,
  failed,
  final,
  fraud,
  type Job,
  late,
  lateUnrescued,
  notAcknowledged,
  notDelivered,
  passed,
  type Payout,
  rescueOf,
  type Rules,
  unlocked,
  unrescued,
  voided,
} from './rules.ts';

export const roles = [
  'requester',
  'provider',
  'reporter',
  'challenger',
  'rescuer',
  'verifiers',
] as const;
export type Role = (typeof roles)[number];

/** What each role gains and loses over a job's whole life, gas apart; together they lose what burned. */
export type Flows = Readonly<Record<Role, number>>;

/** One way through the state table, from Open to a final state. */
export interface Path {
  readonly name: string;
  readonly flows: Flows;
  readonly burned: number;
  /** Roles that lose by an act of their own that no honest one commits. */
  readonly faulty: readonly Role[];
}

const none: Flows = {
  requester: 0,
  provider: 0,
  reporter: 0,
  challenger: 0,
  rescuer: 0,
  verifiers: 0,
};

/** What comes out of a locked job, less what went in; in a rescue the pot came in before. */
function flowsOf(job: Job, payout: Payout, accuser: Role = 'reporter'): Flows {
  const worker: Role = job.rescue === true ? 'rescuer' : 'provider';
  const paid = job.rescue === true ? 0 : job.price + job.verifierFee;
  return {
    ...none,
    requester: payout.requester - paid,
    [worker]: payout.provider + payout.released - job.reserve,
    verifiers: payout.verifiers,
    [accuser]: payout.reporter,
  };
}

function plus(a: Flows, b: Flows): Flows {
  const sum: Record<Role, number> = { ...a };
  for (const role of roles) sum[role] += b[role];
  return sum;
}

const step = (name: string, flows: Flows, burned: number, ...faulty: Role[]): Path => ({
  name,
  flows,
  burned,
  faulty,
});

/** Every end of a job that is locked, by whoever works on it. */
function endsOf(rules: Rules, job: Job): Path[] {
  const worker: Role = job.rescue === true ? 'rescuer' : 'provider';
  const ended = (name: string, payout: Payout, ...faulty: Role[]): Path =>
    step(name, flowsOf(job, payout), payout.burned, ...faulty);
  const slashed = fraud(rules, job);
  return [
    ended('not delivered', notDelivered(rules, job), 'requester'),
    ended('not acknowledged', notAcknowledged(rules, job), 'requester', worker),
    ended('final', final(job)),
    ended('passed', passed(job)),
    ended('failed', failed(rules, job), worker),
    ended('fraud proven', slashed, worker),
    step('data withheld', flowsOf(job, slashed, 'challenger'), slashed.burned, worker),
    ended('void', voided(rules, job)),
    ended('late, no rescue', lateUnrescued(rules, job), worker),
  ];
}

/** Every path through the state table. `challenges`: bonds lost on the way, each of `bond`. */
export function pathsOf(rules: Rules, job: Job, bond: number, challenges: number): Path[] {
  const open = unlocked(job);
  const opened = { ...none, requester: open.requester - job.price - job.verifierFee };
  const first = endsOf(rules, job);
  const lost = challengeLost(rules, bond);
  const bonds = {
    ...none,
    provider: lost.provider * challenges,
    challenger: -bond * challenges,
  };
  const challenged = first
    .filter(({ name }) => challenges > 0 && submitted.has(name))
    .map(
      (path): Path => ({
        name: `${path.name}, bonds lost`,
        flows: plus(path.flows, bonds),
        burned: path.burned + lost.burned * challenges,
        faulty: [...path.faulty, 'challenger'],
      }),
    );
  return [step('cancelled', opened, 0), ...first, ...challenged, ...rescues(rules, job)];
}

/** Ends of a job with a submission, which can be challenged. */
const submitted: ReadonlySet<string> = new Set([
  'final',
  'passed',
  'failed',
  'fraud proven',
  'data withheld',
  'void',
]);

/** Late, then a rescue: not taken, or ended in any way. */
function rescues(rules: Rules, job: Job): Path[] {
  const first = late(rules, job);
  const before = flowsOf(job, first);
  const rescue = rescueOf(rules, job);
  const nobody = unrescued(rescue);
  const untaken = { ...none, requester: nobody.requester };
  return [step('nobody comes', untaken, nobody.burned), ...endsOf(rules, rescue)].map(
    ({ name, flows, burned, faulty }): Path => ({
      name: `late, rescue: ${name}`,
      flows: plus(before, flows),
      burned: burned + first.burned,
      faulty: [...faulty, 'provider'],
    }),
  );
}

/** Sum over a set of roles. */
export const netOf = (flows: Flows, members: readonly Role[]): number =>
  members.reduce((sum, role) => sum + flows[role], 0);
