import type { Engine, KVec } from '@assay/core/engine';
import { type K, P } from '@assay/core/field';
import { renderTable } from '@assay/cli/ui';
import { type Random, seededRandom } from '../random.ts';
import { checkKernels } from './check.ts';
import { YARDSTICK_BASE, type Yardstick } from './yardstick.ts';

/** Rate of one kind of work, in operations per second. */
export interface Comparison {
  readonly work: string;
  readonly unit: string;
  readonly yardstick: number;
  readonly engine: number;
  /** engine / yardstick. */
  readonly ratio: number;
}

/** What each side does, and how many operations one call of it is. */
interface Contest {
  readonly work: string;
  readonly unit: string;
  readonly yardstick: Work;
  readonly engine: Work;
}

interface Work {
  readonly operations: number;
  run(): void;
}

const ROUNDS = 5;

/**
 * Best of several rounds of each: operations per second. The engine should have one thread, as the
 * yardstick has.
 *
 * @param roundMs - time that a round takes at least
 * @throws {AssayError} ASSAY_BENCH_CHECK if either side computes something else
 */
export function compareKernels(
  yardstick: Yardstick,
  engine: Engine,
  size: number,
  roundMs: number,
  nowMs: () => number,
): Comparison[] {
  checkKernels(yardstick, engine);
  const mark = engine.mark();
  const rows = contests(yardstick, engine, size).map((contest): Comparison => {
    const [theirs, ours] = [contest.yardstick, contest.engine].map((work) =>
      bestRate(work, roundMs, nowMs),
    ) as [number, number];
    const { work, unit } = contest;
    return { work, unit, yardstick: theirs, engine: ours, ratio: ours / theirs };
  });
  engine.release(mark);
  return rows;
}

function bestRate(work: Work, roundMs: number, nowMs: () => number): number {
  work.run();
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = nowMs();
    let calls = 0;
    while (calls === 0 || nowMs() - start < roundMs) {
      work.run();
      calls += 1;
    }
    best = Math.max(best, (1000 * calls * work.operations) / (nowMs() - start));
  }
  return best;
}

/** @param size - vector length: a power of two, at least 64 */
function contests(yardstick: Yardstick, engine: Engine, size: number): Contest[] {
  const random = seededRandom(5);
  const theirs = new Int32Array(yardstick.memory.buffer, YARDSTICK_BASE);
  theirs.set(randomWords(random, Math.min(theirs.length, 12 * size)));
  const [x, y] = [randomVector(engine, random, size), randomVector(engine, random, size)];
  const columns = Array.from({ length: 8 }, () => {
    const column = engine.allocInt(size);
    engine.writeInts(
      column,
      Int32Array.from({ length: size }, () => random.below(2 ** 16) - 2 ** 15),
    );
    return column;
  });
  const scalar = randomK(random);
  const side = Math.min(256, size);
  const [a, b] = [engine.allocI16(side * side), engine.allocI16(side * side)];
  const product = engine.allocInt(side * side);
  const column = engine.allocInt(side * side);
  engine.writeInts(
    column,
    Int32Array.from({ length: side * side }, () => random.below(255) - 127),
  );
  engine.packI16(column, a);
  engine.packI16(column, b);
  // A codeword of 8 columns: 32 bytes a row, so that leaves and nodes take one permutation each.
  const rows = engine.encodeInts(columns, 1);
  const [first = 0, second = 0, third = 0] = [0, 4, 8].map(
    (words) => YARDSTICK_BASE + words * size,
  );
  return [
    {
      work: 'products in F (axpy)',
      unit: 'products',
      yardstick: { operations: size, run: () => yardstick.mulBB(first, second, third, size) },
      // A product in K is 25 products in F.
      engine: { operations: 25 * size, run: () => engine.axpy(scalar, x, y) },
    },
    {
      work: 'integer × K (dotInts)',
      unit: 'products',
      yardstick: {
        operations: 5 * size,
        run: () => yardstick.dotSmall5(first, second, size, first),
      },
      engine: { operations: 40 * size, run: () => void engine.dotInts(columns, x) },
    },
    {
      work: 'int16 matrix product',
      unit: 'products',
      yardstick: { operations: size, run: () => void yardstick.dotI16(first, second, size) },
      engine: {
        operations: side ** 3,
        run: () => engine.matmulI16(a, b, product, side, side, side),
      },
    },
    {
      work: 'keccak (Merkle tree)',
      unit: 'permutations',
      yardstick: { operations: 2 * 64, run: () => yardstick.keccakN(first, 64) },
      engine: {
        operations: 2 * rows.rows - 1,
        run: () => {
          const mark = engine.mark();
          engine.merkleTree(rows, null);
          engine.release(mark);
        },
      },
    },
  ];
}

function randomWords(random: Random, length: number): Int32Array {
  return Int32Array.from({ length }, () => random.below(P));
}

function randomK(random: Random): K {
  const f = (): number => random.below(P);
  return [f(), f(), f(), f(), f()];
}

function randomVector(engine: Engine, random: Random, length: number): KVec {
  const vector = engine.allocK(length);
  engine.writeK(
    vector,
    Array.from({ length }, () => randomK(random)),
  );
  return vector;
}

export function renderComparisons(comparisons: readonly Comparison[]): string {
  const rate = (perSecond: number): string =>
    perSecond >= 1e8
      ? `${(perSecond / 1e9).toFixed(2)} G/s`
      : `${(perSecond / 1e6).toFixed(2)} M/s`;
  return renderTable(
    [
      { title: 'kernel' },
      { title: 'of' },
      { title: 'engine', align: 'right' },
      { title: 'yardstick', align: 'right' },
      { title: 'ratio', align: 'right' },
    ],
    comparisons.map(({ work, unit, engine, yardstick, ratio }) => [
      work,
      unit,
      rate(engine),
      rate(yardstick),
      `${(100 * ratio).toFixed(0)} %`,
    ]),
  );
}
