import { C, job, R, rules, S } from '../economy.ts';
import { type Axis, curve, type Plot } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import {
  challengeLost,
  failed,
  fraud,
  late,
  notAcknowledged,
  notDelivered,
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
/** deliverSeconds, and how long a job holds its reserve: least window and grace, then work. */
const DELIVER = 60;
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

/** Both burn the fee; the provider’s stake waits for delivery and for its own clock to run out. */
const garbageFactor = (idleBps: number, deliver: number): number => {
  const payout = notAcknowledged(withIdle(idleBps), job);
  const fee = payout.burned / 2 / C;
  return ((MARGIN * 2 * deliver) / HELD + LOCK + fee) / (fee + POST);
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

/** Output of 32 KiB demanded on chain: three units of bond, 256 leaves at 6 k gas. */
const OUTPUT = { bond: 3 * 1.25 * 8 * 0.105, gas: 0.06 + 256 * 0.006 };

/** What a provider gains, in C, by serving it nowhere else, with gas at a share of the price that bonds are sized for. */
const heldOutputGain = (share: number): number => {
  const unit = 1e6;
  const paid = challengeLost(rules, unit).provider / unit;
  return 5 * GAS * (paid * OUTPUT.bond - share * OUTPUT.gas);
};

const WATCHERS = 5;

/** What each way of hurting somebody else costs who does it. */
export function griefingQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'griefing');
  const plays = events(500_000, options, 20_000);
  const rows: Row[] = [];
  const idleDots: { x: number; y: Estimate }[] = [];
  for (const [idleBps, deliver] of [
    [500, DELIVER],
    [1_000, DELIVER],
    [500, 30],
  ] as const) {
    const { cost, fee } = withheld(idleBps);
    const lost = scaled(simulateSlots(deliver, plays, random), MARGIN);
    const simulated = { value: (lost.value + LOCK - fee) / cost, sigma: lost.sigma / cost };
    if (deliver === DELIVER) idleDots.push({ x: idleBps / 10_000, y: simulated });
    rows.push({
      label: `sealed input withheld, idleBps ${idleBps}, ${deliver} min to deliver`,
      closed: withheldFactor(idleBps, deliver),
      simulated,
      unit: 'number',
      limit: 1,
      headline: true,
    });
    const both = scaled(simulateSlots(2 * deliver, plays, random), MARGIN);
    rows.push({
      label: `garbage delivered, idleBps ${idleBps}, ${deliver} min to deliver and to acknowledge`,
      closed: garbageFactor(idleBps, deliver),
      simulated: {
        value: (both.value + LOCK + fee) / (fee + POST),
        sigma: both.sigma / (fee + POST),
      },
      unit: 'number',
      limit: 1,
      headline: true,
    });
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
  rows.push(
    {
      label: `self-reported fraud to waste the checks of ${WATCHERS} watchers`,
      closed: WATCHERS / ((0.9 * S) / C),
      simulated: exactly((WATCHERS * C) / wasted.burned),
      unit: 'number',
      limit: 1,
      headline: true,
    },
    {
      label: 'gain of a provider that serves 32 KiB of output on chain only, gas as bonds assume',
      closed: 5 * GAS * (0.9 * OUTPUT.bond - OUTPUT.gas),
      simulated: exactly(heldOutputGain(1)),
      unit: 'number',
      limit: 0,
      headline: true,
    },
  );
  return {
    name: 'griefing',
    title: 'What does it cost to hurt others?',
    text: [
      'Griefing factor: what a move costs its victim over what it costs the mover, both against not having met at all. At most 1 is what the design asks for. Gas as on an L2: a million costs a fifth of C.',
      `**Sealed input withheld.** The requester pays the idle fee; the provider’s reserve waits for deliverSeconds. A provider with stake to spare loses nothing but its gas. One whose stake is all in use loses the jobs that the reserve would have served, (R−C)·D/T with T = ${HELD} minutes to a job: an hour to deliver at a fee of 5 % is too cheap; twice the fee or half the time brings the factor below 1. (A node must not hold compute for input that it has not got: an hour of that would cost many times the fee.)`,
      'A requester that delivers **garbage** blocks the reserve twice as long, and both burn the fee. No split of the fee keeps both sides at 1, because nobody can tell who lied; what counts is the waiting. The provider sees at once that it will not acknowledge, but has no call to say so.',
      `**Provider vanishes.** It loses 2 R; the requester has its price back, waits ${meanDelay.toFixed(0)} minutes in the mean, and with the rescue has its answer for nothing. The factor is below 1 as long as an hour of delay costs less than ${vanishingLimit.toFixed(1)} C.`,
      `**Dead verifiers.** The price burns. A requester that refuses a good proof pays R for the provider’s C and voidBps of R: below 1 for voidBps ≤ ${Math.floor(10_000 * (1 - C / R))}. A provider that submits garbage pays voidBps of R only, for R: the factor is 1/voidBps = 20 if it *knows* that there is no quorum. No voidBps serves both, because no rule can tell them apart. What bounds it is not to know: with living verifiers garbage costs 2 R and the fee, so the factor is below 1 while a quorum is dead less than ${(100 * deadLimit()).toFixed(0)} % of the time.`,
      '**Output withheld.** Outputs above 4 KiB are demanded on chain against a bond, and whoever answers gets 90 % of it. The bond is a quarter above the provider’s gas at the 99th percentile, per unit, so a provider that serves its output nowhere else *gains*, at the requester’s expense; the cheaper the gas, the more. The answer’s gas, and no more, should be paid from the bond, and half of that by the provider.',
    ],
    rows,
    plots: [idlePlot(idleDots), voidPlot(garbage)],
    events: plays * 15,
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
    lines: [DELIVER, 30].map((deliver, color) => ({
      label: `${deliver} minutes to deliver`,
      color,
      points: curve(x, (fee) => withheldFactor(Math.round(fee * 10_000), deliver)),
    })),
    dots: [{ color: 0, points }],
    marks: [
      { axis: 'y', at: 1, label: '' },
      { axis: 'x', at: 0.05, label: 'default', color: 6 },
      { axis: 'x', at: 0.1, label: 'most that the contracts allow', color: 6 },
    ],
    notes: [
      { x: 0.6, y: 0.6, text: 'above 1: it harms more than it costs' },
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
