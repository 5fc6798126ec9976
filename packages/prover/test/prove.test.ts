import { testEngine } from '@assay/core/engine';
import { verifyProof } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { seededDraw } from '@assay/runtime/testing';
import { prove } from '../src/index.ts';
import { mlp, provingKeyOf } from './fixtures.ts';

describe('prove and verify', () => {
  const engine = testEngine();
  test.each([[[5, 7, 3]], [[16, 8, 4]], [[1, 1, 1]], [[33, 20, 10]]] as [
    [number, number, number],
  ][])('a two-layer MLP %j', (sizes) => {
    const { program, weights } = mlp(sizes);
    const key = provingKeyOf(engine, program, weights, { targetBits: 100, cost: {} });
    const random = seededDraw(3);
    const x = Int32Array.from({ length: sizes[0] }, () => random(-20, 20));
    const { proof, statement } = prove(engine, key, new Map([['x', x]]));
    const verdict = verifyProof(key.argument.key, statement, proof);
    expect(verdict).toEqual({ ok: true, value: { securityBits: 100 } });
    // a changed output
    const y = statement.outputs.get('y') ?? new Int32Array(0);
    const wrong = y.map((v, i) => (i === 0 ? (v === 0 ? 1 : v - 1) : v));
    expect(
      verifyProof(key.argument.key, { ...statement, outputs: new Map([['y', wrong]]) }, proof).ok,
    ).toBe(false);
  });
});
