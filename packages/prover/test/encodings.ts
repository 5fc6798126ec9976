import { P } from '@assay/core/field';
import { seededDraw } from '@assay/runtime/testing';
import { type VerifyError, verifyPrepared } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import type { Proven, ProvingKey } from '../src/index.ts';
import { areEqual, mutated } from './mutate.ts';

interface Extent {
  readonly every?: number;
  readonly fuzz?: readonly [near: number, anywhere: number];
}

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

/**
 * An accepted proof has one form: nothing in it may be left out, added, written otherwise or changed.
 *
 * @param every - Only every n-th place is tried, for large proofs.
 * @param fuzz - Mutations near the beginning, and anywhere.
 */
export function describeEncodings(
  name: string,
  key: ProvingKey,
  { proof, statement }: Proven,
  { every = 1, fuzz = [10_000, 1_500] }: Extent = {},
): void {
  const verify = (bytes: Uint8Array): VerifyError | null => {
    const verdict = verifyPrepared(key.argument, statement, bytes);
    return verdict.ok ? null : verdict.error;
  };
  describe(name, () => {
    test('the proof itself is accepted', () => expect(verify(proof)).toBeNull());

    test('every truncation is rejected as one', () => {
      const found = new Map<string, number>();
      for (let length = 0; length < proof.length; length += length < 100 ? 1 : 5 * every) {
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
      for (let offset = 8; offset < proof.length; offset += 4 * every) {
        const word = view.getUint32(offset, true);
        if (word + P >= 2 ** 32) continue;
        const bytes = proof.slice();
        new DataView(bytes.buffer).setUint32(offset, word + P, true);
        const failure = readFailure(verify(bytes));
        expect(failure, `byte ${offset}`).not.toBe('accepted');
        if (failure === 'non-canonical') elements++;
      }
      // All but the root, the other digests, salts and nonces are elements.
      expect(elements).toBeGreaterThan(proof.length / 4 / every / 4);
    });

    test('every word with one bit flipped is rejected', () => {
      for (let offset = 0; offset < proof.length; offset += 4 * every) {
        const bytes = proof.slice();
        const bit = (7 * offset) % 32;
        const at = offset + Math.floor(bit / 8);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
        expect(verify(bytes), `byte ${at}, bit ${bit % 8}`).not.toBeNull();
      }
    });

    test('neighbouring words exchanged are rejected', () => {
      for (let offset = 12; offset + 8 <= proof.length; offset += 4 * every) {
        const bytes = proof.slice();
        bytes.set(proof.subarray(offset, offset + 4), offset + 4);
        bytes.set(proof.subarray(offset + 4, offset + 8), offset);
        if (!areEqual(bytes, proof)) expect(verify(bytes), `byte ${offset}`).not.toBeNull();
      }
    });

    test('a word left out and one written twice are rejected', () => {
      for (let offset = 12; offset < proof.length; offset += 20 * every) {
        const before = proof.subarray(0, offset);
        const rest = proof.subarray(offset);
        expect(verify(Uint8Array.from([...before, ...rest.subarray(4)]))).not.toBeNull();
        expect(
          verify(Uint8Array.from([...before, ...rest.subarray(0, 4), ...rest])),
        ).not.toBeNull();
      }
    });

    const [near, anywhere] = fuzz;
    test(`fuzz: ${near} mutations near the beginning, ${anywhere} anywhere, are answered and not accepted`, () => {
      const seed = 20261123;
      const pick = seededDraw(seed);
      for (let i = 0; i < near + anywhere; i++) {
        const bytes = mutated(proof, pick, i < near ? 120 : proof.length);
        if (areEqual(bytes, proof)) continue;
        if (verify(bytes) === null) expect.fail(`seed ${seed}, case ${i} is accepted`);
      }
    });
  });
}
