import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { projectRoot } from '../root.ts';

/** The kernels of bench/kernels/example.ts. Arguments are byte pointers into `memory` and counts. */
export interface Yardstick {
  readonly memory: { readonly buffer: ArrayBufferLike };
  mulBB(a: number, b: number, c: number, n: number): void;
  dotSmall5(weights: number, vector: number, n: number, out: number): void;
  dotI16(a: number, b: number, n: number): number;
  keccakN(state: number, n: number): void;
}

/** Below lie its constants. */
export const YARDSTICK_BASE = 65_536;

const INITIAL_PAGES = 256;
const MAXIMUM_PAGES = 65_536;

const flags =
  '--optimizeLevel 3 --shrinkLevel 0 --noAssert --runtime stub --enable simd --enable threads ' +
  `--initialMemory ${INITIAL_PAGES} --maximumMemory ${MAXIMUM_PAGES} --sharedMemory --importMemory`;

/** @throws {AssayError} ASSAY_BENCH_YARDSTICK with the compiler's words */
export async function compileYardstick(): Promise<Yardstick> {
  const memory = new WebAssembly.Memory({
    initial: INITIAL_PAGES,
    maximum: MAXIMUM_PAGES,
    shared: true,
  });
  const abort = (): never => {
    throw new RangeError('yardstick: expected no abort, got one');
  };
  const { instance } = await WebAssembly.instantiate(compile(), { env: { memory, abort } });
  return { memory, ...(instance.exports as unknown as Omit<Yardstick, 'memory'>) };
}

function compile(): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-yardstick-'));
  try {
    const output = join(folder, 'example.wasm');
    const compiler = join(projectRoot, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
    const { status, stderr } = spawnSync(
      process.execPath,
      [compiler, 'bench/kernels/example.ts', '-o', output, ...flags.split(' ')],
      { cwd: projectRoot, encoding: 'utf8' },
    );
    if (status === 0) return Uint8Array.from(readFileSync(output));
    throw new AssayError({
      code: 'ASSAY_BENCH_YARDSTICK',
      shortMessage: 'bench/kernels/example.ts does not compile.',
      details: stderr,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
