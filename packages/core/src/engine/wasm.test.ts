import { describeEngine } from '../../test/describe-engine.ts';
import { compileKernels } from '../kernels/wasm.ts';
import { createEngine } from './engine.ts';
import { createWasmExecutor } from './wasm-executor.ts';

const module = compileKernels();
describeEngine('wasm', () => createEngine(createWasmExecutor(module)));
describeEngine('wasm, split', () => {
  const executor = createWasmExecutor(module);
  return createEngine({ ...executor, threads: 3 }, { shardNs: 50 });
});
// Pointers with the top bit set are negative inside kernels. Untouched pages cost nothing.
describeEngine('wasm, beyond 2 GiB', () => {
  const engine = createEngine(createWasmExecutor(module));
  engine.allocInt(2 ** 29);
  return engine;
});
// The last bytes of the address space: kernels read whole vectors, and must not read beyond.
describeEngine('wasm, at the end of 4 GiB', () => {
  const engine = createEngine(createWasmExecutor(module));
  engine.allocInt(2 ** 30 - 2 ** 19);
  return engine;
});
