import { P } from '@assay/core/field';
import { seededDraw } from '@assay/runtime/testing';
import { type VerifyError, verifyPrepared } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { areEqual, mutated } from './mutate.ts';
import { linearToy, scalarToy } from './programs.ts';
import { proveToy, toyEngine, toyKey } from './toy-key.ts';

/** An accepted proof has one form: nothing in it may be left out, added, written otherwise or changed. */

const engine = toyEngine();
const draw = seededDraw(51);
const [scalars, linear] = [scalarToy(draw), linearToy(draw)];
const keys = {
  'one oracle': toyKey(engine, scalars.program, scalars.weights, { targetBits: 10 }),
  'three oracles, proof of work': toyKey(engine, scalars.program, scalars.weights, {
    targetBits: 10,
    logRows: 4,
    powBits: 2,
    deep: true,
  }),
};
const cases = Object.entries(keys).map(([name, key]) => {
  const { proof, statement } = proveToy(engine, key, scalars);
  const verify = (bytes: Uint8Array): VerifyError | null => {
    const verdict = verifyPrepared(key.argument, statement, bytes);
    return verdict.ok ? null : verdict.error;
  };
  return { name, proof, verify };
});

/** How the bytes cannot be read, wherever in the proof that was found out. */
function readFailure(error: VerifyError | null): string {
  switch (error?.kind) {
    case 'proof/format':
      return error.reason;
    case 'proof/lookup':
    case 'proof/sumcheck':
    case 'proof/opening':
      return 'failure' in error.error ? error.error.failure : error.error.kind;
    case undefined:
      return 'accepted';
    default:
      return error?.kind ?? '';
  }
}

describe.each(cases)('$name', ({ proof, verify }) => {
  test('the proof itself is accepted', () => expect(verify(proof)).toBeNull());

  test('every truncation is rejected as one', () => {
    const found = new Map<string, number>();
    for (let length = 0; length < proof.length; length += length < 100 ? 1 : 5) {
      const failure = readFailure(verify(proof.slice(0, length)));
      found.set(failure, (found.get(failure) ?? 0) + 1);
    }
    // Below eight bytes there is no magic; nothing else is read beyond the end.
    expect([...found.keys()].sort()).toEqual(['magic', 'truncated']);
    expect(found.get('magic')).toBe(8);
    for (const less of [1, 2, 4, 20, 32])
      expect(readFailure(verify(proof.slice(0, proof.length - less)))).toBe('truncated');
  });

  test('every extension is rejected as one', () => {
    for (const more of [[0], [0, 0, 0, 0], [...proof]])
      expect(verify(Uint8Array.from([...proof, ...more]))).toEqual({
        kind: 'proof/format',
        reason: 'trailing-bytes',
      });
  });

  test('every word that is written as another number of its class is rejected', () => {
    const view = new DataView(proof.buffer, proof.byteOffset, proof.byteLength);
    let elements = 0;
    for (let offset = 8; offset < proof.length; offset += 4) {
      const word = view.getUint32(offset, true);
      if (word + P >= 2 ** 32) continue;
      const bytes = proof.slice();
      new DataView(bytes.buffer).setUint32(offset, word + P, true);
      const failure = readFailure(verify(bytes));
      expect(failure, `byte ${offset}`).not.toBe('accepted');
      if (failure === 'non-canonical') elements++;
    }
    // All but the root, the other digests and the nonces are elements.
    expect(elements).toBeGreaterThan(proof.length / 4 / 3);
  });

  test('every word with one bit flipped is rejected', () => {
    for (let offset = 0; offset < proof.length; offset += 4) {
      const bytes = proof.slice();
      const bit = (7 * offset) % 32;
      const at = offset + Math.floor(bit / 8);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
      expect(verify(bytes), `byte ${at}, bit ${bit % 8}`).not.toBeNull();
    }
  });

  test('neighbouring words exchanged are rejected', () => {
    for (let offset = 12; offset + 8 <= proof.length; offset += 4) {
      const bytes = proof.slice();
      bytes.set(proof.subarray(offset, offset + 4), offset + 4);
      bytes.set(proof.subarray(offset + 4, offset + 8), offset);
      if (!areEqual(bytes, proof)) expect(verify(bytes), `byte ${offset}`).not.toBeNull();
    }
  });

  test('a word left out and one written twice are rejected', () => {
    for (let offset = 12; offset < proof.length; offset += 20) {
      const before = proof.subarray(0, offset);
      const rest = proof.subarray(offset);
      expect(verify(Uint8Array.from([...before, ...rest.subarray(4)]))).not.toBeNull();
      expect(verify(Uint8Array.from([...before, ...rest.subarray(0, 4), ...rest]))).not.toBeNull();
    }
  });

  test('fuzz: 10,000 mutations near the beginning, 1,500 anywhere, are answered and not accepted', () => {
    const seed = 20261123;
    const pick = seededDraw(seed);
    for (let i = 0; i < 11_500; i++) {
      const bytes = mutated(proof, pick, i < 10_000 ? 120 : proof.length);
      if (areEqual(bytes, proof)) continue;
      if (verify(bytes) === null) expect.fail(`seed ${seed}, case ${i} is accepted`);
    }
  });
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
  const [first] = cases;
  for (let i = 0; i < 3000; i++) {
    const noise = Uint8Array.from({ length: pick(0, 400) }, () => pick(0, 255));
    if (i % 2 === 0) noise.set(first?.proof.subarray(0, Math.min(12, noise.length)) ?? []);
    expect(first?.verify(noise)).not.toBeNull();
  }
});
