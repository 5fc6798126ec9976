import { erlangB } from '../closed.ts';
import { C, R, S } from '../economy.ts';
import { type Axis, curve, type Plot } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import { type Estimate, Mean, scaled } from '../statistics.ts';

/** Hours for which a reserve is held: window and grace, then work that takes an exponential time. */
const WINDOW = 1;
const WORK = 1 / 6;
const HELD = WINDOW + WORK;
/** Interest on stake, per hour: 10 % a year. */
const INTEREST = 0.1 / 8760;
const MARGIN = R / C - 1;
const BATCHES = 25;

export interface Size {
  /** Jobs in progress or in their window, in the mean, if all are taken. */
  readonly load: number;
  /** Reserves that the stake has room for. */
  readonly slots: number;
}

/** The fewest slots that turn away at most this share of jobs. */
export function slotsFor(load: number, blocking: number): number {
  let slots = 1;
  while (erlangB(slots, load) > blocking) slots++;
  return slots;
}

/** Slots that leave the most after interest. */
export function bestSlots(load: number): number {
  const profit = (slots: number): number =>
    (MARGIN * load * (1 - erlangB(slots, load))) / HELD - slots * (S / C) * INTEREST;
  let slots = 1;
  while (profit(slots + 1) > profit(slots)) slots++;
  return slots;
}

/** Interest per finished job, in C. */
export const lockUpCost = ({ load, slots }: Size): number =>
  (slots * (S / C) * INTEREST * HELD) / (load * (1 - erlangB(slots, load)));

/** Share of jobs that find no free stake: Poisson arrivals, each holding a reserve for window and work. */
export function simulateBlocking(size: Size, jobs: number, random: Random): Estimate {
  const ends: number[] = [];
  const gap = HELD / size.load;
  const blocked = new Mean();
  const batch = Math.ceil(jobs / BATCHES);
  const warmUp = Math.ceil(10 * size.load + 1000);
  let now = 0;
  let refused = 0;
  for (let i = -warmUp; i < batch * BATCHES; i++) {
    now += random.exponential(gap);
    while ((ends[0] ?? Infinity) <= now) pop(ends);
    if (ends.length < size.slots) push(ends, now + WINDOW + random.exponential(WORK));
    else if (i >= 0) refused++;
    if (i >= 0 && (i + 1) % batch === 0) {
      blocked.add(refused / batch);
      refused = 0;
    }
  }
  return blocked.estimate();
}

/** A binary heap, least first. */
function push(heap: number[], value: number): void {
  let at = heap.push(value) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] ?? 0;
    if (above <= value) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = value;
}

function pop(heap: number[]): void {
  const value = heap.pop();
  if (value === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child++;
    const below = heap[child] ?? 0;
    if (below >= value) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = value;
}

const LOADS = [0.2, 1, 5, 20, 100, 400];

/** What the stake costs a small provider and a large one. */
export function sizeQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'size');
  const jobs = events(1_000_000, options, 20_000);
  const results = LOADS.map((load) => {
    const size = { load, slots: slotsFor(load, 0.01) };
    const blocked = simulateBlocking(size, jobs, random);
    const perJob = (size.slots * (S / C) * INTEREST * HELD) / (load * (1 - blocked.value));
    return { size, blocked, cost: { value: perJob, sigma: (perJob * blocked.sigma) / 0.99 } };
  });
  const rows = results.flatMap(({ size, blocked, cost }): Row[] => [
    {
      label: `jobs turned away, load ${size.load}, ${size.slots} reserves of stake`,
      closed: erlangB(size.slots, size.load),
      simulated: blocked,
      unit: 'percent',
    },
    {
      label: `interest on the stake, share of the margin, load ${size.load}, ${size.slots} reserves`,
      closed: lockUpCost(size) / MARGIN,
      simulated: scaled(cost, 1 / MARGIN),
      unit: 'percent',
      headline: true,
    },
  ]);
  const x: Axis = { label: 'load: reserves in use in the mean', min: 0.15, max: 500, log: true };
  const smallest = lockUpCost({ load: 0.2, slots: slotsFor(0.2, 0.01) });
  const frugal = lockUpCost({ load: 0.2, slots: bestSlots(0.2) });
  const largest = lockUpCost({ load: 400, slots: slotsFor(400, 0.01) });
  const percent = (cost: number): string => ((100 * cost) / MARGIN).toFixed(1);
  return {
    name: 'size',
    title: 'Does the stake exclude small providers?',
    text: [
      `Each job holds a reserve of 250 C for its window and grace (${WINDOW} h) and its work (ten minutes in the mean); stake costs 10 % a year. The reserves themselves cost every provider the same per job: S·r·T = ${(((S / C) * INTEREST * HELD * 100) / MARGIN).toFixed(1)} % of the margin R − C. What differs is the stake that lies free: who wants to turn away at most 1 % of jobs needs n reserves with Erlang’s B(n, load) ≤ 1 %, and a small provider needs more of them for each job in progress.`,
      `For a provider with a job every six hours (load 0.2) interest is ${percent(smallest)} % of the margin, for one with 340 jobs an hour (load 400) ${percent(largest)} %. The small one does better to turn jobs away: with the stake that leaves it most it pays ${percent(frugal)} %. So stake costs the small more, and does not exclude them; what bounds entry is the first reserve itself.`,
      `On a chain where the least reserve is m, a job’s price must be such that m·r·T is small beside it: one of 100 dollars costs ${(100 * INTEREST * HELD * 100).toFixed(2)} cents an hour and job, so jobs much below a dime need batches.`,
    ],
    rows,
    plots: [sizePlot(x, results)],
    events: jobs * LOADS.length,
    honestSlashes: 0,
  };
}

function sizePlot(x: Axis, results: readonly { size: Size; cost: Estimate }[]): Plot {
  const per = (slots: (load: number) => number): ((load: number) => number) => {
    return (load) => lockUpCost({ load, slots: slots(load) }) / MARGIN;
  };
  return {
    file: 'size',
    title: 'Interest on stake, by size of the provider',
    x,
    y: { label: 'share of the margin R − C', min: 0, max: 0.4, percent: true },
    lines: [
      {
        label: 'stake for at most 1 % of jobs turned away',
        color: 0,
        points: curve(
          x,
          per((load) => slotsFor(load, 0.01)),
          400,
        ),
      },
      { label: 'stake that leaves most', color: 2, points: curve(x, per(bestSlots), 400) },
      {
        label: 'only the reserves in use',
        color: 6,
        dashed: true,
        points: curve(x, () => ((S / C) * INTEREST * HELD) / MARGIN),
      },
    ],
    dots: [
      {
        color: 0,
        points: results.map(({ size, cost }) => ({ x: size.load, y: scaled(cost, 1 / MARGIN) })),
      },
    ],
    marks: [
      { axis: 'x', at: HELD, label: 'a job an hour', color: 6 },
      { axis: 'x', at: 24 * HELD, label: '24 jobs an hour', color: 6 },
    ],
  };
}
