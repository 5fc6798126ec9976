import { addK, type K, mulK, ONE, scaleK, subK, ZERO } from '../field/index.ts';

/** 1 − a − b + 2ab = ab + (1−a)(1−b). */
function eqFactor(a: K, b: K): K {
  const ab = mulK(a, b);
  return subK(addK(ONE, addK(ab, ab)), addK(a, b));
}

/** eq(a, b) = Π_j (a_j·b_j + (1−a_j)(1−b_j)). @throws {RangeError} if the lengths differ. */
export function eqPoint(a: readonly K[], b: readonly K[]): K {
  if (a.length !== b.length) {
    throw new RangeError(`eqPoint: expected ${a.length} coordinates, got ${b.length}`);
  }
  return a.reduce((product, x, j) => mulK(product, eqFactor(x, b[j] ?? ZERO)), ONE);
}

/** Entry i = scale·eq(point, i), 2^point.length entries. Cost: one product an entry. */
export function eqTable(point: readonly K[], scale: K = ONE): K[] {
  let table = [scale];
  for (const r of point) {
    const next: K[] = [];
    for (const entry of table) {
      const one = mulK(entry, r);
      next.push(subK(entry, one), one);
    }
    table = next;
  }
  return table;
}

/** Bit of n that variable j of m selects: the first variable is the most significant bit. */
function bitOf(n: number, j: number, m: number): number {
  return Math.floor(n / 2 ** (m - 1 - j)) % 2;
}

/** eq(point, bits of index); zero outside [0, 2^point.length). */
export function eqIndex(point: readonly K[], index: number): K {
  const m = point.length;
  if (!(index >= 0 && index < 2 ** m)) return ZERO;
  return point.reduce(
    (product, r, j) => mulK(product, bitOf(index, j, m) === 1 ? r : subK(ONE, r)),
    ONE,
  );
}

/**
 * Σ_{i<n} eq(i, a)·eq(i, b), in O(m): the blocks of [0, n) that n's binary digits cut off, each a
 * fixed prefix and a free suffix. n <= 0 is 0; n >= 2^m is eq(a, b).
 *
 * @throws {RangeError} if the lengths differ.
 */
export function boxEq(n: number, a: readonly K[], b: readonly K[]): K {
  const m = a.length;
  if (n <= 0) return ZERO;
  if (n >= 2 ** m) return eqPoint(a, b);
  if (b.length !== m) throw new RangeError(`boxEq: expected ${m} coordinates, got ${b.length}`);
  // from the last variable up: `below` = the sum over suffixes below n's, `all` = over all suffixes
  let below: K = ZERO;
  let all: K = ONE;
  for (let j = m - 1; j >= 0; j--) {
    const x = a[j] ?? ZERO;
    const y = b[j] ?? ZERO;
    const one = mulK(x, y);
    const zero = addK(subK(ONE, addK(x, y)), one);
    below = bitOf(n, j, m) === 1 ? addK(mulK(zero, all), mulK(one, below)) : mulK(zero, below);
    all = mulK(all, addK(zero, one));
  }
  return below;
}

/** Σ_{i<n} eq(i, point) and Σ_{i<n} i·eq(i, point). */
function prefixSums(n: number, point: readonly K[]): { readonly count: K; readonly index: K } {
  const m = point.length;
  if (n <= 0) return { count: ZERO, index: ZERO };
  const whole = n >= 2 ** m;
  // over suffixes of growing length s: all of them (count 1) and those below n's
  let allIndex: K = ZERO;
  let count: K = ZERO;
  let index: K = ZERO;
  for (let j = m - 1; j >= 0; j--) {
    const r = point[j] ?? ZERO;
    const power = 2 ** (m - 1 - j);
    if (bitOf(n, j, m) === 1) {
      // suffixes 0…: all; suffixes 1…: those below, shifted by 2^s
      index = addK(mulK(subK(ONE, r), allIndex), mulK(r, addK(index, scaleK(count, power))));
      count = addK(subK(ONE, r), mulK(r, count));
    } else {
      index = mulK(subK(ONE, r), index);
      count = mulK(subK(ONE, r), count);
    }
    allIndex = addK(allIndex, scaleK(r, power));
  }
  return whole ? { count: ONE, index: allIndex } : { count, index };
}

/** Σ_{from <= i < to} eq(i, point), i inside [0, 2^m), in O(m), m <= 30. Zero if from >= to. */
export function rangeSum(from: number, to: number, point: readonly K[]): K {
  if (from >= to) return ZERO;
  return subK(prefixSums(to, point).count, prefixSums(from, point).count);
}

/** Σ_{from <= i < to} i·eq(i, point), i inside [0, 2^m), in O(m), m <= 30. Zero if from >= to. */
export function rangeIndexSum(from: number, to: number, point: readonly K[]): K {
  if (from >= to) return ZERO;
  return subK(prefixSums(to, point).index, prefixSums(from, point).index);
}
