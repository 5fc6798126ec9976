import { checkTrace, deriveTrace, describeTraceError } from '@assay/program/trace';
import { deriveTraceWithin } from '@assay/program/trace/testing';
import { execute } from '@assay/runtime';
import { solveTrace } from '@assay/runtime/testing';
import { commitTrace } from '@assay/runtime/trace';
import { describe, expect, it } from 'vitest';
import { quantizeSample } from '../report/index.ts';
import { compileCase, operatorCases } from '../testing/index.ts';

/**
 * A submission that violates no relation at any element, and is not the honest one, would be a lie that no
 * fraud proof refutes: a second solution, over the integers, of the relations that a contract checks.
 */
describe.each(operatorCases().map((c) => [c.name, c] as const))('%s', (_name, c) => {
  it('has one trace that violates nothing', () => {
    const { program, weights } = compileCase(c);
    const derived = deriveTraceWithin(program, 8);
    if (!derived.ok) throw new Error(describeTraceError(derived.error));
    const whole = deriveTrace(program);
    if (!whole.ok) throw new Error(describeTraceError(whole.error));
    const checked = checkTrace(whole.value, program, weights);
    expect(checked.ok ? '' : describeTraceError(checked.error)).toBe('');
    const trace = derived.value;
    for (const sample of c.samples.slice(0, 2)) {
      const run = execute(program, weights, quantizeSample(program, sample), null);
      const honest = commitTrace(trace, program, weights, run);
      expect(solveTrace(trace, honest)).toMatchObject({ second: null, complete: true });
    }
  });
});
