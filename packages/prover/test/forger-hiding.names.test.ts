import type { Randomness } from '@assay/core/randomness';
import {
  clampTo,
  fill,
  form,
  product,
  ProgramBuilder,
  seededDraw,
  type Toy,
} from '@assay/runtime/testing';
import { type Statement, verifyPrepared, verifyRenewal } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { commitTensor, type OpenedTensor, type TensorOpening } from '../src/commitments/index.ts';
import { type ProvingKey, proveWitness } from '../src/index.ts';
import { claimedRun } from './liar.ts';
import { COMMITTED_INPUT, PROOFS, proveToy, toyEngine, toyKey } from './toy-key.ts';

/**
 * The points of a commitment's answers depend on its size, tail and shape, so that one name means one
 * of them. Not where the answers are the same at all points: for columns of zeros but for the first
 * element of the first, which nobody has who draws tails.
 */

const engine = toyEngine();
/** What no prover draws who has something to hide. */
const zeros: Randomness = { bytes: (count) => new Uint8Array(count) };

function toyOf(shape: readonly number[]): Toy {
  const b = new ProgramBuilder('named');
  b.node('named', 'Mul');
  const x = b.input('x', shape, { lo: -20, hi: 20 });
  const w = b.model('w', shape, { lo: -7, hi: 7 });
  b.rescale({
    dims: shape,
    form: form([]),
    products: [product(b.wholeForm(x), b.wholeForm(w))],
    shift: 2,
    accumulator: { lo: -140, hi: 140 },
    activation: clampTo(-20, 20),
    output: b.output('y', shape, { lo: -20, hi: 20 }),
  });
  return fill(b.build(), seededDraw(9));
}

const first = (length: number): Int32Array => new Int32Array(length).with(0, 13);

function commitTo(
  key: ProvingKey,
  shape: readonly number[],
  size: { readonly logRows?: number; readonly logInverseRate?: number } = {},
): { readonly opening: TensorOpening; readonly opened: OpenedTensor } {
  const { whir, registeredSamples } = key.argument.key.parameters;
  const [input] = key.argument.key.visibility.inputs;
  const tailRows = input?.kind === 'committed' ? input.tailRows : 0;
  const options = {
    values: first(shape.reduce((a, b) => a * b, 1)),
    shape,
    logRows: whir.logRows,
    logInverseRate: whir.logInverseRates[0] ?? 0,
    registeredSamples,
    uses: PROOFS,
    rowsPerUse: (tailRows - 5 * registeredSamples) / (PROOFS + 2),
    ...size,
  };
  return commitTensor(engine, options, zeros);
}

describe('columns that answer alike at all points', () => {
  const shapes = [[2, 4], [8], [4]] as const;
  const cases = shapes.map((shape) => {
    const toy = toyOf(shape);
    const key = toyKey(engine, toy.program, toy.weights, {
      profile: COMMITTED_INPUT,
      logRows: 8,
      logInverseRate: 3,
    });
    return { shape, toy, key };
  });

  test('have one name for every shape, column length and rate', () => {
    const [one] = cases;
    if (one === undefined) throw new Error('no case');
    const name = commitTo(one.key, one.shape).opened.name;
    for (const { key, shape } of cases) expect(commitTo(key, shape).opened.name).toEqual(name);
    const longer = { logRows: 9, logInverseRate: 2 };
    expect(commitTo(one.key, one.shape, longer).opened.name).toEqual(name);
  });

  test.each(cases)('which no proof may use: $shape', ({ key, toy, shape }) => {
    const x = toy.program.inputs[0]?.tensor ?? -1;
    const own = { ...toy, inputs: new Map([[x, first(shape.reduce((a, b) => a * b, 1))]]) };
    const { trace } = proveToy(engine, key, own);
    const { statement, witness } = claimedRun(engine, key, trace);
    const honest = proveWitness(engine, key, statement, witness);
    expect(verifyPrepared(key.argument, statement, honest).ok).toBe(true);
    const { opened } = commitTo(key, shape);
    const said: Statement = {
      ...statement,
      committed: { inputs: new Map([['x', opened.name]]), outputs: new Map() },
    };
    expect(() => proveWitness(engine, key, said, { ...witness, ports: [opened] })).toThrow();
    expect(verifyPrepared(key.argument, said, honest)).toEqual({
      ok: false,
      error: { kind: 'statement/commitment', port: 'x' },
    });
  });

  test('which nothing renews, and which renews nothing', () => {
    const [one] = cases;
    if (one === undefined) throw new Error('no case');
    const bad = commitTo(one.key, one.shape).opening.commitment;
    const other = {
      ...bad,
      yReg: bad.yReg.map((y, i) => (i === 0 ? ([1, 2, 3, 4, 5] as const) : y)),
    };
    for (const [earlier, renewed] of [
      [bad, other],
      [other, bad],
    ] as const) {
      expect(
        verifyRenewal({ of: 'tensor', earlier, renewed, targetBits: 20 }, new Uint8Array(0)),
      ).toEqual({ ok: false, error: { kind: 'proof/renewal' } });
    }
  });
});
