import { type K, P } from '@assay/core/field';

/** Numbers that are the same in every run (a linear congruential generator, Knuth's constants). */
export interface Draw {
  /** Uniform in [0, bound). */
  below(bound: number): number;
  f(): number;
  k(): K;
  ks(length: number): K[];
  /** Uniform in [lo, hi]. */
  ints(length: number, lo: number, hi: number): Int32Array;
}

export function drawer(seed: bigint): Draw {
  let state = seed;
  const below = (bound: number): number => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(bound));
  };
  const f = (): number => below(P);
  const k = (): K => [f(), f(), f(), f(), f()];
  return {
    below,
    f,
    k,
    ks: (length) => Array.from({ length }, k),
    ints: (length, lo, hi) => Int32Array.from({ length }, () => lo + below(hi - lo + 1)),
  };
}
