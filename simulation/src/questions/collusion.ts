import { C, job, rules } from '../economy.ts';
import { netOf, type Path, pathsOf, type Role } from '../paths.ts';
import type { Plot } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import { type Job, reward, type Rules } from '../rules.ts';
import { exactly } from '../statistics.ts';

const BOND = 3 * C;
const always: readonly Role[] = ['requester', 'provider'];
const others: readonly Role[] = ['reporter', 'challenger', 'rescuer', 'verifiers'];

/** Every coalition that holds requester and provider. */
export const coalitions: readonly (readonly Role[])[] = Array.from({ length: 16 }, (_, bits) => [
  ...always,
  ...others.filter((_role, i) => ((bits >> i) & 1) === 1),
]);

/** Whether everybody outside the coalition behaves: nobody else loses by an act of its own. */
const outsidersBehave = (path: Path, members: readonly Role[]): boolean =>
  path.faulty.every((role) => members.includes(role));

export interface Plays {
  /** The most that any coalition gained in any play. */
  readonly most: number;
  readonly plays: number;
  /** Plays whose flows and burned amount do not add up to 0. */
  readonly unbalanced: number;
  /** Net of the plays, as shares of the reserve. */
  readonly nets: Float64Array;
}

/** Coalitions that play random paths of jobs with random amounts, under random rules within the contracts' bounds. */
export function simulateCoalitions(
  plays: number,
  random: Random,
  change: (rules: Rules) => Rules = (same) => same,
): Plays {
  const nets = new Float64Array(plays);
  let [most, unbalanced] = [-Infinity, 0];
  for (let i = 0; i < plays; i++) {
    const price = 1 + random.below(10 * C);
    const verifierFee = random.below(price);
    const chosen: Rules = change({
      rewardBps: random.below(1_001),
      rewardCap: 1 + random.below(1_000 * C),
      latePerPriceBps: random.below(40_001),
      forfeitBurnBps: random.below(5_001),
      idleBps: random.below(1_001),
      voidBps: random.below(1_001),
    });
    const least = 5 * price + verifierFee;
    const own: Job = { price, verifierFee, reserve: least + random.below(250 * C) };
    const paths = pathsOf(chosen, own, 1 + random.below(10 * C), random.below(4));
    const members = coalitions[random.below(coalitions.length)] ?? always;
    const allowed = paths.filter((path) => outsidersBehave(path, members));
    const path = allowed[random.below(allowed.length)];
    if (path === undefined) continue;
    const net = netOf(path.flows, members);
    nets[i] = net / own.reserve;
    most = Math.max(most, net);
    const everybody = Object.values(path.flows).reduce((sum, flow) => sum + flow, path.burned);
    if (everybody !== 0) unbalanced++;
  }
  return { most, plays, unbalanced, nets };
}

/** The most that any coalition nets on each path of one job. */
function best(path: Path): number {
  const nets = coalitions
    .filter((members) => outsidersBehave(path, members))
    .map((members) => netOf(path.flows, members));
  return Math.max(...nets);
}

/** Requester, provider and whoever joins them, against the rules. */
export function collusionQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'collusion');
  const plays = simulateCoalitions(events(500_000, options, 20_000), random);
  const paths = pathsOf(rules, job, BOND, 1);
  const losses: Readonly<Record<string, number>> = {
    cancelled: 0,
    final: 0,
    'not delivered': 0,
    'fraud proven': -(job.reserve - reward(rules, job.reserve)),
    'data withheld': -(job.reserve - reward(rules, job.reserve)),
    'late, rescue: final': -job.price,
    'late, rescue: nobody comes': -2 * job.price,
    void: -1.05 * job.price,
  };
  const rows: Row[] = [
    {
      label: 'most that any coalition gained in any play',
      closed: 0,
      simulated: exactly(plays.most / C),
      unit: 'number',
      limit: 0,
      headline: true,
    },
    {
      label: 'plays in which money appeared or vanished',
      closed: 0,
      simulated: exactly(plays.unbalanced),
      unit: 'number',
      headline: true,
    },
    ...paths
      .filter((path) => losses[path.name] !== undefined)
      .map((path): Row => {
        const closed = (losses[path.name] ?? 0) / C;
        const simulated = exactly(best(path) / C);
        return {
          label: `best net, ${path.name}`,
          closed,
          simulated,
          unit: 'number',
          headline: true,
        };
      }),
  ];
  return {
    name: 'collusion',
    title: 'Can requester, provider and watcher together gain?',
    text: [
      'A coalition of requester and provider with any of reporter, challenger, rescuer and verifiers plays every path of the state table: it reports its own fraud, is late for its own rescuer, loses challenges to itself, lets the verdict lapse. Jobs have random amounts and the rules random values within the contracts’ bounds. Everybody else behaves: nobody outside loses by an act of its own.',
      'What the coalition pays itself nets to nothing, and what others get or what burns is gone: its net is −(burned + paid to others) ≤ 0 on every path, exactly, in integers. The reward for a fraud comes out of its own reserve, of which nine tenths burn; the price goes from one pocket into the other; the pot of a rescue is half of its own late sum. Gas, which it pays too, is not counted.',
    ],
    rows,
    plots: [netPlot(plays)],
    events: plays.plays,
    honestSlashes: 0,
  };
}

function netPlot({ nets }: Plays): Plot {
  const sorted = Float64Array.from(nets).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return {
    file: 'collusion',
    title: 'Net of coalitions over all plays, gas not counted',
    x: { label: 'net gain, as a share of the reserve', min: -1.15, max: 0.15 },
    y: { label: 'plays with at most this net', min: 0, max: 1, percent: true },
    lines: [
      {
        label: 'simulated',
        color: 0,
        points: Array.from({ length: 401 }, (_, i) => [at(i / 400), i / 400] as const),
      },
    ],
    dots: [],
    marks: [{ axis: 'x', at: 0, label: 'no play beyond' }],
    notes: [
      { x: 0.72, y: 0.12, text: 'a loss' },
      { x: 0.945, y: 0.12, text: 'a gain' },
    ],
  };
}
