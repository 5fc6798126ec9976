import { missedTurns } from '../closed.ts';
import { type Axis, curve, type Plot } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import { type Estimate, shareOf } from '../statistics.ts';

/** Minutes. */
export const TURN = 60;
/** From reading the challenge to the block with the answer. */
export const ANSWER = 2;
const UP = 24 * 60;
/** A node that comes back stays for this long at least: two outages never share a turn's answer. */
const LEAST_UP = 2 * TURN;

/** Where the challenge meets the outage, who is out, and which clocks a turn has. */
export interface Case {
  readonly outage: number;
  readonly out: 'node' | 'chain';
  /** A challenger that sees the outage opens at its start. */
  readonly aimed: boolean;
  /** Whether a turn also counts blocks, which do not come while the chain stands still. */
  readonly blocks: boolean;
}

/**
 * Honest providers who are challenged: share of challenges that they lose. Outages of one length come after an
 * up time of two turns and an exponential rest; an answer that an outage interrupts starts again.
 */
export function simulateChallenges(world: Case, challenges: number, random: Random): Estimate {
  let lost = 0;
  let now = 0;
  let down = LEAST_UP + random.exponential(UP - LEAST_UP);
  let until = down + world.outage;
  const next = (): void => {
    down = until + LEAST_UP + random.exponential(UP - LEAST_UP);
    until = down + world.outage;
  };
  for (let i = 0; i < challenges; i++) {
    if (world.aimed) {
      now = down;
    } else {
      now += random.exponential(UP / 4);
      while (until < now) next();
      if (world.out === 'chain' && now >= down) {
        // Nothing is opened on a chain that stands still.
        i--;
        continue;
      }
    }
    if (isLost(now, down, until, world)) lost++;
    if (world.aimed) next();
  }
  return shareOf(lost, challenges, lostShare(world));
}

/** Whether the answer to a challenge at `now` misses the turn, the outage being from `down` to `until`. */
function isLost(now: number, down: number, until: number, world: Case): boolean {
  const meets = now + ANSWER > down;
  const answered = meets ? Math.max(now, until) + ANSWER : now + ANSWER;
  // While the chain stands still no block is mined: the turn's blocks are still to come afterwards.
  const halted = world.out === 'chain' && meets ? until - Math.max(now, down) : 0;
  const due = now + TURN;
  const dueBlock = world.blocks ? now + halted + TURN : due;
  return answered > Math.max(due, dueBlock);
}

/** Closed form. */
export function lostShare(world: Case): number {
  if (world.out === 'chain' && world.blocks) return 0;
  if (world.aimed) return world.outage + ANSWER > TURN ? 1 : 0;
  // Challenges that a halt can hurt were opened before it and not yet answered.
  const missed = Math.max(0, world.outage + 2 * ANSWER - TURN);
  if (world.out === 'chain') return Math.min(ANSWER, missed) / UP;
  return missedTurns(world.outage, TURN, ANSWER, UP + world.outage);
}

/** Those in the document's table. */
const SHOWN = [56, 60, 240];
const LENGTHS = [15, 30, 45, 55, 56, 60, 75, 90, 120, 240];

const nameOf = ({ outage, out, aimed, blocks }: Case): string =>
  `${out} out for ${outage} min, ${aimed ? 'challenged at its start' : 'challenged at random'}, ${blocks ? 'seconds and blocks' : 'seconds only'}`;

/** Honest providers lose nothing while outages stay below the turn; where it breaks. */
export function clocksQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'clocks');
  const challenges = events(1_000_000, options);
  const worlds: Case[] = [];
  for (const outage of LENGTHS) {
    worlds.push({ outage, out: 'node', aimed: false, blocks: true });
    worlds.push({ outage, out: 'node', aimed: true, blocks: true });
    worlds.push({ outage, out: 'chain', aimed: false, blocks: true });
    worlds.push({ outage, out: 'chain', aimed: false, blocks: false });
    worlds.push({ outage, out: 'chain', aimed: true, blocks: true });
    worlds.push({ outage, out: 'chain', aimed: true, blocks: false });
  }
  const results = worlds.map((world) => ({
    world,
    lost: simulateChallenges(world, challenges, random),
  }));
  const rows = results.map(({ world, lost }): Row => {
    const closed = lostShare(world);
    const simulated = closed === 0 || closed === 1 ? { ...lost, sigma: 0 } : lost;
    return {
      label: nameOf(world),
      closed,
      simulated,
      unit: 'percent',
      headline: SHOWN.includes(world.outage),
    };
  });
  const safe = results.filter(
    ({ world }) => world.outage <= TURN - 2 * ANSWER || (world.out === 'chain' && world.blocks),
  );
  return {
    name: 'clocks',
    title: 'Can an honest provider be slashed?',
    text: [
      `A false fraud proof reverts, so the only way is silence: a data challenge that an honest provider does not answer within its turn. Nodes lose their RPC for a fixed time once a day in the mean; an answer takes ${ANSWER} minutes from reading the challenge to its block, and starts again if the outage interrupts it. With T = ${TURN} minutes to a turn, an outage of length L loses a challenge that comes at a random moment with probability (L + 2a − T)⁺ over the mean period, and a challenge that is aimed at the outage’s start if L + a > T.`,
      `So there are **exactly no** honest slashes as long as outages stay below the turn less two answers (${TURN - 2 * ANSWER} minutes); beyond, a challenger that watches for outages wins every time. The turn, an hour on public chains, is the longest outage that a provider has to rule out: a second RPC endpoint, not a bigger stake.`,
      'If it is the chain that stands still, a turn counted in seconds alone runs out on whoever was challenged just before, and somebody who knows of the halt can see to that; a turn that also counts blocks loses nothing, however long the halt.',
    ],
    rows,
    plots: [lostPlot(results)],
    events: challenges * worlds.length,
    honestSlashes: safe.reduce((sum, { lost }) => sum + Math.round(lost.value * challenges), 0),
  };
}

function lostPlot(results: readonly { world: Case; lost: Estimate }[]): Plot {
  const x: Axis = { label: 'length of the outage in minutes', min: 0, max: 250 };
  const world = (out: Case['out'], blocks: boolean, outage: number): Case => ({
    outage,
    out,
    aimed: false,
    blocks,
  });
  const dots = (out: Case['out'], blocks: boolean): { x: number; y: Estimate }[] =>
    results
      .filter((r) => r.world.out === out && r.world.blocks === blocks && !r.world.aimed)
      .map((r) => ({ x: r.world.outage, y: r.lost }));
  return {
    file: 'clocks',
    title: 'Honest providers: challenges lost at random moments (turn of 60 minutes)',
    x,
    y: { label: 'share of challenges lost', min: -0.004, max: 0.13, percent: true },
    lines: [
      {
        label: 'node out',
        color: 1,
        points: curve(x, (outage) => lostShare(world('node', true, outage))),
      },
      {
        label: 'chain out, turn in seconds and blocks',
        color: 0,
        points: curve(x, () => 0),
      },
    ],
    dots: [
      { color: 1, points: dots('node', true) },
      { color: 0, points: dots('chain', true) },
    ],
    marks: [{ axis: 'x', at: TURN - 2 * ANSWER, label: 'turn less two answers' }],
    notes: [
      { x: 0.11, y: 0.5, text: 'exactly 0' },
      { x: 0.45, y: 0.8, text: 'honest slashes' },
    ],
  };
}
