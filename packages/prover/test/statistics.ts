import { P } from '@assay/core/field';
import type { Kind, Part } from './parts.ts';

/** Standard deviations of a normal variable that count as impossible: one in 10^9. */
export const IMPOSSIBLE = 6;

/** The value that χ² with so many degrees of freedom exceeds as often as a normal variable does z (Wilson and Hilferty). */
export function chiSquaredLimit(degrees: number, z = IMPOSSIBLE): number {
  const variance = 2 / (9 * degrees);
  return degrees * (1 - variance + z * Math.sqrt(variance)) ** 3;
}

/** Σ (observed − expected)²/expected for equally likely bins. */
export function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

/** χ² of two samples of equal size with the same bins, and its degrees of freedom. */
function chiSquaredOfTwo(
  a: readonly number[],
  b: readonly number[],
): [value: number, degrees: number] {
  let value = 0;
  let used = 0;
  for (const [i, n] of a.entries()) {
    const m = b[i] ?? 0;
    if (n + m === 0) continue;
    used++;
    value += (n - m) ** 2 / (n + m);
  }
  return [value, Math.max(1, used - 1)];
}

const BINS = 16;

/** Values of [0, size) by bin. */
export function histogram(values: readonly number[], size: number, bins = BINS): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.floor((value * bins) / size);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** How many values a word of a part can have. */
function sizeOf(kind: Kind): number {
  return kind === 'digest' || kind === 'salt' ? 2 ** 32 : P;
}

/** Words at one place, over all samples. */
function at(samples: readonly Uint32Array[], place: number): number[] {
  return samples.map((words) => words[place] ?? 0);
}

/**
 * Names of parts of which some word is not uniform: by its most significant bits, by its least
 * significant ones, or all words of that name together. Samples are of equal length.
 */
export function notUniform(samples: readonly Uint32Array[], parts: readonly Part[]): string[] {
  const found = new Set<string>();
  const pooled = new Map<string, { readonly size: number; readonly counts: number[] }>();
  const limit = chiSquaredLimit(BINS - 1);
  for (const { name, kind, at: from, words } of parts) {
    const size = sizeOf(kind);
    const pool = pooled.get(name) ?? { size, counts: new Array<number>(256).fill(0) };
    pooled.set(name, pool);
    for (let place = from; place < from + words; place++) {
      const values = at(samples, place);
      const low = values.map((v) => v % BINS);
      if (chiSquared(histogram(values, size, BINS)) > limit) found.add(name);
      if (chiSquared(histogram(low, BINS, BINS)) > limit) found.add(name);
      for (const [bin, n] of histogram(values, size, 256).entries())
        pool.counts[bin] = (pool.counts[bin] ?? 0) + n;
    }
  }
  for (const [name, { counts }] of pooled)
    if (chiSquared(counts) > chiSquaredLimit(255)) found.add(name);
  return [...found];
}

/** Names of parts of which some word tells two sets of samples apart by its value. */
export function tellApart(
  a: readonly Uint32Array[],
  b: readonly Uint32Array[],
  parts: readonly Part[],
): string[] {
  const found = new Set<string>();
  for (const { name, kind, at: from, words } of parts) {
    const size = sizeOf(kind);
    for (let place = from; place < from + words; place++) {
      const [of, other] = [at(a, place), at(b, place)];
      for (const bins of [
        (v: readonly number[]) => histogram(v, size, BINS),
        (v: readonly number[]) =>
          histogram(
            v.map((x) => x % BINS),
            BINS,
            BINS,
          ),
      ]) {
        const [value, degrees] = chiSquaredOfTwo(bins(of), bins(other));
        if (value > chiSquaredLimit(degrees)) found.add(name);
      }
    }
  }
  return [...found];
}

/** A bit counts if it was set more often in one set by so many standard deviations; all do if none is. */
const SIGNIFICANT = 3.5;

/**
 * A classifier that has seen the first half of both sets: by each bit of a proof, weighed by how much
 * more often it was set in one of them. How many of the second halves it puts where they belong,
 * in standard deviations from guessing.
 */
export function classified(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
  const half = Math.floor(Math.min(a.length, b.length) / 2);
  const bits = 8 * Math.min(...[...a, ...b].map((bytes) => bytes.length));
  const weights = new Float64Array(bits);
  const bit = (bytes: Uint8Array, i: number): number => ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1;
  for (const [set, sign] of [
    [a, 1],
    [b, -1],
  ] as const) {
    for (const bytes of set.slice(0, half))
      for (let i = 0; i < bits; i++) weights[i] = (weights[i] ?? 0) + sign * bit(bytes, i);
  }
  const least = SIGNIFICANT * Math.sqrt(half / 2);
  if (weights.some((weight) => Math.abs(weight) > least)) {
    for (const [i, weight] of weights.entries()) if (Math.abs(weight) <= least) weights[i] = 0;
  }
  const score = (bytes: Uint8Array): number => {
    let sum = 0;
    for (let i = 0; i < bits; i++) sum += (weights[i] ?? 0) * (2 * bit(bytes, i) - 1);
    return sum;
  };
  const right = [
    ...a.slice(half, 2 * half).map((bytes) => score(bytes) > 0),
    ...b.slice(half, 2 * half).map((bytes) => score(bytes) < 0),
  ].filter((isRight) => isRight).length;
  return (right - half) / Math.sqrt(half / 2);
}
