import { isDeepStrictEqual } from 'node:util';
import { compile, compileGraph } from '@assay/compiler';
import { FloatSession, RangeObserver } from '@assay/compiler/float';
import { evaluateGraph, type FloatGraph, simplifyGraph } from '@assay/compiler/graph';
import { importModel } from '@assay/compiler/onnx';
import { seededRandom } from '@assay/compiler/testing';
import type { Engine } from '@assay/core/engine';
import {
  checkPrivate,
  describeProgramError,
  type Program,
  registrationProgram,
  type Weights,
} from '@assay/program';
import { prove, setup } from '@assay/prover';
import { dequantizeOutput, execute } from '@assay/runtime';
import { prepareArgument, verifyProof } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { modelCases } from './cases/index.ts';
import { integersOf } from './describe-models.ts';
import { wasmEngine } from './proving.ts';

/** Models with weights: constants that are numbers. */
const cases = Object.values(modelCases)
  .flatMap((make) => make())
  .filter((c) =>
    [...importModel(c.model).values.values()].some(
      ({ data, dtype }) => data !== null && dtype.startsWith('float'),
    ),
  );

/** Commits with the weights hidden, registers them, proves a run and verifies it. */
function proveHidden(
  engine: Engine,
  program: Program,
  weights: Weights,
  inputs: ReadonlyMap<string, Int32Array>,
): void {
  const mark = engine.mark();
  const { key, commitment, secrets } = setup(engine, program, weights, {
    shown: { weights: 'hidden' },
    proofs: 1,
    targetBits: 20,
  });
  const argument = prepareArgument(key);
  if (!argument.ok || secrets === null) throw new Error('expected hidden weights');
  const { tails } = secrets;
  const proving = { argument: argument.value, weights, tree: commitment.opened, tails };
  const { proof, statement } = prove(engine, proving, inputs, {});
  expect(verifyProof(key, statement, proof)).toMatchObject({ ok: true });
  engine.release(mark);
}

describe('compiled for private weights', () => {
  const engine = wasmEngine();
  test.each(cases.map((c) => [c.name, c] as const))('%s', async (_name, c) => {
    const { program, weights } = await compile(c.model, c.samples, {
      ...c.options,
      privateWeights: true,
    });
    const fit = checkPrivate(program);
    expect(fit.ok ? '' : describeProgramError(fit.error)).toBe('');
    const registration = registrationProgram(program);
    expect(registration.ok ? '' : describeProgramError(registration.error)).toBe('');

    const inputs = c.samples.map((sample) => integersOf(program, sample));
    const float = await FloatSession.create(c.model, { intermediates: false });
    const expected = await Promise.all(c.samples.map((sample) => float.run(sample)));
    await float.release();
    for (const port of program.outputs) {
      const floats = expected.flatMap((values) => [...(values.get(port.name)?.data ?? [])]);
      const integers = inputs.flatMap((given) => [
        ...dequantizeOutput(port, execute(program, weights, given, null).get(port.tensor) ?? []),
      ]);
      const span = Math.max(...floats) - Math.min(...floats);
      const worst = Math.max(...integers.map((v, i) => Math.abs(v - (floats[i] ?? 0))));
      expect(worst, `error of ${port.name}, span ${span}`).toBeLessThanOrEqual(c.bound * span);
    }

    const [first = new Map()] = inputs;
    const named = program.inputs.map(
      ({ name, tensor }) => [name, first.get(tensor) ?? new Int32Array()] as const,
    );
    proveHidden(engine, program, weights, new Map(named));
  });
});

/** The graph with slightly smaller elements of one constant: too near each other for powers of two to tell. */
const nearby = (graph: FloatGraph, name: string, seed: number): FloatGraph => {
  const random = seededRandom(seed);
  const values = new Map(graph.values);
  const value = values.get(name);
  if (value?.data === undefined || value.data === null) throw new TypeError('expected a constant');
  const data = Float64Array.from(value.data, (v) => v * (1 - 1 / 1024 - random() / 16_384));
  values.set(name, { ...value, data });
  return { ...graph, values };
};

describe('what of its weights a program shows is listed', () => {
  test.each(cases.map((c) => [c.name, c] as const))('%s', (_name, c) => {
    const graph = importModel(c.model, { privateWeights: true });
    const observer = new RangeObserver();
    for (const sample of c.samples) {
      const values = evaluateGraph(graph, sample);
      // Ranges of values that rewriting makes, too.
      for (const [name, value] of evaluateGraph(simplifyGraph(graph, true), sample))
        values.set(name, value);
      observer.add(values);
    }
    const observed = observer.ranges();
    const compiled = (of: FloatGraph) =>
      compileGraph(simplifyGraph(of, true), c.samples, observed, {
        ...c.options,
        privateWeights: true,
      });
    for (const { name, data, dtype } of graph.values.values()) {
      if (data === null || !dtype.startsWith('float')) continue;
      const [a, b] = [7, 8].map((seed) => compiled(nearby(graph, name, seed)));
      const isListed = !isDeepStrictEqual(a?.publicConstants, b?.publicConstants);
      if (!isListed) expect(a?.program).toEqual(b?.program);
    }
  });
});
