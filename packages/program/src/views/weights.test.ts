import { addK, type K, mulK, ONE, scaleK, toF, ZERO } from '@assay/core/field';
import { eqTable, evaluateMle } from '@assay/core/poly';
import { describe, expect, test } from 'vitest';
import { layoutProgram } from '../layout/layout.ts';
import { axisBits, elementCount } from '../shape/dimensions.ts';
import { WeightEvaluator } from '../system/evaluate.ts';
import { SeededRandom } from '../testing/random.ts';
import type { Program, View } from '../types.ts';
import type { AxisWeight } from './axis-weight.ts';
import { carryWeight } from './carry.ts';
import { viewIndexer } from './indexer.ts';
import { ViewWeights } from './weights.ts';

function indices(dims: readonly number[]): number[][] {
  let out: number[][] = [[]];
  for (const length of dims) out = out.flatMap((h) => Array.from({ length }, (_, i) => [...h, i]));
  return out;
}

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dims: readonly number[];
  readonly view: View;
  /** Axes weighted by ones instead of eq. */
  readonly ones?: readonly number[];
}

const id = (axis: number) =>
  ({ kind: 'affine', offset: 0, strides: [{ axis, stride: 1 }] }) as const;
const cases: readonly Case[] = [
  { name: 'identity', shape: [5, 6], dims: [5, 6], view: [id(0), id(1)] },
  { name: 'transpose', shape: [5, 6], dims: [6, 5], view: [id(1), id(0)] },
  { name: 'broadcast', shape: [6], dims: [3, 6, 2], view: [id(1)] },
  { name: 'scalar', shape: [], dims: [3], view: [] },
  {
    name: 'slice with stride',
    shape: [20],
    dims: [4],
    view: [{ kind: 'affine', offset: 3, strides: [{ axis: 0, stride: 5 }] }],
  },
  {
    name: 'reversed',
    shape: [7],
    dims: [7],
    view: [{ kind: 'affine', offset: 6, strides: [{ axis: 0, stride: -1 }] }],
  },
  {
    name: 'zero padding',
    shape: [5, 3],
    dims: [9, 3],
    view: [{ kind: 'affine', offset: -2, strides: [{ axis: 0, stride: 1 }] }, id(1)],
  },
  {
    name: 'convolution window, stride 2, dilation 2, padding 1',
    shape: [3, 10, 7],
    dims: [5, 4, 3, 3, 2],
    view: [
      id(2),
      {
        kind: 'affine',
        offset: -1,
        strides: [
          { axis: 0, stride: 2 },
          { axis: 3, stride: 2 },
        ],
      },
      {
        kind: 'affine',
        offset: -1,
        strides: [
          { axis: 1, stride: 2 },
          { axis: 4, stride: 1 },
        ],
      },
    ],
  },
  {
    name: 'group and channel in one axis',
    shape: [12],
    dims: [3, 4],
    view: [
      {
        kind: 'affine',
        offset: 0,
        strides: [
          { axis: 0, stride: 4 },
          { axis: 1, stride: 1 },
        ],
      },
    ],
  },
  {
    name: 'window sum',
    shape: [9],
    dims: [3, 3],
    view: [
      {
        kind: 'affine',
        offset: 0,
        strides: [
          { axis: 0, stride: 3 },
          { axis: 1, stride: 1 },
        ],
      },
    ],
    ones: [1],
  },
  {
    name: 'suffix sum (index above)',
    shape: [6],
    dims: [6, 6],
    view: [
      {
        kind: 'affine',
        offset: 1,
        strides: [
          { axis: 0, stride: 1 },
          { axis: 1, stride: 1 },
        ],
      },
    ],
    ones: [1],
  },
  {
    name: 'gather with zeros and repeats',
    shape: [6, 2],
    dims: [5, 2],
    view: [{ kind: 'gather', axis: 0, indices: [4, -1, 4, 0, 5] }, id(1)],
  },
  {
    name: 'fixed index',
    shape: [6, 3],
    dims: [3],
    view: [{ kind: 'affine', offset: 4, strides: [] }, id(0)],
  },
  {
    name: 'merge [5,7] to [35]',
    shape: [5, 7],
    dims: [35],
    view: [{ kind: 'reshape', storageAxes: 2, axes: [0] }],
  },
  {
    name: 'split [35] to [7,5]',
    shape: [35],
    dims: [7, 5],
    view: [{ kind: 'reshape', storageAxes: 1, axes: [0, 1] }],
  },
  {
    name: 'reshape [6,5] to [3,10] under channels',
    shape: [3, 6, 5],
    dims: [3, 10, 3],
    view: [id(2), { kind: 'reshape', storageAxes: 2, axes: [0, 1] }],
  },
  {
    name: 'flatten [16,5,5]',
    shape: [16, 5, 5],
    dims: [400],
    view: [{ kind: 'reshape', storageAxes: 3, axes: [0] }],
  },
  {
    name: 'reshape summed over',
    shape: [3, 7],
    dims: [21],
    view: [{ kind: 'reshape', storageAxes: 2, axes: [0] }],
    ones: [0],
  },
];

function programOf(shape: readonly number[]): Program {
  const tensor = { role: 'witness', range: null, data: null, node: 0 } as const;
  return {
    name: 'one tensor',
    tensors: [
      { ...tensor, name: 'x', shape },
      { ...tensor, name: 'other', shape: [3] },
    ],
    tables: [],
    relations: [],
    steps: [],
    inputs: [],
    outputs: [],
    nodes: [],
  };
}

describe('weights of views', () => {
  const random = new SeededRandom(11);
  test.each(cases)(
    '$name: equals the naive sum, reads no padding',
    ({ shape, dims, view, ones = [] }) => {
      const point = random.ks(12);
      const weights = new ViewWeights({ lookup: [], outer: point, inner: [] });
      let from = 0;
      // One axis gets a box inside its range, as LogUp's blocks have.
      const axes = dims.map((length, axis): AxisWeight => {
        if (ones.includes(axis)) return { kind: 'ones' };
        const start = axis === 0 && length > 2 ? 1 : 0;
        const bits = axisBits(length - start);
        const weight: AxisWeight = {
          kind: 'eq',
          point: 'outer',
          from,
          bits,
          start,
          length: length - start,
        };
        from += bits;
        return weight;
      });
      const read = viewIndexer(view, shape, dims);
      const naive: K[] = new Array<K>(elementCount(shape)).fill(ZERO);
      for (const index of indices(dims)) {
        const flat = read(index);
        if (flat < 0) continue;
        let w: K = ONE;
        for (const [axis, i] of index.entries()) {
          const weight = axes[axis];
          if (weight?.kind !== 'eq') continue;
          const inside = i >= weight.start && i < weight.start + weight.length;
          w = mulK(
            w,
            inside
              ? (eqTable(point.slice(weight.from, weight.from + weight.bits))[i - weight.start] ??
                  ZERO)
              : ZERO,
          );
        }
        naive[flat] = addK(naive[flat] ?? ZERO, w);
      }
      // vectors
      const { scale, factors } = weights.view(view, shape, dims, axes);
      let product: K[] = [scale];
      for (const factor of factors)
        product = product.flatMap((a) => weights.factorVector(factor).map((b) => mulK(a, b)));
      expect(product).toEqual(naive);
      // closed form over the layout, against the dense weight polynomial with nothing outside real elements
      for (const logRows of [3, 6, 9]) {
        const layout = layoutProgram(programOf(shape), logRows);
        const n = layout.logRows + layout.logColumns;
        const rho = random.ks(n);
        const dense: K[] = new Array<K>(2 ** n).fill(ZERO);
        for (const block of layout.blocks.get(0) ?? []) {
          for (const local of indices(block.length)) {
            let flat = 0;
            let address = 0;
            for (const [axis, i] of local.entries()) {
              flat = flat * (shape[axis] ?? 1) + (block.start[axis] ?? 0) + i;
              address = address * 2 ** (block.bits[axis] ?? 0) + i;
            }
            dense[block.address + address] = naive[flat] ?? ZERO;
          }
        }
        const evaluator = new WeightEvaluator(layout, weights, rho);
        expect(evaluator.term({ tensor: 0, coefficient: scale, factors })).toEqual(
          evaluateMle(dense, rho),
        );
      }
    },
  );

  test('an axis that is read must have a weight', () => {
    const weights = new ViewWeights({ lookup: [], outer: [], inner: [] });
    expect(() => weights.view([id(0)], [4], [4], [{ kind: 'absent' }])).toThrow(RangeError);
  });
});

describe('carryWeight', () => {
  const random = new SeededRandom(5);
  test.each([
    [16, 25],
    [20, 49],
    [12, 64],
    [7, 11],
    [3, 150],
  ])('[%i, %i] flattened equals the naive sum', (na, nb) => {
    const [ba, bb, bn] = [axisBits(na), axisBits(nb), axisBits(na * nb)];
    const [qa, qb, r] = [random.ks(ba), random.ks(bb), random.ks(bn)];
    const [ea, eb, er] = [eqTable(qa), eqTable(qb), eqTable(r)];
    let naive: K = ZERO;
    for (let i = 0; i < na; i++) {
      for (let j = 0; j < nb; j++)
        naive = addK(naive, mulK(mulK(ea[i] ?? ZERO, eb[j] ?? ZERO), er[nb * i + j] ?? ZERO));
    }
    expect(
      carryWeight([
        { stride: nb, start: 0, length: na, bits: ba, point: qa },
        { stride: 1, start: 0, length: nb, bits: bb, point: qb },
        { stride: -1, start: 0, length: na * nb, bits: bn, point: r },
      ]),
    ).toEqual(naive);
  });

  test('without points it counts solutions', () => {
    const digits = [
      { stride: 3, start: 0, length: 5, bits: 3, point: null },
      { stride: -1, start: 2, length: 9, bits: 4, point: null },
    ];
    let count = 0;
    for (let i = 0; i < 5; i++) for (let j = 0; j < 9; j++) if (3 * i === 2 + j) count++;
    expect(carryWeight(digits)).toEqual(scaleK(ONE, toF(count)));
  });
});
