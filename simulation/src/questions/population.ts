import { advantage, threshold } from '../closed.ts';
import { C, PROVIDERS, R, S } from '../economy.ts';
import { type Axis, curve } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import { exactly, meanOf, regressionCrossing } from '../statistics.ts';

const EPOCHS = 100;
/** Share of providers who look around in an epoch, for each C of difference that they see. */
const RATE = 0.3;
const RUNS = 4;
const stakes = { cost: 1, price: R / C, outside: 0, reserve: S / C, returned: 0.1 };

/**
 * Share of 40,000 providers who cheat after some epochs. Each does a job an epoch, then who sees that the
 * others earned more goes over to them with a probability in proportion (pairwise imitation, whose mean is the
 * replicator equation).
 */
export function simulatePopulation(
  detection: number,
  epochs: number,
  providers: number,
  random: Random,
): number {
  const cheats = new Uint8Array(providers);
  for (let i = 0; i < providers; i += 2) cheats[i] = 1;
  let cheaters = Math.ceil(providers / 2);
  for (let epoch = 0; epoch < epochs && cheaters > 0 && cheaters < providers; epoch++) {
    let caught = 0;
    for (let i = 0; i < cheaters; i++) {
      if (random.uniform() < detection) caught++;
    }
    const stands = stakes.price + stakes.outside;
    const loss = stakes.reserve * (1 - stakes.returned);
    const gain = ((cheaters - caught) * stands - caught * loss) / cheaters;
    const difference = gain - (stakes.price - stakes.cost);
    const losing = difference > 0 ? 0 : 1;
    const others = (losing === 1 ? providers - cheaters : cheaters) / providers;
    const turns = Math.min(1, RATE * Math.abs(difference)) * others;
    for (let i = 0; i < providers; i++) {
      if (cheats[i] === losing && random.uniform() < turns) cheats[i] = 1 - losing;
    }
    cheaters = cheats.reduce((sum, value) => sum + value, 0);
  }
  return cheaters / providers;
}

const logit = (share: number): number => Math.log(share / (1 - share));

/** A whole population that imitates what pays: everybody cheats on one side of d*, nobody on the other. */
export function populationQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'population');
  const epochs = events(EPOCHS, options, 30);
  const providers = events(PROVIDERS, options, 10_000);
  const limit = threshold(stakes);
  const factors = [0.4, 0.6, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.5, 2];
  const outcomes = factors.map((factor) => ({
    factor,
    shares: Array.from({ length: RUNS }, () =>
      simulatePopulation(factor * limit, epochs, providers, random),
    ),
  }));
  const near = outcomes
    .filter(({ factor }) => Math.abs(factor - 1) < 0.21)
    .flatMap(({ factor, shares }) => shares.map((share) => ({ factor, share })))
    .filter(({ share }) => share > 0 && share < 1);
  const crossing = regressionCrossing(
    near.map(({ factor }) => factor * limit),
    near.map(({ share }) => logit(share)),
  );
  const majority = (factor: number, closed: number): Row => {
    const shares = outcomes.find((outcome) => outcome.factor === factor)?.shares ?? [];
    const most = shares.filter((share) => share > 0.5).length;
    return {
      label: `runs that end with most providers cheating, d = ${factor} d*`,
      closed,
      simulated: exactly(most / RUNS),
      unit: 'percent',
      headline: true,
    };
  };
  const x: Axis = { label: 'd / d*', min: 0.4, max: 2 };
  const expected = (factor: number): number =>
    1 / (1 + Math.exp(-RATE * epochs * advantage(stakes, factor * limit)));
  return {
    name: 'population',
    title: 'What does a population do that imitates what pays?',
    text: [
      `40,000 providers, half of whom cheat at first (ρ = 0.1, self-reported, V = 0), do a job each in each of ${epochs} epochs. Whoever sees that the other way earned more takes it with a probability in proportion to the difference. In the mean this is the replicator equation: the odds of cheating grow by the factor exp(${RATE}·gain/C) an epoch.`,
      'The threshold of one job is the watershed of the population: below d* cheating takes over, above it dies out. The threshold is where the regression of the log-odds over d crosses 0.',
    ],
    rows: [
      {
        label: 'd at which neither way spreads, ρ = 0.1, V = 0',
        closed: limit,
        simulated: crossing,
        unit: 'percent',
        headline: true,
      },
      majority(0.8, 1),
      majority(1.2, 0),
    ],
    plots: [
      {
        file: 'population',
        title: `Providers who cheat after ${epochs} epochs of imitation`,
        x,
        y: { label: 'share of 40,000 providers', min: 0, max: 1, percent: true },
        lines: [{ label: 'replicator equation', color: 0, points: curve(x, expected) }],
        dots: [
          {
            color: 0,
            points: outcomes.map(({ factor, shares }) => ({ x: factor, y: meanOf(shares) })),
          },
        ],
        marks: [{ axis: 'x', at: 1, label: `d* = ${(limit * 100).toFixed(3)} %` }],
        notes: [
          { x: 0.17, y: 0.9, text: 'cheating spreads' },
          { x: 0.75, y: 0.12, text: 'honest work spreads' },
        ],
      },
    ],
    events: outcomes.length * RUNS * epochs * providers,
    honestSlashes: 0,
  };
}
