/** One loop of a nest: index i moves the target by i·target and the source by i·source, or by table[i]. */
export interface Loop {
  readonly length: number;
  readonly target: number;
  readonly source: number;
  readonly table: Int32Array | null;
}

/** Loops shorter than this are fused with the loop around them. */
const SHORT = 32;
/** Fused tables are not longer than this. */
const LONGEST_TABLE = 4096;

function offsetOf(loop: Loop, i: number): number {
  return loop.table === null ? loop.source * i : (loop.table[i] as number);
}

/** Two nested loops as one, or null if the target does not move evenly. */
function fuse(outer: Loop, inner: Loop): Loop | null {
  if (outer.target !== inner.target * inner.length) return null;
  const length = outer.length * inner.length;
  if (
    outer.table === null &&
    inner.table === null &&
    outer.source === inner.source * inner.length
  ) {
    return { length, target: inner.target, source: inner.source, table: null };
  }
  if (inner.length >= SHORT || length > LONGEST_TABLE) return null;
  const table = new Int32Array(length);
  for (let o = 0, at = 0; o < outer.length; o++) {
    const start = offsetOf(outer, o);
    for (let i = 0; i < inner.length; i++) table[at++] = start + offsetOf(inner, i);
  }
  return { length, target: inner.target, source: 0, table };
}

/**
 * The same nest with fewer and longer loops, outermost first: adjacent loops that move evenly become one,
 * and a short innermost loop is fused with those around it through a table, or gives its place to the longest.
 * Always at least one loop. The order of elements is not kept.
 *
 * @returns the loops and the source offset of loops of length 1, which are dropped.
 */
export function simplify(loops: readonly Loop[]): {
  readonly loops: Loop[];
  readonly offset: number;
} {
  let offset = 0;
  const kept: Loop[] = [];
  for (const loop of loops) {
    if (loop.length === 1) {
      offset += offsetOf(loop, 0);
      continue;
    }
    const last = kept.at(-1);
    const linear = last?.table === null && loop.table === null;
    const merged =
      last !== undefined && linear && last.source === loop.source * loop.length
        ? fuse(last, loop)
        : null;
    if (merged === null) kept.push(loop);
    else kept[kept.length - 1] = merged;
  }
  for (;;) {
    const inner = kept.at(-1);
    const outer = kept.at(-2);
    const merged = inner === undefined || outer === undefined ? null : fuse(outer, inner);
    if (merged === null) break;
    kept.splice(-2, 2, merged);
  }
  const inner = kept.at(-1);
  if (inner !== undefined && inner.length < SHORT) {
    const longest = kept.reduce(
      (best, loop, i) => (loop.length > (kept[best] as Loop).length ? i : best),
      0,
    );
    kept.push(...kept.splice(longest, 1));
  }
  if (kept.length === 0) kept.push({ length: 1, target: 0, source: 0, table: null });
  return { loops: kept, offset };
}

/** Calls `body(target, source)` at the start of every run of the innermost loop. */
export function walk(
  loops: readonly Loop[],
  target: number,
  source: number,
  body: (target: number, source: number, inner: Loop) => void,
): void {
  const last = loops.length - 1;
  const inner = loops[last] as Loop;
  const level = (l: number, t: number, s: number): void => {
    if (l === last) {
      body(t, s, inner);
      return;
    }
    const loop = loops[l] as Loop;
    for (let i = 0; i < loop.length; i++) level(l + 1, t + i * loop.target, s + offsetOf(loop, i));
  };
  level(0, target, source);
}
