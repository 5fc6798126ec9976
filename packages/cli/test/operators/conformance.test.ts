/**
 * ONNX's own operator tests, the whole way: the file is compiled on the test's own input and a few near it
 * (ranges from onnxruntime), executed, compared with the published outputs, proven and verified.
 */
import { compile, type Sample } from '@assay/compiler';
import { UnsupportedModelError } from '@assay/compiler/onnx';
import { seededRandom } from '@assay/compiler/testing';
import { AssayError } from '@assay/core/errors';
import { dequantizeOutput, execute } from '@assay/runtime';
import { describe, expect, test } from 'vitest';
import { integersOf } from './describe-models.ts';
import { available, operatorTest, operatorTests, required } from './onnx-node.ts';
import { Prover, wasmEngine } from './proving.ts';

/** Largest error allowed, as a part of the outputs' span with zero: two operands of 10 bits, summed up. */
const BOUND = 2 ** -7;

/** Elements of which only differences matter, 0 to 10,003; halves that a scale moves to the other side. */
const BEYOND_RESOLUTION = /^test_(log)?softmax_large_number|^test_round$/;

/** What import refuses on purpose although it knows the operator. */
const IMPORT_REFUSES =
  /^element type|^cast to|^training mode$|^its second output, the (mask|indices)$|^opset 1: /;

/** What has no integers: quotients of two values, empty tensors, infinities and NaN. */
const COMPILE_REFUSES: Readonly<Record<string, RegExp>> = {
  ASSAY_COMPILE_UNSUPPORTED:
    /division by a tensor that is not constant|without elements|a constant holds infinities/,
  ASSAY_FLOAT_VALUE: /tensor ".+" is NaN at index/,
};

const engine = wasmEngine();
const outcomes = { proven: 0, constant: 0, 'refused by import': 0, 'refused by compile': 0 };

/** The test's own input, and others near it: floats changed by up to 5 %, signs and integers kept. */
const samplesAround = (sample: Sample): Sample[] => {
  const random = seededRandom(sample.size + 1);
  const near = (v: number): number => (Number.isInteger(v) ? v : v * (0.95 + 0.1 * random()));
  const moved = (): Sample =>
    new Map([...sample].map(([name, { dims, data }]) => [name, { dims, data: data.map(near) }]));
  return [sample, moved(), moved(), moved()];
};

const compiled = async (
  model: Uint8Array,
  sample: Sample,
): Promise<Awaited<ReturnType<typeof compile>> | null> => {
  try {
    return await compile(model, samplesAround(sample));
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    const reasons = [error.shortMessage, ...(error.details?.split('\n') ?? [])];
    const expected = COMPILE_REFUSES[error.code];
    if (expected === undefined || !reasons.some((reason) => expected.test(reason))) throw error;
    return null;
  }
};

describe.skipIf(!available && !required)(
  `ONNX operator tests${available ? '' : ' (skipped: shared/cases is not part of a clone)'}`,
  () => {
    test.each(operatorTests())('%s', async (name) => {
      const found = operatorTest(name);
      if (found instanceof UnsupportedModelError) {
        for (const problem of found.problems) {
          expect(problem.reason).toMatch(IMPORT_REFUSES);
          expect(problem.node).not.toBe('');
        }
        outcomes['refused by import'] += 1;
        return;
      }
      const { model, sample, expected } = found;
      const result = await compiled(model, sample);
      if (result === null) {
        outcomes['refused by compile'] += 1;
        return;
      }
      const { program, weights } = result;
      const trace = execute(program, weights, integersOf(program, sample), engine);
      for (const port of program.outputs) {
        const { dims, data: floats } = expected.get(port.name) ?? { dims: [], data: [] };
        const data = Float64Array.from(floats);
        expect(port.shape).toEqual(dims);
        const actual = dequantizeOutput(port, trace.get(port.tensor) ?? []);
        const span =
          data.reduce((a, v) => Math.max(a, v), 0) - data.reduce((a, v) => Math.min(a, v), 0);
        const worst = actual.reduce((a, v, i) => Math.max(a, Math.abs(v - (data[i] ?? 0))), 0);
        if (!BEYOND_RESOLUTION.test(name)) expect(worst).toBeLessThanOrEqual(BOUND * span);
      }
      const prover = new Prover(engine, program, weights);
      try {
        expect(prover.attempt(trace, prover.multiplicities(trace, trace))).toBe('accepted');
      } finally {
        prover.release();
      }
      outcomes[sample.size === 0 ? 'constant' : 'proven'] += 1;
    });

    test('most are proven', () => {
      expect(available).toBe(true);
      expect(outcomes.proven).toBeGreaterThanOrEqual(290);
      expect(outcomes.constant).toBeGreaterThanOrEqual(75);
    });
  },
);
