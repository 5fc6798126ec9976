import { instances, openInstance } from '@assay/program/trace';
import {
  guardTrace,
  type ProofJudge,
  seededDraw,
  TRACE_LIES,
  TraceLiar,
} from '@assay/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answer,
  encodePadding,
  encodeViolated,
  startVerifierChain,
  type VerifierChain,
} from '../../../packages/contracts/test/verifier-chain.ts';
import { caseNamed } from '../cases/index.ts';
import { type TracedModel, tracedModel } from './traced.ts';

/** Lies of each class. */
const LIES = 200;
/** Instances of each relation that hold. */
const HONEST = 20;

describe.each(['digits-cnn', 'breast-cancer-mlp', 'diabetes-regression'])(
  'FraudVerifier on %s',
  (name) => {
    let chain: VerifierChain;
    let model: TracedModel;
    beforeAll(async () => {
      chain = await startVerifierChain();
      model = await tracedModel(caseNamed(name));
    });
    afterAll(async () => {
      await chain.stop();
    });

    const judge: ProofJudge = async ({ lists }, proof) => {
      const data = 'mention' in proof ? encodePadding(lists, proof) : encodeViolated(lists, proof);
      if (data === null) return 'cannot be encoded';
      const [result] = await chain.call([data]);
      const said = result === undefined ? 'nothing' : answer(result);
      return said === true ? '' : `the contract says ${JSON.stringify(said)}`;
    };

    it('accepts the proof of every lie', async () => {
      const { program, weights, inputs, trace, constants, short, shortConstants } = model;
      const [first = new Map()] = inputs;
      for (const [derived, committed] of [
        [trace, constants],
        [short, shortConstants],
      ] as const) {
        const liar = new TraceLiar(derived, program, weights, first, seededDraw(8), committed);
        const { told, unproven } = await guardTrace(derived, liar, LIES, judge);
        expect(unproven).toEqual([]);
        for (const lie of TRACE_LIES)
          if (lie !== 'prefix' || derived === short)
            expect(told.get(lie), lie).toBeGreaterThan(0.9 * LIES);
      }
    });

    it('rejects what holds', async () => {
      const { program, weights, inputs, trace, constants } = model;
      const draw = seededDraw(9);
      const [first = new Map()] = inputs;
      const { honest } = new TraceLiar(trace, program, weights, first, draw, constants);
      for (const [id, relation] of trace.relations.entries()) {
        const calls = Array.from({ length: HONEST }, () => {
          const element = draw(0, instances(relation) - 1);
          const proof = openInstance(honest, id, relation, element);
          const data = encodeViolated(honest.roots, proof);
          if (data === null) throw new Error('a proof that cannot be encoded');
          return data;
        });
        for (const result of await chain.call(calls)) expect(answer(result)).toBe(false);
      }
    });
  },
);
