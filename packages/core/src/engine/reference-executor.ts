import { AssayError } from '../errors.ts';
import { referenceKernels } from '../kernels/reference/index.ts';
import type { Executor } from './executor.ts';

const MAX_BYTES = 2 ** 32;

/**
 * Runs the TypeScript reference kernels on a plain ArrayBuffer. `threads` only changes how work is
 * split: shards run one after the other.
 */
export function referenceExecutor(options: { readonly threads?: number } = {}): Executor {
  let bytes = new Uint8Array(2 ** 20);
  let view = new DataView(bytes.buffer);
  return {
    threads: options.threads ?? 1,
    memory: {
      get buffer() {
        return bytes.buffer;
      },
      grow(byteLength) {
        if (byteLength <= bytes.length) return;
        const size = Math.min(MAX_BYTES, Math.max(byteLength, 2 * bytes.length));
        try {
          if (byteLength > size) throw new RangeError(`${byteLength} bytes exceed 4 GiB`);
          const grown = new Uint8Array(size);
          grown.set(bytes);
          bytes = grown;
          view = new DataView(bytes.buffer);
        } catch (cause) {
          throw new AssayError({
            code: 'ASSAY_MEMORY',
            shortMessage: `cannot grow kernel memory to ${byteLength} bytes`,
            cause,
          });
        }
      },
    },
    run(kernel, shards) {
      for (const shard of shards) referenceKernels[kernel]({ view, bytes }, ...shard);
    },
  };
}
