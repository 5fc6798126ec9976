/** Arithmetic on shapes. */

/** Number of elements. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

export const showShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** Row-major strides. */
export const stridesOf = (shape: readonly number[]): number[] => {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    strides[axis] = stride;
    stride *= shape[axis] ?? 1;
  }
  return strides;
};

/** numpy's rule; null where two lengths differ and neither is 1. */
export const broadcastShapes = (...shapes: readonly (readonly number[])[]): number[] | null => {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (const [i, d] of shape.entries()) {
      const axis = rank - shape.length + i;
      if (d === 1 || d === result[axis]) continue;
      if (result[axis] !== 1) return null;
      result[axis] = d;
    }
  }
  return result;
};

/** Strides by which a tensor of `shape` is read over the axes of `target`: 0 along broadcast axes. */
export const broadcastStrides = (shape: readonly number[], target: readonly number[]): number[] => {
  const own = stridesOf(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (shape[axis - lead] === 1 ? 0 : (own[axis - lead] ?? 0)));
};

/** Whether a tensor of `shape` broadcasts to `target` without enlarging it. */
export const broadcastsTo = (shape: readonly number[], target: readonly number[]): boolean => {
  const result = broadcastShapes(shape, target);
  return result !== null && sameShape(result, target);
};

/**
 * Visits the rows (runs along the last axis) of a tensor of `shape` in order, with the offset of each
 * row's first element in the tensor itself and in others read by `strides`.
 *
 * Cost: one call per row. A scalar is one row of length 1.
 */
export const forEachRow = (
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (offset: number, others: readonly number[]) => void,
  starts: readonly number[] = strides.map(() => 0),
): void => {
  const outer = shape.slice(0, -1);
  const length = shape.at(-1) ?? 1;
  const rows = sizeOf(outer);
  if (length === 0) return;
  const index = new Array<number>(outer.length).fill(0);
  const others = [...starts];
  for (let row = 0; row < rows; row += 1) {
    visit(row * length, others);
    for (let axis = outer.length - 1; axis >= 0; axis -= 1) {
      const i = (index[axis] ?? 0) + 1;
      const wraps = i === outer[axis];
      index[axis] = wraps ? 0 : i;
      for (let s = 0; s < others.length; s += 1) {
        const stride = strides[s]?.[axis] ?? 0;
        others[s] = (others[s] ?? 0) + (wraps ? -(i - 1) * stride : stride);
      }
      if (!wraps) break;
    }
  }
};
