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
/** Columns that the encode kernel works on together. */
const GROUP = 4;
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

      const groupNs = GROUP * length * (logM + 2) * 0.5 * BUTTERFLY_NS;
      const groups = Math.ceil(columns.length / GROUP);
      const cosets = 2 ** mu;
      const worth = Math.max(1, Math.floor((groups * cosets * groupNs) / ctx.shardNs));
      // By columns first; by cosets too if there are too few columns for the threads.
      const wanted = ctx.executor.threads === 1 ? 1 : Math.min(worth, 2 * ctx.executor.threads);
      const perSpan = Math.ceil(groups / Math.min(groups, wanted));
      const columnSpans = Math.ceil(groups / perSpan);
      const cosetSpans = Math.min(cosets, 2 ** Math.ceil(Math.log2(wanted / columnSpans)));
      const shards: number[][] = [];
      for (let g = 0; g < groups; g += perSpan) {
        for (let t = 0; t < Math.max(1, cosetSpans); t++) {
          const step = cosets / Math.max(1, cosetSpans);
          const first = GROUP * g;
          const count = Math.min(GROUP * perSpan, columns.length - first);
          const scratch = arena.alloc(32 * length);
          shards.push([
            pointers + 4 * first,
            count,
            montgomery,
            logM,
            mu,
            t * step,
            (t + 1) * step,
            table,
            scratch,
            matrix.ptr + 4 * first,
            columns.length,
          ]);
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
