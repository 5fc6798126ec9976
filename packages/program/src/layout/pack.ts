/** Something of power-of-two size 2^size that wants an aligned place. */
interface Sized {
  readonly size: number;
}

export interface Placed<T> {
  readonly item: T;
  /** Multiple of 2^size. */
  readonly offset: number;
}

/** Places items in descending size (ties in the order given), without gaps: every offset is then aligned. */
export function packAligned<T extends Sized>(
  items: readonly T[],
): { readonly placed: readonly Placed<T>[]; readonly total: number } {
  // Array.prototype.sort is stable: ties stay in the order given.
  const order = [...items.keys()].sort((a, b) => (items[b]?.size ?? 0) - (items[a]?.size ?? 0));
  const placed: Placed<T>[] = [];
  let total = 0;
  for (const index of order) {
    const item = items[index];
    if (item === undefined) continue;
    placed.push({ item, offset: total });
    total += 2 ** item.size;
  }
  return { placed, total };
}
