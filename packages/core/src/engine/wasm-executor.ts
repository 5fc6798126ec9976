import { AssayError } from '../errors.ts';
import {
  compileKernels,
  createKernelMemory,
  instantiateKernels,
  type KernelModule,
  type LinearMemory,
  PAGE_BYTES,
} from '../kernels/wasm.ts';
import type { Executor, KernelMemory } from './executor.ts';

/** Least growth: growing a shared memory interrupts every thread. */
const GROW_BYTES = 2 ** 24;
const MAX_BYTES = 2 ** 32;

/** Grows a WebAssembly memory geometrically. Untouched pages cost no memory. */
export function kernelMemory(memory: LinearMemory): KernelMemory {
  return {
    get buffer() {
      return memory.buffer;
    },
    grow(byteLength) {
      const size = memory.buffer.byteLength;
      if (byteLength <= size) return;
      const pages = (bytes: number): number => Math.ceil((bytes - size) / PAGE_BYTES);
      const roomy = Math.min(MAX_BYTES, Math.max(size + GROW_BYTES, size * 1.25));
      try {
        memory.grow(pages(Math.max(byteLength, roomy)));
      } catch {
        try {
          memory.grow(pages(byteLength));
        } catch (cause) {
          throw new AssayError({
            code: 'ASSAY_MEMORY',
            shortMessage: `cannot grow kernel memory to ${byteLength} bytes`,
            cause,
          });
        }
      }
    },
  };
}

/** One thread: the caller's. Kernels in WebAssembly. */
export function createWasmExecutor(module: KernelModule = compileKernels()): Executor {
  const memory = createKernelMemory();
  const kernels = instantiateKernels(module, memory);
  return {
    threads: 1,
    memory: kernelMemory(memory),
    run(kernel, shards) {
      try {
        for (const shard of shards) kernels[kernel](...shard);
      } catch (cause) {
        throw new AssayError({
          code: 'ASSAY_KERNEL',
          shortMessage: `kernel ${kernel} failed`,
          cause,
        });
      }
    },
  };
}
