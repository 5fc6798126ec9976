import { describe, expect, it } from 'vitest';
import {
  addK,
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
import { fillField } from '../randomness/index.ts';
import { seededRandomness } from '../testing/index.ts';
import type { ArgumentSizes } from './budget.ts';
import { deriveParameters, PROFILES } from './derive.ts';
import type { HidingTails } from './first-oracle.ts';
import { SpanF } from './hiding-algebra.ts';
import type { HiddenSpan, HidingView } from './hiding-messages.ts';
import { hidingRank, hidingView } from './hiding-view.ts';
import { freshTailRows, type ProofParameters, staticTailRows } from './parameters.ts';

/** Uniform elements of F that follow from a seed. */
function sampler(seed: number): () => number {
  const source = seededRandomness(seed);
  const word = new Int32Array(1);
  return () => {
    fillField(source, word);
    return word[0] ?? 0;
  };
}

/**
 * The complete view, message by message, as functionals of every entry of the columns and of R: what
 * `hidingRank` has reduced. For toy sizes.
 */
function completeLeaks(view: HidingView, sample: () => number): number {
  const { firstFolding: k, spans, mask = 'tail' } = view;
  const rows = 2 ** view.logRows;
  const hidden = spans.flatMap((span) =>
    Array.from({ length: span.columns }, (_, i) => ({ column: span.firstColumn + i, span })),
  );
  const dimension = (hidden.length + 5) * rows;
  type Functional = K[];
  const zero = (): Functional => new Array<K>(dimension).fill(ZERO);
  const random = (): K => [sample(), sample(), sample(), sample(), sample()];
  const plus = (a: Functional, b: Functional, f: K = ONE): Functional =>
    a.map((x, i) => addK(x, mulK(f, b[i] ?? ZERO)));
  const entry = (c: number, y: number): number | null => {
    const at = hidden.findIndex(({ column }) => column === c);
    return at < 0 ? null : at * rows + y;
  };
  const unit = (c: number, y: number): Functional => {
    const v = zero();
    const at = entry(c, y);
    if (at !== null) v[at] = ONE;
    return v;
  };
  /** R_1(y) = Σ_j X^j·R^(j)(y). */
  const blinding = (y: number, scale: K = ONE): Functional => {
    const v = zero();
    for (let j = 0; j < 5; j++) {
      const x: K = [0, 0, 0, 0, 0].map((_, i) => (i === j ? 1 : 0)) as unknown as K;
      v[(hidden.length + j) * rows + y] = mulK(scale, x);
    }
    return v;
  };

  const longest = Math.max(...spans.map(({ tailRows }) => tailRows));
  let f = Array.from({ length: 2 ** k }, (_, c) =>
    Array.from({ length: rows }, (_, y) => unit(c, y)),
  );
  let w = Array.from({ length: 2 ** k }, (_, c) => {
    const own = hidden.find(({ column }) => column === c);
    const generic = view.besideTails === 'generic';
    const tail = generic ? (own?.span.tailRows ?? 0) : longest;
    return Array.from({ length: rows }, (_, y) => (y < rows - tail ? random() : ZERO));
  });
  const seen: Functional[] = [];

  const pair = (weighs: (c: number) => boolean): void => {
    const [z, gamma] = [random(), random()];
    let answer = zero();
    for (let c = 0; c < 2 ** k; c++) {
      if (!weighs(c)) continue;
      for (let y = 0; y < rows; y++) {
        const power = powK(z, c * rows + y);
        answer = plus(answer, unit(c, y), power);
        const column = w[c];
        if (column !== undefined) column[y] = addK(column[y] ?? ZERO, mulK(gamma, power));
      }
    }
    seen.push(answer);
  };
  const inside =
    (of: readonly HiddenSpan[]) =>
    (c: number): boolean =>
      of.some((s) => c >= s.firstColumn && c < s.firstColumn + s.columns);
  const fresh = spans.filter(({ kind }) => kind === 'fresh');
  for (let i = 0; i < view.oodSamples; i++) {
    pair(view.outOfDomain === 'all' ? () => true : inside(fresh));
  }
  for (const span of spans) {
    for (let i = 0; i < (span.registeredSamples ?? 0); i++) pair(inside([span]));
  }

  const omega = rootOfUnity(view.logRows + view.logInverseRate);
  const opened = new Set<number>();
  while (opened.size < view.queries)
    opened.add(sample() % 2 ** (view.logRows + view.logInverseRate));
  for (const i of opened) {
    const x = powF(omega, i);
    for (let c = 0; c < hidden.length + 5; c++) {
      const v = zero();
      for (let y = 0; y < rows; y++) v[c * rows + y] = scaleK(ONE, powF(x, y));
      seen.push(v);
    }
  }

  const firstMaskRow = mask === 'data' ? 0 : rows - 3 * k;
  const s = (j: number, x: K): Functional =>
    [0, 1, 2].reduce((sum, e) => plus(sum, blinding(firstMaskRow + 3 * j + e), powK(x, e)), zero());
  const both = (j: number): Functional => plus(s(j, ZERO), s(j, ONE));
  const two = (e: number): K => scaleK(ONE, 2 ** e);
  const factor = mask === 'none' ? ZERO : random();
  if (mask !== 'none') {
    let sum = zero();
    for (let j = 0; j < k; j++) sum = plus(sum, both(j), two(k - 1));
    seen.push(sum);
  }
  let fixed = zero();
  for (let j = 0; j < k; j++) {
    const half = f.length / 2;
    let [atZero, atOne, atInfinity] = [zero(), zero(), zero()];
    for (let c = 0; c < half; c++) {
      for (let y = 0; y < rows; y++) {
        const [a = zero(), b = zero()] = [f[c]?.[y], f[c + half]?.[y]];
        if (a.every((x) => x === ZERO) && b.every((x) => x === ZERO)) continue;
        const [wa, wb] = [w[c]?.[y] ?? ZERO, w[c + half]?.[y] ?? ZERO];
        atZero = plus(atZero, a, wa);
        atOne = plus(atOne, b, wb);
        const difference = subK(wb, wa);
        atInfinity = plus(plus(atInfinity, b, difference), a, subK(wa, wb));
      }
    }
    const challenge = random();
    const fold = <T>(table: readonly T[], mix: (a: T, b: T) => T): T[] =>
      table.slice(0, half).map((a, c) => mix(a, table[c + half] ?? a));
    const line = (a: K, b: K): K => addK(a, mulK(challenge, subK(b, a)));
    f = fold(f, (a, b) => a.map((v, y) => v.map((x, i) => line(x, b[y]?.[i] ?? ZERO))));
    w = fold(w, (a, b) => a.map((x, y) => line(x, b[y] ?? ZERO)));
    if (mask !== 'none') {
      const after = k - 1 - j;
      let rest = zero();
      if (after > 0) for (let l = j + 1; l < k; l++) rest = plus(rest, both(l), two(after - 1));
      const masked = (h: Functional, x: K): Functional =>
        plus(h, plus(rest, plus(fixed, s(j, x)), two(after)), factor);
      atZero = masked(atZero, ZERO);
      atOne = masked(atOne, ONE);
      atInfinity = plus(atInfinity, blinding(firstMaskRow + 3 * j + 2, two(after)), factor);
      fixed = plus(fixed, s(j, challenge));
    }
    seen.push(atZero, atOne, atInfinity);
  }
  const [f1 = [], w1 = []] = [f[0], w[0]];
  if (mask !== 'none') seen.push(fixed);
  seen.push(w1.reduce((sum, weight, y) => plus(sum, blinding(y), weight), zero()));
  const rho = random();
  for (const [y, value] of f1.entries()) seen.push(plus(value, blinding(y), rho));

  const isRandom = (i: number): boolean => {
    const own = hidden[Math.floor(i / rows)];
    return own === undefined || i % rows >= rows - own.span.tailRows;
  };
  const [all, randomness] = [new SpanF(dimension), new SpanF(dimension)];
  for (const functional of seen) {
    for (let coordinate = 0; coordinate < 5; coordinate++) {
      const row = functional.map((x) => x[coordinate] ?? 0);
      all.add(row);
      randomness.add(row.map((x, i) => (isRandom(i) ? x : 0)));
    }
  }
  return all.rank - randomness.rank - 5;
}

const fresh = (firstColumn: number, columns: number, tailRows: number): HiddenSpan => ({
  kind: 'fresh',
  firstColumn,
  columns,
  tailRows,
});
const kept = (
  firstColumn: number,
  columns: number,
  tailRows: number,
  registeredSamples = 0,
): HiddenSpan => ({ kind: 'static', firstColumn, columns, tailRows, registeredSamples });

describe('hidingRank, against the complete view', () => {
  const base = { firstFolding: 2, logRows: 5, logInverseRate: 1, queries: 2, oodSamples: 1 };
  const tail = freshTailRows(2, 1, 2);
  const cases: [string, HidingView][] = [
    ['all fresh', { ...base, spans: [fresh(0, 4, tail)] }],
    ['public model, two fresh', { ...base, spans: [fresh(2, 2, tail)] }],
    ['static model, two fresh', { ...base, spans: [kept(0, 2, 2), fresh(2, 2, tail)] }],
    ['static model, registered', { ...base, spans: [kept(0, 2, 7, 1), fresh(2, 2, tail)] }],
    ['one fresh', { ...base, spans: [fresh(3, 1, tail)] }],
    ['no mask', { ...base, mask: 'none', spans: [fresh(2, 2, tail)] }],
    ['no mask, static', { ...base, mask: 'none', spans: [kept(0, 2, 2), fresh(2, 2, tail)] }],
    ['mask on data', { ...base, mask: 'data', spans: [fresh(2, 2, tail)] }],
    ['tails without the mask rows', { ...base, spans: [fresh(2, 2, tail - 6)] }],
    ['tails of the opened rows only', { ...base, spans: [fresh(2, 2, 2)] }],
    ['a static tail used up', { ...base, spans: [kept(0, 2, 0), fresh(2, 2, tail)] }],
    [
      'every column weighed',
      { ...base, outOfDomain: 'all', spans: [kept(0, 2, 2), fresh(2, 2, tail)] },
    ],
    [
      'five of eight fresh',
      { ...base, firstFolding: 3, spans: [kept(0, 3, 2), fresh(3, 5, tail + 3)] },
    ],
  ];
  it.each(cases)('%s', (_name, view) => {
    expect(hidingRank(view, sampler(2)).leaks).toBe(completeLeaks(view, sampler(1)));
  });

  it.each(cases.filter(([name]) => /^(static model|no mask|every column)/.test(name)))(
    '%s, weights beside tails',
    (_name, shown) => {
      const view: HidingView = { ...shown, besideTails: 'generic' };
      expect(hidingRank(view, sampler(2)).leaks).toBe(completeLeaks(view, sampler(1)));
    },
  );
});

const sizes: ArgumentSizes = {
  fractions: 2 ** 17,
  fingerprintDegree: 3,
  topVariables: 5,
  outputVariables: 14,
  einsums: 8,
  sumcheckDegree: 3,
  claims: 40,
  products: 70,
  checks: 30,
};

/** Elements of model and witness, and a length; committed ports take a column each. */
const models = [
  ['a small MLP', 9, 1200, 3000],
  ['LeNet', 12, 62_000, 65_000],
  ['a CNN of ten layers', 13, 264_000, 260_000],
  ['an MLP of two million weights', 15, 2_000_000, 65_000],
  ['GPT-2', 20, 124_000_000, 10_000_000],
] as const;

/** What is hidden, and how: which columns are static, each group with a root of its own. */
const hidings = {
  'a public model': { model: 'public', ports: 0 },
  'a private model': { model: 'static', ports: 0 },
  'committed input and output, public model': { model: 'public', ports: 2 },
  'committed input and output, private model': { model: 'static', ports: 2 },
  'no model at all': { model: 'none', ports: 0 },
} as const;

type Hiding = keyof typeof hidings;

/** Parameters and the columns that they are for. */
function derived(
  targetBits: number,
  [, logRows, modelSize, witnessSize]: (typeof models)[number],
  hiding: Hiding,
): { readonly parameters: ProofParameters; readonly spans: readonly HiddenSpan[] } {
  const { model, ports } = hidings[hiding];
  const rows = 2 ** logRows;
  const proofs = 3;
  const counts = ({ fresh, queries }: HidingTails) => {
    const used = staticTailRows(proofs, queries, 2);
    const own = model === 'static' ? rows - used : rows;
    if (own <= 0 || fresh >= rows) return null;
    return {
      model: model === 'none' ? 0 : Math.ceil(modelSize / own),
      witness: Math.max(5, Math.ceil(witnessSize / (rows - fresh))),
    };
  };
  const { parameters } = deriveParameters({
    targetBits,
    logRows: [logRows],
    columnsFor: (_, tails) => {
      const columns = counts(tails);
      if (columns === null) return null;
      const before = columns.model + ports;
      return { model: before, witness: columns.witness, total: before + columns.witness };
    },
    sizes,
    hiding: true,
  });
  const { tailRows, registeredSamples, whir } = parameters;
  const [t0 = 0, s0 = 0, k0 = 0] = [whir.queries[0], whir.oodSamples[0], whir.foldings[0]];
  const queries = tailRows - freshTailRows(0, s0, k0);
  const columns = counts({ fresh: tailRows, queries });
  if (columns === null) throw new Error('expected columns');
  // The worst case for a static root: every other opening has used up its share of the tail.
  const left = t0 + 5 * registeredSamples;
  const spans: HiddenSpan[] = [];
  if (model === 'static') spans.push(kept(0, columns.model, left, registeredSamples));
  for (let i = 0; i < ports; i++) {
    spans.push(kept(columns.model + i, 1, left, registeredSamples));
  }
  spans.push(fresh(columns.model + ports, columns.witness, freshTailRows(t0, s0, k0)));
  return { parameters, spans };
}

describe('hidingRank, of derived parameters', () => {
  for (const [profile, targetBits] of Object.entries(PROFILES)) {
    for (const model of models) {
      it.each(Object.keys(hidings) as Hiding[])(
        `${profile}, ${model[0]}: nothing leaks: %s`,
        (hiding) => {
          const { parameters, spans } = derived(targetBits, model, hiding);
          const view = hidingView(parameters, spans);
          const result = hidingRank(view, sampler(3));
          // Only σ is left, whatever weights the data has.
          expect(result).toEqual({ ...result, leaks: 0, randomRank: result.functionals - 5 });
        },
      );
    }
    it.each(Object.keys(hidings) as Hiding[])(
      `${profile}, LeNet with weights beside tails: nothing leaks: %s`,
      (hiding) => {
        const { parameters, spans } = derived(targetBits, models[1], hiding);
        const view: HidingView = { ...hidingView(parameters, spans), besideTails: 'generic' };
        expect(hidingRank(view, sampler(4)).leaks).toBe(0);
      },
    );
  }

  it('covers foldings of up to 8 and more, and columns of 2^15 rows', () => {
    const views = models.flatMap((model) =>
      (Object.keys(hidings) as Hiding[]).map(
        (hiding) => derived(128, model, hiding).parameters.whir,
      ),
    );
    expect(Math.max(...views.map(({ foldings }) => foldings[0] ?? 0))).toBeGreaterThanOrEqual(8);
    expect(Math.max(...views.map(({ logRows }) => logRows))).toBeGreaterThanOrEqual(15);
  });
});

describe('hidingRank, of openings that leak', () => {
  const leaks = (
    hiding: Hiding,
    change: (view: HidingView) => Partial<HidingView>,
    model: (typeof models)[number] = models[1],
  ): number => {
    const { parameters, spans } = derived(128, model, hiding);
    const view = hidingView(parameters, spans);
    return hidingRank({ ...view, ...change(view) }, sampler(5)).leaks;
  };
  const each = (view: HidingView, change: Partial<HiddenSpan>): Partial<HidingView> => ({
    spans: view.spans.map((span) => (span.kind === 'fresh' ? { ...span, ...change } : span)),
  });

  it('without the mask: an element of K for each round that fresh columns fill one half of', () => {
    // pcs.md §5.4 as it was: k_0 − ⌈log2 C_w⌉ (checks/exp5_zk_rank.py).
    const expected = [
      [64, 4, 7, 5],
      [60, 10, 7, 3],
      [32, 32, 6, 1],
    ] as const;
    for (const [model, witness, firstFolding, count] of expected) {
      const view: HidingView = {
        firstFolding,
        logRows: 14,
        logInverseRate: 2,
        queries: 120,
        oodSamples: 2,
        // Aligned, as the check has them.
        spans: [fresh(model === 60 ? 64 : model, witness, freshTailRows(120, 2, firstFolding))],
        mask: 'none',
      };
      expect(hidingRank(view, sampler(6)).leaks).toBe(5 * count);
      // Four columns are one too few for the mask.
      const masked = hidingRank({ ...view, mask: 'tail' }, sampler(6)).leaks;
      expect(masked > 0).toBe(witness < 5);
    }
  });

  it('without the mask, next to static columns whose tails are used up', () => {
    // Static model of 60 columns, four fresh ones: eight elements of K (checks/exp5_zk_rank.py).
    const view: HidingView = {
      firstFolding: 6,
      logRows: 14,
      logInverseRate: 2,
      queries: 120,
      oodSamples: 2,
      spans: [kept(0, 60, 120), fresh(60, 4, freshTailRows(120, 2, 6))],
      mask: 'none',
    };
    expect(hidingRank(view, sampler(6)).leaks).toBe(5 * 8);
    const all = hidingRank({ ...view, outOfDomain: 'all' }, sampler(6)).leaks;
    expect(all).toBeGreaterThanOrEqual(5);
  });

  it.each(Object.keys(hidings) as Hiding[])('with the mask on rows of data: %s', (hiding) => {
    expect(leaks(hiding, () => ({ mask: 'data' }))).toBeGreaterThanOrEqual(5);
  });

  it('with fewer than five fresh columns', () => {
    const few = [1, 2, 3, 4].map((columns) => leaks('a public model', (v) => each(v, { columns })));
    expect(Math.min(...few)).toBeGreaterThan(0);
    expect(few).toEqual([...few].sort((a, b) => b - a));
    expect(leaks('a public model', (v) => each(v, { columns: 5 }))).toBe(0);
  });

  it('with five fresh columns and challenges that the prover refuses, which nine bear', () => {
    const { parameters } = derived(128, models[1], 'a public model');
    const [t0 = 0, s0 = 0] = [parameters.whir.queries[0], parameters.whir.oodSamples[0]];
    const next = sampler(7);
    const challenges = Array.from({ length: 4 }, (): K => [next(), next(), next(), next(), next()]);
    // eq(α, 4) is in F times eq(α, 0): the eq(α, c) of five columns do not span K.
    challenges[1] = [next(), 0, 0, 0, 0];
    const at = (columns: number): number => {
      const spans = [fresh(0, columns, freshTailRows(t0, s0, 4))];
      const view = { ...hidingView(parameters, spans), firstFolding: 4, challenges };
      return hidingRank(view, sampler(8)).leaks;
    };
    expect(at(5)).toBeGreaterThan(0);
    expect(at(9)).toBe(0);
  });

  it('without an out-of-domain sample', () => {
    expect(leaks('a public model', () => ({ oodSamples: 0 }))).toBe(5);
    expect(leaks('a public model', () => ({ oodSamples: 1 }))).toBe(0);
    const one = (v: HidingView): Partial<HidingView> => each(v, { columns: 1 });
    expect(leaks('a public model', (v) => ({ ...one(v), oodSamples: 1 }))).toBeGreaterThan(0);
  });

  it('with tails too short: of fresh columns, or a row of a static one', () => {
    const five = (v: HidingView, tailRows: number): Partial<HidingView> =>
      each(v, { columns: 5, tailRows });
    expect(leaks('a public model', (v) => five(v, v.queries))).toBeGreaterThan(0);
    expect(leaks('a public model', (v) => five(v, v.queries + 5 * v.oodSamples))).toBeGreaterThan(
      0,
    );
    const spent = leaks('a private model', (v) => ({
      spans: v.spans.map((s) =>
        s.kind === 'static' ? { ...s, tailRows: v.queries - 1, registeredSamples: 0 } : s,
      ),
    }));
    const [model] = derived(128, models[1], 'a private model').spans;
    expect(spent).toBe(model?.columns);
  });

  it('but not with out-of-domain answers of every column', () => {
    // The fresh tails cover them: that static columns have pairs of their own is for soundness.
    for (const hiding of Object.keys(hidings) as Hiding[]) {
      expect(leaks(hiding, () => ({ outOfDomain: 'all' }))).toBe(0);
    }
  });

  it('refuses what is no view', () => {
    const view = { firstFolding: 1, logRows: 4, logInverseRate: 1, queries: 4, oodSamples: 1 };
    const run = (more: Partial<HidingView>) => () =>
      hidingRank({ ...view, spans: [fresh(0, 2, 12)], ...more }, sampler(9));
    expect(run({ queries: 33 })).toThrow(RangeError);
    expect(run({ spans: [fresh(0, 2, 16)] })).toThrow(RangeError);
  });
});
