import { testEngine } from '@assay/core/engine';
import { validateProgram } from '@assay/program';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRelations, execute, executeReference } from './index.ts';
import { randomProgram, seededDraw } from './testing/index.ts';

const RUNS = 200;

describe('random programs', () => {
  it('the fast executor gives the trace of the reference, and every relation holds', () => {
    const engine = testEngine();
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 8 }), (seed, rounds) => {
        const { program, weights, inputs } = randomProgram(seededDraw(seed), rounds);
        expect(validateProgram(program)).toEqual({ ok: true, value: null });
        const expected = executeReference(program, weights, inputs);
        for (const found of [
          execute(program, weights, inputs, null),
          execute(program, weights, inputs, engine),
        ]) {
          for (const [id, values] of expected)
            expect(found.get(id), `tensor ${id}`).toEqual(values);
        }
        const violations = checkRelations(program, weights, expected, { engine });
        // One-hot steps have no relation; all others hold.
        expect(violations).toEqual([]);
      }),
      { numRuns: RUNS, seed: 20261120 },
    );
  });
});
