import { addF, addK, type K, mulF, mulK, ONE, scaleK, subK, toF, ZERO } from '../field/index.ts';
import { eqTable } from './eq.ts';

/**
 * Multilinear extension of a table of 2^m values at a point of m coordinates, first variable = most
 * significant index bit. Cost: 2^m products. @throws {RangeError} if the sizes do not fit.
 */
export function evaluateMle(values: readonly K[], point: readonly K[]): K {
  if (values.length !== 2 ** point.length) {
    throw new RangeError(`evaluateMle: expected ${2 ** point.length} values, got ${values.length}`);
  }
  let table = values;
  for (const r of point) {
    const half = table.length / 2;
    const upper = table.slice(half);
    table = upper.map((high, i) => {
      const low = table[i] ?? ZERO;
      return addK(low, mulK(r, subK(high, low)));
    });
  }
  return table[0] ?? ZERO;
}

/** Σ coefficients[i]·x^i. */
export function evaluateUnivariate(coefficients: readonly K[], x: K): K {
  return coefficients.reduceRight((sum, c) => addK(mulK(sum, x), c), ZERO);
}

/** Σ coefficients[i]·x^i for x in F. */
export function evaluateUnivariateAtBase(coefficients: readonly K[], x: number): K {
  return coefficients.reduceRight((sum, c) => addK(scaleK(sum, x), c), ZERO);
}

/**
 * Multilinear extension of the power table (1, x, x², …, x^(2^m − 1)):
 *
 *   Π_{j=1..m} (1 + r_j·(x^(2^(m−j)) − 1))
 */
export function powerMle(x: K, point: readonly K[]): K {
  let power = x;
  return point.reduceRight((product, r) => {
    const factor = addK(ONE, mulK(r, subK(power, ONE)));
    power = mulK(power, power);
    return mulK(product, factor);
  }, ONE);
}

/** `powerMle` for x in F: m products of K instead of 3m. */
export function powerMleAtBase(x: number, point: readonly K[]): K {
  let power = x;
  return point.reduceRight((product, r) => {
    const factor = addK(ONE, scaleK(r, addF(power, toF(-1))));
    power = mulF(power, power);
    return mulK(product, factor);
  }, ONE);
}

/** 64 products of 16 and 31 bits add up exactly in a double. */
const EXACT_TERMS = 64;

/**
 * Σ_i values[from + i]·weights[i], i < weights.length, for integers |value| < 2^31 (elements of F
 * included). Values past the end count as zero. Cost: ten double products a term.
 */
export function innerProduct(values: ArrayLike<number>, weights: readonly K[], from = 0): K {
  const terms = Math.min(weights.length, values.length - from);
  let total: K = ZERO;
  for (let start = 0; start < terms; start += EXACT_TERMS) {
    const end = Math.min(start + EXACT_TERMS, terms);
    // value = 2^16·high + low, 0 <= low < 2^16
    let [l0, l1, l2, l3, l4, h0, h1, h2, h3, h4] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = start; i < end; i++) {
      const value = values[from + i] ?? 0;
      const weight = weights[i] ?? ZERO;
      const low = value & 0xffff;
      const high = value >> 16;
      l0 += low * weight[0];
      l1 += low * weight[1];
      l2 += low * weight[2];
      l3 += low * weight[3];
      l4 += low * weight[4];
      h0 += high * weight[0];
      h1 += high * weight[1];
      h2 += high * weight[2];
      h3 += high * weight[3];
      h4 += high * weight[4];
    }
    total = addK(total, [join(h0, l0), join(h1, l1), join(h2, l2), join(h3, l3), join(h4, l4)]);
  }
  return total;
}

/** high·2^16 + low mod p. */
function join(high: number, low: number): number {
  return toF(toF(high) * 65536 + toF(low));
}

/**
 * Multilinear extension of a table of integers |value| < 2^31, zero past its end, at a point of m
 * coordinates. @throws {RangeError} if the table is longer than 2^m.
 *
 * eq(point, ·) is split into two tables: Σ_h eq(high, h)·Σ_l eq(low, l)·values[h, l], and the inner
 * sums need no reduction. Cost: ten double products a value.
 */
export function evaluateIntegerMle(values: ArrayLike<number>, point: readonly K[]): K {
  if (values.length > 2 ** point.length) {
    throw new RangeError(
      `evaluateIntegerMle: expected at most ${2 ** point.length} values, got ${values.length}`,
    );
  }
  const lowVariables = Math.min(point.length, Math.log2(EXACT_TERMS));
  const highPoint = point.slice(0, point.length - lowVariables);
  const low = eqTable(point.slice(point.length - lowVariables));
  const blocks = Math.ceil(values.length / low.length);
  const sums: K[] = [];
  for (let block = 0; block < blocks; block++) {
    sums.push(innerProduct(values, low, block * low.length));
  }
  const high = eqTable(highPoint);
  return sums.reduce((total, sum, block) => addK(total, mulK(sum, high[block] ?? ZERO)), ZERO);
}
