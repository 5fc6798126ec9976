import { compile, type Sample } from '@assay/compiler';
import { FloatSession } from '@assay/compiler/float';
import { traceSearch } from '@assay/compiler/testing';
import type { Program, TensorId } from '@assay/program';
import { dequantizeOutput, execute, quantizeInput } from '@assay/runtime';
import { whyNotUnique } from '@assay/runtime/testing';
import { describe, expect, test } from 'vitest';
import type { ModelCase } from './cases/index.ts';
import { wasmEngine } from './proving.ts';
import { examine } from './suite.ts';

/** Inputs of a toy for which all traces are tried. */
const SEARCHED = 6;

export const integersOf = (program: Program, sample: Sample): Map<TensorId, Int32Array> =>
  new Map(
    program.inputs.map((port) => {
      const { data } = sample.get(port.name) ?? { data: [] };
      return [port.tensor, quantizeInput(program, port, data).values];
    }),
  );

/**
 * Each model from its file: accuracy, executors, proof, lies, and for toys every other trace.
 *
 * @param everyElement - Proofs of a lie about every element where there are few, of toys always.
 */
export function describeModels(
  group: string,
  cases: readonly ModelCase[],
  everyElement = false,
): void {
  const engine = wasmEngine();
  describe(group, () => {
    test.each(cases.map((c) => [c.name, c] as const))('%s', async (_name, c) => {
      const { program, weights } = await compile(c.model, c.samples, c.options);
      const inputs = c.samples.map((sample) => integersOf(program, sample));
      const float = await FloatSession.create(c.model, { intermediates: false });
      const expected = await Promise.all(c.samples.map((sample) => float.run(sample)));
      await float.release();
      for (const port of program.outputs) {
        const floats = expected.flatMap((values) => [...(values.get(port.name)?.data ?? [])]);
        const integers = inputs.flatMap((given) => [
          ...dequantizeOutput(port, execute(program, weights, given, null).get(port.tensor) ?? []),
        ]);
        expect(integers.length).toBe(floats.length);
        const span = Math.max(...floats) - Math.min(...floats);
        const worst = Math.max(...integers.map((v, i) => Math.abs(v - (floats[i] ?? 0))));
        expect(worst, `error of ${port.name}, span ${span}`).toBeLessThanOrEqual(c.bound * span);
      }

      const [first = new Map<TensorId, Int32Array>()] = inputs;
      examine(engine, { program, weights, inputs: first }, everyElement || c.toy);
      if (!c.toy) return;

      const search = traceSearch(program);
      for (const given of inputs.slice(0, SEARCHED)) {
        const trace = execute(program, weights, given, null);
        expect(search(weights, trace).solutions, 'traces').toBe(1);
        expect(whyNotUnique(program, weights, given)).toBeNull();
      }
    });
  });
}
