import {
  checkDetermined,
  deriveRanges,
  deriveSystem,
  type Form,
  type Program,
  type Relation,
  rangeTable,
  type Step,
  type Trace,
  validateProgram,
} from '@assay/program';
import { checkRelations, execute } from '@assay/runtime';
import {
  affine,
  along,
  argMaxToy,
  fill,
  form,
  listedTable,
  product,
  ProgramBuilder,
  seededDraw,
  softmaxToy,
  term,
  type Toy,
  TOYS,
  wideClampToy,
} from '@assay/runtime/testing';
import { describe, expect, test } from 'vitest';

/**
 * A program with two runs for one input lets a prover choose. Each rule that excludes one is broken
 * here, and where that is easy to see the second run is shown: it breaks no relation.
 */

const draw = seededDraw(11);

function verdict(program: Program): string {
  const valid = validateProgram(program);
  if (!valid.ok) throw new Error(JSON.stringify(valid.error));
  const ranges = deriveRanges(program);
  if (!ranges.ok) return ranges.error.kind;
  const determined = checkDetermined(program, ranges.value);
  if (determined.ok) return 'determined';
  const { error } = determined;
  return error.kind === 'program/ambiguous' ? `${error.step} ${error.tensor}` : error.kind;
}

const run = ({ program, weights, inputs }: Toy): Trace => execute(program, weights, inputs, null);

/** A trace with other values of some tensors, found by name. */
function changed(
  program: Program,
  trace: Trace,
  values: Readonly<Record<string, Int32Array>>,
): Trace {
  const all = new Map(trace);
  for (const [name, data] of Object.entries(values)) {
    const id = program.tensors.findIndex((t) => t.name === name);
    if (!all.has(id)) throw new Error(`no tensor ${name}`);
    all.set(id, data);
  }
  return all;
}

const withRelations = (
  program: Program,
  change: (r: Relation, id: number) => readonly Relation[],
): Program => {
  const kept: Relation[] = [];
  const places = program.relations.map((relation, id) => {
    const place = kept.length;
    kept.push(...change(relation, id));
    return place;
  });
  const moved = (step: Step): Step =>
    step.kind === 'onehot' ? step : { ...step, relation: places[step.relation] ?? -1 };
  return { ...program, relations: kept, steps: program.steps.map(moved) };
};

describe('toys', () => {
  test.each(Object.entries(TOYS))('%s: one run for each input', (_name, toy) => {
    expect(verdict(toy(draw).program)).toBe('determined');
  });

  test.each(Object.entries(TOYS))(
    '%s: not without any lookup that bounds something',
    (_name, toy) => {
      const { program } = toy(draw);
      for (const [id, relation] of program.relations.entries()) {
        // Steps need their own relation.
        const named = program.steps.some((s) => s.kind !== 'onehot' && s.relation === id);
        if (relation.kind !== 'lookup' || named) continue;
        // Outputs have a range of their own, checked by the verifier.
        const first = relation.entries[0]?.terms[0]?.tensor ?? -1;
        if (program.tensors[first]?.role === 'output') continue;
        expect(verdict(withRelations(program, (r, i) => (i === id ? [] : [r])))).not.toBe(
          'determined',
        );
      }
    },
  );
});

test('an ambiguous program is no system, nor is one that could wrap', () => {
  const { program } = wideClampToy(draw);
  const wider = (hi: number): Program => ({
    ...program,
    tables: program.tables.map((t) =>
      t.name === 'range 0 63' ? rangeTable(t.name, { lo: 0, hi }) : t,
    ),
  });
  expect(deriveSystem(program).ok).toBe(true);
  expect(deriveSystem(wider(64))).toMatchObject({ error: { kind: 'program/ambiguous' } });
  const reach = program.tables.map((t) =>
    t.name === 'clamp'
      ? {
          ...t,
          columns: t.columns.map((c) =>
            c.kind === 'segments'
              ? { ...c, segments: [{ rows: 64, start: -(2 ** 30), slope: 1 }] }
              : c,
          ),
        }
      : t,
  );
  expect(deriveSystem({ ...program, tables: reach })).toMatchObject({
    error: { kind: 'program/wrap' },
  });
});

describe('digits', () => {
  const clamp = wideClampToy(draw);
  const { program } = clamp;
  const h0 = program.tensors.findIndex((t) => t.name === 'h0');

  test('a digit of 65 values in radix 64', () => {
    const loose: Program = {
      ...program,
      tables: program.tables.map((t) =>
        t.name === 'range 0 63' ? rangeTable('range 0 64', { lo: 0, hi: 64 }) : t,
      ),
    };
    expect(verdict(loose)).toBe('digits h1');
    // x = 64 clamps to 63; with digits (0, 64) it would be let through.
    const input = new Map([...clamp.inputs].map(([id]) => [id, Int32Array.of(64, 0, 0, 0, 0)]));
    const trace = run({ ...clamp, inputs: input });
    const zeros = new Int32Array(5);
    const second = changed(program, trace, {
      h1: zeros,
      h0: Int32Array.of(64, 0, 0, 0, 0),
      inside: Int32Array.of(1, 1, 1, 1, 1),
      base: zeros,
    });
    const violations = checkRelations(loose, clamp.weights, second);
    // Only the declared range of the output stands in its way, and that of a witness would not.
    expect(violations.map((v) => v.kind)).toEqual(['zero']);
    const y = program.tensors.findIndex((t) => t.name === 'y');
    const unclamped = new Map(second).set(y, Int32Array.of(64, 0, 0, 0, 0));
    expect(checkRelations(loose, clamp.weights, unclamped).map((v) => v.kind)).toEqual(['range']);
  });

  test('coefficients that do not divide one another', () => {
    // 131·h1 + 2·h0: the radix would be 65.5.
    const h1 = program.tensors.findIndex((t) => t.name === 'h1');
    const weights = new Map([
      [h1, -131],
      [h0, -2],
    ]);
    const odd = withRelations(program, (r, id) =>
      id === 0 && r.kind === 'zero'
        ? [
            {
              ...r,
              form: {
                ...r.form,
                terms: r.form.terms.map((t) => ({
                  ...t,
                  coefficient: weights.get(t.tensor) ?? t.coefficient,
                })),
              },
            },
          ]
        : [r],
    );
    expect(verdict(odd)).toBe('digits h1');
  });

  test('a digit that the relation reads twice', () => {
    const twice = withRelations(program, (r, id) =>
      id === 0 && r.kind === 'zero'
        ? [{ ...r, form: { ...r.form, terms: [...r.form.terms, term(h0, [along(0)], 2)] } }]
        : [r],
    );
    expect(verdict(twice)).toBe('digits h1');
  });

  test('a rest that is not known yet, in a term or in a product', () => {
    for (const inProduct of [false, true]) {
      const b = new ProgramBuilder();
      const x = b.input('x', [2], { lo: 0, hi: 3 });
      const [u, v] = [b.witness('u', [2]), b.witness('v', [2])];
      b.inRange(u, 0, 3);
      b.inRange(v, 0, 3);
      // u = v and v = u: what is u?
      const define = (a: number, c: number): void => {
        const products = inProduct ? [product(b.wholeForm(c), form([], 1))] : [];
        const terms = [b.whole(a, -1), ...(inProduct ? [] : [b.whole(c)])];
        b.digits(b.zero([2], form(terms), products), [[a, 0]]);
      };
      define(u, v);
      define(v, u);
      const y = b.output('y', [2], { lo: 0, hi: 6 });
      b.define(y, form([b.whole(u), b.whole(x)]));
      expect(verdict(b.build())).toBe('digits u');
    }
  });

  test('digits that do not all belong to the relation', () => {
    const y = program.tensors.findIndex((t) => t.name === 'y');
    const both = program.steps.map(
      (s): Step =>
        s.kind === 'digits' && s.outputs[0]?.tensor === y ? { ...s, outputs: [...s.outputs] } : s,
    );
    // The step before anything that it needs.
    expect(verdict({ ...program, steps: both.reverse() })).toBe('digits y');
  });
});

describe('lookups', () => {
  const twoRows = (
    rows: readonly (readonly number[])[],
    keys = 1,
    entry?: (b: ProgramBuilder, x: number) => Form,
  ): Program => {
    const b = new ProgramBuilder();
    const x = b.input('x', [2], { lo: 0, hi: 3 });
    const y = b.output('y', [2], { lo: 0, hi: 9 });
    const table = b.table(listedTable('t', keys, rows));
    const lookup = b.lookup([2], table, [entry?.(b, x) ?? b.wholeForm(x), b.wholeForm(y)]);
    b.lookupStep(lookup, [[1, y]]);
    return b.build();
  };

  test('a table that is a function', () => {
    expect(
      verdict(
        twoRows([
          [3, 1],
          [0, 2],
          [1, 2],
          [2, 5],
        ]),
      ),
    ).toBe('determined');
  });

  test('one key in two rows', () => {
    expect(
      verdict(
        twoRows([
          [0, 1],
          [1, 2],
          [2, 3],
          [0, 4],
        ]),
      ),
    ).toBe('lookup y');
  });

  test('one pair of keys in two rows, in columns that both repeat', () => {
    const pair = (rows: readonly (readonly number[])[]): string => {
      const b = new ProgramBuilder();
      const x = b.input('x', [2], { lo: 0, hi: 1 });
      const y = b.output('y', [2], { lo: 0, hi: 9 });
      const table = b.table(listedTable('t', 2, rows));
      const lookup = b.lookup([2], table, [b.wholeForm(x), b.wholeForm(x), b.wholeForm(y)]);
      b.lookupStep(lookup, [[2, y]]);
      return verdict(b.build());
    };
    expect(
      pair([
        [0, 0, 1],
        [1, 1, 2],
        [0, 1, 3],
        [1, 0, 3],
      ]),
    ).toBe('determined');
    expect(
      pair([
        [0, 0, 1],
        [1, 1, 2],
        [0, 1, 3],
        [0, 0, 3],
      ]),
    ).toBe('lookup y');
  });

  test('segments that come back to a key', () => {
    const back = (slope: number): Program => {
      const b = new ProgramBuilder();
      const x = b.input('x', [2], { lo: 0, hi: 3 });
      const y = b.output('y', [2], { lo: 0, hi: 9 });
      const column = (start: number, s: number) => ({
        kind: 'segments' as const,
        segments: [
          { rows: 2, start: 0, slope: 1 },
          { rows: 2, start, slope: s },
        ],
      });
      const table = b.table({
        name: 't',
        rows: 4,
        keys: 1,
        columns: [column(2, slope), column(5, 1)],
      });
      b.lookupStep(b.lookup([2], table, [b.wholeForm(x), b.wholeForm(y)]), [[1, y]]);
      return b.build();
    };
    expect(verdict(back(1))).toBe('determined');
    expect(verdict(back(-1))).toBe('lookup y');
    expect(verdict(back(0))).toBe('lookup y');
  });

  test('a key that is the output', () => {
    const b = new ProgramBuilder();
    b.input('x', [2], { lo: 0, hi: 3 });
    const y = b.output('y', [2], { lo: 0, hi: 9 });
    const table = b.table(listedTable('t', 1, [[0], [1]]));
    b.lookupStep(b.lookup([2], table, [b.wholeForm(y)]), [[0, y]]);
    expect(verdict(b.build())).toBe('lookup y');
  });

  test('a key that is not known yet', () => {
    const { program } = wideClampToy(draw);
    expect(verdict({ ...program, steps: [...program.steps].reverse() })).toBe('digits y');
    const [first, second, ...rest] = program.steps;
    if (first === undefined || second === undefined) throw new Error('expected steps');
    expect(verdict({ ...program, steps: [second, first, ...rest] })).toBe('lookup inside');
  });
});

describe('divisions', () => {
  const softmax = softmaxToy(draw);
  const { program } = softmax;
  const id = (name: string): number => program.tensors.findIndex((t) => t.name === name);
  const r = id('r');
  const q = id('q');
  const isRange = (relation: Relation, tensor: number, terms: number): boolean =>
    relation.kind === 'lookup' &&
    relation.entries[0]?.terms.length === terms &&
    relation.entries[0].terms.some((t) => t.tensor === tensor);

  test('a remainder that may be negative', () => {
    const signed: Program = {
      ...program,
      tables: [...program.tables, rangeTable('signed', { lo: -2048, hi: 2047 })],
    };
    const loose = withRelations(signed, (relation) =>
      isRange(relation, r, 1) && relation.kind === 'lookup'
        ? [{ ...relation, table: signed.tables.length - 1 }]
        : [relation],
    );
    expect(verdict(loose)).toBe('divide q');
    // q + 1 with r − 2S: nothing else stands in the way.
    const trace = run(softmax);
    const e = trace.get(id('e')) ?? new Int32Array();
    const sums = e.map((_, i) => {
      const from = 4 * Math.floor(i / 4);
      return e.slice(from, from + 4).reduce((a, b) => a + b, 0);
    });
    const second = changed(program, trace, {
      q: (trace.get(q) ?? new Int32Array()).map((v, i) => (i === 1 ? v + 1 : v)),
      r: (trace.get(r) ?? new Int32Array()).map((v, i) => (i === 1 ? v - 2 * (sums[1] ?? 0) : v)),
    });
    expect(checkRelations(loose, softmax.weights, second)).toEqual([]);
    expect(checkRelations(program, softmax.weights, second)).not.toEqual([]);
  });

  test('a remainder that may reach the divisor', () => {
    const unchecked = withRelations(program, (relation) =>
      isRange(relation, r, 2) ? [] : [relation],
    );
    expect(verdict(unchecked)).toBe('divide q');
    // 2S − r instead of 2S − 1 − r: r = 2S is let through.
    const offByOne = withRelations(program, (relation) =>
      isRange(relation, r, 2) && relation.kind === 'lookup'
        ? [{ ...relation, entries: relation.entries.map((f) => ({ ...f, constant: 0 })) }]
        : [relation],
    );
    expect(verdict(offByOne)).toBe('divide q');
    // The same entry in a table that begins below zero.
    const below: Program = {
      ...program,
      tables: [...program.tables, rangeTable('below', { lo: -1, hi: 2047 })],
    };
    const negative = withRelations(below, (relation) =>
      isRange(relation, r, 2) && relation.kind === 'lookup'
        ? [{ ...relation, table: below.tables.length - 1 }]
        : [relation],
    );
    expect(verdict(negative)).toBe('divide q');
  });

  test('a bound that limbs give counts', () => {
    // 2S − 1 − r = 64·l1 + l0 instead of a lookup.
    const limbs = (lowest: number): string => {
      const b = new ProgramBuilder();
      const n = b.input('n', [3], { lo: 0, hi: 1000 });
      const d = b.input('d', [3], { lo: 1, hi: 500 });
      const quotient = b.output('quotient', [3], { lo: 0, hi: 1000 });
      const remainder = b.witness('remainder', [3]);
      b.inRange(remainder, 0, 1023);
      const relation = b.zero([3], form([b.whole(remainder), b.whole(n, -1)]), [
        product(b.wholeForm(quotient), b.wholeForm(d)),
      ]);
      b.divideStep(relation, quotient, remainder);
      const [l1, l0] = [b.witness('l1', [3]), b.witness('l0', [3])];
      b.inRange(l1, lowest, lowest + 15);
      b.inRange(l0, 0, 63);
      const rest = form(
        [b.whole(d), b.whole(remainder, -1), b.whole(l1, -64), b.whole(l0, -1)],
        -1,
      );
      b.digits(b.zero([3], rest), [
        [l1, 0],
        [l0, 0],
      ]);
      return verdict(b.build());
    };
    expect(limbs(0)).toBe('determined');
    expect(limbs(-1)).toBe('divide quotient');
  });

  const rebuilt = (change: (relation: Extract<Relation, { kind: 'zero' }>) => Relation): string =>
    verdict(
      withRelations(program, (relation) =>
        relation.kind === 'zero' && relation.products.some((p) => p.left.terms[0]?.tensor === q)
          ? [change(relation)]
          : [relation],
      ),
    );

  test('a remainder with another coefficient', () => {
    // n = q·d − r: every larger q has its r.
    const b = new ProgramBuilder();
    const n = b.input('n', [3], { lo: 0, hi: 1000 });
    const d = b.input('d', [3], { lo: 1, hi: 500 });
    const quotient = b.output('quotient', [3], { lo: 0, hi: 1000 });
    const remainder = b.witness('remainder', [3]);
    b.inRange(remainder, 0, 1023);
    const relation = b.zero([3], form([b.whole(remainder, -1), b.whole(n, -1)]), [
      product(b.wholeForm(quotient), b.wholeForm(d)),
    ]);
    b.divideStep(relation, quotient, remainder);
    expect(verdict(b.build())).toBe('divide quotient');
  });

  test('a second product, a quotient with company, sums', () => {
    const first = (z: Extract<Relation, { kind: 'zero' }>) => {
      const [p] = z.products;
      if (p === undefined) throw new Error('expected a product');
      return p;
    };
    expect(rebuilt((z) => ({ ...z, products: [first(z), first(z)] }))).toBe('divide q');
    expect(
      rebuilt((z) => ({
        ...z,
        products: [{ ...first(z), left: { ...first(z).left, constant: 1 } }],
      })),
    ).toBe('divide q');
  });
});

describe('first maxima', () => {
  const toy = argMaxToy(draw);
  const { program } = toy;
  const hot = program.tensors.findIndex((t) => t.name === 'hot');
  const isSlack = (relation: Relation): boolean =>
    relation.kind === 'lookup' && (relation.entries[0]?.terms.length ?? 0) > 1;
  const reslacked = (change: (f: Form) => Form): Program =>
    withRelations(program, (relation) =>
      isSlack(relation) && relation.kind === 'lookup'
        ? [{ ...relation, entries: relation.entries.map(change) }]
        : [relation],
    );
  const inputs = (x: number[]): Toy => ({
    ...toy,
    inputs: new Map([...toy.inputs].map(([id]) => [id, Int32Array.from(x)])),
  });

  test('ties are broken only by what says so', () => {
    const tied = reslacked((f) => ({ ...f, terms: f.terms.filter((t) => t.tensor !== hot) }));
    expect(verdict(tied)).toBe('onehot hot');
    const trace = run(inputs([2, 2, 1, 0, 1, 2]));
    const second = changed(program, trace, {
      hot: Int32Array.of(0, 1, 0, 0, 0, 1),
      index: Int32Array.of(1, 2),
    });
    expect(checkRelations(tied, toy.weights, second)).toEqual([]);
    expect(checkRelations(program, toy.weights, second)).not.toEqual([]);
  });

  test('ties broken the other way are another function', () => {
    const other = reslacked((f) => ({
      ...f,
      terms: f.terms.map((t) =>
        t.tensor === hot ? { ...t, view: [along(0), affine(-1, [1, 1], [2, -1])] } : t,
      ),
    }));
    expect(verdict(other)).toBe('onehot hot');
  });

  test('a slack of −1 lets the second largest through', () => {
    const below: Program = {
      ...program,
      tables: [...program.tables, rangeTable('below', { lo: -1, hi: 7 })],
    };
    const loose = withRelations(below, (relation) =>
      isSlack(relation)
        ? [{ ...relation, table: below.tables.length - 1 } as Relation]
        : [relation],
    );
    expect(verdict(loose)).toBe('onehot hot');
    const trace = run(inputs([3, 2, 1, 3, 2, 1]));
    const second = changed(program, trace, {
      hot: Int32Array.of(0, 1, 0, 1, 0, 0),
      m: Int32Array.of(2, 3),
      index: Int32Array.of(1, 0),
    });
    expect(checkRelations(below, toy.weights, second)).not.toEqual([]);
    // m − x_0 − b_1 = −2 would need more slack still; with a gap of 0 the tie is enough.
    const tie = changed(program, run(inputs([3, 3, 1, 3, 2, 1])), {
      hot: Int32Array.of(0, 1, 0, 1, 0, 0),
      index: Int32Array.of(1, 0),
    });
    expect(checkRelations(loose, toy.weights, tie)).toEqual([]);
  });

  const without = (drop: (relation: Relation) => boolean): string =>
    verdict(withRelations(program, (relation) => (drop(relation) ? [] : [relation])));

  test('bits that are not bits', () => {
    const three: Program = {
      ...program,
      tables: program.tables.map((t) =>
        t.name === 'range 0 1' ? rangeTable('range -1 1', { lo: -1, hi: 1 }) : t,
      ),
    };
    expect(verdict(three)).toBe('onehot hot');
    const two: Program = {
      ...program,
      tables: program.tables.map((t) =>
        t.name === 'range 0 1' ? rangeTable('range 0 2', { lo: 0, hi: 2 }) : t,
      ),
    };
    expect(verdict(two)).toBe('onehot hot');
  });

  test('bits that need not add up to one', () => {
    expect(
      without((z) => z.kind === 'zero' && z.products.length === 0 && z.form.constant === -1),
    ).toBe('onehot hot');
    const two = withRelations(program, (z) =>
      z.kind === 'zero' && z.form.constant === -1
        ? [{ ...z, form: { ...z.form, constant: -2 } }]
        : [z],
    );
    expect(verdict(two)).toBe('onehot hot');
  });

  test('no slack, or one that is not of the maximum', () => {
    expect(without(isSlack)).toBe('onehot hot');
    const x = program.tensors.findIndex((t) => t.name === 'x');
    // The maximum of the negated values, compared with the values.
    const negated = withRelations(program, (z) =>
      z.kind === 'zero' && z.products.some((p) => p.right.terms[0]?.tensor === x)
        ? [{ ...z, products: z.products.map((p) => ({ ...p, coefficient: -1 })) }]
        : [z],
    );
    expect(verdict(negated)).toBe('onehot hot');
  });

  test('an order that is not known yet', () => {
    // The values are copied first, and their first maximum is taken before they are.
    const b = new ProgramBuilder();
    const x = b.input('x', [2, 3], { lo: -3, hi: 3 });
    const copy = b.witness('copy', [2, 3]);
    b.define(copy, b.wholeForm(x));
    const bits = b.witness('hot', [2, 3]);
    b.onehotStep(b.wholeForm(copy), 1, bits);
    b.inRange(bits, 0, 1);
    b.zero([2], form([term(bits, [along(0), along(1)], 1, [3])], -1));
    const m = b.witness('m', [2]);
    const [left, right] = [bits, copy].map((id) => form([term(id, [along(0), along(1)])]));
    b.define(m, form([]), [product(left ?? form([]), right ?? form([]), [3])]);
    const later = term(bits, [along(0), affine(1, [1, 1], [2, 1])], -1, [3]);
    b.lookup([2, 3], b.table(rangeTable('slack', { lo: 0, hi: 7 })), [
      form([term(m, [along(0)]), b.whole(copy, -1), later]),
    ]);
    const y = b.output('y', [2, 3], { lo: 0, hi: 1 });
    b.define(y, b.wholeForm(bits));
    const built = b.build();
    expect(verdict(built)).toBe('determined');
    const [first, second, ...rest] = built.steps;
    if (first === undefined || second === undefined) throw new Error('expected steps');
    expect(verdict({ ...built, steps: [second, first, ...rest] })).toBe('onehot hot');
  });

  test('rows of one and of two elements', () => {
    for (const length of [1, 2]) {
      const b = new ProgramBuilder();
      const x = b.input('x', [length], { lo: 0, hi: 3 });
      const bits = b.witness('hot', [length]);
      b.onehotStep(b.wholeForm(x), 0, bits);
      b.inRange(bits, 0, 1);
      b.zero([], form([term(bits, [along(0)], 1, [length])], -1));
      const m = b.witness('m', []);
      b.define(m, form([]), [
        product(form([term(bits, [along(0)])]), form([term(x, [along(0)])]), [length]),
      ]);
      const next = length === 2 ? [term(bits, [affine(1, [0, 1])], -1)] : [];
      b.lookup([length], b.table(rangeTable('slack', { lo: 0, hi: 7 })), [
        form([term(m, []), b.whole(x, -1), ...next]),
      ]);
      const y = b.output('y', [length], { lo: 0, hi: 1 });
      b.define(y, b.wholeForm(bits));
      const { program: tiny } = fill(b.build(), draw);
      expect(verdict(tiny)).toBe('determined');
    }
  });
});
