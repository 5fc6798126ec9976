import {
  checkModel,
  decodeProgram,
  deriveSystem,
  describeProgramError,
  encodeProgram,
  validateProgram,
} from '@assay/program';
import { checkRelations, dequantizeOutput, execute, executeReference } from '@assay/runtime';
import { describe, expect, it } from 'vitest';
import { quantizeSample } from '../report/index.ts';
import { compileCase, operatorCases } from '../testing/index.ts';

describe.each(operatorCases().map((c) => [c.name, c] as const))('%s', (_name, c) => {
  const compiled = compileCase(c);
  const { program, weights, floats } = compiled;

  it('keeps the rules that a verifier checks', () => {
    const valid = validateProgram(program);
    expect(valid.ok ? '' : describeProgramError(valid.error)).toBe('');
    const ranges = deriveSystem(program);
    expect(ranges.ok ? '' : describeProgramError(ranges.error)).toBe('');
    if (!ranges.ok) return;
    const model = checkModel(program, weights, ranges.value.ranges);
    expect(model.ok ? '' : describeProgramError(model.error)).toBe('');
    const decoded = decodeProgram(encodeProgram(program));
    expect(decoded.ok).toBe(true);
  });

  it(`is within ${c.bound} of the float model's span, and the executors agree`, () => {
    const spans = program.outputs.map((port) => {
      let lo = Number.POSITIVE_INFINITY;
      let hi = Number.NEGATIVE_INFINITY;
      for (const values of floats) {
        for (const v of values.get(port.name)?.data ?? []) {
          lo = Math.min(lo, v);
          hi = Math.max(hi, v);
        }
      }
      return hi - lo;
    });
    for (const [i, sample] of c.samples.entries()) {
      const inputs = quantizeSample(program, sample);
      const trace = execute(program, weights, inputs, null);
      if (i < 3) {
        const reference = executeReference(program, weights, inputs);
        for (const [id, data] of trace) expect(reference.get(id)).toEqual(data);
        expect(checkRelations(program, weights, trace)).toEqual([]);
      }
      for (const [j, port] of program.outputs.entries()) {
        const actual = dequantizeOutput(port, trace.get(port.tensor) ?? []);
        const expected = floats[i]?.get(port.name)?.data ?? [];
        const worst = actual.reduce(
          (w, v, k) => Math.max(w, Math.abs(v - (expected[k] ?? Number.NaN))),
          0,
        );
        expect(worst, `sample ${i}, output ${port.name}`).toBeLessThanOrEqual(
          c.bound * (spans[j] ?? 0),
        );
      }
    }
  });
});
