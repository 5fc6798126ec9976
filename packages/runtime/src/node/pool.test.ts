import { createEngine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import { compileKernels } from '@assay/core/kernels';
import { afterAll, describe, expect, test } from 'vitest';
import { describeEngine } from '../../../core/test/describe-engine.ts';
import { createPool, type Pool } from '../pool/pool.ts';
import type { WorkerSetup } from '../pool/worker-protocol.ts';
import { createNodePool, startNodeWorker } from './pool.ts';

const codeOf = async (body: () => unknown): Promise<string> => {
  try {
    await body();
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
  throw new Error('expected an AssayError');
};

describe('conformance', async () => {
  const pools: Pool[] = [];
  const shared = async (threads: number): Promise<Pool> => {
    const pool = await createNodePool({ threads });
    pools.push(pool);
    return pool;
  };
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
  });
  const three = await shared(3);
  const one = await shared(1);
  // A new engine starts with an empty arena: the tests run one after the other.
  describeEngine('node pool, 3 threads, everything split', () =>
    createEngine(three, { shardNs: 50 }),
  );
  describeEngine('node pool, 3 threads', () => createEngine(three));
  describeEngine('node pool, 1 thread', () => createEngine(one));
});

/** A pool whose workers run `source` instead of the bundled script. */
const poolOf = (source: string, stallMs = 200): Promise<Pool> =>
  createPool(compileKernels(), 2, { stallMs }, (setup: WorkerSetup) =>
    startNodeWorker(setup, source),
  );

const READY = `require('node:worker_threads').parentPort.postMessage({ ready: true });`;
const fill = (pool: Pool, count: number): void => {
  pool.memory.grow(2 ** 20);
  // fill(dst, stride, n, k): one element each.
  pool.run(
    'fill',
    Array.from({ length: count }, (_, i) => [131072 + 32 * i, 1, 1, 65536]),
  );
};

describe('failures', () => {
  test('every shard of a long list runs, more than fit into the control block at once', async () => {
    const pool = await createNodePool({ threads: 2 });
    pool.memory.grow(2 ** 22);
    const words = new Uint32Array(pool.memory.buffer);
    words[65536 / 4] = 7;
    fill(pool, 20_000);
    for (let i = 0; i < 20_000; i++) expect(words[(131072 + 32 * i) / 4]).toBe(7);
    await pool.close();
  });

  test('a kernel that traps is an error on whichever thread, and the pool goes on', async () => {
    const pool = await createNodePool({ threads: 2 });
    const outside = 2 ** 32 - 64;
    for (let i = 0; i < 20; i++) {
      const shards = Array.from({ length: 4 }, () => [outside, 1, 1, outside]);
      expect(await codeOf(() => pool.run('fill', shards))).toBe('ASSAY_KERNEL');
      expect(await codeOf(() => pool.run('fill', shards.slice(1, 2)))).toBe('ASSAY_KERNEL');
      fill(pool, 8);
    }
    await pool.close();
  });

  test('a closed pool refuses work', async () => {
    const pool = await createNodePool({ threads: 2 });
    await pool.close();
    expect(await codeOf(() => fill(pool, 2))).toBe('ASSAY_WORKER');
    await pool.close();
    const alone = await createNodePool({ threads: 1 });
    fill(alone, 2);
    await alone.close();
    expect(await codeOf(() => fill(alone, 2))).toBe('ASSAY_WORKER');
  });

  test('a worker that throws, exits or reports an error instead of starting', async () => {
    for (const source of [
      'throw new Error("broken")',
      'process.exit(3)',
      `require('node:worker_threads').parentPort.postMessage({ ready: false, error: 'no' });`,
      'syntax error',
    ]) {
      expect(await codeOf(() => poolOf(source)), source).toBe('ASSAY_WORKER');
    }
  });

  test('a worker that has ended before a call: the others do the work, then it is reported', async () => {
    const pool = await poolOf(READY);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await codeOf(() => fill(pool, 4))).toBe('ASSAY_WORKER');
    await pool.close();
  });

  test('a worker that dies in the middle of a shard: no hang', async () => {
    // Takes every shard that it can and finishes none.
    const pool = await poolOf(
      `const { control } = require('node:worker_threads').workerData;
       ${READY}
       while (control[3] === 0) {
         const ticket = Atomics.load(control, 0);
         if ((ticket & 0xffff) !== 0) Atomics.compareExchange(control, 0, ticket, ticket - 1);
       }`,
    );
    const code = codeOf(() => {
      for (let i = 0; i < 10_000; i++) fill(pool, 64);
    });
    expect(await code).toBe('ASSAY_WORKER');
    expect(await codeOf(() => fill(pool, 2))).toBe('ASSAY_WORKER');
    await pool.close();
  });

  test('wrong numbers of threads', async () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      await expect(createNodePool({ threads })).rejects.toThrow(RangeError);
    }
  });
});
