export { createDigests, sharedDigests } from './digests.ts';
export { KERNEL_NAMES, type KernelName } from './names.ts';
export {
  fromMontgomery,
  type Memory,
  MONTGOMERY,
  type ReferenceKernel,
  referenceKernels,
  toMontgomery,
} from './reference/index.ts';
export {
  compileKernels,
  compileKernelsAsync,
  createKernelMemory,
  instantiateKernels,
  type KernelFunctions,
  type KernelModule,
  type LinearMemory,
} from './wasm.ts';
