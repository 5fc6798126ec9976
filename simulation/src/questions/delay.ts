import { erlangC, sojournTail } from '../closed.ts';
import { type Axis, curve, type Plot } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import { type Estimate, exactly, Mean, meanOf } from '../statistics.ts';

/** Minutes. */
export const EXECUTION = 2;
export const WORKERS = 4;
/** Fetch, HTTP descent, a block, reorganisations. */
export const FIXED: number = 1 + 1 + 0.2 + 2;
const RUNS = 100;
const WARM_UP = 10_000;

/**
 * Shares of jobs whose check ends later than each window: a watcher with some workers, first come first served,
 * Poisson arrivals, exponential executions. One share for each run and window.
 */
export function simulateDelays(
  load: number,
  windows: readonly number[],
  runs: number,
  jobs: number,
  random: Random,
): Estimate[] {
  const shares = windows.map(() => new Mean());
  const gap = EXECUTION / (WORKERS * load);
  for (let run = 0; run < runs; run++) {
    const free = new Float64Array(WORKERS);
    const late = new Float64Array(windows.length);
    let now = 0;
    for (let i = -WARM_UP; i < jobs; i++) {
      now += random.exponential(gap);
      const worker = earliest(free);
      const end = Math.max(now, free[worker] ?? 0) + random.exponential(EXECUTION);
      free[worker] = end;
      if (i < 0) continue;
      const delay = end - now + FIXED;
      for (let w = 0; w < windows.length; w++) {
        if (delay > (windows[w] ?? 0)) late[w] = (late[w] ?? 0) + 1;
      }
    }
    for (const [w, share] of shares.entries()) share.add((late[w] ?? 0) / jobs);
  }
  return shares.map((share) => share.estimate());
}

/** Share of jobs that an overloaded watcher passes over: those that it would start later than `patience`. */
export function simulateOverload(
  load: number,
  patience: number,
  runs: number,
  jobs: number,
  random: Random,
): Estimate {
  const gap = EXECUTION / (WORKERS * load);
  const shares: number[] = [];
  for (let run = 0; run < runs; run++) {
    const free = new Float64Array(WORKERS);
    let [now, passed] = [0, 0];
    for (let i = -WARM_UP; i < jobs; i++) {
      now += random.exponential(gap);
      const worker = earliest(free);
      const start = Math.max(now, free[worker] ?? 0);
      if (start - now > patience) passed += i < 0 ? 0 : 1;
      else free[worker] = start + random.exponential(EXECUTION);
    }
    shares.push(passed / jobs);
  }
  return meanOf(shares);
}

function earliest(free: Float64Array): number {
  let best = 0;
  for (let i = 1; i < free.length; i++) {
    if ((free[i] ?? 0) < (free[best] ?? 0)) best = i;
  }
  return best;
}

/** P(check later than the window). */
export function lateShare(load: number, window: number): number {
  const time = window - FIXED;
  return time <= 0 ? 1 : sojournTail(WORKERS, WORKERS * load, 1 / EXECUTION, time);
}

/** The design's window without outages: fetch + queue (99th percentile) + 3 executions + descent + block + reorganisation. */
export function designWindow(load: number): number {
  const waits = erlangC(WORKERS, WORKERS * load);
  const drain = (WORKERS * (1 - load)) / EXECUTION;
  return FIXED + Math.max(0, Math.log(waits / 0.01) / drain) + 3 * EXECUTION;
}

const LOADS = [0.5, 0.8, 0.95];
const OVERLOADS = [1.25, 1.5, 2];
const PATIENCE = 30;

/** How long checks take, and how many come too late. */
export function delayQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'delay');
  const jobs = events(40_000, options, 2_000);
  const runs = events(RUNS, options, 20);
  const jobsAt = (load: number): number => (load > 0.9 ? 4 * jobs : jobs);
  const results = LOADS.map((load) => {
    const window = designWindow(load);
    const windows = [6, 8, 10, 12, 15, 20, 30, 45, 60, window];
    return { load, windows, late: simulateDelays(load, windows, runs, jobsAt(load), random) };
  });
  const rows = results.flatMap(({ load, windows, late }) =>
    windows.flatMap((window, i): Row[] => {
      const simulated = late[i] ?? exactly(Number.NaN);
      const closed = lateShare(load, window);
      // Queues last for about 5/(1−load)² jobs: what is seen in too few of them has no interval.
      if ((closed * jobsAt(load) * runs * (1 - load) ** 2) / 5 < 20) return [];
      const isDesign = i === windows.length - 1;
      return [
        {
          label: `checks later than ${isDesign ? 'the formula’s window of ' : ''}${window.toFixed(isDesign ? 1 : 0)} min, load ${load}`,
          closed,
          simulated,
          unit: 'percent',
          ...(isDesign ? { limit: 0.01, headline: true } : { headline: window === 15 }),
        },
      ];
    }),
  );
  for (const load of OVERLOADS) {
    rows.push({
      label: `jobs final without a check, load ${load}`,
      closed: 1 - 1 / load,
      simulated: simulateOverload(load, PATIENCE, runs, jobs, random),
      unit: 'percent',
      headline: true,
    });
  }
  return {
    name: 'delay',
    title: 'Is the window long enough?',
    text: [
      `A watcher with ${WORKERS} workers re-executes every job, first come first served; jobs arrive at random, an execution takes ${EXECUTION} minutes in the mean (exponential), fetching, descending, the block and reorganisations ${FIXED} minutes together. P(later than t) is the sojourn tail of M/M/c, e^(−μt)·(1 + P_w·(1 − e^(−μt(c−1−a)))/(c−1−a)), with Erlang’s P_w.`,
      'A job whose check ends after the window is final before anybody knows. The design’s window (fetch + 99th percentile of the queue + 3 executions + descent + block + reorganisations, here without the outage to be expected, which is added to it) leaves less than 1 % of checks too late where the queue dominates. At low load it is the execution itself that is late: of exponential ones 5 % take more than three times their mean. The factor 3 is right where the same model always takes about as long; where it does not, the window needs the 99th percentile of the execution too. It grows with the load without bound: at 95 % most of it is for the queue alone.',
      `Above 100 % no window helps: a watcher that passes over what it could not start within ${PATIENCE} minutes leaves 1 − 1/load of the jobs unchecked. That share multiplies d; watchers have to say what they cover.`,
    ],
    rows,
    plots: [tailPlot(results)],
    events: runs * ((jobs + WARM_UP) * (LOADS.length + OVERLOADS.length) + 3 * jobs),
    honestSlashes: 0,
  };
}

function tailPlot(
  results: readonly { load: number; windows: readonly number[]; late: readonly Estimate[] }[],
): Plot {
  const x: Axis = { label: 'window in minutes', min: 4, max: 75 };
  return {
    file: 'delay',
    title: 'Jobs that are final before their check ends',
    x,
    y: { label: 'share of jobs', min: 0.0005, max: 1, log: true, percent: true },
    lines: results.map(({ load }, color) => ({
      label: `load ${load * 100} %`,
      color,
      points: curve(x, (window) => lateShare(load, window)),
    })),
    dots: results.map(({ windows, late }, color) => ({
      color,
      points: windows.flatMap((window, i) => {
        const y = late[i];
        return y === undefined || y.value - 3 * y.sigma < 0.0005 ? [] : [{ x: window, y }];
      }),
    })),
    marks: [
      { axis: 'y', at: 0.01, label: '' },
      ...LOADS.map((load, color) => {
        const at = designWindow(load);
        return { axis: 'x' as const, at, label: `formula: ${at.toFixed(0)} min`, color };
      }),
    ],
    notes: [
      { x: 0.9, y: 0.42, text: 'below 1 %: long enough' },
      { x: 0.55, y: 0.92, text: 'above: too short' },
    ],
  };
}
