import { type Engine, testEngine } from '@assay/core/engine';
import { P } from '@assay/core/field';
import { describe, expect, it } from 'vitest';
import { compareKernels, renderComparisons } from './compare.ts';
import { compileYardstick } from './yardstick.ts';

describe('the yardstick', async () => {
  const yardstick = await compileYardstick();

  it('computes Montgomery products', () => {
    const words = new Uint32Array(yardstick.memory.buffer);
    words.set([1, 2, P - 1, 12_345_678, 2, 3, P - 1, 87_654_321]);
    yardstick.mulBB(0, 16, 32, 4);
    // c·R = a·b mod p
    const p = BigInt(P);
    for (let i = 0; i < 4; i++) {
      const [a = 0, b = 0, c = 0] = [words[i], words[4 + i], words[8 + i]];
      expect((BigInt(c) << 32n) % p).toBe((BigInt(a) * BigInt(b)) % p);
    }
  });

  it('is not timed when a result is wrong, on either side', () => {
    const wrong = { ...yardstick, mulBB: () => undefined };
    const compare = (theirs: typeof yardstick, engine: Engine) => () =>
      compareKernels(theirs, engine, 64, 0, () => 0);
    const code = { code: 'ASSAY_BENCH_CHECK' };
    expect(compare(wrong, testEngine())).toThrow(expect.objectContaining(code));
    const engine: Engine = { ...testEngine(), axpy: () => undefined };
    expect(compare(yardstick, engine)).toThrow(expect.objectContaining(code));
  });

  it('is what the engine is compared with', () => {
    let now = 0;
    const comparisons = compareKernels(yardstick, testEngine(), 256, 0, () => (now += 1));
    expect(comparisons.map(({ work }) => work)).toHaveLength(4);
    for (const { engine, yardstick: theirs, ratio } of comparisons) {
      expect(ratio).toBeCloseTo(engine / theirs);
    }
    expect(renderComparisons(comparisons).split('\n')).toHaveLength(6);
  });
});
