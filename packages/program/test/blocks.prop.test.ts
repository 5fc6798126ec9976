import { addK, type K, mulK, ONE, ZERO } from '@assay/core/field';
import { eqTable } from '@assay/core/poly';
import { expect, test } from 'vitest';
import {
  axisBits,
  type AxisWeight,
  elementCount,
  givenWeight,
  type Layout,
  layoutProgram,
  ONES,
  padFunctional,
  padTensor,
  type Program,
  publicVisibility,
  tile,
  type View,
  viewIndexer,
  ViewWeights,
  WeightEvaluator,
} from '../src/index.ts';
import { SeededRandom } from '../src/testing/random.ts';
import { programOf, tensorOf } from './programs.ts';

/** Closed forms on tensors that are stored in several blocks, against sums over their elements. */

function indices(dims: readonly number[]): number[][] {
  let out: number[][] = [[]];
  for (const length of dims) out = out.flatMap((h) => Array.from({ length }, (_, i) => [...h, i]));
  return out;
}

/** Shapes that are split, and some that are not. */
const SHAPES = [
  [769],
  [520],
  [96, 160],
  [80, 192],
  [5, 130],
  [130, 5],
  [33, 40],
  [20, 40],
  [3, 260],
  [12, 9, 11],
  [64, 16],
];

interface Case {
  readonly shape: readonly number[];
  readonly dims: readonly number[];
  readonly view: View;
}

function randomCase(random: SeededRandom): Case {
  const shape = SHAPES[random.integer(0, SHAPES.length - 1)] ?? [1];
  const size = elementCount(shape);
  const kind = random.integer(0, 4);
  if (kind === 0) {
    // Other axes of the same number of elements.
    const divisors = [2, 3, 4, 5, 8, 10, 13, 16].filter((d) => size % d === 0);
    const first = divisors[random.integer(0, Math.max(0, divisors.length - 1))] ?? 1;
    const dims = random.integer(0, 1) === 0 ? [size] : [first, size / first];
    return {
      shape,
      dims,
      view: [{ kind: 'reshape', storageAxes: shape.length, axes: [...dims.keys()] }],
    };
  }
  const dims: number[] = [];
  const view: View = shape.map((length) => {
    const choice = random.integer(0, 5);
    if (choice === 0) {
      dims.push(random.integer(1, 9));
      const picked = Array.from({ length: dims.at(-1) ?? 1 }, () => random.integer(-1, length - 1));
      return { kind: 'gather', axis: dims.length - 1, indices: picked };
    }
    if (choice === 1) {
      const [stride, kernel] = [random.integer(1, 3), random.integer(1, 3)];
      dims.push(Math.max(1, Math.floor(length / stride)), kernel);
      return {
        kind: 'affine',
        offset: -random.integer(0, 2),
        strides: [
          { axis: dims.length - 2, stride },
          { axis: dims.length - 1, stride: random.integer(1, 2) },
        ],
      };
    }
    if (choice === 2) return { kind: 'affine', offset: random.integer(-1, length), strides: [] };
    // Aligned and unaligned shifts, shorter and longer than the axis.
    const shifts = [
      0,
      0,
      0,
      1,
      -1,
      8,
      -8,
      64,
      -64,
      128,
      -128,
      512,
      random.integer(-length, length),
    ];
    const offset = shifts[random.integer(0, shifts.length - 1)] ?? 0;
    dims.push(random.integer(0, 1) === 0 ? length : random.integer(1, length + 8));
    const stride = random.integer(0, 9) === 0 ? -1 : 1;
    return { kind: 'affine', offset, strides: [{ axis: dims.length - 1, stride }] };
  });
  return { shape, dims, view };
}

/** eq weights of a box of the dims, as claims have them: whole axes at a point's end, or a section's block. */
function randomAxes(random: SeededRandom, dims: readonly number[], points: number): AxisWeight[] {
  const blocks = random.integer(0, 1) === 0 ? tile(dims) : [];
  const block = blocks[random.integer(0, Math.max(0, blocks.length - 1))];
  const bits = block?.bits ?? dims.map(axisBits);
  let from = points - bits.reduce((a, b) => a + b, 0);
  return dims.map((length, a) => {
    const own = bits[a] ?? 0;
    const weight: AxisWeight =
      block === undefined && random.integer(0, 7) === 0
        ? ONES
        : {
            kind: 'eq',
            point: 'outer',
            from,
            bits: own,
            start: block?.start[a] ?? 0,
            length: block?.length[a] ?? length,
          };
    from += own;
    return weight;
  });
}

/** Σ over stored elements of a weight for each, at the place where it is stored. */
function naiveSum(
  layout: Layout,
  tensor: number,
  shape: readonly number[],
  rho: readonly K[],
  weightOf: (flat: number) => K | undefined,
): K {
  const places = eqTable(rho);
  let sum: K = ZERO;
  for (const block of layout.blocks.get(tensor) ?? []) {
    for (const inner of indices(block.length)) {
      let flat = 0;
      let place = 0;
      for (const [a, i] of inner.entries()) {
        flat = flat * (shape[a] ?? 1) + (block.start[a] ?? 0) + i;
        place = place * 2 ** (block.bits[a] ?? 0) + i;
      }
      const weight = weightOf(flat);
      if (weight !== undefined)
        sum = addK(sum, mulK(weight, places[block.address + place] ?? ZERO));
    }
  }
  return sum;
}

/** The columns of a model as they are, or cut to leave tails. */
function randomLayout(random: SeededRandom, program: Program): Layout {
  const logRows = random.integer(5, 9);
  if (random.integer(0, 1) === 0) return layoutProgram(program, logRows);
  const tailRows = random.integer(1, Math.floor(0.7 * 2 ** logRows));
  return layoutProgram(program, logRows, {
    visibility: { ...publicVisibility(program), weights: { kind: 'hidden', tailRows } },
    tailRows,
    pads: random.integer(1, 300),
  });
}

test('300 random views of tensors in blocks: the evaluator equals the sum over elements', () => {
  const seed = 20261125;
  const random = new SeededRandom(seed);
  let split = 0;
  for (let round = 0; round < 300; round++) {
    const { shape, dims, view } = randomCase(random);
    if (elementCount(dims) > 40_000) continue;
    const program: Program = programOf({
      tensors: [tensorOf('m', 'model', shape, { lo: 0, hi: 1 })],
    });
    const layout = randomLayout(random, program);
    const point = random.ks(24);
    const weights = new ViewWeights({ lookup: [], outer: point, inner: [] });
    const axes = randomAxes(random, dims, point.length);
    const { scale, factors } = weights.view(view, shape, dims, axes);
    const rho = random.ks(layout.logColumns + layout.logRows);
    const found = new WeightEvaluator(layout, weights, rho).term({
      tensor: 0,
      coefficient: scale,
      factors,
    });

    // The naive sum: of every logical index its weight, at the place where its element is stored.
    const vectors = axes.map((weight, a): readonly K[] => {
      const length = dims[a] ?? 1;
      if (weight.kind !== 'eq') return new Array<K>(length).fill(ONE);
      const table = eqTable(point.slice(weight.from, weight.from + weight.bits));
      return Array.from({ length }, (_, i) => {
        const inside = i >= weight.start && i < weight.start + weight.length;
        return inside ? (table[i - weight.start] ?? ZERO) : ZERO;
      });
    });
    const perElement = new Map<number, K>();
    const at = viewIndexer(view, shape, dims);
    for (const index of indices(dims)) {
      const flat = at(index);
      if (flat < 0) continue;
      const weight = index.reduce<K>(
        (product, i, a) => mulK(product, vectors[a]?.[i] ?? ZERO),
        ONE,
      );
      perElement.set(flat, addK(perElement.get(flat) ?? ZERO, weight));
    }
    if ((layout.blocks.get(0) ?? []).length > 1) split++;
    const sum = naiveSum(layout, 0, shape, rho, (flat) => perElement.get(flat));
    expect(
      found,
      `seed ${seed}, round ${round}: ${JSON.stringify({ shape, dims, view, axes })}`,
    ).toEqual(sum);
  }
  expect(split).toBeGreaterThan(150);
});

test('given vectors, pads among them: the evaluator equals the sum over elements', () => {
  const seed = 20261203;
  const random = new SeededRandom(seed);
  for (let round = 0; round < 60; round++) {
    const shape = SHAPES[random.integer(0, SHAPES.length - 1)] ?? [1];
    const program: Program = programOf({
      tensors: [tensorOf('m', 'model', shape, { lo: 0, hi: 1 })],
    });
    const layout = randomLayout(random, program);
    const weights = new ViewWeights({ lookup: [], outer: [], inner: [] });
    const rho = random.ks(layout.logColumns + layout.logRows);
    const evaluator = new WeightEvaluator(layout, weights, rho);
    const message = `seed ${seed}, round ${round}`;
    // Twice, so that vectors of one length are told apart.
    for (let again = 0; again < 2; again++) {
      const vectors = shape.map((length) => random.ks(length));
      const coefficient = random.k();
      const factors = vectors.map(givenWeight);
      const product = vectors.reduce<K[]>(
        (flat, vector) => flat.flatMap((a) => vector.map((b) => mulK(a, b))),
        [coefficient],
      );
      expect(evaluator.term({ tensor: 0, coefficient, factors }), message).toEqual(
        naiveSum(layout, 0, shape, rho, (flat) => product[flat]),
      );
    }
    const blocks = layout.blocks.get(padTensor(program)) ?? [];
    const pads = Math.max(
      0,
      ...blocks.map(({ start, length }) => (start[1] ?? 0) + (length[1] ?? 0)),
    );
    const coefficients = random.ks(pads);
    // Σ c_i·Σ_j X^j·cell[j, i], row major over [5, pads].
    const cells = [0, 1, 2, 3, 4].flatMap((j) =>
      coefficients.map((c) => {
        const power: [number, number, number, number, number] = [0, 0, 0, 0, 0];
        power[j] = 1;
        return mulK(c, power);
      }),
    );
    expect(evaluator.functional(padFunctional(program, coefficients)), message).toEqual(
      naiveSum(layout, padTensor(program), [5, pads], rho, (flat) => cells[flat]),
    );
  }
});
