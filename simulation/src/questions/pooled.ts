import { advantage, pooledAdvantage, pooledThreshold, type Stakes, threshold } from '../closed.ts';
import { C, job, PROVIDERS, R, rules, S } from '../economy.ts';
import { Ledger } from '../ledger.ts';
import { type Axis, curve } from '../plot/plot.ts';
import { events, type Options, type Question, type Row } from '../question.ts';
import { type Random, randomOf } from '../random.ts';
import { final, fraud, reward } from '../rules.ts';
import { type Estimate, Mean, scaled } from '../statistics.ts';

const COUNTS: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const stakes: Stakes = { cost: 1, price: R / C, outside: 0, reserve: S / C, returned: 0.1 };
const DETECTION = 2 * threshold(stakes);

/**
 * Gain per job, over honest work, of attackers who lock n jobs, answer all wrongly and leave with what remains.
 * Their alias reports each. pooled: one stake S stands for all jobs, as in registries that slash an account.
 */
export function simulateExit(
  n: number,
  pooled: boolean,
  detection: number,
  attackers: number,
  random: Random,
): Estimate {
  const ledger = new Ledger(1, 1100 * S);
  const [start, before] = [ledger.total(), ledger.wealth(0)];
  const [paid, slashed] = [final(job), fraud(rules, job)];
  const gain = new Mean();
  let had = before;
  for (let attacker = 0; attacker < attackers; attacker++) {
    let own = 0;
    let lost = false;
    for (let i = 0; i < n; i++) {
      const proven = random.uniform() < detection;
      if (pooled) {
        own += proven ? 0 : R;
        lost ||= proven;
      } else {
        ledger.lock(0, job);
        ledger.end(0, job, proven ? slashed : paid);
        own += proven ? slashed.reporter : 0;
      }
    }
    if (pooled) own += lost ? reward(rules, S) - S : 0;
    else {
      // Exit: free stake and earnings leave; the next attacker brings as much.
      own += ledger.wealth(0) - had;
      had = ledger.wealth(0);
      ledger.free[0] = (ledger.free[0] ?? 0) + (before - had);
      ledger.requesters -= before - had;
      had = before;
    }
    gain.add((own - n * (R - C)) / n);
  }
  if (ledger.total() !== start) throw new RangeError('simulateExit: money was made or lost');
  return scaled(gain.estimate(), 1 / C);
}

/** One stake for all jobs, against a reserve for each: n wrong answers at once, then exit. */
export function pooledQuestion(options: Options): Question {
  const random = randomOf(options.seed, 'pooled');
  const attackers = events(PROVIDERS, options, 500);
  const limit = pooledThreshold(stakes, DETECTION);
  const rows: Row[] = [];
  const dots: { pooled: boolean; x: number; y: Estimate }[] = [];
  for (const pooled of [true, false]) {
    for (const n of COUNTS) {
      const enough = Math.max(attackers, Math.ceil(PROVIDERS / n));
      const simulated = simulateExit(n, pooled, DETECTION, enough, random);
      const closed = pooled ? pooledAdvantage(stakes, DETECTION, n) : advantage(stakes, DETECTION);
      const sign = pooled && n > limit ? 1 : -1;
      const near = Math.abs(Math.log(n / limit)) < 0.2;
      const label = `gain per job, n = ${n}, ${pooled ? 'one stake for all' : 'a reserve each'}`;
      const side = near ? {} : { sign: sign as 1 | -1 };
      rows.push({ label, closed, simulated, unit: 'number', headline: true, ...side });
      dots.push({ pooled, x: n, y: simulated });
    }
  }
  const x: Axis = { label: 'n: jobs at once', min: 1, max: 1000, log: true };
  const points = (pooled: boolean): { x: number; y: Estimate }[] =>
    dots.filter((dot) => dot.pooled === pooled);
  return {
    name: 'pooled',
    title: 'Why does each job reserve a stake of its own?',
    text: [
      `An attacker takes n jobs at once, answers all wrongly, has its alias report, and leaves with what remains (ρ = 0.1, V = 0, d = 2·d* = ${(100 * DETECTION).toFixed(2)} %, so that a single wrong answer does not pay). Behind one stake for all jobs the loss is S(1−ρ) once, however many are proven: the gain per job is C − d·R + (1−d)·V − S(1−ρ)·(1−(1−d)^n)/n, which turns positive at n = ${limit.toFixed(0)}. With a reserve for each job it is that of inequality 1 for every n.`,
      'Only free stake can leave, so an exit is never ahead of a slash.',
    ],
    rows,
    plots: [
      {
        file: 'pooled',
        title: 'n wrong answers at once, then exit',
        x,
        y: { label: 'gain per job over honest work, in C', min: -1.6, max: 1.1 },
        lines: [
          {
            label: 'one stake for all jobs',
            color: 1,
            points: curve(x, (n) => pooledAdvantage(stakes, DETECTION, n)),
          },
          {
            label: 'a reserve for each job',
            color: 0,
            points: curve(x, () => advantage(stakes, DETECTION)),
          },
        ],
        dots: [
          { color: 1, points: points(true) },
          { color: 0, points: points(false) },
        ],
        marks: [
          { axis: 'y', at: 0, label: '' },
          { axis: 'x', at: limit, label: `n = ${limit.toFixed(0)}`, color: 1 },
        ],
        notes: [
          { x: 0.25, y: 0.9, text: 'above 0: the attack pays' },
          { x: 0.25, y: 0.5, text: 'below 0: it does not' },
        ],
      },
    ],
    events: 2 * attackers * COUNTS.reduce((sum, n) => sum + n, 0),
    honestSlashes: 0,
  };
}
