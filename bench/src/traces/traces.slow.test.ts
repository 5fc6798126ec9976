import { execute } from '@assay/runtime';
import { evaluate, instances, TRACE_LIMITS, dearest } from '@assay/program/trace';
import { commitTrace, findFraud, treeReader } from '@assay/runtime/trace';
import { guardTrace, seededDraw, TRACE_LIES, TraceLiar } from '@assay/runtime/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { cases } from '../cases/index.ts';
import { tracedModel, type TracedModel } from './traced.ts';

/** Lies of each class, and honest runs; fewer of the models that are no examples. */
const EXAMPLE_RUNS = 200;
const OTHER_RUNS = 12;
const EXAMPLES = ['digits-cnn', 'breast-cancer-mlp', 'diabetes-regression'];
/** Runs of which every relation is evaluated everywhere. */
const EVERYWHERE = 2;
/** Instances of a relation that are evaluated in the others. */
const SAMPLED = 10;

describe.each(cases.map((entry) => [entry.name, entry] as const))(
  'the trace of %s',
  (name, entry) => {
    const runs = EXAMPLES.includes(name) ? EXAMPLE_RUNS : OTHER_RUNS;
    let model: TracedModel;
    beforeAll(async () => {
      model = await tracedModel(entry);
    });

    it('fits', () => {
      for (const { bytes, terms } of dearest(model.trace)) {
        expect(bytes).toBeLessThanOrEqual(TRACE_LIMITS.proofBytes);
        expect(terms).toBeLessThanOrEqual(TRACE_LIMITS.chunk);
      }
    });

    it('admits no fraud proof where it is honest', async () => {
      const { program, weights, trace, constants, inputs } = model;
      for (let run = 0; run < runs; run++) {
        const given = inputs[run % inputs.length] ?? new Map();
        const values = execute(program, weights, given, null);
        const mine = commitTrace(trace, program, weights, values, { constants });
        expect(await findFraud(trace, mine, treeReader(mine))).toBeNull();
        for (const relation of trace.relations) {
          const count = instances(relation);
          const step = run < EVERYWHERE ? 1 : Math.max(1, Math.floor(count / SAMPLED));
          for (let element = run % step; element < count; element += step) {
            const holds = evaluate(
              relation,
              element,
              ({ list, index }, position) => mine.trees[list][index]?.values[position] ?? 0,
            );
            if (!holds) throw new Error(`run ${run}: ${relation.kind} is violated at ${element}`);
          }
        }
      }
    });

    it('is guarded: every lie is proven', async () => {
      const { program, weights, trace, constants, inputs } = model;
      const [first = new Map()] = inputs;
      const liar = new TraceLiar(trace, program, weights, first, seededDraw(3), constants);
      const { told, unproven } = await guardTrace(trace, liar, runs);
      expect(unproven).toEqual([]);
      for (const lie of TRACE_LIES)
        if (lie !== 'prefix') expect(told.get(lie), lie).toBeGreaterThan(0.9 * runs);
    });

    it('is guarded in prefix sums of short chunks', async () => {
      const { program, weights, short, shortConstants, inputs } = model;
      const [first = new Map()] = inputs;
      const liar = new TraceLiar(short, program, weights, first, seededDraw(4), shortConstants);
      const { told, unproven } = await guardTrace(short, liar, runs);
      expect(unproven).toEqual([]);
      for (const lie of TRACE_LIES) expect(told.get(lie), lie).toBeGreaterThan(0.9 * runs);
    });
  },
);
