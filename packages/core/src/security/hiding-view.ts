import { invF, negF, powF } from '../field/index.ts';
import { interpolate, SpanF, vanishing } from './hiding-algebra.ts';
import {
  drawPlane,
  drawRun,
  type HiddenSpan,
  type HidingView,
  messagesOf,
  type Run,
  see,
  tailOf,
} from './hiding-messages.ts';
import type { ProofParameters } from './parameters.ts';

export interface HidingRank {
  /** Functionals over F in the reduced view: five for each element of K. */
  readonly functionals: number;
  /** Dimension of what the randomness alone makes of them. */
  readonly randomRank: number;
  /** Independent functionals of secrets that the view reveals, beyond the claim σ. */
  readonly leaks: number;
}

/** Coordinates over F of an element of K. */
const K_WORDS = 5;

/** What proofs with these parameters show of the given columns. */
export function hidingView({ whir }: ProofParameters, spans: readonly HiddenSpan[]): HidingView {
  return {
    firstFolding: whir.foldings[0] ?? 0,
    logRows: whir.logRows,
    logInverseRate: whir.logInverseRates[0] ?? 0,
    queries: whir.queries[0] ?? 0,
    oodSamples: whir.oodSamples[0] ?? 0,
    spans,
    mask: whir.blinding === null ? 'none' : 'tail',
  };
}

/**
 * Decides by linear algebra over F whether the view of a verifier of the blinded opening tells anything
 * of the secrets but the claim σ: for challenges, opened points and weights drawn with `sample`, the
 * dimension of all that the view shows of randomness and secrets together, less the dimension of what
 * it shows of the randomness alone. Every message is an F-linear image of (columns, R); one over K
 * counts as five.
 *
 * The view: answers of all pairs, the t_0 opened rows of every column and of R, σ, σ_p, the rounds
 * h_j(0), h_j(∞), E, D, b', and g, a public vector that fixes all later messages. It is reduced without
 * loss:
 *
 *   R    ρ ≠ 0, so (columns, R) ↔ (columns, g) is a bijection, and g is uniform, whatever the columns.
 *        Modulo the known g, R_1 = −f_1/ρ. Hence R's opened rows are −1/ρ·Σ_c eq(α, c)·f_c(x_i), D is
 *        (⟨w', g⟩ − A)/ρ, b' is ⟨v, g⟩ − ρE: functions of other parts of the view. The mask remains,
 *        with u = −f_1/ρ on the rows U.
 *   rows The t_0 values of a column at different points x_i ≠ 0 take on all values as T >= t_0 random
 *        rows vary (x^(M−T) times a polynomial of degree < T). So they tell nothing by themselves, and
 *        the dimension of the whole image is t_0 for each column plus that of the image of the columns
 *        that vanish at all x_i. Random ones among these: x^(M−T)·V(x)·x^e for e < T − t_0,
 *        V = Π(x − x_i). The others: one for each secret entry, x^y minus x^(M−T) times the polynomial
 *        of degree < t_0 that agrees with x^(y−M+T) at the x_i.
 *   data A few rows of data with generic weights stand for all: a column is tried with so many that all
 *        columns together outnumber the functionals. Where randomRank is functionals − 5, no weights on
 *        rows of data could leak more: σ alone is out of the randomness' reach.
 *
 * A column's own tail has no weights but the pairs' (`protocol.md` §2, support rule). Rows where only
 * others have a tail are rows of data: `besideTails` says with which weights. Zero is the harder case.
 *
 * Where a tail is shorter than t_0, the missing rows count as leaks, besides what else is found.
 *
 * Source: a port of `checks/exp5c_full_view.py` to real sizes and to both fields.
 * Cost: up to (T − t_0)·columns vectors of 5·(2·k_0 + 3 + pairs) elements, eliminated one by one; fewer
 * where the randomness fills the space early. Below a second at 256 columns, two with generic weights
 * beside tails.
 *
 * @param sample - Uniform elements of F. A leak found is one of this run's challenges; that they are
 * unlucky has a chance of about 2^−31 for each determinant that must not vanish.
 */
export function hidingRank(view: HidingView, sample: () => number): HidingRank {
  const { queries, spans } = view;
  const run = drawRun(view, sample);
  const v = vanishing(run.points);
  const functionals = K_WORDS * run.messages;
  const image = new SpanF(functionals);
  const add = (span: HiddenSpan, seen: ReturnType<typeof see>, most: number): void => {
    for (let c = 0; c < span.columns && image.rank < most; c++) {
      image.add(messagesOf(run, span.firstColumn + c, seen));
    }
  };

  /** σ less the pairs' share is a functional of data alone: no randomness reaches it. */
  const mostRandom = functionals - K_WORDS;
  for (const span of spans) {
    for (let e = 0; e < span.tailRows - queries && image.rank < mostRandom; e++) {
      const multiple = [...new Array<number>(e).fill(0), ...v];
      add(span, see(run, span.tailRows, multiple, null), mostRandom);
    }
  }
  const randomRank = image.rank;

  const rows = 2 ** view.logRows;
  const planes = chooseRows(run, functionals, sample).map(
    (row) => run.beside[row - (rows - run.longestTail)] ?? drawPlane(run, row, () => true, sample),
  );
  let missing = 0;
  for (const span of spans) {
    const tail = tailOf(view, span);
    missing += span.columns * (tail - span.tailRows);
    for (const plane of planes.filter(({ row }) => row < rows - tail)) {
      const values = run.points.map((x) => negF(powF(invF(x), rows - tail - plane.row)));
      add(span, see(run, tail, interpolate(run.points, values, v), plane), functionals);
    }
  }
  return { functionals, randomRank, leaks: image.rank - randomRank - K_WORDS + missing };
}

/** Rows of data to be tried: all that the mask lies on, and some that are in nobody's tail. */
function chooseRows(run: Run, functionals: number, sample: () => number): number[] {
  const { view, longestTail, maskAt } = run;
  const everyones = 2 ** view.logRows - longestTail;
  if (everyones < 1) throw new RangeError('hidingRank: expected rows of data, got tails only');
  const columns = view.spans.reduce((sum, span) => sum + span.columns, 0);
  const count = 8 + Math.ceil((1.2 * functionals) / columns);
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, everyones)) chosen.add(sample() % everyones);
  const shortest = Math.min(...view.spans.map((span) => tailOf(view, span)));
  for (const row of maskAt) if (row < 2 ** view.logRows - shortest) chosen.add(row);
  return [...chosen];
}
