import { AssayError } from '../errors.ts';
import type { KernelMemory } from './executor.ts';

/** Below lie the kernels' constants; it also keeps every pointer nonzero. */
const BASE = 65536;
const ALIGNMENT = 16;
/** Kernels read whole vectors: up to this many bytes beyond the end of the last one. */
const SLACK = 64;
const LIMIT = 2 ** 32 - SLACK;

/** Stack allocator over kernel memory. Contents of fresh memory are undefined. */
export interface Arena {
  readonly top: number;
  readonly peak: number;
  /** @throws {AssayError} ASSAY_MEMORY beyond 4 GiB or when the memory cannot grow. */
  alloc(byteLength: number): number;
  release(mark: number): void;
  /** Views of the whole memory, renewed when it has grown. */
  bytes(): Uint8Array;
  view(): DataView;
}

export function createArena(memory: KernelMemory): Arena {
  let top = BASE;
  let peak = BASE;
  let bytes = new Uint8Array(memory.buffer);
  let view = new DataView(memory.buffer);
  const renew = (): void => {
    if (bytes.buffer === memory.buffer) return;
    bytes = new Uint8Array(memory.buffer);
    view = new DataView(memory.buffer);
  };
  return {
    get top() {
      return top;
    },
    get peak() {
      return peak;
    },
    alloc(byteLength) {
      const ptr = top;
      const end = ptr + Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
      if (!(end <= LIMIT)) {
        throw new AssayError({
          code: 'ASSAY_MEMORY',
          shortMessage: `kernel memory is limited to 4 GiB, ${end} bytes are needed`,
          details: 'Use a smaller model or batch.',
        });
      }
      if (end + SLACK > memory.buffer.byteLength) memory.grow(end + SLACK);
      top = end;
      peak = Math.max(peak, end);
      return ptr;
    },
    release(mark) {
      if (!(mark >= BASE && mark <= top)) {
        throw new RangeError(`release: expected a mark in [${BASE}, ${top}], got ${mark}`);
      }
      top = mark;
    },
    bytes() {
      renew();
      return bytes;
    },
    view() {
      renew();
      return view;
    },
  };
}
