import { threshold } from '../closed.ts';
import { C, R, rules, S } from '../economy.ts';
import { type Axis, curve, type Plot } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import { challengeLost } from '../rules.ts';
import { type Estimate, Mean, shareOf } from '../statistics.ts';
import { demandAt, OUTPUT } from './griefing.ts';

/** Prices of gas as multiples of the median: the 99th percentile that bonds are sized for, and a shock. */
const P99 = 5;
const SHOCK = 100;
/** Millions of gas: the provider's answers, and the challenger's opening and moves between answers. */
const ANSWERS = 8;
const ANSWER_GAS = 0.105;
const OPEN_GAS = 0.093;
const MOVE_GAS = 0.037;
/** B_c in millions of gas at the median price: 1.25 × the answers at the 99th percentile. */
const BOND = 1.25 * ANSWERS * ANSWER_GAS * P99;
/** What comes to the provider of a bond, by the rules, in units fine enough to divide. */
const FORFEIT = challengeLost(rules, 1e6).provider / 1e6;
/** Least S of the design in the same unit: 3 × the dearest dispute, without the reward's cap. */
const RESERVE = 3 * 1.5 * P99;
/** Minutes, and how many of them a provider waits for a better price: the rest is kept for the answer. */
const TURN = 60;
const WAIT = 45;
/** What is left of the window when the check is done. */
const WINDOW = 30;

/** A whole game in which every move is made at once, at one price: what it costs both. */
export function gameAt(price: number): { harm: number; cost: number } {
  let [harm, cost] = [-FORFEIT * BOND, OPEN_GAS * price + BOND];
  for (let answer = 0; answer < ANSWERS; answer++) {
    harm += ANSWER_GAS * price;
    if (answer < ANSWERS - 1) cost += MOVE_GAS * price;
  }
  return { harm, cost };
}

/** Griefing factor of a challenge that leads nowhere: the provider's loss over the challenger's. */
export const factorAt = (price: number): number => gameAt(price).harm / gameAt(price).cost;

/** Price at which the factor is 1. */
export const priceLimit = (): number =>
  (BOND * (1 + FORFEIT)) / (ANSWERS * ANSWER_GAS - OPEN_GAS - (ANSWERS - 1) * MOVE_GAS);

/**
 * A challenge opened while a shock is on, whose length is exponential. The provider waits for its end and pays
 * the shock's price only when its turn is nearly over; the challenger moves at once.
 */
export function simulatePatience(
  meanMinutes: number,
  games: number,
  random: Random,
): { harm: Estimate; cost: Estimate; ruined: Estimate } {
  const [harm, cost] = [new Mean(), new Mean()];
  let ruined = 0;
  for (let game = 0; game < games; game++) {
    let shock = true;
    let provider = 0;
    let challenger = OPEN_GAS * SHOCK;
    for (let answer = 0; answer < ANSWERS; answer++) {
      // The rest of an exponential shock is exponential again at every turn.
      shock &&= random.exponential(meanMinutes) > WAIT;
      provider += ANSWER_GAS * (shock ? SHOCK : 1);
      if (answer < ANSWERS - 1) challenger += MOVE_GAS * (shock ? SHOCK : 1);
    }
    if (provider > RESERVE) ruined++;
    harm.add(provider - FORFEIT * BOND);
    cost.add(challenger + BOND);
  }
  return { harm: harm.estimate(), cost: cost.estimate(), ruined: shareOf(ruined, games) };
}

/** Expected losses of that game: answer k comes in the shock with probability e^(−kT/τ). */
export function patience(meanMinutes: number): { harm: number; cost: number; ruined: number } {
  const stays = Math.exp(-WAIT / meanMinutes);
  let [provider, challenger] = [0, OPEN_GAS * SHOCK];
  for (let k = 1; k <= ANSWERS; k++) {
    const price = 1 + (SHOCK - 1) * stays ** k;
    provider += ANSWER_GAS * price;
    if (k < ANSWERS) challenger += MOVE_GAS * price;
  }
  const affordable = Math.floor((RESERVE - ANSWERS * ANSWER_GAS) / (ANSWER_GAS * (SHOCK - 1)));
  return {
    harm: provider - FORFEIT * BOND,
    cost: challenger + BOND,
    ruined: affordable >= ANSWERS ? 0 : stays ** (affordable + 1),
  };
}

/** A demand for 32 KiB of output while a shock is on: one answer, of which little is paid. */
export function simulateDemand(meanMinutes: number, games: number, random: Random): Estimate {
  const harm = new Mean();
  for (let game = 0; game < games; game++) {
    const isOver = random.exponential(meanMinutes) <= WAIT;
    harm.add(demandAt(isOver ? 1 : SHOCK).provider);
  }
  const { value, sigma } = harm.estimate();
  const cost = demandAt(SHOCK).requester;
  return { value: value / cost, sigma: sigma / cost };
}

const demandFactor = (meanMinutes: number): number => {
  const price = 1 + (SHOCK - 1) * Math.exp(-WAIT / meanMinutes);
  return (OUTPUT.answer * price - OUTPUT.unit / 11) / (OUTPUT.demand * SHOCK + OUTPUT.unit / 11);
};

/**
 * Share of wrong jobs, submitted while a shock is on, that are proven by a watcher who waits until the reward
 * pays for the gas: the shock has to end within what is left of the window.
 */
export function simulateWaiting(meanMinutes: number, jobs: number, random: Random): Estimate {
  let proven = 0;
  for (let i = 0; i < jobs; i++) {
    if (random.exponential(meanMinutes) <= WINDOW) proven++;
  }
  return shareOf(proven, jobs);
}

const provenShare = (meanMinutes: number): number => 1 - Math.exp(-WINDOW / meanMinutes);

const stakesFor = (outside: number): number =>
  threshold({ cost: 1, price: R / C, outside, reserve: S / C, returned: 0.1 });

/** Mean length of shocks up to which a cheater that waits for one gains nothing. */
const meanLimit = (outside: number): number => -WINDOW / Math.log(1 - stakesFor(outside));

/** Gas at a hundred times its price while a dispute is on. */
export function gasQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'gas');
  const games = events(500_000, options, 20_000);
  const limit = priceLimit();
  const rows: Row[] = [];
  for (const price of [1, P99, 0.9 * limit, 1.1 * limit, SHOCK]) {
    const challenger = (OPEN_GAS + (ANSWERS - 1) * MOVE_GAS) * price + BOND;
    rows.push({
      label: `griefing factor, all moves at ${price.toFixed(1)} × the median price`,
      closed: (ANSWERS * ANSWER_GAS * price - FORFEIT * BOND) / challenger,
      simulated: { value: factorAt(price), sigma: 0 },
      unit: 'number',
      limit: 1,
      headline: true,
    });
  }
  const means = [10, 20, 60, 120, 240];
  const patient = means.map((mean) => ({ mean, ...simulatePatience(mean, games, random) }));
  for (const { mean, harm, cost, ruined } of patient) {
    const closed = patience(mean);
    rows.push(
      {
        label: `griefing factor at × ${SHOCK}, the provider waits, shocks of ${mean} min`,
        closed: closed.harm / closed.cost,
        simulated: { value: harm.value / cost.value, sigma: harm.sigma / cost.value },
        unit: 'number',
        limit: 1,
        headline: true,
      },
      {
        label: `games that cost more gas than the least reserve, shocks of ${mean} min`,
        closed: closed.ruined,
        simulated: ruined,
        unit: 'percent',
        headline: true,
      },
    );
  }
  for (const mean of means.slice(0, 3)) {
    rows.push({
      label: `32 KiB of output demanded at × ${SHOCK}, the provider waits, shocks of ${mean} min`,
      closed: demandFactor(mean),
      simulated: simulateDemand(mean, games, random),
      unit: 'number',
      limit: 1,
      headline: true,
    });
  }
  for (const outside of [0, 100]) {
    const at = meanLimit(outside);
    for (const [mean, sign] of [
      [0.8 * at, 1],
      [1.25 * at, -1],
    ] as const) {
      const jobs = outside === 0 ? Math.max(8 * games, 1_000_000) : games;
      const d = simulateWaiting(mean, jobs, random);
      rows.push({
        label: `d − d* in shocks of ${mean.toFixed(0)} min, V = ${outside} C`,
        closed: provenShare(mean) - stakesFor(outside),
        simulated: { value: d.value - stakesFor(outside), sigma: d.sigma },
        unit: 'percent',
        sign,
        headline: true,
      });
    }
  }
  return {
    name: 'gas',
    title: 'What if gas costs a hundred times as much during a dispute?',
    text: [
      `Prices in medians; the 99th percentile is ${P99}, a shock ${SHOCK}. A challenge with ${ANSWERS} answers of 105 k gas costs the provider 0.84 million gas, the challenger 0.35 and the bond, 1.25 times the provider’s gas at the 99th percentile, of which the provider gets 90 %.`,
      `**At one price** the challenge harms the challenger more than the provider up to ${limit.toFixed(1)} times the median (${(limit / P99).toFixed(1)} times what the bond was sized for). In a shock of × ${SHOCK} with every answer given at once the factor is ${factorAt(SHOCK).toFixed(2)}: above 1.`,
      `**With patience** it is not: the provider has a turn (${TURN} minutes) and answers when the shock is over, or when a quarter of the turn is left (as nodes do), so answer k comes at the shock’s price with probability e^(−kT/τ) only, T = ${WAIT} minutes. For shocks of ten minutes to two hours in the mean the factor stays below 1; it exceeds 1 where shocks last for several turns. The least reserve of the design pays for two answers in a shock: a third in the same shock would cost an honest provider more than it defends.`,
      '**Output** demanded in a shock has one answer and little pay: the factor stays below 1 for shocks of ten minutes in the mean, and not for those of twenty. A provider that cannot bear that takes jobs whose output fits into the submission (4 KiB), or whose output is sealed.',
      `**Watchers who live on rewards** wait as well, and the fraud of a cheater who waits for a shock is proven only if the shock ends within the ${WINDOW} minutes that the check has left of the window: d = 1 − e^(−W/τ). Inequality 1 holds up to shocks of ${meanLimit(100).toFixed(0)} minutes in the mean for V = 100 C, and of ${(meanLimit(0) / 60).toFixed(0)} hours for V = 0. A watcher that needs the answer pays the shock’s price, and does not wait.`,
    ],
    rows,
    plots: [pricePlot(limit), patiencePlot(patient)],
    events: games * (means.length + 3) + 18 * games,
    honestSlashes: 0,
  };
}

function pricePlot(limit: number): Plot {
  const x: Axis = {
    label: 'price of gas, in medians, when all moves are made',
    min: 1,
    max: 300,
    log: true,
  };
  return {
    file: 'gas-price',
    title: 'A challenge that leads nowhere: provider’s loss over challenger’s',
    x,
    y: { label: 'griefing factor', min: -1, max: 2.6 },
    lines: [{ label: 'every answer at once', color: 1, points: curve(x, factorAt) }],
    dots: [],
    marks: [
      { axis: 'y', at: 1, label: '' },
      { axis: 'x', at: P99, label: 'bond sized for', color: 6 },
      { axis: 'x', at: limit, label: `factor 1 at ${limit.toFixed(1)}`, color: 1 },
      { axis: 'x', at: SHOCK, label: 'shock', color: 6 },
    ],
    notes: [
      { x: 0.2, y: 0.75, text: 'above 1: griefing pays' },
      { x: 0.67, y: 0.1, text: 'below 0: provider gains' },
    ],
  };
}

type Patient = readonly { mean: number; harm: Estimate; cost: Estimate }[];

function patiencePlot(patient: Patient): Plot {
  const x: Axis = {
    label: 'mean length of shocks in minutes (turn: 60)',
    min: 5,
    max: 400,
    log: true,
  };
  return {
    file: 'gas-patience',
    title: `Gas at ${SHOCK} medians, and a provider that waits within its turns`,
    x,
    y: { label: 'griefing factor', min: -0.5, max: 2.2 },
    lines: [
      {
        label: 'answers when the shock is over, or the turn nearly',
        color: 0,
        points: curve(x, (mean) => patience(mean).harm / patience(mean).cost),
      },
      {
        label: 'every answer at once',
        color: 1,
        dashed: true,
        points: curve(x, () => factorAt(SHOCK)),
      },
    ],
    dots: [
      {
        color: 0,
        points: patient.map(({ mean, harm, cost }) => ({
          x: mean,
          y: { value: harm.value / cost.value, sigma: harm.sigma / cost.value },
        })),
      },
    ],
    marks: [
      { axis: 'y', at: 1, label: '' },
      { axis: 'x', at: TURN, label: 'turn', color: 6 },
    ],
    notes: [{ x: 0.2, y: 0.62, text: 'above 1: griefing pays' }],
  };
}
