/** Number of elements of a shape; [] is a scalar with one. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const length of shape) count *= length;
  return count;
}

/** Index bits of an axis: ⌈log2 length⌉. */
export function axisBits(length: number): number {
  let bits = 0;
  while (2 ** bits < length) bits++;
  return bits;
}

export function totalBits(dims: readonly number[]): number {
  let bits = 0;
  for (const length of dims) bits += axisBits(length);
  return bits;
}
