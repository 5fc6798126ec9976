import { elementCount, type Program, rangeTable, type TensorId } from '@assay/program';
import {
  checkTrace,
  dearest,
  type DefinitionGroup,
  deriveTrace,
  describeTraceError,
  LIST,
  lintTrace,
  paddingViolated,
  TRACE_LIMITS,
  type TraceProgram,
  type TraceRelation,
  violated,
} from '@assay/program/trace';
import { describe, expect, it } from 'vitest';
import {
  along,
  affine,
  argMaxToy,
  convToy,
  fill,
  form,
  listedTable,
  mlpToy,
  product,
  ProgramBuilder,
  reshape,
  seededDraw,
  softmaxToy,
  term,
  type Toy,
  TRACE_LIES,
  TraceLiar,
} from '../testing/index.ts';
import { findFraud } from './index.ts';

function derive(program: Program): TraceProgram {
  const trace = deriveTrace(program);
  if (!trace.ok) throw new Error(describeTraceError(trace.error));
  return trace.value;
}

/** What is wrong with it, in words. */
function refusal(program: Program): string {
  const trace = deriveTrace(program);
  return trace.ok ? '' : describeTraceError(trace.error);
}

function build(make: (b: ProgramBuilder) => void, seed = 1): Toy {
  const b = new ProgramBuilder();
  make(b);
  return fill(b.build(), seededDraw(seed));
}

function names(trace: TraceProgram, list: 0 | 1 | 2 | 3): string[] {
  return trace.lists[list].map(({ name }) => name);
}

function kinds(trace: TraceProgram): string[] {
  return trace.relations.filter(({ kind }) => kind !== 'range').map(({ kind }) => kind);
}

/** Every lie of every class is found and proven. */
async function expectGuarded(toy: Toy, trace: TraceProgram = derive(toy.program)): Promise<void> {
  const { program, weights, inputs } = toy;
  expect(checkTrace(trace, program, weights)).toEqual({ ok: true, value: null });
  const liar = new TraceLiar(trace, program, weights, inputs, seededDraw(2));
  for (const lie of TRACE_LIES) {
    for (let i = 0; i < 4; i++) {
      const told = liar.tell(lie);
      if (told === null) break;
      const proof = await findFraud(trace, liar.honest, told.reader);
      if (proof === null) throw new Error(`${lie}: ${told.what}: nothing found`);
      const answer =
        'mention' in proof ? paddingViolated(told.lists, proof) : violated(told.lists, proof);
      expect(answer, told.what).toEqual({ ok: true, value: true });
    }
  }
}

describe('what a contract checks of', () => {
  it('sums inside forms: einsums with 1', async () => {
    const toy = build((b) => {
      const x = b.input('x', [3, 5], { lo: -9, hi: 9 });
      const y = b.output('y', [3], { lo: -500, hi: 500 });
      const sum = (c: number) => term(x, [along(0), along(1)], c, [5]);
      const reversed = term(x, [affine(2, [0, -1]), along(1)], 3, [5]);
      b.define(y, form([sum(2), reversed]));
    });
    const trace = derive(toy.program);
    // Both are the same sum, read in two directions.
    expect(kinds(trace).toSorted()).toEqual(['einsum', 'einsum']);
    expect(names(trace, LIST.trace)).toEqual(['program/sum']);
    expect(names(trace, LIST.constant)).toContain('1');
    await expectGuarded(toy, trace);
  });

  it('forms of more than 16 terms: parts', async () => {
    const toy = build((b) => {
      const xs = Array.from({ length: 40 }, (_, i) => b.input(`x${i}`, [4], { lo: -9, hi: 9 }));
      const y = b.output('y', [4], { lo: -4000, hi: 4000 });
      b.define(
        y,
        form(
          xs.map((x, i) => b.whole(x, (i % 5) - 2)).filter((t) => t.coefficient !== 0),
          7,
        ),
      );
    });
    const trace = derive(toy.program);
    expect(names(trace, LIST.trace).every((name) => name === 'program/part')).toBe(true);
    expect(trace.lists[LIST.trace].length).toBeGreaterThan(0);
    await expectGuarded(toy, trace);
  });

  it('operands that combine: tensors of their own, or one einsum for each term', async () => {
    const square = build((b) => {
      const x = b.input('x', [3, 4], { lo: -9, hi: 9 });
      const m = b.input('m', [3], { lo: -9, hi: 9 });
      const y = b.output('y', [3], { lo: -9999, hi: 9999 });
      const difference = form([term(x, [along(0), along(1)]), term(m, [along(0)], -1)]);
      b.define(y, form([]), [product(difference, difference, [4])]);
    });
    const squared = derive(square.program);
    expect(names(squared, LIST.trace)).toEqual(['program/operand']);
    await expectGuarded(square, squared);

    // A sliding window over two pieces: 300 elements in place, 9,000 where it is written out.
    const window = build((b) => {
      const x = b.input('x', [300], { lo: -9, hi: 9 });
      const z = b.input('z', [300], { lo: -9, hi: 9 });
      const w = b.model('w', [30], { lo: -3, hi: 3 });
      const y = b.output('y', [271], { lo: -9999, hi: 9999 });
      const both = form([
        term(x, [affine(0, [0, 1], [1, 1])]),
        term(z, [affine(0, [0, 1], [1, 1])], 2),
      ]);
      b.define(y, form([]), [product(both, form([term(w, [along(1)])]), [30])]);
    });
    const slid = derive(window.program);
    expect(names(slid, LIST.trace)).toEqual(['program/product']);
    await expectGuarded(window, slid);
  });

  it('several products: all but one committed', async () => {
    const toy = build((b) => {
      const x = b.input('x', [3, 4], { lo: -9, hi: 9 });
      const w = b.model('w', [4, 2], { lo: -9, hi: 9 });
      const y = b.output('y', [3, 2], { lo: -99_999, hi: 99_999 });
      const dot = (c: number) =>
        product(
          form([term(x, [along(0), along(2)])]),
          form([term(w, [along(2), along(1)])]),
          [4],
          c,
        );
      const plain = product(
        form([term(x, [along(0), affine(0)])], 1),
        form([term(w, [affine(3), along(1)])]),
      );
      b.define(y, form([], 5), [dot(3), plain]);
    });
    await expectGuarded(toy);
  });

  it('tables whose keys have gaps: membership', async () => {
    const toy = build((b) => {
      const x = b.input('x', [6], { lo: 0, hi: 3 });
      const rows = [0, 5, 10, 15].map((key) => [key, key * key]);
      const y = b.output('y', [6], { lo: 0, hi: 225 });
      b.apply(form([b.whole(x, 5)]), [6], listedTable('squares', 1, rows), y);
    });
    const trace = derive(toy.program);
    expect(kinds(trace)).toEqual(['lookup', 'lookup']);
    expect(names(trace, LIST.constant)).toEqual(['squares/member', 'squares/1']);
    expect(trace.lists[LIST.constant][0]?.dims).toEqual([16]);
    await expectGuarded(toy, trace);
  });

  it('tables of several keys: a box', async () => {
    const toy = build((b) => {
      const x = b.input('x', [5], { lo: 0, hi: 2 });
      const z = b.input('z', [5], { lo: -1, hi: 1 });
      const rows = [0, 1, 2].flatMap((i) => [-1, 0, 1].map((j) => [i, j, 7 * i + j]));
      const table = b.table(listedTable('pairs', 2, rows.toReversed()));
      const y = b.output('y', [5], { lo: -1, hi: 15 });
      const looked = b.lookup([5], table, [b.wholeForm(x), b.wholeForm(z), b.wholeForm(y)]);
      b.lookupStep(looked, [[2, y]]);
    });
    const trace = derive(toy.program);
    expect(kinds(trace)).toEqual(['lookup']);
    expect(trace.lists[LIST.constant][0]?.dims).toEqual([3, 3]);
    await expectGuarded(toy, trace);
  });

  it('a first maximum: one group with the maximum and the later bits', () => {
    const { program } = argMaxToy(seededDraw(1));
    const trace = derive(program);
    const groups = trace.groups.map(({ tensors }) =>
      tensors.map(({ list, index }) => trace.lists[list][index]?.name).toSorted(),
    );
    expect(groups).toEqual([['argmax/sum', 'hot', 'm'], ['index']]);
  });

  it('quotients: 0 <= r < divisor', async () => {
    const trace = derive(softmaxToy(seededDraw(1)).program);
    const quotient = trace.groups.find(({ tensors }) => tensors.some(({ list }) => list === 3));
    const ranges = (quotient?.relations ?? []).filter(
      (id) => trace.relations[id]?.kind === 'range',
    );
    // Of q, of r, and of divisor − 1 − r.
    expect(ranges).toHaveLength(3);
    await expectGuarded(softmaxToy(seededDraw(1)), trace);
  });
});

describe('leaf orders', () => {
  /** Products that read `x` along its first and along its last axis. */
  const twice = (role: 'input' | 'model'): Toy =>
    build((b) => {
      const range = { lo: -1, hi: 1 };
      const [k, m, n] = [700, 40, 300];
      const x = role === 'input' ? b.input('x', [k, m], range) : b.model('x', [k, m], range);
      const w = b.input('w', [n, k], range);
      const v = b.input('v', [m], range);
      const y = b.output('y', [m, n], { lo: -k, hi: k });
      const z = b.output('z', [k], { lo: -m, hi: m });
      b.define(y, form([]), [
        product(form([term(x, [along(2), along(0)])]), form([term(w, [along(1), along(2)])]), [k]),
      ]);
      b.define(z, form([]), [
        product(form([term(x, [along(0), along(1)])]), form([term(v, [along(1)])]), [m]),
      ]);
    });

  it('put summed axes innermost, in copies where a tensor has another order', async () => {
    const toy = twice('input');
    const trace = derive(toy.program);
    expect(names(trace, LIST.trace)).toEqual(['x/copy']);
    expect(trace.lists[LIST.trace][0]?.order).toEqual([1, 0]);
    expect(Math.max(...dearest(trace).map(({ bytes }) => bytes))).toBeLessThan(24_576);
    await expectGuarded(toy, trace);
  });

  it('a Constant read along two orders is there twice, and no run commits to it again', () => {
    const trace = derive(twice('model').program);
    const orders = trace.lists[LIST.constant].map(({ name, order }) => `${name} ${order.join()}`);
    expect(orders.toSorted()).toEqual(['x 1,0', 'x/copy 0,1']);
    expect(trace.lists[LIST.trace]).toEqual([]);
  });

  it('of a convolution: channels last, in the sum as well', () => {
    const toy = build((b) => {
      const x = b.input('x', [8, 12, 12], { lo: 0, hi: 9 });
      const relu = b.witness('relu', [8, 12, 12]);
      b.define(relu, b.wholeForm(x));
      const w = b.model('w', [8, 3, 3, 4], { lo: -9, hi: 9 });
      const y = b.output('y', [4, 10, 10], { lo: -6000, hi: 6000 });
      const window = [along(3), affine(0, [1, 1], [4, 1]), affine(0, [2, 1], [5, 1])];
      b.define(y, form([]), [
        product(
          form([term(relu, window)]),
          form([term(w, [along(3), along(4), along(5), along(0)])]),
          [8, 3, 3],
        ),
      ]);
    });
    const trace = derive(toy.program);
    const conv = trace.relations.find((r) => r.kind === 'einsum');
    if (conv?.kind !== 'einsum') throw new Error('expected a convolution');
    expect(conv.sum.at(-1)).toBe(8);
    expect(trace.lists[LIST.trace][0]?.order.at(-1)).toBe(0);
    const weights = [conv.x, conv.y].find(({ tensor }) => tensor.list === LIST.constant);
    expect(weights?.tensor.dims[weights.tensor.order.at(-1) ?? 0]).toBe(8);
  });

  it('long sums have prefix sums', async () => {
    const toy = mlpToy(seededDraw(1), [2500, 4, 3]);
    const trace = derive(toy.program);
    const prefix = trace.lists[LIST.trace].find(({ name }) => name.endsWith('/prefix'));
    expect(prefix?.dims).toEqual([2, 1, 4]);
    expect(prefix?.order).toEqual([1, 2, 0]);
    await expectGuarded(toy, trace);
  });
});

describe('int32', () => {
  /** Σ of 2,000 products of values up to 1,023 and weights up to 4,095, of which the first half is positive. */
  const deep = (lo: number, weight: (i: number) => number): Toy => {
    const toy = build((b) => {
      const x = b.input('x', [2000], { lo, hi: 1023 });
      const w = b.model('w', [2000], { lo: -4095, hi: 4095 });
      const y = b.output('y', [], { lo: -(2 ** 29), hi: 2 ** 29 });
      const relation = b.zero(
        [],
        form([b.whole(y, -1)]),
        [product(form([term(x, [along(0)])]), form([term(w, [along(0)])]), [2000])],
        { lo: -(2 ** 29), hi: 2 ** 29 },
      );
      b.digits(relation, [[y, 0]]);
    });
    const weights = new Map([[1, Int32Array.from({ length: 2000 }, (_, i) => weight(i))]]);
    return { ...toy, weights };
  };

  it('of prefix sums follows from a declared interval where operands may be 0', async () => {
    const toy = deep(0, (i) => (i % 700) - 350);
    const trace = derive(toy.program);
    const [prefix] = trace.lists[LIST.trace];
    expect(prefix).toMatchObject({ proven: true, range: { lo: -(2 ** 29), hi: 2 ** 29 } });
    await expectGuarded(toy, trace);
  });

  it('of prefix sums follows from weights where they may not', () => {
    const small = deep(1000, (i) => (i % 2 === 0 ? 500 : -500));
    const trace = derive(small.program);
    expect(trace.lists[LIST.trace][0]).toMatchObject({ proven: false });
    expect(checkTrace(trace, small.program, small.weights)).toEqual({ ok: true, value: null });
    // The sum of all of it is as small; that of the first half is not.
    const large = deep(1000, (i) => (i < 1000 ? 4000 : -4000));
    const checked = checkTrace(trace, large.program, large.weights);
    expect(checked.ok ? '' : describeTraceError(checked.error)).toContain('not int32');
  });

  it('of weights: they must be the declared ones', () => {
    const toy = deep(0, () => 5000);
    const checked = checkTrace(derive(toy.program), toy.program, toy.weights);
    expect(checked).toMatchObject({ ok: false, error: { kind: 'trace/program' } });
  });

  it('is asked of every committed sum', () => {
    const toy = build((b) => {
      const xs = Array.from({ length: 20 }, (_, i) =>
        b.input(`x${i}`, [2], { lo: 0, hi: 2 ** 26 }),
      );
      const y = b.output('y', [2], { lo: 0, hi: 2 ** 30 });
      b.define(y, form(xs.map((x, i) => b.whole(x, i % 2 === 0 ? 1 : -1))));
    });
    // 15 terms with both signs: fits.
    expect(refusal(toy.program)).toBe('');
    const wide = build((b) => {
      const xs = Array.from({ length: 30 }, (_, i) =>
        b.input(`x${i}`, [2], { lo: 0, hi: 2 ** 28 }),
      );
      const y = b.output('y', [2], { lo: 0, hi: 2 ** 30 });
      // Interval inside (−p, p) only where positive and negative terms are taken together.
      const terms = xs.map((x, i) => b.whole(x, i < 15 ? 1 : -1));
      b.define(y, form(terms));
    });
    expect(refusal(wide.program)).toMatch(/can reach|not int32/);
  });
});

describe('refused', () => {
  it('programs that leave a tensor more than one value', () => {
    const toy = build((b) => {
      const x = b.input('x', [2], { lo: 0, hi: 255 });
      const hi = b.witness('hi', [2]);
      const lo = b.witness('lo', [2]);
      const relation = b.zero([2], form([b.whole(x), b.whole(hi, -4), b.whole(lo, -1)]));
      b.digits(relation, [
        [hi, 0],
        [lo, 0],
      ]);
      b.inRange(hi, 0, 63);
      b.inRange(lo, 0, 7);
    });
    expect(refusal(toy.program)).toContain('more than one value');
  });

  it('tensors of more than 8 axes, naming node and tensor', () => {
    const toy = build((b) => {
      b.node('deep', 'Reshape');
      const x = b.input('x', [2 ** 9], { lo: 0, hi: 9 });
      const y = b.witness(
        'y',
        Array.from({ length: 9 }, () => 2),
      );
      b.define(y, form([term(x, [reshape(1, [0, 1, 2, 3, 4, 5, 6, 7, 8])])]));
    });
    expect(refusal(toy.program)).toBe('node deep: tensor y has 9 axes');
  });

  it('tables over too many keys', () => {
    const toy = build((b) => {
      const x = b.input('x', [2], { lo: 0, hi: 1 });
      const y = b.output('y', [2], { lo: 0, hi: 1 });
      b.apply(
        form([b.whole(x, 2 ** 25)]),
        [2],
        listedTable('far', 1, [
          [0, 0],
          [2 ** 25, 1],
        ]),
        y,
      );
    });
    expect(refusal(toy.program)).toContain('the keys of the table span more than 2^24 positions');
  });

  /** One-hot maxima along an axis of `shape`. */
  const maxima = (shape: readonly number[], axis: number): Toy =>
    build((b) => {
      const outer = shape.filter((_, a) => a !== axis);
      const length = shape[axis] ?? 1;
      const x = b.input('x', shape, { lo: 0, hi: 3 });
      const hot = b.output('hot', shape, { lo: 0, hi: 1 });
      b.onehotStep(b.wholeForm(x), axis, hot);
      b.inRange(hot, 0, 1);
      const inRow = shape.map((_, a) =>
        a === axis ? along(outer.length) : along(a > axis ? a - 1 : a),
      );
      b.zero(outer, form([term(hot, inRow, 1, [length])], -1));
      const m = b.witness('m', outer);
      b.define(m, form([]), [product(form([term(hot, inRow)]), form([term(x, inRow)]), [length])]);
      const own = shape.map((_, a) => along(a));
      const later = own.with(axis, affine(1, [axis, 1], [shape.length, 1]));
      const spread = outer.map((_, a) => along(a < axis ? a : a + 1));
      b.lookup(shape, b.table(rangeTable('slack', { lo: 0, hi: 15 })), [
        form([term(m, spread), b.whole(x, -1), term(hot, later, -1, [length])]),
      ]);
    });

  it('groups that a challenge cannot ask for', () => {
    // Bits of one row lie in as many leaves as there are rows in between.
    expect(refusal(maxima([250, 64], 0).program)).toMatch(
      /leaves around one element, more than a challenge/,
    );
  });

  it('but not for their size: a row is a row, however many there are', () => {
    // 64 million reads.
    expect(refusal(maxima([8, 200, 200], 2).program)).toBe('');
  });
});

describe('the lint', () => {
  const { program } = argMaxToy(seededDraw(1));
  const trace = derive(program);
  const reason = (changed: Partial<TraceProgram>, of = program, base = trace): string => {
    const error = lintTrace(of, { ...base, ...changed });
    return error === null ? '' : describeTraceError(error);
  };
  const relations = (change: (relation: TraceRelation) => TraceRelation): TraceRelation[] =>
    trace.relations.map(change);

  it('accepts what is derived', () => {
    expect(reason({})).toBe('');
  });

  it('wants each tensor in one group', () => {
    expect(reason({ groups: trace.groups.slice(0, 1) })).toContain('in no definition group');
    const [first, second] = trace.groups as [DefinitionGroup, DefinitionGroup];
    expect(reason({ groups: [first, second, second] })).toContain('is defined twice');
  });

  it('wants groups in order', () => {
    expect(reason({ groups: trace.groups.toReversed() })).toContain('before it is defined');
  });

  it('wants trace tensors numbered by their groups', () => {
    const [first, second] = trace.groups as [DefinitionGroup, DefinitionGroup];
    const other = { ...first, tensors: first.tensors.toReversed() };
    expect(reason({ groups: [other, second] })).toContain('is not numbered by its group');
  });

  it('wants groups that define', () => {
    const [first, second] = trace.groups as [DefinitionGroup, DefinitionGroup];
    const without = { ...second, relations: second.relations.slice(1) };
    expect(reason({ groups: [first, without] })).toContain('is not defined by its group');
    const twice = relations((relation) =>
      relation.kind === 'einsum'
        ? {
            ...relation,
            claim: {
              ...relation.claim,
              terms: relation.claim.terms.map((t) => ({ ...t, coefficient: 2 * t.coefficient })),
            },
          }
        : relation,
    );
    expect(reason({ relations: twice })).toContain('is not defined by its group');
  });

  it('wants a range of every tensor', () => {
    const wider = relations((relation) =>
      relation.kind === 'range' ? { ...relation, hi: relation.hi + 1 } : relation,
    );
    expect(reason({ relations: wider })).toContain('has no range');
  });

  it('wants lookups that are functions', () => {
    const gaps = build((b) => {
      const x = b.input('x', [6], { lo: 0, hi: 1 });
      const rows = [0, 5].map((key) => [key, key]);
      const y = b.output('y', [6], { lo: 0, hi: 5 });
      b.apply(form([b.whole(x, 5)]), [6], listedTable('t', 1, rows), y);
    });
    const looked = derive(gaps.program);
    const whole = looked.relations.map((relation) =>
      relation.kind === 'lookup' && relation.table.index === 0
        ? { ...relation, table: looked.lists[0][1] ?? relation.table }
        : relation,
    );
    expect(reason({ relations: whole }, gaps.program, looked)).toContain('keys that it may lack');
    const listed = looked.relations.map((relation) =>
      relation.kind === 'lookup'
        ? { ...relation, table: { ...relation.table, index: 9 } }
        : relation,
    );
    expect(reason({ relations: listed }, gaps.program, looked)).toContain('is no table');
    const ambiguous = {
      ...gaps.program,
      tables: [
        listedTable(
          't',
          1,
          [0, 0].map((key, i) => [key, i]),
        ),
      ],
    };
    expect(reason({}, ambiguous, looked)).toContain('no function of its keys');
  });

  it('wants checks within the budget, and bodies that a contract accepts', () => {
    const [k, m] = [900, 64];
    const strided = build((b) => {
      const x = b.input('x', [k, m], { lo: -1, hi: 1 });
      const w = b.input('w', [k, m], { lo: -1, hi: 1 });
      const y = b.output('y', [m], { lo: -k, hi: k });
      const along01 = [along(1), along(0)];
      b.define(y, form([]), [product(form([term(x, along01)]), form([term(w, along01)]), [k])]);
    });
    const fits = derive(strided.program);
    expect(Math.max(...dearest(fits).map(({ bytes }) => bytes))).toBeLessThanOrEqual(
      TRACE_LIMITS.proofBytes,
    );
    const scattered = fits.relations.map((relation): TraceRelation => {
      if (relation.kind !== 'einsum') return relation;
      const [x, w] = fits.lists[LIST.input];
      if (x === undefined || w === undefined) throw new Error('no inputs');
      return {
        ...relation,
        chunk: 1024,
        partials: null,
        x: { ...relation.x, tensor: x },
        y: { ...relation.y, tensor: w },
      };
    });
    const groups = fits.groups.slice(-1);
    const lists = [fits.lists[0], fits.lists[1], [], fits.lists[3]] as const;
    expect(reason({ relations: scattered, groups, lists }, strided.program, fits)).toMatch(
      /needs \d+ bytes to check element 0, more than 24576/,
    );
    const odd = relations((relation) =>
      relation.kind === 'einsum' ? { ...relation, chunk: 3 } : relation,
    );
    expect(reason({ relations: odd })).toContain('not a power of two');
  });
});

describe('outputs and inputs', () => {
  it('keep the order of their bytes', () => {
    const { program } = convToy(seededDraw(1));
    const trace = derive(program);
    for (const list of [LIST.input, LIST.output] as const)
      for (const { order } of trace.lists[list]) expect(order).toEqual([...order.keys()]);
    const tensors = (ports: readonly { tensor: TensorId }[]): number[] =>
      ports.map(({ tensor }) => elementCount(program.tensors[tensor]?.shape ?? []));
    expect(trace.lists[LIST.input].map(({ dims }) => elementCount(dims))).toEqual(
      tensors(program.inputs),
    );
    expect(trace.lists[LIST.output].map(({ dims }) => elementCount(dims))).toEqual(
      tensors(program.outputs),
    );
  });
});
