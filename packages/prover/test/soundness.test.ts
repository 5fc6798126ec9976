import { testEngine } from '@assay/core/engine';
import type { Trace } from '@assay/program';
import { Evaluator } from '@assay/runtime';
import { type Statement, verifyProof } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { prove, proveWitness } from '../src/index.ts';
import { countMultiplicities } from '../src/witness/multiplicities.ts';
import { integers, mlp, provingKeyOf } from './fixtures.ts';

const engine = testEngine();
const { program, weights } = mlp([4, 3, 2]);
const key = provingKeyOf(engine, program, weights, { targetBits: 100 });
const random = integers(5);
const x = Int32Array.from({ length: 4 }, () => random(-20, 20));
const honest = prove(engine, key, new Map([['x', x]]));
const counts = countMultiplicities(
  program,
  new Evaluator(program, new Map([...weights, ...honest.trace])),
);

function attempt(
  trace: Trace,
  multiplicities: Trace,
  statement: Statement = honest.statement,
): string {
  const proof = proveWitness(engine, key, statement, { trace, multiplicities });
  const verdict = verifyProof(key.argument.key, statement, proof);
  return verdict.ok ? 'accepted' : verdict.error.kind;
}

function changed(values: Trace, id: number, index: number, delta: number): Trace {
  return new Map(
    [...values].map(([t, v]) => [t, t === id ? v.map((e, i) => (i === index ? e + delta : e)) : v]),
  );
}

describe('a prover that lies about one committed value and is otherwise perfect', () => {
  test('the honest one is accepted', () => {
    expect(attempt(honest.trace, counts)).toBe('accepted');
  });

  test('padding may hold anything', () => {
    const proof = proveWitness(engine, key, honest.statement, {
      trace: honest.trace,
      multiplicities: counts,
      padding: () => random(-(2 ** 30), 2 ** 30),
    });
    expect(verifyProof(key.argument.key, honest.statement, proof).ok).toBe(true);
  });

  for (const [id, tensor] of program.tensors.entries()) {
    if (tensor.role !== 'witness') continue;
    test.each([1, -1, 16])(`${tensor.name} #${id}: any element changed by %i`, (delta) => {
      const length = honest.trace.get(id)?.length ?? 0;
      for (let i = 0; i < length; i++)
        expect(attempt(changed(honest.trace, id, i, delta), counts)).not.toBe('accepted');
    });
  }

  test('any multiplicity changed', () => {
    for (const [id, values] of counts) {
      for (const i of [0, values.length - 1])
        expect(attempt(honest.trace, changed(counts, id, i, 1))).not.toBe('accepted');
    }
  });
});
