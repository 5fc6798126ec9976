import { seededDraw } from '@assay/runtime/testing';
import { verifyPrepared } from '@assay/verifier';
import { expect, test } from 'vitest';
import { describeEncodings } from './encodings.ts';
import { linearToy, scalarToy } from './programs.ts';
import { ALL_HIDDEN, type KeyOptions, proveToy, toyEngine, toyKey } from './toy-key.ts';

const engine = toyEngine();
const draw = seededDraw(51);
const [scalars, linear] = [scalarToy(draw), linearToy(draw)];
const keyOf = (options: KeyOptions) => toyKey(engine, scalars.program, scalars.weights, options);

const one = keyOf({ targetBits: 10 });
describeEncodings('one oracle', one, proveToy(engine, one, scalars));

const deep = keyOf({ targetBits: 10, logRows: 4, powBits: 2, deep: true });
describeEncodings('three oracles, proof of work', deep, proveToy(engine, deep, scalars));

// More of them, and more of each: `encoding.soundness.slow.test.ts`.
const hidden = keyOf({ targetBits: 10, profile: ALL_HIDDEN });
describeEncodings('all hidden', hidden, proveToy(engine, hidden, scalars), {
  every: 7,
  fuzz: [500, 500],
});

test('every bit of a small proof, flipped, is rejected', () => {
  const key = toyKey(engine, linear.program, linear.weights, { targetBits: 20 });
  const { proof, statement } = proveToy(engine, key, linear);
  expect(verifyPrepared(key.argument, statement, proof).ok).toBe(true);
  for (let bit = 0; bit < 8 * proof.length; bit++) {
    const bytes = proof.slice();
    const at = Math.floor(bit / 8);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
    if (verifyPrepared(key.argument, statement, bytes).ok)
      expect.fail(`bit ${bit} does not matter`);
  }
});

test('noise of any length is answered', () => {
  const pick = seededDraw(52);
  const key = toyKey(engine, scalars.program, scalars.weights, { targetBits: 10 });
  const { proof, statement } = proveToy(engine, key, scalars);
  for (let i = 0; i < 3000; i++) {
    const noise = Uint8Array.from({ length: pick(0, 400) }, () => pick(0, 255));
    if (i % 2 === 0) noise.set(proof.subarray(0, Math.min(12, noise.length)));
    expect(verifyPrepared(key.argument, statement, noise).ok).toBe(false);
  }
});
