import { C, DELIVER, job, R, rules, S } from '../economy.ts';
import { type Axis, curve, type Plot } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import {
  failed,
  fraud,
  late,
  notAcknowledged,
  notDelivered,
  outputAnswered,
  type Rules,
  voided,
} from '../rules.ts';
import { type Estimate, exactly, Mean, scaled } from '../statistics.ts';

/** In C from here on, minutes, and millions of gas. */
const MARGIN = (R - C) / C;
/** What a million gas costs at the median price: an L2. */
const GAS = 0.2;
const POST = 0.134 * GAS;
const LOCK = 0.065 * GAS;
/** How long a job holds its reserve: least window and grace, then work. */
const WINDOW = 40;
const WORK = 10;
const HELD = WINDOW + WORK;
/** How long a rescue is open, and how long it takes until somebody locks it. */
const RESCUE = 30;
const TAKEN = 10;

const withIdle = (idleBps: number): Rules => ({ ...rules, idleBps });

/** Jobs that a slot of stake ends, in spans of time that begin at random moments: it is always in use. */
export function simulateSlots(minutes: number, spans: number, random: Random): Estimate {
  const ended = new Mean();
  const hold = (): number => WINDOW + random.exponential(WORK);
  let [now, next] = [0, hold()];
  for (let i = 0; i < spans; i++) {
    now += 2 * HELD * random.uniform();
    while (next <= now) next += hold();
    let count = 0;
    for (; next <= now + minutes; next += hold()) count++;
    now += minutes;
    ended.add(count);
  }
  return ended.estimate();
}

/** What a requester pays for not delivering, and what the provider loses beyond the fee if its stake was all in use. */
function withheld(idleBps: number): { cost: number; fee: number } {
  const payout = notDelivered(withIdle(idleBps), job);
  const fee = payout.provider / C;
  return { cost: fee + POST, fee };
}

const withheldFactor = (idleBps: number, deliver: number): number => {
  const { cost, fee } = withheld(idleBps);
  return Math.max(0, (MARGIN * deliver) / HELD + LOCK - fee) / cost;
};

/** Both burn the fee; the provider’s stake waits so many minutes: for delivery, and for its own clock to run out. */
const garbageFactor = (idleBps: number, waits: number): number => {
  const payout = notAcknowledged(withIdle(idleBps), job);
  const fee = payout.burned / 2 / C;
  return ((MARGIN * waits) / HELD + LOCK + fee) / (fee + POST);
};

/** A provider that locks and vanishes: the requester waits (w per hour), and has the rescue for nothing. */
export function simulateVanishing(perHour: number, plays: number, random: Random): Estimate {
  const payout = late(rules, job);
  const cost = (job.reserve - payout.released) / C + LOCK;
  const ratio = new Mean();
  for (let i = 0; i < plays; i++) {
    const taken = random.exponential(TAKEN);
    const isTaken = taken <= RESCUE;
    const delay = WORK + Math.min(taken, RESCUE) + (isTaken ? WORK : 0);
    const harm = (perHour * delay) / 60 - (isTaken ? R / C : 0);
    ratio.add(harm / cost);
  }
  return ratio.estimate();
}

const isTakenShare = 1 - Math.exp(-RESCUE / TAKEN);
const meanDelay = WORK + TAKEN * isTakenShare + WORK * isTakenShare;

export const vanishingFactor = (perHour: number): number =>
  ((perHour * meanDelay) / 60 - (R / C) * isTakenShare) / ((2 * R) / C + LOCK);

/** w at which the factor is 1. */
const vanishingLimit = ((2 * R) / C + LOCK + (R / C) * isTakenShare) * (60 / meanDelay);

/** Garbage under proof evidence: the set has no quorum with this probability; then the price burns. */
export function simulateGarbage(dead: number, plays: number, random: Random): Estimate {
  const [silent, judged] = [voided(rules, job), failed(rules, job)];
  const [harm, cost] = [new Mean(), new Mean()];
  const paid = job.price + job.verifierFee;
  for (let i = 0; i < plays; i++) {
    const payout = random.uniform() < dead ? silent : judged;
    harm.add((paid - payout.requester) / C);
    cost.add((job.reserve - payout.released) / C);
  }
  const value = harm.mean / cost.mean;
  // d/dπ of πR/(π·v + (1−π)·j) is R·j over the square of the denominator.
  const judgedCost = (job.reserve - judged.released) / C;
  const slope = ((R / C) * judgedCost) / cost.mean ** 2;
  return { value, sigma: slope * Math.sqrt((dead * (1 - dead)) / plays) };
}

export const garbageVoidFactor = (dead: number): number => {
  const price = R / C;
  const judged = 2 * price + job.verifierFee / C;
  return (dead * price) / (dead * price * 0.05 + (1 - dead) * judged);
};

/** Share of dead quorums at which garbage costs as much as it harms. */
const deadLimit = (): number => {
  const judged = 2 * (R / C) + job.verifierFee / C;
  return judged / ((R / C) * 0.95 + judged);
};

/** A requester that neither accepts nor has living verifiers: what the honest provider loses over what it pays. */
const refusalFactor = (voidBps: number): number => {
  const payout = voided({ ...rules, voidBps }, job);
  const harm = C + job.reserve - payout.released;
  return harm / (job.price + job.verifierFee - payout.requester);
};

/**
 * Output of 32 KiB demanded on chain, in millions of gas at the median price: what a unit of bond is worth (1.25 × 8
 * answers of 105 k at the 99th percentile), the demand, and its answer (snapshots/gas.json).
 */
export const OUTPUT: Readonly<Record<'leaves' | 'unit' | 'demand' | 'answer', number>> = {
  leaves: 256,
  unit: 5 * 1.25 * 8 * 0.105,
  demand: 0.119,
  answer: 1.037,
};

/** What it costs both, with gas at so many medians. */
export function demandAt(price: number): { provider: number; requester: number } {
  const fine = 11e6;
  const paid = outputAnswered(OUTPUT.unit * fine, OUTPUT.leaves).provider / fine;
  return { provider: OUTPUT.answer * price - paid, requester: OUTPUT.demand * price + paid };
}

/** The same by the formula: 256 of 2816 leaves, an eleventh of a unit. */
const demandFactor = (price: number): number =>
  (OUTPUT.answer * price - OUTPUT.unit / 11) / (OUTPUT.demand * price + OUTPUT.unit / 11);

const WATCHERS = 5;

/** What each way of hurting somebody else costs who does it. */
export function griefingQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'griefing');
  const plays = events(500_000, options, 20_000);
  const rows: Row[] = [];
  const idleDots: { x: number; y: Estimate }[] = [];
  // The default rules first; then what they were chosen against.
  for (const [idleBps, deliver] of [
    [rules.idleBps, DELIVER],
    [500, DELIVER],
    [1_000, 60],
    [500, 60],
  ] as const) {
    const isDefault = idleBps === rules.idleBps && deliver === DELIVER;
    const promise = isDefault ? { limit: 1 } : {};
    const { cost, fee } = withheld(idleBps);
    const lost = scaled(simulateSlots(deliver, plays, random), MARGIN);
    const simulated = { value: (lost.value + LOCK - fee) / cost, sigma: lost.sigma / cost };
    if (deliver === DELIVER) idleDots.push({ x: idleBps / 10_000, y: simulated });
    rows.push({
      label: `sealed input withheld, idleBps ${idleBps}, ${deliver} min to deliver`,
      closed: withheldFactor(idleBps, deliver),
      simulated,
      unit: 'number',
      ...promise,
      headline: true,
    });
    const garbageRow = (label: string, waits: number): Row => {
      const blocked = scaled(simulateSlots(waits, plays, random), MARGIN);
      return {
        label,
        closed: garbageFactor(idleBps, waits),
        simulated: {
          value: (blocked.value + LOCK + fee) / (fee + POST),
          sigma: blocked.sigma / (fee + POST),
        },
        unit: 'number',
        headline: true,
      };
    };
    const garbage = `garbage delivered, idleBps ${idleBps}, ${deliver} min`;
    rows.push({
      ...garbageRow(`${garbage} to deliver and to acknowledge`, 2 * deliver),
      ...promise,
    });
    if (isDefault) rows.push(garbageRow(`${garbage} to deliver, if it could be refused`, deliver));
  }
  for (const perHour of [0.5, 0.8 * vanishingLimit]) {
    rows.push({
      label: `provider vanishes, an hour of delay costs the requester ${perHour.toFixed(1)} C`,
      closed: vanishingFactor(perHour),
      simulated: simulateVanishing(perHour, plays, random),
      unit: 'number',
      limit: 1,
      headline: true,
    });
  }
  rows.push({
    label: `provider vanishes, an hour of delay costs ${(1.25 * vanishingLimit).toFixed(1)} C: factor − 1`,
    closed: vanishingFactor(1.25 * vanishingLimit) - 1,
    simulated: less(simulateVanishing(1.25 * vanishingLimit, plays, random), 1),
    unit: 'number',
    sign: 1,
    headline: true,
  });
  rows.push({
    label: 'dead verifiers: requester refuses a good proof, voidBps 500',
    closed: (C + 0.05 * R) / R,
    simulated: exactly(refusalFactor(500)),
    unit: 'number',
    limit: 1,
    headline: true,
  });
  const garbage = [0.1, 0.3, 0.5, 0.6, 0.8, 1].map((dead) => ({
    x: dead,
    y: simulateGarbage(dead, plays, random),
  }));
  for (const { x, y } of garbage) {
    rows.push({
      label: `garbage for a proof, quorum dead with probability ${x}`,
      closed: garbageVoidFactor(x),
      simulated: y,
      unit: 'number',
      limit: 1,
      headline: true,
    });
  }
  const wasted = fraud(rules, job);
  rows.push({
    label: `self-reported fraud to waste the checks of ${WATCHERS} watchers`,
    closed: WATCHERS / ((0.9 * S) / C),
    simulated: exactly((WATCHERS * C) / wasted.burned),
    unit: 'number',
    limit: 1,
    headline: true,
  });
  for (const price of [1, 5]) {
    const { provider, requester } = demandAt(price);
    const at = price === 1 ? 'gas at the median' : `gas at ${price} medians`;
    rows.push(
      {
        label: `32 KiB of output demanded that the requester has, ${at}`,
        closed: demandFactor(price),
        simulated: exactly(provider / requester),
        unit: 'number',
        limit: 1,
        headline: true,
      },
      {
        label: `32 KiB of output served on chain only, ${at}`,
        closed: 1 / demandFactor(price),
        simulated: exactly(requester / provider),
        unit: 'number',
        limit: 1,
        headline: true,
      },
      {
        label: `what the provider gains by that, ${at}`,
        closed: GAS * (OUTPUT.unit / 11 - OUTPUT.answer * price),
        simulated: exactly(-GAS * provider),
        unit: 'number',
        limit: 0,
        headline: true,
      },
    );
  }
  return {
    name: 'griefing',
    title: 'What does it cost to hurt others?',
    text: [
      'Griefing factor: what a move costs its victim over what it costs the mover, both against not having met at all. At most 1 is what the design asks for. Gas as on an L2: a million costs a fifth of C.',
      `**Sealed input withheld.** The requester pays the idle fee; the provider’s reserve waits for deliverSeconds. A provider with stake to spare loses nothing but its gas. One whose stake is all in use loses the jobs that the reserve would have served, (R−C)·D/T with T = ${HELD} minutes to a job: an hour to deliver at a fee of 5 % would be too cheap (${withheldFactor(500, 60).toFixed(1)}); the default rules take half an hour and 10 %. (A node must not hold compute for input that it has not got: that would cost many times the fee.)`,
      `A requester that delivers **garbage** blocks the reserve twice as long, and both burn the fee. No split of the fee keeps both sides at 1, because nobody can tell who lied; what counts is the waiting. The provider sees at once that it will not acknowledge, but has no call to say so: one would bring ${garbageFactor(rules.idleBps, 2 * DELIVER).toFixed(1)} down to ${garbageFactor(rules.idleBps, DELIVER).toFixed(1)}, and not below 1. So this stays above what the design asks for; a provider keeps it small by stake to spare, and by requesters whom it knows.`,
      `**Provider vanishes.** It loses 2 R; the requester has its price back, waits ${meanDelay.toFixed(0)} minutes in the mean, and with the rescue has its answer for nothing. The factor is below 1 as long as an hour of delay costs less than ${vanishingLimit.toFixed(1)} C.`,
      `**Dead verifiers.** The price burns. A requester that refuses a good proof pays R for the provider’s C and voidBps of R: below 1 for voidBps ≤ ${Math.floor(10_000 * (1 - C / R))}. A provider that submits garbage pays voidBps of R only, for R: the factor is 1/voidBps = 20 if it *knows* that there is no quorum. No voidBps serves both, because no rule can tell them apart. What bounds it is not to know: with living verifiers garbage costs 2 R and the fee, so the factor is below 1 while a quorum is dead less than ${(100 * deadLimit()).toFixed(0)} % of the time.`,
      '**Output withheld.** Outputs above 4 KiB are demanded on chain against a bond. Nobody can tell a provider that serves its output nowhere else from a requester that has it already, and what the one loses over the other is, the other way round, the inverse: the two factors are 1 together or not at all. An answer earns so much that both are about 1 with gas at the median, about half of its gas each; the rest of the bond goes back. (Nine tenths of the bond, as for a challenge that is lost, would be a gain: then it pays to serve nothing.) Where gas is dearer, the provider bears more: it has a turn in which to wait for a better price, it knows the size of its output before it takes the job, and below half of the median, where it would gain, that is less than a tenth of C. Shocks: see the last question.',
    ],
    rows,
    plots: [idlePlot(idleDots), voidPlot(garbage)],
    events: plays * 16,
    honestSlashes: 0,
  };
}

const less = (estimate: Estimate, by: number): Estimate => ({
  value: estimate.value - by,
  sigma: estimate.sigma,
});

type Points = readonly { x: number; y: Estimate }[];

function idlePlot(points: Points): Plot {
  const x: Axis = {
    label: 'idle fee, as a share of the price',
    min: 0.005,
    max: 0.15,
    percent: true,
  };
  return {
    file: 'griefing-idle',
    title: 'Sealed input withheld from a provider whose stake is all in use',
    x,
    y: { label: 'griefing factor', min: 0, max: 4 },
    lines: [60, DELIVER].map((deliver, color) => ({
      label: `${deliver} minutes to deliver`,
      color,
      points: curve(x, (fee) => withheldFactor(Math.round(fee * 10_000), deliver)),
    })),
    dots: [{ color: 1, points }],
    marks: [
      { axis: 'y', at: 1, label: '' },
      { axis: 'x', at: 0.1, label: 'default', color: 6 },
    ],
    notes: [
      { x: 0.43, y: 0.85, text: 'above 1: it harms more than it costs' },
      { x: 0.15, y: 0.05, text: 'below 1' },
    ],
  };
}

function voidPlot(points: Points): Plot {
  const x: Axis = {
    label: 'probability that the set has no quorum',
    min: 0,
    max: 1,
    percent: true,
  };
  const limit = deadLimit();
  return {
    file: 'griefing-void',
    title: 'Garbage under proof evidence, by how often verifiers are dead',
    x,
    y: { label: 'griefing factor', min: 0.02, max: 40, log: true },
    lines: [
      { label: 'garbage from the provider', color: 1, points: curve(x, garbageVoidFactor) },
      {
        label: 'good proof refused by the requester, no quorum',
        color: 0,
        points: curve(x, () => refusalFactor(500)),
      },
    ],
    dots: [{ color: 1, points }],
    marks: [
      { axis: 'y', at: 1, label: '' },
      { axis: 'x', at: limit, label: `${(100 * limit).toFixed(0)} %`, color: 1 },
    ],
    notes: [
      { x: 0.3, y: 0.8, text: 'above 1: it harms more than it costs' },
      { x: 0.5, y: 0.1, text: 'below 1' },
    ],
  };
}
