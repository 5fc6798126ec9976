import { type Engine, testEngine } from '@assay/core/engine';
import { addK, type K, mulK, ONE, ZERO } from '@assay/core/field';
import { eqTable, evaluateMle } from '@assay/core/poly';
import type { WeightPiece } from '@assay/core/pcs/prover';
import { SeededRandom } from '../../../program/src/testing/random.ts';
import {
  type Functional,
  type FunctionalTerm,
  givenWeight,
  identityView,
  type Layout,
  layoutProgram,
  type LayoutProfile,
  padFunctional,
  type Program,
  publicVisibility,
  type View,
  ViewWeights,
  WeightEvaluator,
} from '@assay/program';
import type { JoinedClaim } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { openingPieces } from './opening-pieces.ts';

const SHAPES = [[5, 130], [64, 16], [769], [33, 40], [96, 20], [12, 9, 11], [300]];

function programOf(shapes: readonly (readonly number[])[]): Program {
  const model = { role: 'model', range: { lo: 0, hi: 1 }, data: null, node: 0 } as const;
  return {
    name: 'weights',
    tensors: shapes.map((shape, i) => ({ ...model, name: `w${i}`, shape })),
    tables: [],
    relations: [],
    steps: [],
    inputs: [],
    outputs: [],
    nodes: [{ name: 'node', operator: 'Test' }],
  };
}

function profileOf(program: Program, tailRows: number, pads: number): LayoutProfile {
  const weights = { kind: 'hidden', tailRows } as const;
  return { visibility: { ...publicVisibility(program), weights }, tailRows, pads };
}

/** The view as it is, backwards, shifted, flat: at a point, or at given vectors. */
function randomTerm(
  random: SeededRandom,
  weights: ViewWeights,
  tensor: number,
  shape: readonly number[],
): FunctionalTerm {
  const coefficient = random.k();
  if (random.integer(0, 4) === 0)
    return { tensor, coefficient, factors: shape.map((length) => givenWeight(random.ks(length))) };
  const kind = random.integer(0, 3);
  const flat = shape.reduce((product, length) => product * length, 1);
  const dims = kind === 0 ? [flat] : shape;
  const view: View =
    kind === 0
      ? [{ kind: 'reshape', storageAxes: shape.length, axes: [0] }]
      : kind === 1
        ? shape.map((length, axis) => ({
            kind: 'affine',
            offset: random.integer(-9, length - 1),
            strides: [{ axis, stride: random.integer(0, 3) === 0 ? -1 : 1 }],
          }))
        : identityView(shape);
  let from = 0;
  const axes = dims.map((length) => {
    const bits = Math.ceil(Math.log2(length));
    const weight = { kind: 'eq', point: 'outer', from, bits, start: 0, length } as const;
    from += bits;
    return weight;
  });
  const { scale, factors } = weights.view(view, shape, dims, axes);
  return { tensor, coefficient: mulK(scale, coefficient), factors };
}

/** Σ of pieces at ρ: each is the product of its column part's and its row's extension. */
function evaluatePieces(
  engine: Engine,
  layout: Layout,
  pieces: readonly WeightPiece[],
  rho: readonly K[],
): K {
  const columns = eqTable(rho.slice(0, layout.logColumns));
  const places = eqTable(rho.slice(layout.logColumns));
  const rows = new Map<string, K>();
  let sum: K = ZERO;
  for (const { key, firstColumn, columnPart, firstRow, row } of pieces) {
    let value = rows.get(key);
    if (value === undefined) {
      const mark = engine.mark();
      let vector = row;
      if (!('ptr' in vector)) {
        vector = engine.allocK(row.length);
        engine.fill(vector, [7, 7, 7, 7, 7]);
        if ('write' in row) row.write(vector);
      }
      value = engine
        .readAllK(vector)
        .reduce<K>((s, k, i) => addK(s, mulK(k, places[firstRow + i] ?? ZERO)), ZERO);
      rows.set(key, value);
      engine.release(mark);
    }
    for (const [c, k] of columnPart.entries())
      sum = addK(sum, mulK(value, mulK(k, columns[firstColumn + c] ?? ZERO)));
  }
  return sum;
}

/** Rows of all passes over the columns. */
function passRows(pieces: readonly WeightPiece[]): number {
  const rows = new Map(pieces.map(({ key, row }) => [key, row.length]));
  return [...rows.values()].reduce((sum, length) => sum + length, 0);
}

describe('pieces of the opening', () => {
  test('100 random claims over columns with and without tails: their sum is the weight polynomial', () => {
    const seed = 20261204;
    const random = new SeededRandom(seed);
    const engine = testEngine();
    for (let round = 0; round < 100; round++) {
      const mark = engine.mark();
      const shapes = Array.from(
        { length: random.integer(1, 4) },
        () => SHAPES[random.integer(0, SHAPES.length - 1)] ?? [1],
      );
      const program = programOf(shapes);
      const logRows = random.integer(6, 9);
      const tail = random.integer(0, 3) === 0 ? 0 : random.integer(1, 2 ** (logRows - 1));
      const pads = random.integer(1, 40);
      const layout = layoutProgram(
        program,
        logRows,
        tail === 0 ? undefined : profileOf(program, tail, pads),
      );
      const weights = new ViewWeights({ lookup: [], outer: random.ks(24), inner: [] });
      const functionals: Functional[] = Array.from({ length: random.integer(1, 5) }, () => ({
        constant: ZERO,
        terms: Array.from({ length: random.integer(1, 3) }, () => {
          const tensor = random.integer(0, shapes.length - 1);
          return randomTerm(random, weights, tensor, shapes[tensor] ?? []);
        }),
      }));
      if (tail > 0) functionals.push(padFunctional(program, random.ks(pads)));
      const z = random.k();
      const joined: JoinedClaim = {
        value: ZERO,
        weights: [
          { coefficient: random.k(), weight: { kind: 'power', z, span: layout.model } },
          ...functionals.map((functional) => ({
            coefficient: random.k(),
            weight: { kind: 'functional', functional } as const,
          })),
        ],
      };
      const rho = random.ks(layout.logColumns + layout.logRows);
      const evaluator = new WeightEvaluator(layout, weights, rho);
      let expected: K = ZERO;
      for (const { coefficient, weight } of joined.weights) {
        let value: K;
        if (weight.kind === 'functional') value = evaluator.functional(weight.functional);
        else {
          const size = layout.model.columns * 2 ** logRows;
          let power: K = ONE;
          const powers = Array.from({ length: 2 ** rho.length }, (_, i): K => {
            if (i >= size) return ZERO;
            const own = power;
            power = mulK(power, z);
            return own;
          });
          value = evaluateMle(powers, rho);
        }
        expected = addK(expected, mulK(coefficient, value));
      }
      const pieces = openingPieces(engine, layout, weights, joined, []);
      const message = `seed ${seed}, round ${round}`;
      for (const { firstRow, row, firstColumn, columnPart } of pieces) {
        expect(firstRow + row.length, message).toBeLessThanOrEqual(2 ** logRows);
        expect(firstColumn + columnPart.length, message).toBeLessThanOrEqual(
          2 ** layout.logColumns,
        );
      }
      expect(evaluatePieces(engine, layout, pieces, rho), message).toEqual(expected);
      engine.release(mark);
    }
  });

  test('a large tensor cut to leave tails takes about as many passes as a whole one', () => {
    const random = new SeededRandom(5);
    const engine = testEngine();
    const shape = [256, 64];
    const program = programOf([shape]);
    const outer = random.ks(14);
    const rows = (tailRows: number): number => {
      const layout = layoutProgram(
        program,
        10,
        tailRows === 0 ? undefined : profileOf(program, tailRows, 1),
      );
      expect(layout.model.columns).toBeGreaterThanOrEqual(16);
      const weights = new ViewWeights({ lookup: [], outer, inner: [] });
      const axes = [
        { kind: 'eq', point: 'outer', from: 0, bits: 8, start: 0, length: 256 },
        { kind: 'eq', point: 'outer', from: 8, bits: 6, start: 0, length: 64 },
      ] as const;
      const { scale, factors } = weights.view(identityView(shape), shape, shape, axes);
      const functional = { constant: ZERO, terms: [{ tensor: 0, coefficient: scale, factors }] };
      const joined: JoinedClaim = {
        value: ZERO,
        weights: [{ coefficient: ONE, weight: { kind: 'functional', functional } }],
      };
      return passRows(openingPieces(engine, layout, weights, joined, []));
    };
    expect(rows(0)).toBe(1024);
    expect(rows(100)).toBeLessThanOrEqual(2 * 1024);
    expect(rows(400)).toBeLessThanOrEqual(2 * 1024);
  });

  test('what occurs in one column is summed into its vector', () => {
    const random = new SeededRandom(6);
    const engine = testEngine();
    const program = programOf([[300], [400]]);
    const layout = layoutProgram(program, 10);
    const weights = new ViewWeights({ lookup: [], outer: [], inner: [] });
    const joined: JoinedClaim = {
      value: ZERO,
      weights: [0, 1, 0, 1].map((tensor) => {
        const factors = [givenWeight(random.ks([300, 400][tensor] ?? 0))];
        const functional = { constant: ZERO, terms: [{ tensor, coefficient: ONE, factors }] };
        return { coefficient: random.k(), weight: { kind: 'functional', functional } };
      }),
    };
    const pieces = openingPieces(engine, layout, weights, joined, []);
    expect(pieces.map(({ key }) => key)).toEqual(['column 0']);
  });
});
