import { decodeProgram, encodeProgram, type Relation } from '@assay/program';
import {
  clampTo,
  fill,
  form,
  product,
  ProgramBuilder,
  seededDraw,
  type Toy,
} from '@assay/runtime/testing';
import { verifyPrepared } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { prove, proveWitness, type ProvingKey } from '../src/index.ts';
import { claimedRun } from './liar.ts';
import {
  ALL_HIDDEN,
  COMMITTED_INPUT,
  committing,
  HIDDEN_INPUT,
  PLAIN,
  proveToy,
  toyEngine,
  toyKey,
} from './toy-key.ts';

/**
 * A hiding proof that does not verify is no zero-knowledge proof: its last check is off by a linear
 * function of the values that break the relations. Whoever was made to hand out such a proof would
 * have shown what it hides, and the program says nothing of it.
 */

const engine = toyEngine();
const REFUSED = expect.objectContaining({ code: 'ASSAY_PROVE_STATEMENT' });

/** y = 0 whatever x is; and a relation that no step produces, which asks that x is 0. */
function askingToy(asks: boolean): Toy {
  const b = new ProgramBuilder('asking');
  b.node('asking', 'Mul');
  const x = b.input('x', [3], { lo: 0, hi: 7 });
  const w = b.model('w', [3], { lo: -8, hi: 7 });
  b.rescale({
    dims: [3],
    form: form([]),
    products: [product(b.wholeForm(x), b.wholeForm(w))],
    shift: 6,
    accumulator: { lo: -64, hi: 64 },
    activation: clampTo(0, 0),
    output: b.output('y', [3], { lo: 0, hi: 0 }),
  });
  const built = b.build();
  const asked: Relation = {
    kind: 'zero',
    dims: [3],
    form: form([b.whole(x)]),
    products: [],
    declared: null,
    node: 0,
  };
  const program = asks ? { ...built, relations: [...built.relations, asked] } : built;
  expect(decodeProgram(encodeProgram(program)).ok).toBe(true);
  return fill(program, seededDraw(5));
}

const proveOf = (key: ProvingKey, x: Int32Array): ReturnType<typeof prove> => {
  const inputs = new Map([['x', x]]);
  return prove(engine, key, inputs, committing(engine, key, inputs));
};

describe.each([
  ['hidden', HIDDEN_INPUT],
  ['committed', COMMITTED_INPUT],
] as const)('a program that asks something of an input that is %s', (_kind, profile) => {
  const { program, weights } = askingToy(true);
  const key = toyKey(engine, program, weights, { profile });

  test('is proven where the input is what it asks for', () => {
    const { statement, proof } = proveOf(key, new Int32Array(3));
    expect(verifyPrepared(key.argument, statement, proof).ok).toBe(true);
  });

  test('is not proven where it is not: the proof would say what it is', () => {
    expect(() => proveOf(key, Int32Array.of(5, 2, 6))).toThrow(REFUSED);
    expect(() => proveOf(key, Int32Array.of(0, 0, 1))).toThrow(REFUSED);
  });
});

test('in the plain profile there is nothing to hide: the proof is made, and does not verify', () => {
  const { program, weights } = askingToy(true);
  const key = toyKey(engine, program, weights, { profile: PLAIN });
  const { statement, proof } = proveOf(key, Int32Array.of(5, 2, 6));
  expect(verifyPrepared(key.argument, statement, proof)).toMatchObject({ ok: false });
});

describe('columns that are not those of the name', () => {
  const toy = askingToy(false);
  const key = toyKey(engine, toy.program, toy.weights, { profile: ALL_HIDDEN });
  const { trace } = proveToy(engine, key, toy);
  const expectRefused = (forger: ProvingKey): void => {
    expect(() => proveToy(engine, forger, toy)).toThrow(REFUSED);
    const { statement, witness } = claimedRun(engine, forger, trace);
    const proof = proveWitness(engine, forger, statement, witness);
    expect(verifyPrepared(key.argument, statement, proof)).toMatchObject({ ok: false });
  };

  test('without tails', () => expectRefused({ ...key, tails: undefined }));

  test('with the tails of another root', () => {
    const other = toyKey(engine, toy.program, toy.weights, { profile: ALL_HIDDEN, seed: 78 });
    expectRefused({ ...key, tails: other.tails });
    // Its rows would be shown without anything that they are opened for.
    expectRefused({ ...key, tree: other.tree });
  });
});
