import type { Plot } from './plot/plot.ts';
import { deviation, type Estimate } from './statistics.ts';

/** One closed form against one simulated number. */
export interface Row {
  readonly label: string;
  readonly closed: number;
  readonly simulated: Estimate;
  readonly unit: Unit;
  /** The sign that the simulated number must have beyond 3σ: a side of a threshold. */
  readonly sign?: 1 | -1;
  /** What the design promises: the value stays at or below this. */
  readonly limit?: number;
  /** In the document's table, not only in the run's. */
  readonly headline?: boolean;
}

/** number: in C or a pure number; percent: of 1. */
export type Unit = 'number' | 'percent';

export interface Question {
  readonly name: string;
  readonly title: string;
  /** Paragraphs for the document: the model, the closed form, what is seen. */
  readonly text: readonly string[];
  readonly rows: readonly Row[];
  readonly plots: readonly Plot[];
  /** Simulated jobs (or checks, challenges, plays). */
  readonly events: number;
  /** Honest providers who lost stake for anything but a missed clock of their own. */
  readonly honestSlashes: number;
}

export interface Options {
  readonly seed: number;
  /** Share of the whole run's events: 1, or less for a quick one. */
  readonly scale: number;
}

export type Verdict = 'agrees' | 'beyond 3σ' | 'DIFFERS' | 'WRONG SIDE' | 'over the limit';

/** Agreement within 3σ, and on the right side; 3 to 5σ is told apart, since a few of many rows are there by chance. */
export function verdictOf(row: Row): Verdict {
  const sigmas = Math.abs(deviation(row.simulated, row.closed));
  if (!(sigmas <= 5)) return 'DIFFERS';
  if (row.sign !== undefined && !(row.sign * row.simulated.value > 3 * row.simulated.sigma)) {
    return 'WRONG SIDE';
  }
  if (sigmas > 3) return 'beyond 3σ';
  if (row.limit !== undefined && row.simulated.value - 3 * row.simulated.sigma > row.limit) {
    return 'over the limit';
  }
  return 'agrees';
}

/** Whether simulation and closed form say the same. A value over a limit is a finding, not a disagreement. */
export function holds(row: Row): boolean {
  const verdict = verdictOf(row);
  return verdict === 'agrees' || verdict === 'over the limit';
}

/** Events of a run at this scale. */
export const events = (full: number, options: Options, least: number = 1): number =>
  Math.max(least, Math.round(full * options.scale));
