import type { K } from '../field/index.ts';
import {
  type Context,
  expectLength,
  putScalars,
  putWords,
  reduce,
  scoped,
  shard,
  split,
} from './context.ts';
import type { Engine, I16Vec, IntVec } from './types.ts';

type IntegerOps = Pick<
  Engine,
  | 'axpyInt'
  | 'dotInts'
  | 'dotIntRows'
  | 'combineInts'
  | 'fromInts'
  | 'fingerprints'
  | 'maxAbs'
  | 'allocI16'
  | 'packI16'
  | 'matmulInts'
  | 'matmulI16'
>;

const MUL_NS = 2;
const DOT_NS = 0.6;
/** Bytes of scratch of the dots with integers: a block of k in another form. */
const DOT_SCRATCH = 41_120;
/** One int32 or int16 multiply-add of a matrix product. */
const MAC_NS = 0.1;

export function integerOps(ctx: Context): IntegerOps {
  const allocI16 = (length: number): I16Vec => ({ ptr: ctx.arena.alloc(2 * length), length });

  const maxAbs = (x: IntVec): number =>
    scoped(ctx, () => {
      const spans = split(ctx, x.length, 0.2);
      const out = ctx.arena.alloc(4 * spans.length);
      shard(ctx, 'maxAbs', spans, ({ from, length }, index) => {
        return [x.ptr + 4 * from, length, out + 4 * index];
      });
      const view = ctx.arena.view();
      return spans.reduce((max, _, i) => Math.max(max, view.getUint32(out + 4 * i, true)), 0);
    });

  const packI16 = (src: IntVec, dst: I16Vec): void => {
    expectLength('packI16', 'dst.length', src.length, dst.length);
    shard(ctx, 'packI16', split(ctx, src.length, 0.2, 8), ({ from, length }) => {
      return [src.ptr + 4 * from, dst.ptr + 2 * from, length];
    });
  };

  /** Split along the longer side of the result. */
  const matmul = (
    kernel: 'matmulI16' | 'matmulI32',
    a: number,
    b: number,
    out: number,
    m: number,
    n: number,
    k: number,
  ): void => {
    const bytes = kernel === 'matmulI16' ? 2 : 4;
    if (m >= n) {
      shard(ctx, kernel, split(ctx, m, MAC_NS * n * k), ({ from, length }) => {
        return [a + bytes * from * k, length, b, n, k, out + 4 * from * n, n];
      });
    } else {
      shard(ctx, kernel, split(ctx, n, MAC_NS * m * k), ({ from, length }) => {
        return [a, m, b + bytes * from * k, length, k, out + 4 * from, n];
      });
    }
  };

  const matmulI16: Engine['matmulI16'] = (a, b, out, m, n, k) => {
    expectLength('matmulI16', 'a.length', m * k, a.length);
    expectLength('matmulI16', 'b.length', n * k, b.length);
    expectLength('matmulI16', 'out.length', m * n, out.length);
    matmul('matmulI16', a.ptr, b.ptr, out.ptr, m, n, k);
  };

  return {
    maxAbs,
    allocI16,
    packI16,
    matmulI16,

    matmulInts(a, b, out, m, n, k) {
      expectLength('matmulInts', 'a.length', m * k, a.length);
      expectLength('matmulInts', 'b.length', n * k, b.length);
      expectLength('matmulInts', 'out.length', m * n, out.length);
      // Packing costs a pass over the operands: only worth it if each is used several times.
      const packed = Math.min(m, n) >= 4 && maxAbs(a) < 32768 && maxAbs(b) < 32768;
      if (!packed) {
        matmul('matmulI32', a.ptr, b.ptr, out.ptr, m, n, k);
        return;
      }
      scoped(ctx, () => {
        const left = allocI16(a.length);
        const right = allocI16(b.length);
        packI16(a, left);
        packI16(b, right);
        matmulI16(left, right, out, m, n, k);
      });
    },

    axpyInt(s, x, y) {
      expectLength('axpyInt', 'y.length', x.length, y.length);
      scoped(ctx, () => {
        const k = putScalars(ctx, [s]);
        shard(ctx, 'axpyInt', split(ctx, x.length, MUL_NS), ({ from, length }) => {
          return [k, x.ptr + 4 * from, y.ptr + 4 * from, y.stride, length];
        });
      });
    },

    fromInts(x, dst) {
      expectLength('fromInts', 'dst.length', x.length, dst.length);
      shard(ctx, 'fromInts', split(ctx, x.length, MUL_NS), ({ from, length }) => {
        return [x.ptr + 4 * from, dst.ptr + 4 * from, dst.stride, length];
      });
    },

    dotInts(xs, k): K[] {
      for (const x of xs) expectLength('dotInts', 'length of each vector', k.length, x.length);
      if (xs.length === 0) return [];
      return scoped(ctx, () => {
        const columns = putWords(
          ctx,
          xs.map((x) => x.ptr),
        );
        const spans = split(ctx, k.length, DOT_NS * xs.length);
        return reduce(ctx, 'dotInts', spans, xs.length, ({ from, length }, out, outStride) => {
          const part = [k.ptr + 4 * from, k.stride, length];
          const scratch = ctx.arena.alloc(DOT_SCRATCH);
          return [columns, xs.length, from, ...part, out, outStride, scratch];
        });
      });
    },

    dotIntRows(x, rows, rowStride, k, out) {
      expectLength('dotIntRows', 'out.length', rows, out.length);
      if (rows > 0 && !((rows - 1) * rowStride + k.length <= x.length)) {
        throw new RangeError(
          `dotIntRows: expected ${rows} rows of ${k.length} within x, got length ${x.length}`,
        );
      }
      scoped(ctx, () => {
        const spans = split(ctx, rows, DOT_NS * k.length + 5);
        shard(ctx, 'dotIntRows', spans, ({ from, length }) => {
          const row = x.ptr + 4 * from * rowStride;
          const scratch = ctx.arena.alloc(DOT_SCRATCH);
          const to = [out.ptr + 4 * from, out.stride, scratch];
          return [row, rowStride, length, k.ptr, k.stride, k.length, ...to];
        });
      });
    },

    combineInts(columns, coefficients, dst) {
      expectLength('combineInts', 'coefficients.length', columns.length, coefficients.length);
      for (const x of columns) {
        if (x !== null) expectLength('combineInts', 'column length', dst.length, x.length);
      }
      scoped(ctx, () => {
        const pointers = putWords(
          ctx,
          columns.map((x) => x?.ptr ?? 0),
        );
        const scalars = putScalars(ctx, coefficients);
        const { length: count } = columns;
        const spans = split(ctx, dst.length, DOT_NS * count + 5);
        const scratch = spans.map(() => ctx.arena.alloc(560 * count + 200));
        shard(ctx, 'combineInts', spans, ({ from, length }, i) => {
          const to = dst.ptr + 4 * from;
          return [pointers, count, scalars, from, to, dst.stride, length, scratch[i] ?? 0];
        });
      });
    },

    fingerprints(columns, betas, shift, mask, dst) {
      expectLength('fingerprints', 'betas.length', columns.length, betas.length);
      expectLength('fingerprints', 'mask.length', dst.length, mask.length);
      for (const x of columns) expectLength('fingerprints', 'column length', dst.length, x.length);
      scoped(ctx, () => {
        const pointers = putWords(
          ctx,
          columns.map((x) => x.ptr),
        );
        const scalars = putScalars(ctx, betas);
        const k = putScalars(ctx, [shift]);
        const { length: count } = columns;
        const spans = split(ctx, dst.length, MUL_NS * (count + 1));
        shard(ctx, 'fingerprints', spans, ({ from, length }) => {
          const to = dst.ptr + 4 * from;
          return [pointers, count, scalars, k, mask.ptr, from, to, dst.stride, length];
        });
      });
    },
  };
}
