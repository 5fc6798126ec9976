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

/** Blocks are cut to fill columns down to this part of one. */
export const COLUMN_SLOTS = 64;

/**
 * Places items in columns of `rows` places of which only the first `capacity` may be used: in
 * descending size, each in the first column that has room for it. What fits nowhere is cut in halves
 * as long as the columns there are have room for all of it in larger parts than 1/64 of a column, so
 * that a large item fills columns; otherwise it opens a new one.
 *
 * Offsets are column · rows + row. Deterministic: part of the protocol.
 * Cost: O(placed items + columns · log rows).
 */
export function packColumns<T extends Sized>(
  items: readonly T[],
  rows: number,
  capacity: number,
  halve: (item: T) => readonly [T, T],
): { readonly placed: readonly Placed<T>[]; readonly columns: number } {
  const grain = Math.max(1, Math.floor(rows / COLUMN_SLOTS));
  const waiting: T[][] = [];
  const put = (item: T): void => {
    const list = waiting[item.size];
    if (list === undefined) waiting[item.size] = [item];
    else list.push(item);
  };
  for (let size = items.reduce((most, item) => Math.max(most, item.size), 0); size >= 0; size--)
    waiting[size] = [];
  items.forEach(put);
  const used: number[] = [];
  const grains = (room: number): number => Math.floor(room / grain) * grain;
  // Room in whole grains, and what of it halves that wait will take.
  let room = 0;
  let promised = 0;
  const halves = new Set<T>();
  const placed: Placed<T>[] = [];
  for (let size = waiting.length - 1; size >= 0; size--) {
    const width = 2 ** size;
    let column = 0;
    for (const item of waiting[size] ?? []) {
      if (halves.delete(item)) promised -= width;
      while (column < used.length && (used[column] ?? 0) + width > capacity) column++;
      const fits = column < used.length;
      if (!fits && (width > capacity || (width > grain && room - promised >= width))) {
        for (const half of halve(item)) {
          put(half);
          if (width > capacity) continue;
          halves.add(half);
          promised += 2 ** half.size;
        }
        continue;
      }
      if (!fits) {
        used.push(0);
        room += grains(capacity);
      }
      const at = used[column] ?? 0;
      room += grains(capacity - at - width) - grains(capacity - at);
      used[column] = at + width;
      placed.push({ item, offset: column * rows + at });
    }
  }
  return { placed, columns: used.length };
}
