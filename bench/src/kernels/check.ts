import { type Engine, testEngine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import { type K, P } from '@assay/core/field';
import { type Random, seededRandom } from '../random.ts';
import { YARDSTICK_BASE, type Yardstick } from './yardstick.ts';

const N = 64;

const mod = (n: bigint): number => Number(((n % BigInt(P)) + BigInt(P)) % BigInt(P));

function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  throw new AssayError({
    code: 'ASSAY_BENCH_CHECK',
    shortMessage: `${what} computes a wrong result: it is not timed.`,
  });
}

/**
 * Both sides compute what they are timed on: the yardstick by its definition, the engine as the
 * TypeScript kernels do.
 *
 * @throws {AssayError} ASSAY_BENCH_CHECK
 */
export function checkKernels(yardstick: Yardstick, engine: Engine): void {
  checkYardstick(yardstick, seededRandom(7));
  const results = [engine, testEngine()].map((each) => resultsOf(each, seededRandom(11)));
  const [actual = {}, expected = {}] = results;
  for (const name of Object.keys(expected)) {
    expectSame(`${name} of the engine`, actual[name], expected[name]);
  }
}

function checkYardstick(yardstick: Yardstick, random: Random): void {
  const words = new Uint32Array(yardstick.memory.buffer, YARDSTICK_BASE);
  const view = new DataView(yardstick.memory.buffer, YARDSTICK_BASE);
  const at = (offset: number): number => YARDSTICK_BASE + offset;
  const indices = Array.from({ length: N }, (_, i) => i);
  const a = indices.map(() => random.below(P));
  const b = indices.map(() => random.below(P));
  words.set([...a, ...b]);
  yardstick.mulBB(at(0), at(4 * N), at(8 * N), N);
  const products = indices.map((i) => mod(BigInt(words[2 * N + i] ?? 0) << 32n));
  const expected = indices.map((i) => mod(BigInt(a[i] ?? 0) * BigInt(b[i] ?? 0)));
  expectSame('mulBB of the yardstick', products, expected);

  // int16 weights at 0, five planes of N words from 4·N, sums at 32·N.
  const small = indices.map(() => random.below(2 ** 16) - 2 ** 15);
  for (const i of indices) view.setInt16(2 * i, small[i] ?? 0, true);
  const planes = Array.from({ length: 5 }, () => indices.map(() => random.below(P)));
  words.set(planes.flat(), N);
  yardstick.dotSmall5(at(0), at(4 * N), N, at(32 * N));
  const sums = planes.map((_, j) => {
    const sum = 32 * N + 16 * j;
    return mod(view.getBigInt64(sum, true) + view.getBigInt64(sum + 8, true));
  });
  const dots = planes.map((plane) =>
    mod(plane.reduce((sum, x, i) => sum + BigInt(x) * BigInt(small[i] ?? 0), 0n)),
  );
  expectSame('dotSmall5 of the yardstick', sums, dots);
  const square = small.reduce((sum, x) => (sum + x * x) | 0, 0);
  expectSame('dotI16 of the yardstick', yardstick.dotI16(at(0), at(0), N), square);

  // keccak-f[1600] of the zero state: first lane 0xf1258f7940e1dde7 (Keccak team, KeccakF-1600-IntermediateValues).
  words.fill(0, 0, 100);
  yardstick.keccakN(at(0), 1);
  const lanes = [view.getBigUint64(0, true), view.getBigUint64(8, true)].map(String);
  expectSame('keccak2 of the yardstick', lanes, Array(2).fill(String(0xf1258f7940e1dde7n)));
}

/** What the operations that are timed give on small inputs. */
function resultsOf(engine: Engine, random: Random): Record<string, unknown> {
  const mark = engine.mark();
  const f = (): number => random.below(P);
  const k = (): K => [f(), f(), f(), f(), f()];
  const length = N + 3;
  const [x, y] = [engine.allocK(length), engine.allocK(length)];
  for (const v of [x, y]) engine.writeK(v, Array.from({ length }, k));
  engine.axpy(k(), x, y);
  const columns = [15, 31].map((bits) => {
    const column = engine.allocInt(N);
    const half = 2 ** (bits - 1);
    engine.writeInts(
      column,
      Int32Array.from({ length: N }, () => random.below(2 * half) - half),
    );
    return column;
  });
  const rows = engine.encodeInts(columns, 1);
  const tree = engine.merkleTree(rows, null);
  const [a, b] = [engine.allocI16(N), engine.allocI16(N)];
  const [first, second] = columns;
  if (first !== undefined) engine.packI16(first, a);
  if (second !== undefined) engine.packI16(second, b);
  const product = engine.allocInt(64);
  engine.matmulI16(a, b, product, 8, 8, 8);
  const results = {
    axpy: engine.readAllK(y),
    dotInts: engine.dotInts(columns, engine.slice(x, 0, N)),
    matmulI16: [...engine.ints(product)],
    merkleTree: [...engine.digest(tree, 2 * tree.leaves - 2)],
  };
  engine.release(mark);
  return results;
}
