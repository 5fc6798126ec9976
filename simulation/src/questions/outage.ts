import { advantage, openWatching, type Stakes, threshold } from '../closed.ts';
import { C, R, S } from '../economy.ts';
import { type Axis, curve, type Plot } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import { type Estimate, Mean, shareOf } from '../statistics.ts';

const stakes: Stakes = { cost: 1, price: R / C, outside: 100, reserve: S / C, returned: 0.1 };
const LIMIT = threshold(stakes);
const WATCHERS = 5;
const ONLINE = 0.6;
const SHOWN = 0.98;
const FULL = openWatching(SHOWN, ONLINE, WATCHERS);

/** Share of wrong jobs proven when all watchers are down together with probability `common`, and each by itself too. */
export function simulateCommon(common: number, jobs: number, random: Random): Estimate {
  let proven = 0;
  for (let i = 0; i < jobs; i++) {
    if (random.uniform() < common || random.uniform() >= SHOWN) continue;
    for (let watcher = 0; watcher < WATCHERS; watcher++) {
      if (random.uniform() < ONLINE) {
        proven++;
        break;
      }
    }
  }
  return shareOf(proven, jobs);
}

/**
 * A cheater that sees outages of all watchers submits at a random moment of one. Its answer stands if the outage
 * lasts until too little is left of the window to fetch and re-execute.
 */
export function simulateSeen(
  windowHours: number,
  meanHours: number,
  checkHours: number,
  jobs: number,
  random: Random,
): Estimate {
  let caught = 0;
  for (let i = 0; i < jobs; ) {
    const outage = random.exponential(meanHours);
    // Moments in an outage are as frequent as it is long: a Poisson stream of submissions.
    for (let at = random.exponential(meanHours); at < outage && i < jobs; i++) {
      if (outage - at + checkHours <= windowHours) caught++;
      at += random.exponential(meanHours);
    }
  }
  return shareOf(caught, jobs);
}

const HOURS = { mean: 0.5, check: 0.1 };
const windowLimit = HOURS.check - HOURS.mean * Math.log(1 - LIMIT);
const caughtWithin = (hours: number): number =>
  hours <= HOURS.check ? 0 : 1 - Math.exp(-(hours - HOURS.check) / HOURS.mean);

const KNOWN = 5;
/** C that it costs to silence one watcher for a window. */
const SILENCE = 2;
const HIDDEN_ONLINE = 0.15;

/** Gain over honest work of a cheater that silences all known watchers; `hidden` ones it cannot find. */
export function simulateSilencing(hidden: number, jobs: number, random: Random): Estimate {
  const gain = new Mean();
  for (let i = 0; i < jobs; i++) {
    let found = false;
    if (random.uniform() < SHOWN) {
      for (let watcher = 0; watcher < hidden && !found; watcher++) {
        found = random.uniform() < HIDDEN_ONLINE;
      }
    }
    const { price, outside, reserve, returned } = stakes;
    const income = found ? -reserve * (1 - returned) : price + outside;
    gain.add(income - SILENCE * KNOWN - (price - stakes.cost));
  }
  return gain.estimate();
}

const silencingGain = (hidden: number): number =>
  advantage(stakes, openWatching(SHOWN, HIDDEN_ONLINE, hidden)) - SILENCE * KNOWN;

/** Watchers that fail together, outages that a cheater sees, and watchers that it silences. */
export function outageQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'outage');
  const jobs = events(2_000_000, options);
  const commonLimit = 1 - LIMIT / FULL;
  const common = [0, 0.05, 0.2, 0.4, 0.9 * commonLimit, 1.1 * commonLimit, 0.85, 0.95];
  const commons = common.map((share) => ({ x: share, y: simulateCommon(share, jobs, random) }));
  const windows = [0.15, 0.8 * windowLimit, 1.25 * windowLimit, 0.5, 1, 2];
  const seen = windows.map((hours) => ({
    x: hours,
    y: simulateSeen(hours, HOURS.mean, HOURS.check, jobs, random),
  }));
  const hiddens = [0, 1, 2, 3, 4, 6];
  const silenced = hiddens.map((hidden) => ({
    x: hidden,
    y: simulateSilencing(hidden, Math.max(jobs, 300_000), random),
  }));
  const against = (y: Estimate): Estimate => ({ value: y.value - LIMIT, sigma: y.sigma });
  const rows: Row[] = [
    ...commons.map(({ x, y }): Row => {
      const closed = FULL * (1 - x) - LIMIT;
      return {
        label: `d − d*, all down together in ${(100 * x).toFixed(1)} % of the time`,
        closed,
        simulated: against(y),
        unit: 'percent',
        sign: closed > 0 ? 1 : -1,
        headline: true,
      };
    }),
    ...seen.map(({ x, y }): Row => {
      const closed = caughtWithin(x) - LIMIT;
      return {
        label: `d − d*, cheating in outages only, window ${x.toFixed(2)} h`,
        closed,
        simulated: against(y),
        unit: 'percent',
        sign: closed > 0 ? 1 : -1,
        headline: true,
      };
    }),
    ...silenced.map(
      ({ x, y }): Row => ({
        label: `gain of silencing ${KNOWN} known watchers, ${x} hidden ones`,
        closed: silencingGain(x),
        simulated: y,
        unit: 'number',
        sign: silencingGain(x) > 0 ? 1 : -1,
        headline: true,
      }),
    ),
  ];
  return {
    name: 'outage',
    title: 'What if watchers fail together, or are made to?',
    text: [
      `V = 100 C and ρ = 0.1 here, so d* = ${(100 * LIMIT).toFixed(1)} %. Five watchers check with 60 % each: by themselves they find ${(100 * FULL).toFixed(1)} %.`,
      `**Together.** If all of them hang on one cloud or one RPC service that is down for a share π of the time, d = (1−π)·q·(1−Π(1−p)), whatever their number: the formula for independent watchers with the same availability is wrong by far. Inequality 1 holds up to π = ${(100 * commonLimit).toFixed(1)} % for a cheater that does not see outages.`,
      `**Seen.** A cheater that sees the outage cheats only then. With outages of mean length μ (half an hour) and a check that takes a (six minutes), d = 1 − exp(−(W−a)/μ): only the window W helps, and W > a − μ·ln(1−d*) = ${windowLimit.toFixed(2)} h keeps inequality 1. The same bound with the sequencer’s outages is why a window also counts blocks.`,
      `**Silenced.** For ${SILENCE} C each a cheater silences the ${KNOWN} watchers it knows for a window. Whether that pays depends on those it does not know (here with 15 % each): watchers need neither register nor announce what they cover, and nothing in the contracts names them.`,
    ],
    rows,
    plots: [commonPlot(commons, commonLimit), seenPlot(seen), silencePlot(silenced)],
    events: jobs * (common.length + windows.length + hiddens.length),
    honestSlashes: 0,
  };
}

type Points = readonly { x: number; y: Estimate }[];

function commonPlot(points: Points, limit: number): Plot {
  const x: Axis = {
    label: 'π: share of time in which all watchers are down together',
    min: 0,
    max: 1,
    percent: true,
  };
  const independent = (share: number): number =>
    openWatching(SHOWN, ONLINE * (1 - share), WATCHERS);
  return {
    file: 'outage-common',
    title: 'Watchers that fail together (V = 100 C, ρ = 0.1)',
    x,
    y: { label: 'd', min: 0, max: 1.05, percent: true },
    lines: [
      { label: 'all down together', color: 0, points: curve(x, (share) => FULL * (1 - share)) },
      {
        label: 'if they failed independently, as often',
        color: 1,
        dashed: true,
        points: curve(x, independent),
      },
    ],
    dots: [{ color: 0, points }],
    marks: [
      { axis: 'y', at: LIMIT, label: `d* = ${(100 * LIMIT).toFixed(1)} %` },
      { axis: 'x', at: limit, label: `π = ${(100 * limit).toFixed(1)} %`, color: 0 },
    ],
    notes: [
      { x: 0.2, y: 0.5, text: 'above d*: honest work pays' },
      { x: 0.2, y: 0.1, text: 'below d*: cheating pays' },
    ],
  };
}

function seenPlot(points: Points): Plot {
  const x: Axis = { label: 'window in hours (outages of 0.5 h in the mean)', min: 0, max: 2.2 };
  return {
    file: 'outage-seen',
    title: 'A cheater that submits only while all watchers are down',
    x,
    y: { label: 'd', min: 0, max: 1.05, percent: true },
    lines: [{ label: '1 − exp(−(W−a)/μ)', color: 0, points: curve(x, caughtWithin) }],
    dots: [{ color: 0, points }],
    marks: [
      { axis: 'y', at: LIMIT, label: `d* = ${(100 * LIMIT).toFixed(1)} %` },
      { axis: 'x', at: windowLimit, label: `W = ${windowLimit.toFixed(2)} h`, color: 0 },
    ],
    notes: [
      { x: 0.7, y: 0.6, text: 'longer windows: honest work pays' },
      { x: 0.55, y: 0.15, text: 'below d*: cheating pays' },
    ],
  };
}

function silencePlot(points: Points): Plot {
  const x: Axis = { label: 'watchers that the cheater does not know', min: -0.3, max: 6.5 };
  const whole = [0, 1, 2, 3, 4, 5, 6];
  return {
    file: 'outage-silenced',
    title: `Silencing ${KNOWN} known watchers for ${SILENCE} C each (V = 100 C)`,
    x,
    y: { label: 'gain over honest work, in C', min: -130, max: 110 },
    lines: [
      {
        label: 'C + (1−d)·V − d·(R + S(1−ρ)) − price of silence',
        color: 0,
        points: whole.map((hidden) => [hidden, silencingGain(hidden)] as const),
      },
    ],
    dots: [{ color: 0, points }],
    marks: [{ axis: 'y', at: 0, label: '' }],
    notes: [
      { x: 0.6, y: 0.8, text: 'above 0: the attack pays' },
      { x: 0.3, y: 0.15, text: 'below 0: it does not' },
    ],
  };
}
