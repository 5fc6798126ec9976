import { kernelsWasmBase64 } from './generated/kernels-wasm.ts';
import { AssayError } from '../errors.ts';
import { KERNEL_NAMES, type KernelName } from './names.ts';

/** Compiled kernels: can be posted to workers. Opaque (a WebAssembly.Module). */
export type KernelModule = object;

export type KernelFunctions = Readonly<Record<KernelName, (...args: readonly number[]) => void>>;

/** A WebAssembly.Memory: can be posted to workers. */
export interface LinearMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

/** What is used of the host; the types of WebAssembly are in neither ES nor Node's declarations. */
interface Host {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => KernelModule;
    compile(bytes: Uint8Array): Promise<KernelModule>;
    readonly Memory: new (init: {
      initial: number;
      maximum: number;
      shared: boolean;
    }) => LinearMemory;
    readonly Instance: new (
      module: KernelModule,
      imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
    ) => { readonly exports: Readonly<Record<string, unknown>> };
  };
  atob(text: string): string;
}

const host = globalThis as unknown as Host;

/** Bytes of one WebAssembly page. */
export const PAGE_BYTES = 65536;
/** 4 GiB; fewer where the host reserves less address space. */
const MAXIMUM_PAGES: readonly number[] = [65536, 32768, 16384, 8192];
const INITIAL_PAGES = 64;

function binary(): Uint8Array {
  return Uint8Array.from(host.atob(kernelsWasmBase64), (c) => c.charCodeAt(0));
}

function unsupported(what: string, cause: unknown): AssayError {
  return new AssayError({
    code: 'ASSAY_WASM',
    shortMessage: `this host cannot ${what}`,
    details: 'WebAssembly with SIMD, threads and shared memory is needed.',
    cause,
  });
}

/** @throws {AssayError} ASSAY_WASM if the host lacks WebAssembly SIMD or threads. */
export function compileKernels(): KernelModule {
  try {
    return new host.WebAssembly.Module(binary());
  } catch (cause) {
    throw unsupported('compile the kernels', cause);
  }
}

/** For a browser's main thread, which may not compile synchronously. */
export async function compileKernelsAsync(): Promise<KernelModule> {
  try {
    return await host.WebAssembly.compile(binary());
  } catch (cause) {
    throw unsupported('compile the kernels', cause);
  }
}

/** Shared memory of 4 MiB that can grow to 4 GiB, or to what address space the host grants. */
export function createKernelMemory(): LinearMemory {
  let cause: unknown;
  for (const maximum of MAXIMUM_PAGES) {
    try {
      return new host.WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true });
    } catch (error) {
      cause = error;
    }
  }
  throw unsupported('create shared memory', cause);
}

/** @throws {AssayError} ASSAY_WASM if the module cannot be instantiated. */
export function instantiateKernels(module: KernelModule, memory: LinearMemory): KernelFunctions {
  try {
    const { exports } = new host.WebAssembly.Instance(module, {
      env: { memory, abort: () => undefined },
    });
    const missing = KERNEL_NAMES.filter((name) => typeof exports[name] !== 'function');
    if (missing.length > 0) throw new TypeError(`kernels are missing: ${missing.join(', ')}`);
    return exports as KernelFunctions;
  } catch (cause) {
    throw unsupported('instantiate the kernels', cause);
  }
}
