import { testEngine } from '@assay/core/engine';
import { deriveRanges, type Trace, validateProgram } from '@assay/program';
import { describe, expect, it } from 'vitest';
import { checkRelations, execute, executeReference } from './index.ts';
import { seededDraw, TOYS } from './testing/index.ts';

/** The same tensors with the same values. */
function expectEqualTraces(actual: Trace, expected: Trace): void {
  expect([...actual.keys()].sort((a, b) => a - b)).toEqual(
    [...expected.keys()].sort((a, b) => a - b),
  );
  for (const [id, values] of expected) expect(actual.get(id), `tensor ${id}`).toEqual(values);
}

describe.each(Object.entries(TOYS))('%s', (_, make) => {
  it('is a valid program that cannot wrap', () => {
    const { program } = make(seededDraw(1));
    expect(validateProgram(program)).toEqual({ ok: true, value: null });
    expect(deriveRanges(program)).toMatchObject({ ok: true });
  });

  it.each([1, 2, 3])(
    'reference, fast and fast on an engine agree, and the relations hold (seed %i)',
    (seed) => {
      const { program, weights, inputs } = make(seededDraw(seed));
      const expected = executeReference(program, weights, inputs);
      expectEqualTraces(execute(program, weights, inputs, null), expected);
      expectEqualTraces(execute(program, weights, inputs, testEngine()), expected);
      expect(checkRelations(program, weights, expected)).toEqual([]);
    },
  );

  it('every changed element of the trace breaks a relation', () => {
    const { program, weights, inputs } = make(seededDraw(4));
    const honest = executeReference(program, weights, inputs);
    for (const [id, tensor] of program.tensors.entries()) {
      if (tensor.role !== 'witness' && tensor.role !== 'output') continue;
      const values = honest.get(id) ?? new Int32Array();
      for (let i = 0; i < values.length; i++) {
        for (const change of [1, -1, 17]) {
          const changed = new Map(honest).set(id, values.with(i, (values[i] ?? 0) + change));
          const found = checkRelations(program, weights, changed, { limit: 1 });
          expect(found.length, `${tensor.name}[${i}] + ${change}`).toBe(1);
        }
      }
    }
  });
});
