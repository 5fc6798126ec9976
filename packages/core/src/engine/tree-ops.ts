import {
  type Context,
  expectLength,
  expectLog2,
  putWords,
  scoped,
  shard,
  split,
} from './context.ts';
import type { Engine } from './types.ts';

type TreeOps = Pick<Engine, 'merkleTree' | 'digest' | 'grind'>;

const PERMUTATION_NS = 180;
const RATE = 136;
const DIGEST = 32;
/** Shards per thread in one round of grinding. */
const GRIND_SHARDS = 4;

export function treeOps(ctx: Context): TreeOps {
  const { arena } = ctx;
  return {
    merkleTree(rows, salts) {
      const { rows: count } = rows;
      const height = expectLog2('merkleTree', count);
      const rowBytes = 4 * rows.wordsPerRow;
      const saltBytes = salts === null ? 0 : salts.length / count;
      if (!Number.isInteger(saltBytes)) {
        throw new RangeError(
          `merkleTree: expected salts for ${count} rows, got ${salts?.length} bytes`,
        );
      }
      const tree = arena.alloc(DIGEST * (2 * count - 1));
      scoped(ctx, () => {
        const salt = arena.alloc(saltBytes * count);
        if (salts !== null) arena.bytes().set(salts, salt);
        const blocks = Math.floor((1 + saltBytes + rowBytes) / RATE) + 1;
        const spans = split(ctx, count, PERMUTATION_NS * blocks, 2);
        const scratch = spans.map(() => arena.alloc(2 * RATE * blocks));
        shard(ctx, 'leaves', spans, ({ from, length }, i) => {
          const row = rows.ptr + from * rowBytes;
          const to = tree + DIGEST * from;
          return [row, rowBytes, salt + from * saltBytes, saltBytes, length, to, scratch[i] ?? 0];
        });
      });
      let layer = tree;
      for (let level = height - 1; level >= 0; level--) {
        const size = 2 ** level;
        const next = layer + DIGEST * 2 * size;
        shard(ctx, 'nodes', split(ctx, size, PERMUTATION_NS, 2), ({ from, length }) => {
          return [layer + 2 * DIGEST * from, length, next + DIGEST * from];
        });
        layer = next;
      }
      return { ptr: tree, leaves: count };
    },

    digest(tree, index) {
      if (!(index >= 0 && index < 2 * tree.leaves - 1)) {
        throw new RangeError(
          `digest: expected an index below ${2 * tree.leaves - 1}, got ${index}`,
        );
      }
      const at = tree.ptr + DIGEST * index;
      return new Uint8Array(arena.bytes().slice(at, at + DIGEST));
    },

    grind(state, bits) {
      expectLength('grind', 'state.length', DIGEST, state.length);
      if (!(bits >= 0 && bits <= 64))
        throw new RangeError(`grind: expected 0..64 bits, got ${bits}`);
      return scoped(ctx, () => {
        const statePtr = arena.alloc(DIGEST);
        arena.bytes().set(state, statePtr);
        const { threads } = ctx.executor;
        // A round is a small part of the expected work; its shards even out slowed-down threads.
        const shards = threads === 1 ? 1 : GRIND_SHARDS * threads;
        const batch = Math.max(2, Math.min(2 ** 12, 2 ** Math.max(0, bits - 7)));
        const outs = Array.from({ length: shards }, () => putWords(ctx, [0, 0, 0]));
        for (let from = 0n; ; from += BigInt(batch * shards)) {
          const calls = outs.map((out, t) => {
            const nonce = from + BigInt(batch * t);
            const high = Number(nonce >> 32n);
            return [statePtr, bits, Number(nonce & 0xffffffffn), high, batch, out];
          });
          ctx.executor.run('grind', calls);
          const view = arena.view();
          // Ranges are in order: the first hit is the smallest nonce.
          const hit = outs.find((out) => view.getUint32(out, true) === 1);
          if (hit !== undefined) return view.getBigUint64(hit + 4, true);
        }
      });
    },
  };
}
