import type { Randomness } from '../randomness/index.ts';

/**
 * Bytes that follow from a seed: the same everywhere, and no secret at all. For tests.
 * Source: SplitMix32 (a counter through MurmurHash3's finaliser).
 */
export function seededRandomness(seed: number): Randomness {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  return {
    bytes(count) {
      const bytes = new Uint8Array(4 * Math.ceil(count / 4));
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < bytes.length; i += 4) view.setUint32(i, word(), true);
      return bytes.subarray(0, count);
    },
  };
}
