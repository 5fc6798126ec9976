import { checksPerJob, threshold, wrongShare } from '../closed.ts';
import { C, PROVIDERS, R } from '../economy.ts';
import { type Axis, curve, type Plot } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import { type Estimate, Mean } from '../statistics.ts';

/** How fast agents follow profit: change of log-odds (providers) or of the logarithm (watchers) per epoch. */
const PACE = 0.002;
/** Epochs over which profit is averaged before anybody acts, and the longer mean that shows its trend. */
const MEMORY = 20;
const TREND = 200;
const BATCHES = 20;

export interface Market {
  /** S in C */
  readonly reserve: number;
  /** ρ */
  readonly rho: number;
  /** Share of found frauds in which the cheater's alias reveals first. */
  readonly selfReports: number;
}

export interface Path {
  readonly wrong: Estimate;
  readonly checks: Estimate;
  /** Checks made in all. */
  readonly done: number;
  /** Wrong share and checks per job along the way. */
  readonly samples: readonly { epoch: number; wrong: number; checks: number }[];
}

/** Profit followed with memory: its mean, and how it has been changing. */
class Follower {
  #fast: number = 0;
  #slow: number = 0;

  /** Its mean over time is the signal's mean: what agents do is 0 in the mean only where profit is. */
  follow(signal: number): number {
    this.#fast += (signal - this.#fast) / MEMORY;
    this.#slow += (signal - this.#slow) / TREND;
    return this.#fast + 4 * (this.#fast - this.#slow);
  }
}

/**
 * Providers turn to cheating while it pays, watchers enter while checks pay, and both leave again. A job per
 * provider and epoch; a watcher re-executes one at random for C, and earns the reward if the job is wrong, nobody
 * else was first, and the cheater's alias was not.
 */
export function simulateBounty(market: Market, epochs: number, random: Random): Path {
  const reward = market.rho * market.reserve;
  const price = R / C;
  const start = Math.floor(epochs / 5);
  // Off the equilibrium by a factor of two, each its way.
  const { wrong, checks: needed } = equilibrium(market);
  let cheaters = Math.round(PROVIDERS * Math.min(0.5, 2 * wrong));
  let watchers = Math.ceil((PROVIDERS * needed) / 2);
  let done = 0;
  const checkedIn = new Int32Array(PROVIDERS).fill(-1);
  const [providers, entry] = [new Follower(), new Follower()];
  const wrongs = Array.from({ length: BATCHES }, () => new Mean());
  const checks = Array.from({ length: BATCHES }, () => new Mean());
  const samples: { epoch: number; wrong: number; checks: number }[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    // Jobs 0 … cheaters−1 are the wrong ones: checks fall on jobs at random.
    let [caught, rewarded] = [0, 0];
    done += watchers;
    for (let i = 0; i < watchers; i++) {
      const target = random.below(PROVIDERS);
      if (target >= cheaters || checkedIn[target] === epoch) continue;
      checkedIn[target] = epoch;
      caught++;
      if (random.uniform() >= market.selfReports) rewarded++;
    }
    const selfReported = (caught - rewarded) * reward;
    const stood = (cheaters - caught) * price;
    const cheatGain = (stood - caught * market.reserve + selfReported) / Math.max(1, cheaters);
    const watchGain = (rewarded * reward) / Math.max(1, watchers) - 1;
    const share = cheaters / PROVIDERS;
    if (epoch >= start) {
      const batch = Math.floor(((epoch - start) * BATCHES) / (epochs - start));
      wrongs[batch]?.add(share);
      checks[batch]?.add(watchers / PROVIDERS);
    }
    if (epoch % Math.ceil(epochs / 400) === 0) {
      samples.push({ epoch, wrong: share, checks: watchers / PROVIDERS });
    }
    const turn = PACE * providers.follow(cheatGain - (price - 1)) * share * (1 - share);
    cheaters = within(cheaters + random.round(PROVIDERS * turn), PROVIDERS - 1);
    watchers = within(
      watchers + random.round(PACE * entry.follow(watchGain) * watchers),
      PROVIDERS,
    );
  }
  const estimate = (batches: readonly Mean[]): Estimate => {
    const mean = new Mean();
    for (const batch of batches) mean.add(batch.mean);
    return mean.estimate();
  };
  return { wrong: estimate(wrongs), checks: estimate(checks), done, samples };
}

/** One stays, so that a way that has died out can come back. */
const within = (count: number, most: number): number => Math.min(Math.max(count, 1), most);

/** What the two indifferences give: λ from the cheater's, the wrong share from the watcher's. */
export function equilibrium(market: Market): { wrong: number; checks: number } {
  const { reserve, rho, selfReports } = market;
  const stakes = { cost: 1, price: R / C, outside: 0, reserve, returned: rho * selfReports };
  const checks = checksPerJob(threshold(stakes));
  return { wrong: wrongShare(1, rho * reserve, checks, selfReports), checks };
}

const MARKETS: readonly Market[] = [
  { reserve: 50, rho: 0.1, selfReports: 0 },
  { reserve: 100, rho: 0.1, selfReports: 0 },
  { reserve: 250, rho: 0.05, selfReports: 0 },
  { reserve: 250, rho: 0.1, selfReports: 0 },
  { reserve: 250, rho: 0.5, selfReports: 0 },
  { reserve: 1000, rho: 0.1, selfReports: 0 },
  { reserve: 100, rho: 0.1, selfReports: 0.5 },
  { reserve: 250, rho: 0.1, selfReports: 0.5 },
  { reserve: 1000, rho: 0.1, selfReports: 0.5 },
  { reserve: 250, rho: 0.1, selfReports: 0.9 },
];

const nameOf = ({ reserve, rho, selfReports }: Market): string =>
  `S = ${reserve} C, ρ = ${rho}, s = ${selfReports}`;

/** Watchers who live on bounties alone: how many jobs are wrong where both entry and cheating break even. */
export function bountyQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'bounty');
  const epochs = events(60_000, options, 15_000);
  const paths = MARKETS.map((market) => ({ market, path: simulateBounty(market, epochs, random) }));
  const rows = paths.flatMap(({ market, path }): Row[] => {
    const { wrong, checks } = equilibrium(market);
    return [
      {
        label: `wrong share, ${nameOf(market)}`,
        closed: wrong,
        simulated: path.wrong,
        unit: 'percent',
        headline: true,
      },
      {
        label: `checks per job, ${nameOf(market)}`,
        closed: checks,
        simulated: path.checks,
        unit: 'percent',
      },
    ];
  });
  const always = simulateBounty({ reserve: 250, rho: 0.1, selfReports: 1 }, epochs, random);
  const end = always.samples.at(-1);
  rows.push({
    label: 'share not wrong, S = 250 C, ρ = 0.1, s = 1 (one provider stays)',
    closed: 0,
    simulated: { value: 1 - (end?.wrong ?? 0), sigma: 1 / PROVIDERS },
    unit: 'percent',
    headline: true,
  });
  return {
    name: 'bounty',
    title: 'Do bounties alone keep watchers?',
    text: [
      'Nobody pays for watching but the rewards. A check costs C and earns ρS if it is the first to find a wrong job; providers cheat while it pays; both populations enter and leave as they earn (40,000 providers; profit is followed with a memory of twenty epochs and an eye on its trend). Where both break even, checks per job are λ = −ln(1−d*), which keeps cheaters indifferent, and the share of wrong jobs is f = C·λ/((1−s)·ρS·(1−e^−λ)) ≈ C/(ρS), which keeps watchers so. Fewer wrong jobs would not feed the watchers that are needed to find them.',
      's is the share of found frauds in which the alias of the cheater reveals before the watcher. It takes the reward from the watcher, so the wrong share grows by 1/(1−s); an alias that is always first (s = 1) leaves no watcher, and every job is wrong. Whoever needs the answer has to pay for watching.',
      'Means over time of batches after the first fifth; the path shows how far the populations swing around it.',
    ],
    rows,
    plots: [sharePlot(paths), pathPlot(paths, epochs)],
    events: paths.reduce((sum, { path }) => sum + path.done, always.done),
    honestSlashes: 0,
  };
}

type Paths = readonly { market: Market; path: Path }[];

function sharePlot(paths: Paths): Plot {
  const x: Axis = { label: 'ρS / C: reward over the cost of a check', min: 4, max: 200, log: true };
  const levels = [0, 0.5, 0.9];
  return {
    file: 'bounty-share',
    title: 'Wrong jobs where watchers live on bounties alone',
    x,
    y: { label: 'share of wrong jobs', min: 0.005, max: 1, log: true, percent: true },
    lines: levels.map((selfReports, color) => ({
      label: `s = ${selfReports}: f = C/((1−s)·ρS)`,
      color,
      points: curve(x, (reward) => Math.min(1, 1 / ((1 - selfReports) * reward))),
    })),
    dots: levels.map((selfReports, color) => ({
      color,
      points: paths
        .filter(({ market }) => market.selfReports === selfReports)
        .map(({ market, path }) => ({ x: market.rho * market.reserve, y: path.wrong })),
    })),
    notes: [
      { x: 0.25, y: 0.1, text: 'below: checks lose money' },
      { x: 0.75, y: 0.9, text: 'above: watchers enter' },
    ],
  };
}

function pathPlot(paths: Paths, epochs: number): Plot {
  const shown = paths.find(({ market }) => market.reserve === 250 && market.rho === 0.1);
  const { wrong, checks } = equilibrium({ reserve: 250, rho: 0.1, selfReports: 0 });
  const samples = (shown?.path.samples ?? []).filter(({ epoch }) => epoch <= epochs / 5);
  return {
    file: 'bounty-path',
    title: 'Entry and exit: S = 250 C, ρ = 0.1, no self-reports',
    x: { label: 'epoch', min: 0, max: epochs / 5 },
    y: { label: 'per job', min: 0.001, max: 0.3, log: true, percent: true },
    lines: [
      {
        label: 'wrong share, simulated',
        color: 1,
        points: samples.map((sample) => [sample.epoch, sample.wrong] as const),
      },
      {
        label: 'checks per job, simulated',
        color: 0,
        points: samples.map((sample) => [sample.epoch, sample.checks] as const),
      },
    ],
    dots: [],
    marks: [
      { axis: 'y', at: wrong, label: `C/(ρS): ${(wrong * 100).toFixed(1)} %`, color: 1 },
      { axis: 'y', at: checks, label: `−ln(1−d*): ${(checks * 100).toFixed(2)} %`, color: 0 },
    ],
  };
}
