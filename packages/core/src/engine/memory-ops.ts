import { type K, ZERO } from '../field/index.ts';
import { toMontgomery } from '../kernels/reference/memory.ts';
import { type Context, getElement } from './context.ts';
import type { Engine, KVec } from './types.ts';

type MemoryOps = Pick<
  Engine,
  | 'mark'
  | 'release'
  | 'allocK'
  | 'allocInt'
  | 'ints'
  | 'writeInts'
  | 'writeK'
  | 'readK'
  | 'readAllK'
  | 'slice'
>;

/**
 * Words of one coordinate plane. Planes of long vectors are kept from lying a multiple of 4 KiB
 * apart: they would compete for the same cache lines.
 */
function planeWords(length: number): number {
  const words = Math.ceil(length / 4) * 4;
  return length >= 512 ? words + 16 : words;
}

function expectRange(name: string, length: number, from: number, count: number): void {
  if (!(from >= 0 && count >= 0 && from + count <= length)) {
    throw new RangeError(
      `${name}: expected a range within ${length} elements, got ${from}+${count}`,
    );
  }
}

export function memoryOps(ctx: Context): MemoryOps {
  const { arena } = ctx;
  const allocK = (length: number): KVec => {
    const stride = planeWords(length);
    return { ptr: arena.alloc(20 * stride), length, stride };
  };
  const ints = (v: { readonly ptr: number; readonly length: number }): Int32Array =>
    new Int32Array(arena.bytes().buffer, v.ptr, v.length);
  return {
    mark: () => arena.top,
    release: (mark) => arena.release(mark),
    allocK,
    allocInt: (length) => ({ ptr: arena.alloc(4 * planeWords(length)), length }),
    ints,
    writeInts(v, data, offset = 0) {
      expectRange('writeInts', v.length, offset, data.length);
      ints(v).set(data, offset);
    },
    writeK(v, data, offset = 0) {
      expectRange('writeK', v.length, offset, data.length);
      const { stride } = v;
      const words = new Uint32Array(arena.bytes().buffer, v.ptr, 4 * stride + v.length);
      for (let i = 0, at = offset; i < data.length; i++, at++) {
        const k = data[i] ?? ZERO;
        words[at] = toMontgomery(k[0]);
        words[at + stride] = toMontgomery(k[1]);
        words[at + 2 * stride] = toMontgomery(k[2]);
        words[at + 3 * stride] = toMontgomery(k[3]);
        words[at + 4 * stride] = toMontgomery(k[4]);
      }
    },
    readK(v, index) {
      expectRange('readK', v.length, index, 1);
      return getElement(ctx, v, index);
    },
    readAllK: (v): K[] => Array.from({ length: v.length }, (_, i) => getElement(ctx, v, i)),
    slice(v, from, length) {
      expectRange('slice', v.length, from, length);
      return { ptr: v.ptr + 4 * from, length, stride: v.stride };
    },
  };
}
