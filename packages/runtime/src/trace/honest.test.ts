import { type Program, type TensorId, validateProgram, type Weights } from '@assay/program';
import {
  CHALLENGE_LEAVES,
  challengeLeaves,
  checkTrace,
  dearest,
  deriveTrace,
  evaluate,
  instances,
  LIST,
  TRACE_LIMITS,
  type TraceProgram,
  type TraceTrees,
  tableReader,
} from '@assay/program/trace';
import { deriveTraceWithin } from '@assay/program/trace/testing';
import { describe, expect, it } from 'vitest';
import { execute } from '../index.ts';
import { boundedProgram, mlpToy, randomProgram, seededDraw, TOYS } from '../testing/index.ts';
import { commitTrace, findFraud, treeReader } from './index.ts';

/** Instances at which a commitment violates a relation. */
function violations(trace: TraceProgram, mine: TraceTrees): string[] {
  const found: string[] = [];
  for (const [id, relation] of trace.relations.entries()) {
    for (let element = 0; element < instances(relation); element++) {
      const holds = evaluate(
        relation,
        element,
        ({ list, index }, position) => mine.trees[list][index]?.values[position] ?? 0,
      );
      if (!holds) found.push(`relation ${id} (${relation.kind}) at ${element}`);
    }
  }
  return found;
}

/** What a trace must be, whatever the program. */
function expectSound(trace: TraceProgram): void {
  const defined = trace.groups.flatMap(({ tensors }) => tensors);
  const submitted = trace.lists[LIST.trace].length + trace.lists[LIST.output].length;
  expect(defined).toHaveLength(submitted);
  expect(new Set(defined.map(({ list, index }) => `${list} ${index}`)).size).toBe(submitted);
  for (const { bytes, terms } of dearest(trace)) {
    expect(bytes).toBeLessThanOrEqual(TRACE_LIMITS.proofBytes);
    expect(terms).toBeLessThanOrEqual(1024);
  }
  for (const group of trace.groups) {
    const leaves = challengeLeaves(group, trace.relations, tableReader(trace));
    expect(leaves).toBeLessThanOrEqual(CHALLENGE_LEAVES);
  }
}

async function expectHonest(
  trace: TraceProgram,
  program: Program,
  weights: Weights,
  inputs: ReadonlyMap<TensorId, Int32Array>,
): Promise<void> {
  const mine = commitTrace(trace, program, weights, execute(program, weights, inputs, null));
  expect(violations(trace, mine)).toEqual([]);
  expect(await findFraud(trace, mine, treeReader(mine))).toBeNull();
}

describe.each(
  Object.entries({
    ...TOYS,
    'long sums': (draw: Parameters<typeof mlpToy>[0]) => mlpToy(draw, [2500, 4, 3]),
  }),
)('the trace of %s', (_name, toy) => {
  it('violates nothing', async () => {
    for (const seed of [1, 2, 3]) {
      const { program, weights, inputs } = toy(seededDraw(seed));
      const trace = deriveTrace(program);
      if (!trace.ok) throw new Error(JSON.stringify(trace.error));
      expectSound(trace.value);
      expect(checkTrace(trace.value, program, weights)).toEqual({ ok: true, value: null });
      await expectHonest(trace.value, program, weights, inputs);
    }
  });

  it('is the same for everyone', () => {
    const { program } = toy(seededDraw(1));
    expect(deriveTrace(structuredClone(program))).toEqual(deriveTrace(program));
  });

  it('violates nothing with short chunks', async () => {
    const { program, weights, inputs } = toy(seededDraw(4));
    const trace = deriveTraceWithin(program, 4);
    if (!trace.ok) throw new Error(JSON.stringify(trace.error));
    expectSound(trace.value);
    await expectHonest(trace.value, program, weights, inputs);
  });
});

describe('traces of random programs', () => {
  it('violate nothing', async () => {
    let derived = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const { program, weights, inputs } = randomProgram(seededDraw(seed), 1 + (seed % 4));
      const bounded = boundedProgram(program, execute(program, weights, inputs, null));
      if (bounded === null || !validateProgram(bounded).ok) continue;
      const trace = deriveTraceWithin(bounded, seed % 2 === 0 ? 1024 : 4);
      // Most random forms are too wide for a field or an int32.
      if (!trace.ok) continue;
      derived += 1;
      expectSound(trace.value);
      await expectHonest(trace.value, bounded, weights, inputs);
    }
    expect(derived).toBeGreaterThan(60);
  });
});
