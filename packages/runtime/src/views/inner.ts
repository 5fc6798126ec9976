/**
 * Innermost loops. Each exists once per kind of target, so that every loop sees one kind of array only.
 * Equation of each: target[d + i·ds] (+)= c · source[s + offset(i)], 0 <= i < n, offset(i) = i·ss or table[i].
 * int32 targets take the low 32 bits: right whenever the true value fits and c·source is exact (< 2^53).
 */

export function setI32(
  t: Int32Array,
  d: number,
  ds: number,
  source: Int32Array,
  s: number,
  ss: number,
  n: number,
  c: number,
): void {
  if (c === 1 && ds === 1 && ss === 1 && n >= 32) {
    t.set(source.subarray(s, s + n), d);
    return;
  }
  for (let i = 0; i < n; i++) t[d + i * ds] = c * (source[s + i * ss] as number);
}

export function setTableI32(
  t: Int32Array,
  d: number,
  ds: number,
  source: Int32Array,
  s: number,
  table: Int32Array,
  n: number,
  c: number,
): void {
  for (let i = 0; i < n; i++) t[d + i * ds] = c * (source[s + (table[i] as number)] as number);
}

export function addI32(
  t: Int32Array,
  d: number,
  ds: number,
  source: Int32Array,
  s: number,
  ss: number,
  n: number,
  c: number,
): void {
  for (let i = 0; i < n; i++)
    t[d + i * ds] = (t[d + i * ds] as number) + c * (source[s + i * ss] as number);
}

export function addTableI32(
  t: Int32Array,
  d: number,
  ds: number,
  source: Int32Array,
  s: number,
  table: Int32Array,
  n: number,
  c: number,
): void {
  for (let i = 0; i < n; i++)
    t[d + i * ds] = (t[d + i * ds] as number) + c * (source[s + (table[i] as number)] as number);
}

export function addF64(
  t: Float64Array,
  d: number,
  ds: number,
  source: Int32Array | Float64Array,
  s: number,
  ss: number,
  n: number,
  c: number,
): void {
  for (let i = 0; i < n; i++)
    t[d + i * ds] = (t[d + i * ds] as number) + c * (source[s + i * ss] as number);
}

export function addTableF64(
  t: Float64Array,
  d: number,
  ds: number,
  source: Int32Array | Float64Array,
  s: number,
  table: Int32Array,
  n: number,
  c: number,
): void {
  for (let i = 0; i < n; i++)
    t[d + i * ds] = (t[d + i * ds] as number) + c * (source[s + (table[i] as number)] as number);
}

export function setI16(
  t: Int16Array,
  d: number,
  ds: number,
  source: Int32Array,
  s: number,
  ss: number,
  n: number,
  c: number,
): void {
  for (let i = 0; i < n; i++) t[d + i * ds] = c * (source[s + i * ss] as number);
}

export function setTableI16(
  t: Int16Array,
  d: number,
  ds: number,
  source: Int32Array,
  s: number,
  table: Int32Array,
  n: number,
  c: number,
): void {
  for (let i = 0; i < n; i++) t[d + i * ds] = c * (source[s + (table[i] as number)] as number);
}

/** Σ_i source[s + i·ss]. */
export function sumOf(source: Int32Array, s: number, ss: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += source[s + i * ss] as number;
  return sum;
}

/** Σ_i source[s + table[i]]. */
export function sumOfTable(source: Int32Array, s: number, table: Int32Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += source[s + (table[i] as number)] as number;
  return sum;
}
