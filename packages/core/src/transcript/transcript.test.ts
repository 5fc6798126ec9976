import { readFileSync } from 'node:fs';
import { sha3_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOfU64 } from '../codec/index.ts';
import { type K, P } from '../field/index.ts';
import { asciiBytes, concatBytes, fromHex, keccak256, toHex } from '../hash/index.ts';
import { TAG_CLAIMS, TAG_NONCE, TAG_ROOT, Transcript } from './index.ts';

type Step =
  | { op: 'observe'; tag: number; bytes: string; state: string }
  | { op: 'observeK'; tag: number; values: K[]; state: string }
  | { op: 'sampleK'; value: K; state: string }
  | { op: 'sampleIndices'; logSize: number; count: number; value: number[]; state: string };

const golden: { domain: string; initial: string; steps: Step[] } = JSON.parse(
  readFileSync(new URL('../../../../vectors/transcript/sha3_v1.json', import.meta.url), 'utf8'),
);

describe('golden states with SHA3-256', () => {
  const initial = sha3_256(asciiBytes(golden.domain));
  const transcript = new Transcript(sha3_256, initial);

  test('initial state', () => {
    expect(toHex(transcript.state())).toBe(golden.initial);
  });

  test.each(golden.steps.map((step, i) => ({ ...step, i })))('step $i: $op', (step) => {
    switch (step.op) {
      case 'observe':
        transcript.observe(step.tag, fromHex(step.bytes) ?? new Uint8Array());
        break;
      case 'observeK':
        transcript.observeK(step.tag, step.values);
        break;
      case 'sampleK':
        expect(transcript.sampleK()).toEqual(step.value);
        break;
      case 'sampleIndices':
        expect(transcript.sampleIndices(step.logSize, step.count)).toEqual(step.value);
        break;
    }
    expect(toHex(transcript.state())).toBe(step.state);
  });
});

test('the default is keccak-256 from keccak256("assay/v1")', () => {
  const transcript = new Transcript();
  const initial = keccak256(asciiBytes('assay/v1'));
  expect(transcript.state()).toEqual(initial);
  transcript.observe(TAG_ROOT, Uint8Array.of(7, 8));
  expect(transcript.state()).toEqual(
    keccak256(Uint8Array.of(1), initial, Uint8Array.of(TAG_ROOT, 2, 0, 0, 0, 7, 8)),
  );
});

const statesAfter = (...messages: [tag: number, bytes: number[]][]): string => {
  const transcript = new Transcript();
  for (const [tag, bytes] of messages) transcript.observe(tag, Uint8Array.from(bytes));
  return toHex(transcript.state());
};

describe('binding', () => {
  test('tag, length, bytes, order and splitting all change the state', () => {
    const states = [
      statesAfter([1, [1, 2]], [1, [3]]),
      statesAfter([1, [1]], [1, [2, 3]]),
      statesAfter([1, [1, 2, 3]]),
      statesAfter([1, [3]], [1, [1, 2]]),
      statesAfter([2, [1, 2]], [1, [3]]),
      statesAfter([1, [1, 2]], [1, [3, 0]]),
      statesAfter([1, [1, 2]], [1, []]),
      statesAfter([1, [1, 2]]),
    ];
    expect(new Set(states).size).toBe(states.length);
  });

  test('every bit of a message changes the next challenge', () => {
    const challenge = (bytes: Uint8Array): K => {
      const transcript = new Transcript();
      transcript.observe(TAG_CLAIMS, bytes);
      return transcript.sampleK();
    };
    const message = Uint8Array.from({ length: 40 }, (_, i) => i);
    const honest = challenge(message);
    for (let bit = 0; bit < 8 * message.length; bit++) {
      const flipped = message.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(challenge(flipped)).not.toEqual(honest);
    }
  });
});

describe('samples', () => {
  test('differ until the next observe, which starts the counter anew', () => {
    const transcript = new Transcript();
    const first = [transcript.sampleK(), transcript.sampleK(), transcript.sampleK()];
    expect(new Set(first.map(String)).size).toBe(3);
    transcript.observe(TAG_ROOT, Uint8Array.of(1));
    const other = new Transcript();
    other.observe(TAG_ROOT, Uint8Array.of(1));
    expect(transcript.sampleK()).toEqual(other.sampleK());
  });

  test('sampling does not change the state', () => {
    const transcript = new Transcript();
    const before = transcript.state();
    transcript.sampleK();
    transcript.sampleIndices(10, 9);
    expect(transcript.state()).toEqual(before);
  });

  test('coordinates are canonical; indices are sorted, distinct, in range', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.integer({ min: 0, max: 32 }),
        fc.integer({ min: 0, max: 100 }),
        (seed, logSize, count) => {
          const transcript = new Transcript();
          transcript.observe(TAG_ROOT, seed);
          for (const c of transcript.sampleK()) expect(c >= 0 && c < P).toBe(true);
          const indices = transcript.sampleIndices(logSize, count);
          expect(indices.length).toBeLessThanOrEqual(Math.min(count, 2 ** logSize));
          indices.forEach((index, i) => {
            expect(Number.isInteger(index) && index >= 0 && index < 2 ** logSize).toBe(true);
            if (i > 0) expect(index).toBeGreaterThan(indices[i - 1] ?? -1);
          });
        },
      ),
      { seed: 3 },
    );
  });

  test('count <= 0 draws nothing and uses no block', () => {
    const a = new Transcript();
    expect(a.sampleIndices(5, 0)).toEqual([]);
    expect(a.sampleK()).toEqual(new Transcript().sampleK());
  });
});

describe('proof of work', () => {
  const passes = (state: Uint8Array, bits: number, nonce: bigint): boolean => {
    const digest = keccak256(Uint8Array.of(4), state, bytesOfU64(nonce));
    return BigInt(`0x${toHex(digest)}`) % 2n ** BigInt(bits) === 0n;
  };
  const grind = (state: Uint8Array, bits: number, accept: boolean): bigint => {
    let nonce = 0n;
    while (passes(state, bits, nonce) !== accept) nonce++;
    return nonce;
  };

  test.each([1, 7, 8, 9, 11])('%i bits: the nonce passes and is observed', (bits) => {
    const transcript = new Transcript();
    const nonce = grind(transcript.state(), bits, true);
    expect(transcript.checkPow(bits, nonce)).toBe(true);
    const other = new Transcript();
    other.observe(TAG_NONCE, bytesOfU64(nonce));
    expect(transcript.state()).toEqual(other.state());
  });

  test.each([1, 8, 9])('%i bits: another nonce fails', (bits) => {
    const nonce = grind(new Transcript().state(), bits, false);
    expect(new Transcript().checkPow(bits, nonce)).toBe(false);
  });

  test('a nonce ground for another state fails', () => {
    const transcript = new Transcript();
    const nonce = grind(transcript.state(), 10, true);
    transcript.observe(TAG_ROOT, Uint8Array.of(1));
    expect(transcript.checkPow(10, nonce)).toBe(passes(transcript.state(), 10, nonce));
    expect(passes(transcript.state(), 10, nonce)).toBe(false);
  });

  test('0 bits observe nothing', () => {
    const transcript = new Transcript();
    expect(transcript.checkPow(0, 123n)).toBe(true);
    expect(transcript.state()).toEqual(new Transcript().state());
  });

  test('a nonce that is not a u64 fails, even if it agrees with a good one mod 2^64', () => {
    const nonce = grind(new Transcript().state(), 4, true);
    expect(new Transcript().checkPow(4, nonce)).toBe(true);
    expect(new Transcript().checkPow(4, nonce + 2n ** 64n)).toBe(false);
    expect(new Transcript().checkPow(4, nonce - 2n ** 64n)).toBe(false);
  });
});

test('states are copies', () => {
  const initial = keccak256(concatBytes());
  const transcript = new Transcript(keccak256, initial);
  const before = transcript.state();
  before.fill(0);
  initial.fill(0);
  expect(transcript.state()).toEqual(keccak256(concatBytes()));
});
