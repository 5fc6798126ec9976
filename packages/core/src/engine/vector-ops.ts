import { addK, type K, mulK, powK, ZERO } from '../field/index.ts';
import {
  type Context,
  expectLength,
  expectLog2,
  getElement,
  putScalars,
  reduce,
  scoped,
  shard,
  split,
} from './context.ts';
import type { Engine, KVec } from './types.ts';

type VectorOps = Pick<
  Engine,
  | 'fill'
  | 'copy'
  | 'eqTable'
  | 'powers'
  | 'outer'
  | 'axpy'
  | 'dot'
  | 'bind'
  | 'evaluateUnivariate'
  | 'deinterleave'
>;

/** Nanoseconds per element on one thread: only decides how work is split. */
const COPY_NS = 1;
const MUL_NS = 7;

/** Powers kept at hand when a long univariate polynomial is evaluated block by block. */
const BLOCK = 4096;

export function vectorOps(ctx: Context): VectorOps {
  const powers = (z: K, first: K, dst: KVec): void =>
    scoped(ctx, () => {
      const spans = split(ctx, dst.length, MUL_NS);
      const base = putScalars(ctx, [z]);
      const starts = putScalars(
        ctx,
        spans.map(({ from }) => mulK(first, powK(z, from))),
      );
      shard(ctx, 'powers', spans, ({ from, length }, index) => {
        return [starts + 20 * index, base, dst.ptr + 4 * from, dst.stride, length];
      });
    });

  return {
    fill: (dst, value) =>
      scoped(ctx, () => {
        const k = putScalars(ctx, [value]);
        shard(ctx, 'fill', split(ctx, dst.length, COPY_NS), ({ from, length }) => {
          return [dst.ptr + 4 * from, dst.stride, length, k];
        });
      }),

    copy(src, dst) {
      expectLength('copy', 'dst.length', src.length, dst.length);
      shard(ctx, 'copy', split(ctx, src.length, COPY_NS), ({ from, length }) => {
        return [src.ptr + 4 * from, src.stride, dst.ptr + 4 * from, dst.stride, length];
      });
    },

    eqTable(point, scale, dst) {
      expectLength('eqTable', 'dst.length', 2 ** point.length, dst.length);
      scoped(ctx, () => {
        const first = putScalars(ctx, [scale]);
        ctx.executor.run('fill', [[dst.ptr, dst.stride, 1, first]]);
        const challenges = putScalars(ctx, point);
        // The last variable is the least significant bit: it doubles the table first.
        for (let j = point.length - 1, half = 1; j >= 0; j--, half *= 2) {
          shard(ctx, 'eqStep', split(ctx, half, MUL_NS), ({ from, length }) => {
            return [dst.ptr + 4 * from, dst.stride, half, length, challenges + 20 * j];
          });
        }
      });
    },

    powers,

    outer(a, b, dst) {
      expectLength('outer', 'dst.length', a.length * b.length, dst.length);
      const spans = split(ctx, a.length, MUL_NS * b.length, 1);
      shard(ctx, 'outer', spans, ({ from, length }) => {
        const row = dst.ptr + 4 * from * b.length;
        return [a.ptr + 4 * from, a.stride, length, b.ptr, b.stride, b.length, row, dst.stride];
      });
    },

    axpy(s, x, y) {
      expectLength('axpy', 'y.length', x.length, y.length);
      scoped(ctx, () => {
        const k = putScalars(ctx, [s]);
        shard(ctx, 'axpy', split(ctx, x.length, MUL_NS), ({ from, length }) => {
          return [k, x.ptr + 4 * from, x.stride, y.ptr + 4 * from, y.stride, length];
        });
      });
    },

    dot(a, b) {
      expectLength('dot', 'b.length', a.length, b.length);
      const spans = split(ctx, a.length, MUL_NS);
      const [sum] = reduce(ctx, 'dotRows', spans, 1, ({ from, length }, out, outStride) => {
        return [a.ptr + 4 * from, a.stride, 1, b.ptr + 4 * from, b.stride, length, out, outStride];
      });
      return sum ?? ZERO;
    },

    bind(v, r) {
      const half = 2 ** (expectLog2('bind', v.length) - 1);
      if (half < 1) throw new RangeError('bind: expected at least two elements, got 1');
      scoped(ctx, () => {
        const k = putScalars(ctx, [r]);
        shard(ctx, 'bind', split(ctx, half, MUL_NS), ({ from, length }) => {
          return [v.ptr + 4 * from, v.stride, half, length, k];
        });
      });
      return { ptr: v.ptr, length: half, stride: v.stride };
    },

    // Σ_b z^(b·B)·Σ_{i<B} v[b·B + i]·z^i: powers up to the block length B are computed once.
    evaluateUnivariate: (v, z) =>
      scoped(ctx, () => {
        const block = Math.min(BLOCK, Math.max(1, v.length));
        const table: KVec = { ptr: ctx.arena.alloc(20 * block), length: block, stride: block };
        powers(z, [1, 0, 0, 0, 0], table);
        const rows = Math.floor(v.length / block);
        const rest = v.length - rows * block;
        const count = rows + (rest > 0 ? 1 : 0);
        const sums: KVec = { ptr: ctx.arena.alloc(20 * count), length: count, stride: count };
        shard(ctx, 'dotRows', split(ctx, rows, MUL_NS * block, 1), ({ from, length }) => {
          const at = v.ptr + 4 * from * block;
          const out = sums.ptr + 4 * from;
          return [at, v.stride, length, table.ptr, table.stride, block, out, sums.stride];
        });
        if (rest > 0) {
          const at = v.ptr + 4 * rows * block;
          const out = sums.ptr + 4 * rows;
          ctx.executor.run('dotRows', [
            [at, v.stride, 1, table.ptr, table.stride, rest, out, sums.stride],
          ]);
        }
        const step = powK(z, block);
        let value: K = ZERO;
        for (let i = count - 1; i >= 0; i--)
          value = addK(mulK(value, step), getElement(ctx, sums, i));
        return value;
      }),

    deinterleave(src, even, odd) {
      expectLength('deinterleave', 'src.length', 2 * even.length, src.length);
      expectLength('deinterleave', 'odd.length', even.length, odd.length);
      shard(ctx, 'deinterleave', split(ctx, even.length, 2 * COPY_NS), ({ from, length }) => {
        const to = 4 * from;
        return [
          src.ptr + 2 * to,
          src.stride,
          even.ptr + to,
          even.stride,
          odd.ptr + to,
          odd.stride,
          length,
        ];
      });
    },
  };
}
