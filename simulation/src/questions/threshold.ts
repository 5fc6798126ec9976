import {
  advantage,
  openWatching,
  type Stakes,
  threshold,
  watcherShare,
  withOdds,
} from '../closed.ts';
import { C, job, PROVIDERS, R, rules as proposed, S } from '../economy.ts';
import { Ledger } from '../ledger.ts';
import { curve, type Axis, type Plot } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import { final, fraud, type Rules } from '../rules.ts';
import { crossing, type Estimate, exactly, Mean, scaled } from '../statistics.ts';

export const SHARES: readonly number[] = [0, 0.1, 0.5, 0.9];
export const OUTSIDE: readonly number[] = [0, 10, 100, 1000];
const WATCHERS = 5;
const STAKE = 100_000 * C;
/** Odds of detection on either side of the threshold, as multiples of those at it: further away in a quick run. */
const sidesFor = (options: Options): readonly number[] =>
  options.scale < 0.5 ? [0.5, 2] : [0.8, 1.25];

/** ρ of the rules, V in C, and whether the cheater's alias reports first. */
export interface Cell {
  readonly rho: number;
  readonly outside: number;
  readonly selfReports: boolean;
}

export const stakesOf = ({ rho, outside, selfReports }: Cell): Stakes => ({
  cost: 1,
  price: R / C,
  outside,
  reserve: S / C,
  returned: selfReports ? rho : 0,
});

/** Evidence can be shown in time in this share of jobs; close to 1 where more is needed for d to be reached. */
const shownFor = (detection: number): number => Math.max(0.98, 1 - (1 - detection) / 2);

/**
 * What a wrong answer gains over an honest one, in C per job: 40,000 providers who answer all jobs wrongly,
 * five watchers who check each with the same probability. Money moves through the ledger.
 */
export function simulateCheating(
  cell: Cell,
  detection: number,
  jobs: number,
  random: Random,
  rules: Rules = proposed,
): Estimate {
  const applied = { ...rules, rewardBps: Math.round(cell.rho * 10_000) };
  const q = shownFor(detection);
  const p = watcherShare(q, detection, WATCHERS);
  const ledger = new Ledger(PROVIDERS, STAKE);
  const start = ledger.total();
  const [paid, slashed] = [final(job), fraud(applied, job)];
  const gain = new Mean();
  let aliases = 0;
  for (let i = 0; i < jobs; i++) {
    const provider = i % PROVIDERS;
    const before = ledger.wealth(provider);
    if (!ledger.lock(provider, job)) throw new RangeError('simulateCheating: stake used up');
    const proven = isProven(q, p, random);
    ledger.end(provider, job, proven ? slashed : paid);
    // The alias commits beforehand and reveals as soon as anybody else does: it is always first.
    const alias = proven && cell.selfReports ? slashed.reporter : 0;
    aliases += alias;
    const outside = proven ? 0 : cell.outside * C;
    gain.add(ledger.wealth(provider) - before + alias + outside - (R - C));
  }
  if (ledger.total() !== start || aliases > ledger.reporters) {
    throw new RangeError('simulateCheating: money was made or lost');
  }
  return scaled(gain.estimate(), 1 / C);
}

function isProven(q: number, p: number, random: Random): boolean {
  if (random.uniform() >= q) return false;
  for (let watcher = 0; watcher < WATCHERS; watcher++) {
    if (random.uniform() < p) return true;
  }
  return false;
}

/** Profit of an honest job in C. A right answer violates no relation, and a false fraud proof reverts: watchers do nothing. */
function simulateHonest(jobs: number): number {
  const ledger = new Ledger(PROVIDERS, STAKE);
  for (let i = 0; i < jobs; i++) {
    const provider = i % PROVIDERS;
    ledger.lock(provider, job);
    ledger.end(provider, job, final(job));
  }
  const earned = ledger.earned.reduce((sum, amount) => sum + amount, 0);
  return earned / jobs / C - 1;
}

const nameOf = ({ rho, outside, selfReports }: Cell): string =>
  `ρ = ${rho}, V = ${outside} C, ${selfReports ? 'self-reported' : 'not self-reported'}`;

const jobsFor = (options: Options): number => events(400_000, options, 60_000);

/** Both sides of one threshold, and where the simulated gain crosses 0. */
function rowsOf(cell: Cell, options: Options, random: Random): Row[] {
  const factors = sidesFor(options);
  const jobs = jobsFor(options);
  const stakes = stakesOf(cell);
  const limit = threshold(stakes);
  const sides = factors.map((factor) => {
    const detection = withOdds(limit, factor);
    const p = watcherShare(shownFor(detection), detection, WATCHERS);
    const d = openWatching(shownFor(detection), p, WATCHERS);
    return { d, gain: simulateCheating(cell, detection, jobs, random) };
  });
  const [below, above] = sides;
  if (below === undefined || above === undefined) return [];
  const name = nameOf(cell);
  return [
    {
      label: `d*, ${name}`,
      closed: limit,
      simulated: crossing(below.d, below.gain, above.d, above.gain),
      unit: 'percent',
      headline: true,
    },
    ...sides.map(({ d, gain }, i): Row => {
      return {
        label: `gain at ${factors[i]} × odds, ${name}`,
        closed: advantage(stakes, d),
        simulated: gain,
        unit: 'number',
        sign: i === 0 ? 1 : -1,
      };
    }),
  ];
}

/** Inequality 1, both sides, for each ρ and V, with and without self-reports. */
export function thresholdQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'threshold');
  const jobs = jobsFor(options);
  const rows: Row[] = [];
  for (const selfReports of [true, false]) {
    for (const outside of OUTSIDE) {
      for (const rho of SHARES)
        rows.push(...rowsOf({ rho, outside, selfReports }, options, random));
    }
  }
  const honest = simulateHonest(jobs);
  rows.push({
    label: 'profit of an honest job',
    closed: R / C - 1,
    simulated: exactly(honest),
    unit: 'number',
  });
  const plots = [gainPlot(jobs, random), limitPlot(rows)];
  return {
    name: 'threshold',
    title: 'When does cheating not pay?',
    text: [
      'A cheater saves C, and gains V outside the market if its answer stands; if the answer is proven wrong it loses price and reserve, less what comes back to it as the reporter of its own fraud. It pays to be honest if d·(R + S(1−ρ)) > C + (1−d)·V, so the break-even detection is d* = (C + V)/(R + S(1−ρ) + V).',
      'Five watchers check each job with the same probability p, and a fraud that is found can be shown in time with probability q: d = q·(1 − (1−p)^5). An alias of the cheater has committed to the fraud proof and reveals it as soon as anybody does, so it takes the reward whenever there is one. Each cell is simulated where the odds of detection are 0.8 and 1.25 times those at d*: cheating must gain on the first side and lose on the second, by more than 3σ.',
      'ρ above 0.1 is not what the contracts do (the reward is at most 10 % of S): the plots show why. Each threshold is for one job; since reserves do not overlap, it holds for any number of jobs at once (below).',
    ],
    rows,
    plots,
    events: jobs * (rows.length + 5 * SHARES.length * 2),
    honestSlashes: 0,
  };
}

function gainPlot(jobs: number, random: Random): Plot {
  const x: Axis = {
    label: 'd: a wrong answer is proven wrong',
    min: 0.001,
    max: 0.1,
    log: true,
    percent: true,
  };
  const cells = SHARES.map((rho): Cell => ({ rho, outside: 0, selfReports: true }));
  return {
    file: 'threshold-gain',
    title: 'Gain of a wrong answer over an honest one, per job (V = 0)',
    x,
    y: { label: 'gain in C', min: -4, max: 1.4 },
    lines: cells.map((cell, i) => ({
      label: `ρ = ${cell.rho}`,
      color: i,
      points: curve(x, (d) => advantage(stakesOf(cell), d)),
    })),
    dots: cells.map((cell, i) => ({
      color: i,
      points: [0.5, 0.8, 1, 1.25, 2]
        .map((factor) => withOdds(threshold(stakesOf(cell)), factor))
        .map((d) => ({ x: d, y: simulateCheating(cell, d, jobs, random) })),
    })),
    marks: [
      { axis: 'y', at: 0, label: '' },
      ...cells.map((cell, color) => {
        const at = threshold(stakesOf(cell));
        return { axis: 'x' as const, at, label: `d* = ${(100 * at).toFixed(2)} %`, color };
      }),
    ],
    notes: [
      { x: 0.84, y: 0.88, text: 'above 0: cheating pays' },
      { x: 0.14, y: 0.3, text: 'below 0: it does not' },
    ],
  };
}

function limitPlot(rows: readonly Row[]): Plot {
  const x: Axis = { label: 'V / C: outside gain', min: 1, max: 2000, log: true };
  return {
    file: 'threshold-limit',
    title: 'Detection that makes cheating unprofitable, with self-reports',
    x,
    y: { label: 'd*', min: 0.003, max: 1, log: true, percent: true },
    lines: SHARES.map((rho, color) => ({
      label: `ρ = ${rho}`,
      color,
      points: curve(x, (outside) => threshold(stakesOf({ rho, outside, selfReports: true }))),
    })),
    dots: SHARES.map((rho, color) => ({
      color,
      points: OUTSIDE.filter((outside) => outside > 0).flatMap((outside) => {
        const label = `d*, ${nameOf({ rho, outside, selfReports: true })}`;
        const row = rows.find((candidate) => candidate.label === label);
        return row === undefined ? [] : [{ x: outside, y: row.simulated }];
      }),
    })),
    notes: [
      { x: 0.2, y: 0.93, text: 'above a line: honest work pays' },
      { x: 0.75, y: 0.1, text: 'below a line: cheating pays' },
    ],
  };
}
