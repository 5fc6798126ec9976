import type { Engine } from '@assay/core/engine';
import {
  accumulatorRange,
  elementCount,
  type Program,
  registrationProgram,
  registrationWeights,
  type TensorId,
  type Weights,
  type ZeroRelation,
} from '@assay/program';
import { resume } from '@assay/runtime/testing';
import { verifyArgument } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { type Proven, prove, proveWitness, type ProvingKey } from '../src/index.ts';
import { mlp } from './fixtures.ts';
import { claimedRun } from './liar.ts';
import { toyEngine, toyKey, withKey } from './toy-key.ts';

const SIZES = { targetBits: 60, logRows: 7, logInverseRate: 2 };

interface Case {
  readonly engine: Engine;
  /** The model itself. */
  readonly model: ProvingKey;
  /** Its registration, of the same weights. */
  readonly key: ProvingKey;
}

function registered(): Case {
  const { program, weights } = mlp();
  const engine = toyEngine();
  const made = registrationProgram(program);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const model = toyKey(engine, program, weights, SIZES);
  const key = toyKey(engine, made.value, registrationWeights(program, weights), SIZES);
  return { engine, model, key };
}

const { engine, model, key } = registered();

/** A registration key for the root of other weights: nothing checks them when they are committed. */
function keyOf(weights: Weights): ProvingKey {
  const { program } = key.argument.key;
  const range = { lo: -(2 ** 29), hi: 2 ** 29 };
  const tensors = program.tensors.flatMap((t) => (t.role === 'model' ? [{ ...t, range }] : []));
  const bare: Program = { ...program, tensors, tables: [], relations: [], steps: [] };
  const other = toyKey(engine, bare, weights, SIZES);
  return { ...withKey(key, { model: other.argument.key.model }), tree: other.tree, weights };
}

/** A prover's best with these weights: what the steps give, as far as they can be done. */
function claim(weights: Weights): boolean {
  const own = keyOf(weights);
  const { program } = own.argument.system;
  const zeros = program.tensors.flatMap(({ role, shape }, id) =>
    role === 'witness' ? [[id, new Int32Array(elementCount(shape))] as const] : [],
  );
  const all = resume(program, new Map([...zeros, ...weights]), 0);
  const trace = new Map([...all].filter(([id]) => !weights.has(id)));
  const { statement, witness } = claimedRun(engine, own, trace);
  const proof = proveWitness(engine, own, statement, witness);
  return verifyArgument(own.argument, statement, proof).ok;
}

function changed(id: TensorId, at: number, value: number): Weights {
  const values = key.weights.get(id) ?? new Int32Array();
  return new Map(key.weights).set(id, values.with(at, value));
}

describe('the registration of a model', () => {
  test('has the root and the name of the model', () => {
    expect(key.argument.key.model).toEqual(model.argument.key.model);
  });

  test('is proven and verified, without inputs and outputs', () => {
    const { proof, statement }: Proven = prove(engine, key, new Map());
    expect(verifyArgument(key.argument, statement, proof)).toMatchObject({ ok: true });
    expect(verifyArgument(model.argument, statement, proof)).toMatchObject({ ok: false });
  });

  test('is not proven with the root of other weights', () => {
    const { proof, statement } = prove(engine, key, new Map());
    const other = keyOf(changed(0, 3, (key.weights.get(0)?.[3] ?? 0) - 1));
    expect(verifyArgument(other.argument, statement, proof)).toMatchObject({ ok: false });
  });

  test('accepts what is inside', () => {
    expect(claim(key.weights)).toBe(true);
  });

  test.each([
    ['a weight above its range', 0, 15],
    ['a weight below its range', 0, -15],
    ['a bias above its range', 1, 100],
    ['a bias below its range', 1, -100],
  ])('refuses %s', (_name, id, end) => {
    expect(claim(changed(id, 0, end + Math.sign(end)))).toBe(false);
  });

  test.each([
    ['above', 1],
    ['below', -1],
  ])('refuses a channel one %s its declared interval', (_name, by) => {
    const { program } = model.argument.key;
    const relation = program.relations.find((r): r is ZeroRelation => r.kind === 'zero');
    if (relation === undefined || relation.declared === null) throw new Error('no interval');
    const ranges = program.tensors.map(({ range }) => range);
    const ids = program.tensors.flatMap(({ role }, id) => (role === 'model' ? [id] : []));
    const bias = key.weights.get(1) ?? new Int32Array();
    let refused = 0;
    for (const [channel, value] of bias.entries()) {
      const weights = changed(1, channel, value + by);
      const own = new Map(ids.map((id, i) => [id, weights.get(i) ?? new Int32Array()]));
      const reached = accumulatorRange(program, relation, own, ranges);
      const { lo, hi } = relation.declared;
      const isInside = reached !== null && reached.lo >= lo && reached.hi <= hi;
      if (!isInside) refused++;
      expect(claim(weights)).toBe(isInside);
    }
    expect(refused).toBe(1);
  });
});
