import { DIGEST_BYTES, type HashMany } from '../hash/index.ts';
import {
  compileKernels,
  createKernelMemory,
  instantiateKernels,
  type KernelModule,
} from './wasm.ts';

/** Below lie the constants of the WebAssembly module. */
const BASE = 65_536;
const RATE = 136;
/** Bytes of messages, and of digests, that are in kernel memory at a time. */
const BATCH_BYTES = 1_048_576;

/**
 * keccak256 of many short messages by the kernels, two at a time, on this thread: about 0.2 µs each.
 * Holds 4 MiB of kernel memory.
 *
 * @throws {AssayError} ASSAY_WASM if the host lacks WebAssembly SIMD or threads.
 */
export function createDigests(module: KernelModule = compileKernels()): HashMany {
  const memory = createKernelMemory();
  const { digests } = instantiateKernels(module, memory);
  const input = BASE + 2 * RATE;
  const output = input + BATCH_BYTES + 8;
  return (messages, size) => {
    if (!(size > 0 && size < RATE && size % 8 === 0) || messages.length % size !== 0)
      throw new RangeError(
        `createDigests: expected messages of a multiple of 8 below 136 bytes, got ${messages.length} by ${size}`,
      );
    const count = messages.length / size;
    const all = new Uint8Array(DIGEST_BYTES * count);
    // A digest may be longer than its message.
    const batch = Math.floor(BATCH_BYTES / Math.max(size, DIGEST_BYTES));
    for (let from = 0; from < count; from += batch) {
      const n = Math.min(batch, count - from);
      const bytes = new Uint8Array(memory.buffer);
      bytes.set(messages.subarray(size * from, size * (from + n)), input);
      digests(input, size, n, output, BASE);
      all.set(bytes.subarray(output, output + DIGEST_BYTES * n), DIGEST_BYTES * from);
    }
    return all;
  };
}

let shared: HashMany | null = null;

/** `createDigests` once for all callers on this thread, when it is first needed. */
export function sharedDigests(): HashMany {
  shared ??= createDigests();
  return shared;
}
