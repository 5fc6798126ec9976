import { powF, rootOfUnity, scaleK, TWO_ADICITY } from '../field/index.ts';
import { toMontgomery } from '../kernels/reference/memory.ts';
import {
  type Context,
  expectLength,
  expectLog2,
  putScalars,
  putWords,
  scoped,
  shard,
  split,
} from './context.ts';
import type { Engine, RowMatrix } from './types.ts';

type CodeOps = Pick<Engine, 'encodeInts' | 'encodeK' | 'row' | 'addPowers'>;

/** One butterfly for one column. */
const BUTTERFLY_NS = 0.7;
/** Columns of one vector of the encode kernel. */
const LANES = 4;
/** Vectors of columns that it works on together: sixteen columns are one cache line of a row. */
const WIDTH = 4;
/** Scratch of all shards together beyond which fewer columns are worked on together. */
const SCRATCH_BYTES = 2 ** 28;
/** Bytes of scratch that addPowers needs per point. */
const POWERS_SCRATCH = 288;

export function codeOps(ctx: Context): CodeOps {
  const { arena } = ctx;

  const encode = (
    columns: readonly number[],
    montgomery: 0 | 1,
    length: number,
    mu: number,
  ): RowMatrix => {
    const logM = expectLog2('encode', length);
    const logH = logM + mu;
    if (!(mu >= 0 && logH <= TWO_ADICITY)) {
      throw new RangeError(`encode: expected log2 of the domain in 0..${TWO_ADICITY}, got ${logH}`);
    }
    const rows = 2 ** logH;
    const matrix: RowMatrix = {
      ptr: arena.alloc(4 * rows * columns.length),
      rows,
      wordsPerRow: columns.length,
    };
    scoped(ctx, () => {
      const pointers = putWords(ctx, columns);
      const logTable = Math.max(0, logH - 1);
      const table = arena.alloc(4 * 2 ** logTable);
      const roots = Array.from({ length: logTable }, (_, j) => toMontgomery(rootOfUnity(j + 2)));
      ctx.executor.run('twiddles', [[table, logTable, putWords(ctx, roots)]]);

      const { threads } = ctx.executor;
      const cosets = 2 ** mu;
      const totalNs = columns.length * rows * (logM + 2) * 0.5 * BUTTERFLY_NS;
      const worth = Math.max(1, Math.floor(totalNs / ctx.shardNs));
      const wanted = threads === 1 ? 1 : Math.min(worth, 2 * threads);
      // By cosets first, which write to different rows; then by columns.
      const cosetSpans = Math.min(cosets, 2 ** Math.ceil(Math.log2(wanted)));
      const perCoset = cosets / cosetSpans;
      const vectors = Math.ceil(columns.length / LANES);
      const columnSpans = Math.min(vectors, Math.ceil(wanted / cosetSpans));
      const perSpan = Math.ceil(vectors / columnSpans);
      let width = Math.min(WIDTH, perSpan);
      const scratchBytes = (): number => 32 * length * width;
      while (width > 1 && scratchBytes() * threads > SCRATCH_BYTES) width = Math.ceil(width / 2);
      const shards: number[][] = [];
      for (let first = 0; first < columns.length; first += LANES * perSpan) {
        const count = Math.min(LANES * perSpan, columns.length - first);
        for (let t = 0; t < cosets; t += perCoset) {
          const scratch = arena.alloc(scratchBytes());
          const code = [montgomery, logM, mu, t, t + perCoset, table, scratch, width];
          const to = matrix.ptr + 4 * first;
          shards.push([pointers + 4 * first, count, ...code, to, columns.length]);
        }
      }
      ctx.executor.run('encode', shards);
    });
    return matrix;
  };

  return {
    encodeInts(columns, logInverseRate) {
      const length = columns[0]?.length ?? 1;
      for (const x of columns) expectLength('encodeInts', 'column length', length, x.length);
      return encode(
        columns.map((x) => x.ptr),
        0,
        length,
        logInverseRate,
      );
    },

    encodeK(f, logColumns, logInverseRate) {
      const length = 2 ** (expectLog2('encodeK', f.length) - logColumns);
      if (!(logColumns >= 0 && length >= 1)) {
        throw new RangeError(`encodeK: expected at most ${f.length} columns, got 2^${logColumns}`);
      }
      const columns: number[] = [];
      for (let c = 0; c < 2 ** logColumns; c++) {
        for (let j = 0; j < 5; j++) columns.push(f.ptr + 4 * (j * f.stride + c * length));
      }
      return encode(columns, 1, length, logInverseRate);
    },

    row(rows, index) {
      const { ptr, wordsPerRow } = rows;
      if (!(index >= 0 && index < rows.rows)) {
        throw new RangeError(`row: expected an index below ${rows.rows}, got ${index}`);
      }
      const at = ptr + 4 * index * wordsPerRow;
      return new Uint32Array(arena.bytes().buffer, at, wordsPerRow).slice();
    },

    addPowers(xs, coefficients, y) {
      expectLength('addPowers', 'coefficients.length', xs.length, coefficients.length);
      if (xs.length === 0) return;
      scoped(ctx, () => {
        const points = putWords(ctx, xs.map(toMontgomery));
        const spans = split(ctx, y.length, 3 * xs.length);
        const steps = spans.map(({ from }) => {
          // Shard [from, …) starts at x^from.
          const starts = xs.map((x, l) =>
            scaleK(coefficients[l] ?? [0, 0, 0, 0, 0], powF(x, from)),
          );
          return [putScalars(ctx, starts), arena.alloc(POWERS_SCRATCH * xs.length)];
        });
        shard(ctx, 'addPowers', spans, ({ from, length }, i) => {
          const [starts, scratch] = steps[i] ?? [];
          const to = y.ptr + 4 * from;
          return [points, starts ?? 0, xs.length, to, y.stride, length, scratch ?? 0];
        });
      });
    },
  };
}
