import { expect, test } from 'vitest';
import { AssayError } from '../errors.ts';
import { ONE } from '../field/index.ts';
import {
  compileKernels,
  compileKernelsAsync,
  createKernelMemory,
  instantiateKernels,
} from '../kernels/wasm.ts';
import { createArena } from './arena.ts';
import { createEngine } from './engine.ts';
import type { Executor } from './executor.ts';
import { referenceExecutor } from './reference-executor.ts';
import { createWasmExecutor, kernelMemory } from './wasm-executor.ts';

const codeOf = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
  throw new Error('expected an AssayError');
};

const executors: Readonly<Record<string, () => Executor>> = {
  reference: () => referenceExecutor(),
  wasm: () => createWasmExecutor(),
};

for (const [name, make] of Object.entries(executors)) {
  test(`${name}: contents survive growth`, () => {
    const { memory } = make();
    new Uint8Array(memory.buffer)[77_777] = 9;
    memory.grow(2 ** 25 + 1);
    expect(memory.buffer.byteLength).toBeGreaterThan(2 ** 25);
    expect(new Uint8Array(memory.buffer)[77_777]).toBe(9);
    const { byteLength } = memory.buffer;
    memory.grow(1);
    expect(memory.buffer.byteLength).toBe(byteLength);
  });

  test(`${name}: no more than 4 GiB`, () => {
    expect(codeOf(() => make().memory.grow(2 ** 32 + 1))).toBe('ASSAY_MEMORY');
    const engine = createEngine(make());
    const mark = engine.mark();
    expect(codeOf(() => engine.allocInt(2 ** 30))).toBe('ASSAY_MEMORY');
    expect(codeOf(() => engine.allocInt(Number.NaN))).toBe('ASSAY_MEMORY');
    expect(engine.mark()).toBe(mark);
  });
}

test('wasm: a kernel that traps', () => {
  const executor = createWasmExecutor();
  const outside = 2 ** 32 - 64;
  expect(codeOf(() => executor.run('fill', [[outside, 1, 1, outside]]))).toBe('ASSAY_KERNEL');
});

test('arena: vectors never reach the last bytes, which kernels may read', () => {
  const memory = kernelMemory(createKernelMemory());
  const arena = createArena(memory);
  arena.alloc(memory.buffer.byteLength - arena.top);
  expect(memory.buffer.byteLength).toBeGreaterThan(arena.top + 15);
  expect(arena.peak).toBe(arena.top);
});

test('writeK reaches a slice at the very end of the memory', () => {
  const engine = createEngine(referenceExecutor());
  const room = 2 ** 20 - 64 - engine.mark();
  const v = engine.allocK(Math.floor(room / 20) - 60);
  expect(engine.mark()).toBeGreaterThan(2 ** 20 - 2000);
  engine.writeK(engine.slice(v, v.length - 1, 1), [ONE]);
  expect(engine.readK(v, v.length - 1)).toEqual(ONE);
});

test('kernels: a module that is none, or lacks kernels', async () => {
  const memory = createKernelMemory();
  expect(codeOf(() => instantiateKernels({}, memory))).toBe('ASSAY_WASM');
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { Module: new (bytes: Uint8Array) => object };
  };
  const empty = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  expect(codeOf(() => instantiateKernels(empty, memory))).toBe('ASSAY_WASM');
  for (const module of [compileKernels(), await compileKernelsAsync()]) {
    expect(Object.keys(instantiateKernels(module, memory))).toContain('bind');
  }
});
