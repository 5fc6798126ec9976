import { seededDraw } from '@assay/runtime/testing';
import { verifyPrepared } from '@assay/verifier';
import { expect, test } from 'vitest';
import { areEqual, mutated } from './mutate.ts';
import { PROGRAMS } from './programs.ts';
import { PLAIN, PROFILES, proveToy, toyEngine, toyKey } from './toy-key.ts';

/** `encoding.soundness.test.ts` has fewer of these, for two programs. */
test('100,000 mutated proofs of all programs are answered and not accepted', () => {
  const seed = 20261124;
  const pick = seededDraw(seed);
  const engine = toyEngine();
  const cases = Object.values(PROGRAMS).flatMap((make, i) => {
    const toy = make(seededDraw(7));
    const hidden = PROFILES[1 + ((5 * i) % (PROFILES.length - 1))] ?? PLAIN;
    return [{ logRows: 5, powBits: 1 }, { profile: hidden }].map((options) => {
      const key = toyKey(engine, toy.program, toy.weights, options);
      return { key, ...proveToy(engine, key, toy) };
    });
  });
  for (let i = 0; i < 100_000; i++) {
    const found = cases[i % cases.length];
    if (found === undefined) throw new Error('no case');
    const bytes = mutated(found.proof, pick);
    if (areEqual(bytes, found.proof)) continue;
    if (verifyPrepared(found.key.argument, found.statement, bytes).ok)
      expect.fail(`seed ${seed}, case ${i} is accepted`);
  }
});
