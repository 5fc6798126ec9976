import { type K, ZERO } from '../field/index.ts';
import {
  type Context,
  expectLength,
  expectLog2,
  putScalars,
  reduce,
  scoped,
  shard,
  split,
} from './context.ts';
import type { Engine, KVec } from './types.ts';

type RoundOps = Pick<Engine, 'quadraticRound' | 'cubicRound' | 'fractionLayer' | 'fractionRound'>;

const QUADRATIC_NS = 14;
const CUBIC_NS = 50;
const LAYER_NS = 20;
const FRACTION_NS = 60;

/** Half the common length of the tables of a sumcheck round. */
function expectHalf(name: string, tables: readonly KVec[]): number {
  const length = tables[0]?.length ?? 0;
  for (const table of tables) expectLength(name, 'length of each table', length, table.length);
  if (expectLog2(name, length) < 1) {
    throw new RangeError(`${name}: expected at least two elements, got ${length}`);
  }
  return length / 2;
}

export function roundOps(ctx: Context): RoundOps {
  return {
    quadraticRound(x, y): readonly [K, K] {
      const half = expectHalf('quadraticRound', [x, y]);
      const spans = split(ctx, half, QUADRATIC_NS);
      const [c0, c2] = reduce(ctx, 'quadraticRound', spans, 2, ({ from, length }, out, stride) => {
        const at = 4 * from;
        return [x.ptr + at, x.stride, y.ptr + at, y.stride, half, length, out, stride];
      });
      return [c0 ?? ZERO, c2 ?? ZERO];
    },

    cubicRound(e, x, y): readonly [K, K, K] {
      const half = expectHalf('cubicRound', [e, x, y]);
      const spans = split(ctx, half, CUBIC_NS);
      const [c0, c2, c3] = reduce(ctx, 'cubicRound', spans, 3, ({ from, length }, out, stride) => {
        const at = 4 * from;
        const tables = [e, x, y].flatMap((v) => [v.ptr + at, v.stride]);
        return [...tables, half, length, out, stride];
      });
      return [c0 ?? ZERO, c2 ?? ZERO, c3 ?? ZERO];
    },

    fractionLayer(childN, childD, n, d) {
      expectLength('fractionLayer', 'childN.length', 2 * n.length, childN.length);
      expectLength('fractionLayer', 'childD.length', 2 * n.length, childD.length);
      expectLength('fractionLayer', 'd.length', n.length, d.length);
      shard(ctx, 'fractionLayer', split(ctx, n.length, LAYER_NS), ({ from, length }) => {
        const at = 4 * from;
        const children = [childN, childD].flatMap((v) => [v.ptr + 2 * at, v.stride]);
        return [...children, n.ptr + at, n.stride, d.ptr + at, d.stride, length];
      });
    },

    fractionRound(e, n0, n1, d0, d1, lambda): readonly [K, K] {
      const half = expectHalf('fractionRound', [n0, n1, d0, d1]);
      expectLength('fractionRound', 'e.length', half, e.length);
      return scoped(ctx, () => {
        const k = putScalars(ctx, [lambda]);
        const spans = split(ctx, half, FRACTION_NS);
        const [c0, c2] = reduce(ctx, 'fractionRound', spans, 2, ({ from, length }, out, stride) => {
          const tables = [e, n0, n1, d0, d1].flatMap((v) => [v.ptr + 4 * from, v.stride]);
          return [...tables, k, half, length, out, stride];
        });
        return [c0 ?? ZERO, c2 ?? ZERO];
      });
    },
  };
}
