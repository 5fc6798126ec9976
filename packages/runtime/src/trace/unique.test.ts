import { type Program, type TensorId, validateProgram, type Weights } from '@assay/program';
import { describeTraceError, LIST, type TraceProgram } from '@assay/program/trace';
import { deriveTraceWithin } from '@assay/program/trace/testing';
import { describe, expect, it } from 'vitest';
import { execute } from '../index.ts';
import {
  boundedProgram,
  randomProgram,
  seededDraw,
  solveTrace,
  TOYS,
  type TraceSolutions,
} from '../testing/index.ts';
import { commitTrace } from './index.ts';

function solve(
  trace: TraceProgram,
  program: Program,
  weights: Weights,
  inputs: ReadonlyMap<TensorId, Int32Array>,
): TraceSolutions {
  const honest = commitTrace(trace, program, weights, execute(program, weights, inputs, null));
  return solveTrace(trace, honest, { guesses: 200_000 });
}

/** A lie for which there is no fraud proof would be a second solution of the derived relations. */
describe('every submission but the honest one violates a relation', () => {
  it.each(Object.entries(TOYS))('%s', (_, toy) => {
    for (const [seed, chunk] of [
      [1, 1024],
      [2, 4],
    ] as const) {
      const { program, weights, inputs } = toy(seededDraw(seed));
      const trace = deriveTraceWithin(program, chunk);
      if (!trace.ok) throw new Error(describeTraceError(trace.error));
      const found = solve(trace.value, program, weights, inputs);
      expect(found).toMatchObject({ second: null, complete: true });
    }
  });

  it('of random programs', () => {
    let searched = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const { program, weights, inputs } = randomProgram(seededDraw(seed), 1 + (seed % 4));
      const bounded = boundedProgram(program, execute(program, weights, inputs, null));
      if (bounded === null || !validateProgram(bounded).ok) continue;
      const trace = deriveTraceWithin(bounded, seed % 2 === 0 ? 1024 : 4);
      if (!trace.ok) continue;
      const { second, complete } = solve(trace.value, bounded, weights, inputs);
      expect(second, `seed ${seed}`).toBeNull();
      if (complete) searched += 1;
    }
    expect(searched).toBeGreaterThan(40);
  });

  it('and finds one as soon as a relation is left out', () => {
    const toy = TOYS['argmax'] ?? Object.values(TOYS)[0];
    if (toy === undefined) throw new Error('no toys');
    const { program, weights, inputs } = toy(seededDraw(1));
    const derived = deriveTraceWithin(program, 1024);
    if (!derived.ok) throw new Error(describeTraceError(derived.error));
    const trace = derived.value;
    const run = execute(program, weights, inputs, null);
    const honest = commitTrace(trace, program, weights, run);
    let free = 0;
    for (const id of trace.relations.keys()) {
      const relations = trace.relations.filter((_, other) => other !== id);
      const { second, complete } = solveTrace({ ...trace, relations }, honest);
      if (second !== null || !complete) free += 1;
    }
    // Ranges of what a table or a sum gives anyway are not needed.
    const defining = trace.relations.filter(({ kind }) => kind !== 'range').length;
    expect(trace.lists[LIST.trace].length).toBeGreaterThan(0);
    expect(free).toBeGreaterThanOrEqual(defining);
  });
});
