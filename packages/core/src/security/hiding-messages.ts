import {
  addF,
  addK,
  invK,
  type K,
  mulK,
  ONE,
  powF,
  powK,
  rootOfUnity,
  scaleK,
  subK,
  ZERO,
} from '../field/index.ts';
import { maskRows } from '../pcs/blinding.ts';
import { eqTable } from '../poly/index.ts';
import { maskMessages, valueAt } from './hiding-algebra.ts';

/** Columns that hold secrets, under one root. Columns of no span are public, or zero. */
export interface HiddenSpan {
  /** Fresh: committed for one proof. Static: opened by several. */
  readonly kind: 'fresh' | 'static';
  readonly firstColumn: number;
  readonly columns: number;
  /** Random rows at the end of each column; of a static one, those that no other opening has used up. */
  readonly tailRows: number;
  /** s_reg of a static root: pairs over these columns alone. */
  readonly registeredSamples?: number | undefined;
}

/** What a blinded opening shows, and of what. */
export interface HidingView {
  /** k_0. */
  readonly firstFolding: number;
  /** log2 M. */
  readonly logRows: number;
  /** mu_0. */
  readonly logInverseRate: number;
  /** t_0, all different: repeated indices show less. */
  readonly queries: number;
  /** s_0. */
  readonly oodSamples: number;
  readonly spans: readonly HiddenSpan[];
  /** Where U lies: in the last rows, in the first, or there is no mask. @default 'tail' */
  readonly mask?: 'tail' | 'data' | 'none' | undefined;
  /** Columns that OOD_0 weighs. @default 'fresh' */
  readonly outOfDomain?: 'fresh' | 'all' | undefined;
  /** Weights of columns on rows where others have a tail, but not they themselves. @default 'zero' */
  readonly besideTails?: 'zero' | 'generic' | undefined;
  /** α of the k_0 rounds. @default drawn */
  readonly challenges?: readonly K[] | undefined;
}

const randomK = (sample: () => number): K => [sample(), sample(), sample(), sample(), sample()];

/** A vector over columns, folded by 0, 1, .. k_0 challenges. */
type Levels = readonly (readonly K[])[];

/** Folds from the most significant column bit on. */
function foldings(weights: readonly K[], challenges: readonly K[]): Levels {
  const levels = [weights];
  let table = weights;
  for (const r of challenges) {
    const half = table.length / 2;
    const [low, high] = [table.slice(0, half), table.slice(half)];
    table = low.map((a, i) => addK(a, mulK(r, subK(high[i] ?? ZERO, a))));
    levels.push(table);
  }
  return levels;
}

/** A pair (z, y) as a row of the view, and γ times it as a part of W. */
export interface Pair {
  readonly z: K;
  /** z^(c·M) on its columns, 0 on the others. */
  readonly columns: readonly K[];
  /** γ times them, folded. */
  readonly levels: Levels;
}

/** A row, and W on it but for the pairs' share. */
export interface Plane {
  readonly row: number;
  readonly levels: Levels;
}

/** One column's polynomial as the rest of the view sees it. */
export interface Seen {
  /** Its values at the points of the pairs. */
  readonly atPairs: readonly K[];
  /** Its coefficients at the rows U. */
  readonly atMask: readonly number[];
  /** Its entries on rows that have weights besides the pairs'. */
  readonly weighed: readonly { readonly plane: Plane; readonly entry: number }[];
}

/** A run of the opening: its challenges, and what follows from them. */
export interface Run {
  readonly view: HidingView;
  /** The opened x_i. */
  readonly points: readonly number[];
  readonly challenges: readonly K[];
  /** eq(α, c), and of the first j challenges alone. */
  readonly eq: readonly K[];
  readonly prefixes: readonly (readonly K[])[];
  readonly pairs: readonly Pair[];
  /** Rows of u in the masked messages; none without a mask. */
  readonly masked: readonly (readonly K[])[];
  readonly minusInverseRho: K;
  /** U. */
  readonly maskAt: readonly number[];
  /** Longest tail, and the planes of its rows. */
  readonly longestTail: number;
  readonly beside: readonly Plane[];
  /** Elements of K in the reduced view: the pairs, σ, (σ_p,) the rounds, (E). */
  readonly messages: number;
}

function inside(spans: readonly HiddenSpan[]): (column: number) => boolean {
  return (c) => spans.some((s) => c >= s.firstColumn && c < s.firstColumn + s.columns);
}

/** Random rows of a span, or those that take their place where there are too few. */
export function tailOf(view: HidingView, span: HiddenSpan): number {
  return Math.max(span.tailRows, view.queries);
}

function drawPair(
  view: HidingView,
  challenges: readonly K[],
  weighs: (column: number) => boolean,
  sample: () => number,
): Pair {
  const z = randomK(sample);
  const step = powK(z, 2 ** view.logRows);
  let power: K = ONE;
  const columns = Array.from({ length: 2 ** view.firstFolding }, (_, c): K => {
    const weight = weighs(c) ? power : ZERO;
    power = mulK(power, step);
    return weight;
  });
  const gamma = randomK(sample);
  const weights = columns.map((weight) => mulK(gamma, weight));
  return { z, columns, levels: foldings(weights, challenges) };
}

/** A row with generic weights on the columns that `weighs` names. */
export function drawPlane(
  { view, challenges }: Pick<Run, 'view' | 'challenges'>,
  row: number,
  weighs: (column: number) => boolean,
  sample: () => number,
): Plane {
  const weights = Array.from({ length: 2 ** view.firstFolding }, (_, c) =>
    weighs(c) ? randomK(sample) : ZERO,
  );
  return { row, levels: foldings(weights, challenges) };
}

/** The planes of the last rows: nobody's own tail is weighed. */
function drawBeside(
  at: Pick<Run, 'view' | 'challenges'>,
  longestTail: number,
  sample: () => number,
): Plane[] {
  const { view } = at;
  const rows = Array.from({ length: longestTail }, (_, i) => 2 ** view.logRows - longestTail + i);
  if (view.besideTails !== 'generic') return rows.map((row) => ({ row, levels: [] }));
  return rows.map((row) => {
    const tails = inside(view.spans.filter((s) => row >= 2 ** view.logRows - tailOf(view, s)));
    return drawPlane(at, row, (c) => !tails(c), sample);
  });
}

export function drawRun(view: HidingView, sample: () => number): Run {
  const { firstFolding, logRows, spans } = view;
  const points = samplePoints(logRows + view.logInverseRate, view.queries, sample);
  const challenges = view.challenges ?? Array.from({ length: firstFolding }, () => randomK(sample));
  const factor = randomK(sample);
  const minusInverseRho = invK(randomK(sample));
  const masked = view.mask === 'none' ? [] : maskMessages(challenges, factor);
  const firstMaskRow = view.mask === 'data' ? 0 : 2 ** logRows - maskRows(firstFolding);
  const fresh = inside(spans.filter((span) => span.kind === 'fresh'));
  const weighed = view.outOfDomain === 'all' ? () => true : fresh;
  const pairs = [
    ...Array.from({ length: view.oodSamples }, () => drawPair(view, challenges, weighed, sample)),
    ...spans.flatMap((span) =>
      Array.from({ length: span.registeredSamples ?? 0 }, () =>
        drawPair(view, challenges, inside([span]), sample),
      ),
    ),
  ];
  const longestTail = Math.max(...spans.map((span) => tailOf(view, span)));
  return {
    view,
    points,
    challenges,
    eq: eqTable(challenges),
    prefixes: challenges.map((_, j) => eqTable(challenges.slice(0, j))),
    pairs,
    masked,
    minusInverseRho,
    maskAt: Array.from({ length: maskRows(firstFolding) }, (_, i) => firstMaskRow + i),
    longestTail,
    beside: drawBeside({ view, challenges }, longestTail, sample),
    messages: pairs.length + 1 + (masked.length === 0 ? 2 * firstFolding : masked.length),
  };
}

/** x^(M−T)·(polynomial of degree < T), and possibly a 1 in a row of data. */
export function see(
  run: Run,
  tail: number,
  coefficients: readonly number[],
  plane: Plane | null,
): Seen {
  const first = 2 ** run.view.logRows - tail;
  const beside = run.view.besideTails === 'generic' ? run.beside.slice(-tail) : [];
  const weighed = beside.map((plane, i) => ({ plane, entry: coefficients[i] ?? 0 }));
  if (plane !== null) weighed.push({ plane, entry: 1 });
  return {
    atPairs: run.pairs.map(({ z }) => {
      const value = mulK(powK(z, first), valueAt(coefficients, z));
      return plane === null ? value : addK(value, powK(z, plane.row));
    }),
    atMask: run.maskAt.map((row) => {
      const own = coefficients[row - first] ?? 0;
      return plane?.row === row ? addF(own, 1) : own;
    }),
    weighed: weighed.filter(({ entry }) => entry !== 0),
  };
}

/** ⟨W, f⟩ at one column of the folded table, of what is in `seen`. */
function weigh(run: Run, level: number, index: number, seen: Seen): K {
  const own = seen.weighed.reduce(
    (sum, { plane, entry }) => addK(sum, scaleK(plane.levels[level]?.[index] ?? ZERO, entry)),
    ZERO,
  );
  return run.pairs.reduce(
    (sum, { levels }, i) =>
      addK(sum, mulK(levels[level]?.[index] ?? ZERO, seen.atPairs[i] ?? ZERO)),
    own,
  );
}

/** h_j(0), h_j(∞) of every round, without the mask: f is zero but for one column. */
function roundsOf(run: Run, column: number, seen: Seen): K[] {
  return run.prefixes.flatMap((prefix, j) => {
    const half = 2 ** (run.view.firstFolding - 1 - j);
    const suffix = column % half;
    const bit = Math.floor(column / half) % 2;
    const head = prefix[Math.floor(column / (2 * half))] ?? ZERO;
    const atZero = weigh(run, j, suffix, seen);
    const atOne = weigh(run, j, suffix + half, seen);
    // f̂ is (1 − X) or X here, the weight atZero + X·(atOne − atZero).
    const slope = bit === 1 ? subK(atOne, atZero) : subK(atZero, atOne);
    return [bit === 1 ? ZERO : mulK(head, atZero), mulK(head, slope)];
  });
}

/** The messages of the reduced view where f is zero but for one column: coordinates over F. */
export function messagesOf(run: Run, column: number, seen: Seen): number[] {
  const answers = run.pairs.map(({ columns }, i) =>
    mulK(columns[column] ?? ZERO, seen.atPairs[i] ?? ZERO),
  );
  const rounds = roundsOf(run, column, seen);
  const scale = mulK(run.eq[column] ?? ZERO, run.minusInverseRho);
  // σ_p comes first and E last: the rounds lie between.
  const masked = run.masked.map((row, i) => {
    const sum = seen.atMask.reduce<K>(
      (sum, u, m) => (u === 0 ? sum : addK(sum, scaleK(row[m] ?? ZERO, u))),
      ZERO,
    );
    return addK(mulK(scale, sum), rounds[i - 1] ?? ZERO);
  });
  const claim = weigh(run, 0, column, seen);
  return [...answers, claim, ...(masked.length === 0 ? rounds : masked)].flat();
}

/** `queries` different points of the domain. */
function samplePoints(logDomain: number, queries: number, sample: () => number): number[] {
  if (queries > 2 ** logDomain) {
    throw new RangeError(`hidingRank: expected at most 2^${logDomain} queries, got ${queries}`);
  }
  const indices = new Set<number>();
  while (indices.size < queries) indices.add(sample() % 2 ** logDomain);
  const omega = rootOfUnity(logDomain);
  return [...indices].map((i) => powF(omega, i));
}
