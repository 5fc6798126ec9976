import { afterEach, describe, expect, it, vi } from 'vitest';
import { P } from '../field/index.ts';
import { seededRandomness } from '../testing/index.ts';
import {
  fillField,
  platformRandomness,
  type Randomness,
  randomK,
  randomNonzeroK,
} from './index.ts';

/** Words of 32 bits, one after the other, as bytes; zeros when they run out. */
function scripted(...words: number[]): Randomness & { readonly left: () => number } {
  return {
    left: () => words.length,
    bytes(count) {
      const bytes = new Uint8Array(count);
      const view = new DataView(bytes.buffer);
      for (let i = 0; i + 4 <= count; i += 4) view.setUint32(i, words.shift() ?? 0, true);
      return bytes;
    },
  };
}

afterEach(() => vi.unstubAllGlobals());

describe('platformRandomness', () => {
  it('gives as many bytes as asked for, other ones each time', () => {
    const randomness = platformRandomness();
    for (const count of [0, 1, 32, 65536, 65537, 200_000]) {
      expect(randomness.bytes(count).length).toBe(count);
    }
    expect(randomness.bytes(32)).not.toEqual(randomness.bytes(32));
    // Bytes past the first chunk are written too.
    const tail = randomness.bytes(200_000).subarray(196_608);
    expect(new Set(tail).size).toBe(256);
  });

  it('asks for at most 65,536 bytes at once: more is refused by the platform', () => {
    const asked: number[] = [];
    vi.stubGlobal('crypto', { getRandomValues: (b: Uint8Array) => asked.push(b.length) });
    platformRandomness().bytes(150_000);
    expect(asked).toEqual([65536, 65536, 18928]);
  });

  it('throws on a host without one', () => {
    vi.stubGlobal('crypto', undefined);
    expect(() => platformRandomness()).toThrow(
      expect.objectContaining({ code: 'ASSAY_NO_RANDOMNESS' }),
    );
  });
});

describe('fillField', () => {
  it('takes 31 bits of a word, and draws again what is not below p', () => {
    const dst = new Int32Array(4);
    const source = scripted(2 * P, 2 * (P - 1), 0xffffffff, 1, 3, 2 * (P - 1) + 1);
    fillField(source, dst);
    expect([...dst]).toEqual([P - 1, 0, 1, P - 1]);
    expect(source.left()).toBe(0);
  });

  it('is uniform: every sixteenth of the field is hit as often as it should be', () => {
    const count = 160_000;
    const dst = new Int32Array(count);
    fillField(seededRandomness(5), dst);
    const bins = new Array<number>(16).fill(0);
    expect(dst.every((value) => value >= 0 && value < P)).toBe(true);
    for (const value of dst) {
      const bin = Math.floor((16 * value) / P);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    // Standard deviation 97: five of them.
    for (const n of bins) expect(Math.abs(n - count / 16)).toBeLessThan(485);
  });

  it('writes through a view of shared memory, and only there', () => {
    const memory = new Int32Array(new SharedArrayBuffer(4 * 10)).fill(-1);
    fillField(platformRandomness(), memory.subarray(2, 7));
    expect([...memory].map((v) => v === -1)).toEqual(
      [1, 1, 0, 0, 0, 0, 0, 1, 1, 1].map((v) => v === 1),
    );
  });

  it('fills more than one batch', () => {
    const dst = new Int32Array(40_000).fill(-1);
    fillField(platformRandomness(), dst);
    expect(dst.every((v) => v >= 0 && v < P)).toBe(true);
    expect(new Set(dst).size).toBeGreaterThan(39_900);
  });
});

describe('elements of K', () => {
  it('are five elements of F', () => {
    expect(randomK(scripted(2, 4, 6, 8, 10))).toEqual([1, 2, 3, 4, 5]);
  });

  it('are drawn again if they must not be zero', () => {
    const source = scripted(0, 0, 0, 0, 1, 0, 0, 0, 0, 2);
    expect(randomNonzeroK(source)).toEqual([0, 0, 0, 0, 1]);
  });
});

describe('seededRandomness', () => {
  it('follows from the seed, however the bytes are asked for', () => {
    const [a, b, c] = [seededRandomness(1), seededRandomness(1), seededRandomness(2)];
    const bytes = a.bytes(64);
    expect([...b.bytes(32), ...b.bytes(32)]).toEqual([...bytes]);
    expect(c.bytes(64)).not.toEqual(bytes);
    expect(a.bytes(64)).not.toEqual(bytes);
    expect(a.bytes(7).length).toBe(7);
  });
});
