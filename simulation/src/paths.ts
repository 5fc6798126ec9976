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
  rescued,
  rescueLate,
  reward,
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

/** The payout of a job that `worker` had locked: what came out, less what went in. */
function flowsOf(job: Job, payout: Payout, accuser: Role = 'reporter'): Flows {
  const flows = {
    ...none,
    requester: payout.requester - job.price - job.verifierFee,
    provider: payout.provider + payout.released - job.reserve,
    verifiers: payout.verifiers,
  };
  return { ...flows, [accuser]: payout.reporter };
}

function plus(a: Flows, b: Flows): Flows {
  const sum: Record<Role, number> = { ...a };
  for (const role of roles) sum[role] += b[role];
  return sum;
}

/** Every path through the state table. `challenges`: bonds lost on the way, each of `bond`. */
export function pathsOf(rules: Rules, job: Job, bond: number, challenges: number): Path[] {
  const path = (name: string, flows: Flows, burned: number, ...faulty: Role[]): Path => ({
    name,
    flows,
    burned,
    faulty,
  });
  const ended = (name: string, payout: Payout, ...faulty: Role[]): Path =>
    path(name, flowsOf(job, payout), payout.burned, ...faulty);
  const open = unlocked(job);
  const opened = { ...none, requester: open.requester - job.price - job.verifierFee };
  const submitted: Path[] = [
    ended('final', final(job)),
    ended('passed', passed(job)),
    ended('failed', failed(rules, job), 'provider'),
    ended('fraud proven', fraud(rules, job), 'provider'),
    path(
      'data withheld',
      flowsOf(job, fraud(rules, job), 'challenger'),
      fraud(rules, job).burned,
      'provider',
    ),
    ended('void', voided(rules, job)),
  ];
  const lost = challengeLost(rules, bond);
  const answered = submitted
    .filter(() => challenges > 0)
    .map(({ name, flows, burned, faulty }) => {
      const bonds = {
        ...none,
        provider: lost.provider * challenges,
        challenger: -bond * challenges,
      };
      const sum = plus(flows, bonds);
      const also: Role[] = [...faulty, 'challenger'];
      return path(`${name}, bonds lost`, sum, burned + lost.burned * challenges, ...also);
    });
  return [
    path('cancelled', opened, 0),
    ended('not delivered', notDelivered(rules, job), 'requester'),
    ended('not acknowledged', notAcknowledged(rules, job), 'requester', 'provider'),
    ended('late, no rescue', lateUnrescued(rules, job), 'provider'),
    ...rescues(rules, job),
    ...submitted,
    ...answered,
  ];
}

/** Late, then a rescue: taken or not, and how it ends. */
function rescues(rules: Rules, job: Job): Path[] {
  const first = late(rules, job);
  const before = flowsOf(job, first);
  const path = (name: string, after: Payout, rescuer: number, ...faulty: Role[]): Path => ({
    name: `late, ${name}`,
    flows: plus(before, { ...none, rescuer, reporter: after.reporter }),
    burned: first.burned + after.burned,
    faulty: ['provider', ...faulty],
  });
  const done = rescued(job.reserve, first.pot);
  const lateAgain = rescueLate(rules, job, first.pot);
  const wrong = reward(rules, job.reserve);
  const slashed: Payout = {
    ...lateAgain,
    released: 0,
    reporter: wrong,
    burned: first.pot + job.reserve - wrong,
  };
  return [
    path('nobody rescues', unrescued(first.pot), 0),
    path('rescued', done, done.provider + done.released - job.reserve),
    path('rescue late', lateAgain, lateAgain.released - job.reserve, 'rescuer'),
    path('rescue wrong', slashed, -job.reserve, 'rescuer'),
  ];
}

/** Sum over a set of roles. */
export const netOf = (flows: Flows, members: readonly Role[]): number =>
  members.reduce((sum, role) => sum + flows[role], 0);
