import { compile } from '@assay/compiler';
import { FloatSession } from '@assay/compiler/float';
import { importModel } from '@assay/compiler/onnx';
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
  const made = setup(engine, program, weights, {
    shown: { weights: 'hidden' },
    proofs: 1,
    targetBits: 20,
  });
  const { key, commitment, columns, secrets } = made;
  const argument = prepareArgument(key);
  if (!argument.ok || secrets === null) throw new Error('expected hidden weights');
  const tree = commitment.opened;
  const proving = { argument: argument.value, weights, tree, tails: secrets.tails, columns };
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
