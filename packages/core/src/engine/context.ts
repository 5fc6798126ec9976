import { addK, type K, ZERO } from '../field/index.ts';
import type { KernelName } from '../kernels/names.ts';
import { fromMontgomery, toMontgomery } from '../kernels/reference/memory.ts';
import type { Arena } from './arena.ts';
import type { Executor } from './executor.ts';
import type { KVec } from './types.ts';

export interface EngineOptions {
  /**
   * Least work of one shard in nanoseconds of one WASM thread: less is not worth waking a thread for.
   * @default 40000
   */
  readonly shardNs?: number;
}

/** What the parts of the engine share. */
export interface Context {
  readonly executor: Executor;
  readonly arena: Arena;
  readonly shardNs: number;
}

export interface Span {
  readonly from: number;
  readonly length: number;
}

/** Shards per thread of long calls: evens out threads that are slowed down by other work. */
const SHARDS_PER_THREAD = 4;

/**
 * Splits [0, n) so that each part is worth a thread. All but the last begin and end at multiples
 * of `unit` (four lanes by default).
 */
export function split(ctx: Context, n: number, nsPerItem: number, unit = 4): Span[] {
  const worth = Math.floor((n * nsPerItem) / ctx.shardNs);
  const { threads } = ctx.executor;
  const parts = threads === 1 ? 1 : Math.max(1, Math.min(worth, threads * SHARDS_PER_THREAD));
  const length = Math.max(unit, Math.ceil(n / parts / unit) * unit);
  const spans: Span[] = [];
  for (let from = 0; from < n; from += length) {
    spans.push({ from, length: Math.min(length, n - from) });
  }
  return spans;
}

/** Frees what `body` allocates. */
export function scoped<T>(ctx: Context, body: () => T): T {
  const mark = ctx.arena.top;
  try {
    return body();
  } finally {
    ctx.arena.release(mark);
  }
}

export function shard(
  ctx: Context,
  kernel: KernelName,
  spans: readonly Span[],
  args: (span: Span, index: number) => readonly number[],
): void {
  ctx.executor.run(kernel, spans.map(args));
}

/** Consecutive scalars, 20 bytes each, Montgomery form. */
export function putScalars(ctx: Context, values: readonly K[]): number {
  const ptr = ctx.arena.alloc(20 * values.length);
  const words = new Uint32Array(ctx.arena.bytes().buffer, ptr, 5 * values.length);
  let at = 0;
  for (const k of values) {
    words[at++] = toMontgomery(k[0]);
    words[at++] = toMontgomery(k[1]);
    words[at++] = toMontgomery(k[2]);
    words[at++] = toMontgomery(k[3]);
    words[at++] = toMontgomery(k[4]);
  }
  return ptr;
}

export function putWords(ctx: Context, words: readonly number[]): number {
  const ptr = ctx.arena.alloc(4 * words.length);
  const view = ctx.arena.view();
  for (const [i, word] of words.entries()) view.setUint32(ptr + 4 * i, word, true);
  return ptr;
}

export function getElement(ctx: Context, v: KVec, index: number): K {
  const view = ctx.arena.view();
  const at = (j: number): number =>
    fromMontgomery(view.getUint32(v.ptr + 4 * (j * v.stride + index), true));
  return [at(0), at(1), at(2), at(3), at(4)];
}

/**
 * Runs a kernel whose shards each leave `count` partial results at (out, outStride), and adds them up.
 */
export function reduce(
  ctx: Context,
  kernel: KernelName,
  spans: readonly Span[],
  count: number,
  args: (span: Span, out: number, outStride: number) => readonly number[],
): K[] {
  return scoped(ctx, () => {
    const outs = spans.map((): KVec => {
      return { ptr: ctx.arena.alloc(20 * count), length: count, stride: count };
    });
    shard(ctx, kernel, spans, (span, index) => args(span, outs[index]?.ptr ?? 0, count));
    return Array.from({ length: count }, (_, i) =>
      outs.reduce((sum: K, out) => addK(sum, getElement(ctx, out, i)), ZERO),
    );
  });
}

export function expectLength(name: string, what: string, expected: number, actual: number): void {
  if (expected !== actual) {
    throw new RangeError(`${name}: expected ${what} = ${expected}, got ${actual}`);
  }
}

/** log2 of a power of two. @throws {RangeError} otherwise. */
export function expectLog2(name: string, n: number): number {
  const log = Math.round(Math.log2(n));
  if (!(n >= 1) || 2 ** log !== n) {
    throw new RangeError(`${name}: expected a power-of-two length, got ${n}`);
  }
  return log;
}
