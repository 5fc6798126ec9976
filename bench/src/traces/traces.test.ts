import { dearest, TRACE_LIMITS } from '@assay/program/trace';
import { guardTrace, seededDraw, TRACE_LIES, TraceLiar } from '@assay/runtime/testing';
import { describe, expect, it } from 'vitest';
import { caseNamed } from '../cases/index.ts';
import { tracedModel } from './traced.ts';

describe.each(['digits-cnn', 'breast-cancer-mlp', 'diabetes-regression'])('%s', (name) => {
  it('has a trace within the budget, and wrong submissions are proven', async () => {
    const { program, weights, trace, constants, inputs } = await tracedModel(caseNamed(name));
    for (const { bytes, terms } of dearest(trace)) {
      expect(bytes).toBeLessThanOrEqual(TRACE_LIMITS.proofBytes);
      expect(terms).toBeLessThanOrEqual(TRACE_LIMITS.chunk);
    }
    const [first = new Map()] = inputs;
    const liar = new TraceLiar(trace, program, weights, first, seededDraw(1), constants);
    const { told, unproven } = await guardTrace(trace, liar, 3);
    expect(unproven).toEqual([]);
    for (const lie of TRACE_LIES) if (lie !== 'prefix') expect(told.get(lie), lie).toBe(3);
  });
});
