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
