import { seededDraw } from '@assay/runtime/testing';
import { verifyProof } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { PROGRAMS } from './programs.ts';
import { PROFILES, proveToy, toyEngine, toyKey } from './toy-key.ts';

describe.each(Object.entries(PROGRAMS))('prover and verifier agree: %s', (_name, make) => {
  const engine = toyEngine();
  const toy = make(seededDraw(6));
  test.each(PROFILES)('inputs %s, outputs %s, weights %s, 100 bits', (...profile) => {
    const key = toyKey(engine, toy.program, toy.weights, { targetBits: 100, profile });
    const { proof, statement } = proveToy(engine, key, toy);
    expect(verifyProof(key.argument.key, statement, proof)).toEqual({
      ok: true,
      value: { securityBits: 100 },
    });
  });
});
