import type { Plot } from './plot/plot.ts';
import { holds, type Question, type Row, type Unit, verdictOf } from './question.ts';
import { deviation } from './statistics.ts';

/** Four significant digits, in the row's unit. */
export function formatted(value: number, unit: Unit): string {
  if (unit === 'percent') return `${plain(value * 100)} %`;
  return plain(value);
}

function plain(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text =
    size !== 0 && size < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replace(/^-/, '−');
}

const interval = ({ simulated, unit }: Row): string =>
  simulated.sigma === 0
    ? 'exact'
    : `${formatted(simulated.value - 3 * simulated.sigma, unit)} … ${formatted(simulated.value + 3 * simulated.sigma, unit)}`;

function sigmas(row: Row): string {
  if (row.simulated.sigma === 0) return '';
  return deviation(row.simulated, row.closed).toFixed(1).replace('-', '−');
}

const HEADER = ['', 'closed form', 'simulated', '±3σ', 'σ off', 'verdict'];

const cells = (row: Row): string[] => [
  row.label,
  formatted(row.closed, row.unit),
  formatted(row.simulated.value, row.unit),
  interval(row),
  sigmas(row),
  row.limit === undefined
    ? verdictOf(row)
    : `${verdictOf(row)} (≤ ${formatted(row.limit, row.unit)})`,
];

/** A question as aligned text. */
export function renderText(question: Question): string {
  const table = [HEADER, ...question.rows.map(cells)];
  const widths = HEADER.map((_, i) => Math.max(...table.map((line) => (line[i] ?? '').length)));
  const lines = table.map((line) =>
    line
      .map((cell, i) =>
        i === 0 || i === 5 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [`${question.title}  [${question.name}]`, ...lines, ''].join('\n');
}

/** Sums over all rows: how many, how many beyond 3σ and how many of those chance explains, findings. */
export interface Summary {
  readonly events: number;
  readonly rows: number;
  /** Rows with an interval: the others are exact. */
  readonly estimates: number;
  readonly beyond: number;
  /** Rows that contradict their closed form: beyond 5σ, or on the wrong side of a threshold. */
  readonly contradictions: number;
  readonly overLimit: number;
  /** Mean squared deviation in σ: 1 where the intervals are right. */
  readonly meanSquare: number;
  readonly honestSlashes: number;
}

export function summarize(questions: readonly Question[]): Summary {
  const rows = questions.flatMap((question) => question.rows);
  const estimates = rows.filter(({ simulated }) => simulated.sigma > 0);
  const verdicts = rows.map(verdictOf);
  const count = (wanted: (row: Row) => boolean): number => rows.filter(wanted).length;
  const squares = estimates.map((row) => deviation(row.simulated, row.closed) ** 2);
  return {
    events: questions.reduce((sum, question) => sum + question.events, 0),
    rows: rows.length,
    estimates: estimates.length,
    beyond: verdicts.filter((verdict) => verdict === 'beyond 3σ').length,
    contradictions: count((row) => !holds(row) && verdictOf(row) !== 'beyond 3σ'),
    overLimit: verdicts.filter((verdict) => verdict === 'over the limit').length,
    meanSquare: squares.reduce((sum, square) => sum + square, 0) / Math.max(1, squares.length),
    honestSlashes: questions.reduce((sum, question) => sum + question.honestSlashes, 0),
  };
}

export function renderSummary(summary: Summary): string {
  const chance = (summary.estimates * 0.0027).toFixed(1);
  return [
    `${grouped(summary.events)} jobs, checks, challenges and plays; ${summary.rows} rows, ${summary.estimates} of them with an interval`,
    `beyond 3σ: ${summary.beyond} (by chance ${chance} expected); mean square ${summary.meanSquare.toFixed(2)} σ²`,
    `contradictions: ${summary.contradictions}; over a limit of the design: ${summary.overLimit}; honest slashes within the clocks: ${summary.honestSlashes}`,
  ].join('\n');
}

export const grouped = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

/** The document: what is asked, what is seen, each plot. */
export function renderDocument(questions: readonly Question[], seed: number): string {
  const summary = summarize(questions);
  return `${[
    '# The market, simulated',
    'Whether honest work pays is a matter of amounts, clocks and odds, not of code alone. Each section asks one question, gives a closed form, and sets a simulation beside it: agents who play the contracts’ state table (`simulation/src/rules.ts`, whose amounts are integers that are conserved exactly) with seeded random numbers. This page and its figures are written by `npm run simulate`; the same seed gives the same bytes.',
    'Unless said otherwise: C, the cost of an execution, is the unit; price R = 1.2 C, reserve S = 250 C, 40,000 providers. V: gain outside the market from a wrong answer that stands. ρ: share of S that the reporter gets. d: probability that a wrong answer is proven wrong. Intervals are ±3σ; a *side* of a threshold counts only if the whole interval is on it.',
    [
      '```',
      `npm run simulate                 # all of it: seed ${seed}`,
      'npm run simulate -- --quick      # seconds, fewer events, writes nothing',
      'npm run simulate -- --only delay --seed 7 --json',
      '```',
    ].join('\n'),
    renderSummary(summary)
      .split('\n')
      .map((line) => `- ${line}`)
      .join('\n'),
    ...findings(questions),
    ...questions.map(section),
  ].join('\n\n')}\n`;
}

/** What is over a limit of the design: closed form and simulation agree on it. */
function findings(questions: readonly Question[]): string[] {
  const rows = questions.flatMap(({ title, rows: all }) =>
    all
      .filter((row) => verdictOf(row) === 'over the limit')
      .map((row) => {
        const anchor = title
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replaceAll(' ', '-');
        const value = formatted(row.simulated.value, row.unit);
        const limit = formatted(row.limit ?? 0, row.unit);
        return `| [${title}](#${anchor}) | ${row.label} | ${value} | ≤ ${limit} |`;
      }),
  );
  if (rows.length === 0) return [];
  const head = ['| question | where | simulated | promised |', '|---|---|---:|---:|'];
  return [
    'Simulation and closed form agree that these exceed what the design asks for; each section says why, and what helps:',
    [...head, ...rows].join('\n'),
  ];
}

function section(question: Question): string {
  const shown = question.rows.filter((row) => row.headline === true);
  const others = question.rows.length - shown.length;
  const line = (parts: readonly string[]): string =>
    `| ${parts.map((part) => part.replaceAll('|', '\\|')).join(' | ')} |`;
  const rows = [
    line(HEADER),
    '|---|---:|---:|---:|---:|---|',
    ...shown.map((row) => line(cells(row))),
  ];
  if (others > 0) {
    const rest = question.rows.filter((row) => row.headline !== true);
    const agree = rest.filter(holds).length;
    rows.push(line([`${others} more rows in the run`, '', '', '', '', `${agree} agree`]));
  }
  return [
    `## ${question.title}`,
    ...question.text,
    ...question.plots.map((plot) => figure(plot)),
    rows.join('\n'),
  ].join('\n\n');
}

const figure = (plot: Plot): string => `![${plot.title}](figures/${plot.file}.svg)`;

/** One line of JSON per row. */
export const renderJson = (question: Question): string =>
  question.rows
    .map((row) =>
      JSON.stringify({
        question: question.name,
        label: row.label,
        closed: row.closed,
        simulated: row.simulated.value,
        sigma: row.simulated.sigma,
        unit: row.unit,
        limit: row.limit ?? null,
        verdict: verdictOf(row),
      }),
    )
    .join('\n');
