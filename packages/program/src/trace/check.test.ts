import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../testing/random.ts';
import type { View } from '../types.ts';
import { viewIndexer } from '../views/indexer.ts';
import { evaluate, instances, leafPosition, reads, unravel, viewPosition } from './check.ts';
import { ExactSum } from './exact.ts';
import { RandomTensors, randomRelation } from './testing/index.ts';
import {
  type Factor,
  LIST,
  type RelationKind,
  type TensorRef,
  type TraceForm,
  type TraceRelation,
  type TraceView,
} from './types.ts';

type Read = (tensor: TensorRef, position: number) => number;

/** The program's view that a trace view stands for, its gathers listed. */
function programView(view: TraceView, read: Read): View {
  return view.factors.map((factor) =>
    factor.kind === 'gather'
      ? {
          kind: 'gather',
          axis: factor.axis,
          indices: Array.from({ length: factor.table.dims[0] ?? 0 }, (_, i) =>
            read(factor.table, i),
          ),
        }
      : factor,
  );
}

function rowMajorValue(tensor: TensorRef, flat: number, read: Read): bigint {
  const coordinates = unravel(flat, tensor.dims);
  let position = 0;
  for (const axis of tensor.order)
    position = position * (tensor.dims[axis] ?? 0) + (coordinates[axis] ?? 0);
  return BigInt(read(tensor, position));
}

/** The definitions of `types.ts`, by the program's own reading of views and in bigints. */
class Naive {
  readonly read: Read;
  constructor(read: Read) {
    this.read = read;
  }
  view(view: TraceView, index: readonly number[], dims: readonly number[]): bigint {
    const { tensor } = view;
    const flat = viewIndexer(programView(view, this.read), tensor.dims, dims)(index);
    return flat < 0 ? 0n : rowMajorValue(tensor, flat, this.read);
  }
  form(form: TraceForm, index: readonly number[], dims: readonly number[]): bigint {
    return form.terms.reduce(
      (sum, { coefficient, view }) => sum + BigInt(coefficient) * this.view(view, index, dims),
      BigInt(form.bias),
    );
  }
  holds(r: TraceRelation, element: number): boolean {
    const outputs = r.domain.reduce((a, b) => a * b, 1);
    const index = unravel(element % outputs, r.domain);
    switch (r.kind) {
      case 'linear':
        return this.form(r.form, index, r.domain) === 0n;
      case 'range': {
        const value = this.form(r.form, index, r.domain);
        return BigInt(r.lo) <= value && value <= BigInt(r.hi);
      }
      case 'einsum': {
        const c = Math.floor(element / outputs);
        const terms = r.sum.reduce((a, b) => a * b, 1);
        const last = Math.ceil(terms / r.chunk) - 1;
        const dims = [...r.domain, ...r.sum];
        const prefix = (chunk: number): bigint => {
          if (chunk < 0 || r.partials === null) return 0n;
          const at = leafPosition(r.partials, [chunk, ...index]);
          return BigInt(this.read(r.partials, at));
        };
        let sum = 0n;
        for (let t = c * r.chunk; t < Math.min(terms, (c + 1) * r.chunk); t++) {
          const all = [...index, ...unravel(t, r.sum)];
          sum += this.view(r.x, all, dims) * this.view(r.y, all, dims);
        }
        if (c < last) return prefix(c) - prefix(c - 1) === sum;
        const total = sum + prefix(c - 1);
        return BigInt(r.scale) * total + this.form(r.claim, index, r.domain) === 0n;
      }
      case 'lookup': {
        const key = r.coordinates.map((coordinate) =>
          coordinate.kind === 'keyed'
            ? this.form(coordinate.form, index, r.domain) - BigInt(coordinate.base)
            : coordinate.strides.reduce(
                (sum, { axis, stride }) => sum + BigInt(stride) * BigInt(index[axis] ?? 0),
                BigInt(coordinate.offset),
              ),
        );
        if (!key.every((k, axis) => k >= 0n && k < BigInt(r.table.dims[axis] ?? 0))) return false;
        const flat = key.reduce((at, k, axis) => at * BigInt(r.table.dims[axis] ?? 0) + k, 0n);
        return (
          this.form(r.value, index, r.domain) === rowMajorValue(r.table, Number(flat), this.read)
        );
      }
    }
  }
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const everyElement = (r: TraceRelation): number[] =>
  Array.from({ length: instances(r) }, (_, element) => element);

test('a view reads where the program reads', () => {
  let inside = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const tensors = new RandomTensors(new SeededRandom(seed), false);
      const axes = tensors.shape(4, 60);
      const view = tensors.view(axes);
      const naive = viewIndexer(programView(view, tensors.read), view.tensor.dims, axes);
      for (const index of tensors.indices(axes)) {
        const flat = naive(index);
        const position = viewPosition(view, index, axes, tensors.read);
        if (flat < 0) expect(position).toBe(-1);
        else {
          inside += 1;
          expect(position).toBe(leafPosition(view.tensor, unravel(flat, view.tensor.dims)));
        }
      }
    }),
    { seed: 1, numRuns: 400 },
  );
  expect(inside).toBeGreaterThan(1_000);
});

describe.each(['linear', 'einsum', 'range', 'lookup'] satisfies RelationKind[])('%s', (kind) => {
  test.each([false, true])('what is made to hold holds, wide = %s', (wide) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const tensors = new RandomTensors(new SeededRandom(seed), wide);
        const relation = randomRelation(tensors, kind);
        if (wide && kind === 'range') return;
        for (const element of everyElement(relation))
          expect(evaluate(relation, element, tensors.read)).toBe(true);
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  test.each([false, true])('agrees with the definition on any values, wide = %s', (wide) => {
    const seen = { true: 0, false: 0 };
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 30 }), (seed, percent) => {
        const tensors = new RandomTensors(new SeededRandom(seed), wide);
        const relation = randomRelation(tensors, kind);
        for (const list of [0, 1, 2, 3] as const) {
          for (const { tensor, values } of tensors.lists[list]) {
            for (let i = 0; i < values.length; i++)
              if (tensors.chance(percent)) tensors.write(tensor, i, () => tensors.element());
          }
        }
        const naive = new Naive(tensors.read);
        for (const element of everyElement(relation)) {
          const holds = evaluate(relation, element, tensors.read);
          expect(holds).toBe(naive.holds(relation, element));
          seen[holds ? 'true' : 'false'] += 1;
        }
      }),
      { seed: 3, numRuns: 60 },
    );
    expect(seen.true).toBeGreaterThan(50);
    expect(seen.false).toBeGreaterThan(50);
  });

  test('reads decide: nothing else changes the answer', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const tensors = new RandomTensors(new SeededRandom(seed), false);
        const relation = randomRelation(tensors, kind);
        const element = tensors.random.integer(0, instances(relation) - 1);
        const read = new Set(
          reads(relation, element, tensors.read).map(
            ({ tensor, position }) => `${tensor.list}:${tensor.index}:${position}`,
          ),
        );
        const noisy: Read = (tensor, position) =>
          read.has(`${tensor.list}:${tensor.index}:${position}`)
            ? tensors.read(tensor, position)
            : Number.NaN;
        expect(evaluate(relation, element, noisy)).toBe(true);
      }),
      { seed: 4, numRuns: 60 },
    );
  });
});

describe('what is read', () => {
  const along = (axis: number): Factor => ({
    kind: 'affine',
    offset: 0,
    strides: [{ axis, stride: 1 }],
  });
  const outside: Factor = { kind: 'affine', offset: -1, strides: [] };
  const tensor = (index: number, dims: readonly number[]): TensorRef => ({
    list: LIST.trace,
    index,
    dims,
    order: dims.map((_, axis) => axis),
  });
  const table: TensorRef = { ...tensor(9, [2]), list: LIST.constant };
  const gather: Factor = { kind: 'gather', axis: 0, table };
  const zero: Read = () => 0;
  const indices = (relation: TraceRelation, element: number, read = zero): number[] =>
    reads(relation, element, read).map((reading) => reading.tensor.index);
  const einsum = (x: readonly Factor[], y: readonly Factor[]): TraceRelation => ({
    kind: 'einsum',
    domain: [2],
    sum: [1],
    chunk: 1,
    scale: 1,
    x: {
      tensor: tensor(
        1,
        x.map(() => 2),
      ),
      factors: x,
    },
    y: {
      tensor: tensor(
        2,
        y.map(() => 2),
      ),
      factors: y,
    },
    partials: null,
    claim: {
      bias: 0,
      terms: [{ coefficient: 1, view: { tensor: tensor(3, [2]), factors: [along(0)] } }],
    },
  });

  test('a view reads all its gather tables, its element only inside', () => {
    const view = (...factors: Factor[]): TraceRelation => ({
      kind: 'linear',
      domain: [2],
      form: {
        bias: 0,
        terms: [{ coefficient: 1, view: { tensor: tensor(1, [2, 2]), factors } }],
      },
    });
    expect(indices(view(gather, along(0)), 0)).toEqual([9, 1]);
    expect(indices(view(outside, gather), 0)).toEqual([9]);
    expect(indices(view(gather, outside), 0)).toEqual([9]);
  });

  test('of a product with an operand outside, tables alone are read', () => {
    expect(indices(einsum([along(0)], [along(0)]), 1)).toEqual([1, 2, 3]);
    expect(indices(einsum([outside], [gather]), 1)).toEqual([9, 3]);
    expect(indices(einsum([outside], [along(0)]), 1)).toEqual([3]);
    expect(indices(einsum([gather], [outside]), 1)).toEqual([9, 3]);
    expect(indices(einsum([along(0)], [outside]), 1)).toEqual([3]);
  });

  test('prefix sums: P of the chunk before, then of this one or the claim', () => {
    const relation: TraceRelation = {
      kind: 'einsum',
      domain: [],
      sum: [5],
      chunk: 2,
      scale: 1,
      x: { tensor: tensor(1, [5]), factors: [along(0)] },
      y: { tensor: tensor(2, [5]), factors: [along(0)] },
      partials: tensor(4, [2]),
      claim: { bias: 0, terms: [{ coefficient: 1, view: { tensor: tensor(3, []), factors: [] } }] },
    };
    const at = (element: number): string[] =>
      reads(relation, element, zero).map((r) => `${r.tensor.index}.${r.position}`);
    expect(instances(relation)).toBe(3);
    expect(at(0)).toEqual(['1.0', '2.0', '1.1', '2.1', '4.0']);
    expect(at(1)).toEqual(['1.2', '2.2', '1.3', '2.3', '4.0', '4.1']);
    expect(at(2)).toEqual(['1.4', '2.4', '4.1', '3.0']);
  });

  test('a lookup reads all its keys, the table only inside', () => {
    const key = (index: number): TraceForm => ({
      bias: 0,
      terms: [{ coefficient: 1, view: { tensor: tensor(index, [2]), factors: [along(0)] } }],
    });
    const relation: TraceRelation = {
      kind: 'lookup',
      domain: [2],
      value: key(3),
      table: { ...tensor(9, [4, 4]), list: LIST.constant },
      coordinates: [
        { kind: 'keyed', base: 0, form: key(1) },
        { kind: 'keyed', base: 0, form: key(2) },
      ],
    };
    expect(indices(relation, 0)).toEqual([3, 1, 2, 9]);
    expect(indices(relation, 0, (t) => (t.index === 1 ? 4 : 0))).toEqual([3, 1, 2]);
    expect(indices(relation, 0, (t) => (t.index === 2 ? -1 : 0))).toEqual([3, 1, 2]);
  });
});

test('ExactSum is exact', () => {
  const integer = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer(),
    fc.constantFrom(2 ** 53 - 1, 1 - 2 ** 53, 2 ** 31, 0, 1, -1),
  );
  fc.assert(
    fc.property(
      integer,
      fc.array(fc.tuple(integer, integer), { maxLength: 12 }),
      integer,
      (start, products, length) => {
        const sum = new ExactSum(start);
        let expected = BigInt(start);
        for (const [a, b] of products) {
          sum.add(a, b);
          expected += BigInt(a) * BigInt(b);
        }
        expect(sum.value).toBe(expected);
        const within = expected >= 0n && expected < BigInt(length);
        // + 0: a sum may be −0.
        expect(sum.within(length) + 0).toBe(within ? Number(expected) : -1);
      },
    ),
    { seed: 5, numRuns: 2_000 },
  );
});

test('offsets and strides near 2^31 cancel exactly', () => {
  const dims = [2 ** 31 - 1];
  const view: TraceView = {
    tensor: { list: 2, index: 0, dims: [8], order: [0] },
    factors: [
      {
        kind: 'affine',
        offset: 5,
        strides: [
          { axis: 0, stride: 2 ** 31 - 1 },
          { axis: 0, stride: -(2 ** 31) },
          { axis: 0, stride: 1 },
        ],
      },
    ],
  };
  expect(viewPosition(view, [2 ** 31 - 2], dims, () => 0)).toBe(5);
});
