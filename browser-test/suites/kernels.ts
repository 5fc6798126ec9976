import { type Engine, type IntVec, type KVec, testEngine } from '@assay/core/engine';
import type { K } from '@assay/core/field';
import { type Draw, drawer } from '../draw.ts';
import { type Check, expectEqual, type Suite } from '../harness.ts';

/** Runs an operation on inputs that are drawn, and returns what it computes as plain data. */
type Operation = (engine: Engine, draw: Draw) => unknown;

const putK = (engine: Engine, values: readonly K[]): KVec => {
  const vector = engine.allocK(values.length);
  engine.writeK(vector, values);
  return vector;
};

const putInts = (engine: Engine, values: Int32Array): IntVec => {
  const vector = engine.allocInt(values.length);
  engine.writeInts(vector, values);
  return vector;
};

/** The content of a new vector that `work` fills. */
const filled = (engine: Engine, length: number, work: (dst: KVec) => void): K[] => {
  const dst = engine.allocK(length);
  work(dst);
  return engine.readAllK(dst);
};

/** A matrix product, of int32 operands or packed ones. */
const product = (engine: Engine, draw: Draw, bound: number, packed: boolean): number[] => {
  const [m, n, k] = [13, 9, 67];
  const a = putInts(engine, draw.ints(m * k, -bound, bound));
  const b = putInts(engine, draw.ints(n * k, -bound, bound));
  const out = engine.allocInt(m * n);
  if (packed) {
    const [pa, pb] = [engine.allocI16(m * k), engine.allocI16(n * k)];
    engine.packI16(a, pa);
    engine.packI16(b, pb);
    engine.matmulI16(pa, pb, out, m, n, k);
  } else {
    engine.matmulInts(a, b, out, m, n, k);
  }
  return [...engine.ints(out)];
};

// Lengths are neither a vector register's nor a shard's multiple where the operation allows it.
const ODD = 4099;
const POWER = 4096;
const WIDE = 2 ** 30;

const operations: Readonly<Record<string, Operation>> = {
  eqTable: (engine, draw) => {
    const point = draw.ks(12);
    return filled(engine, POWER, (dst) => engine.eqTable(point, draw.k(), dst));
  },
  powers: (engine, draw) => filled(engine, ODD, (dst) => engine.powers(draw.k(), draw.k(), dst)),
  outer: (engine, draw) => {
    const [a, b] = [putK(engine, draw.ks(61)), putK(engine, draw.ks(67))];
    return filled(engine, 61 * 67, (dst) => engine.outer(a, b, dst));
  },
  axpy: (engine, draw) => {
    const [x, y] = [putK(engine, draw.ks(ODD)), putK(engine, draw.ks(ODD))];
    engine.axpy(draw.k(), x, y);
    return engine.readAllK(y);
  },
  dot: (engine, draw) => engine.dot(putK(engine, draw.ks(ODD)), putK(engine, draw.ks(ODD))),
  bind: (engine, draw) => {
    const live = engine.bind(putK(engine, draw.ks(POWER)), draw.k());
    return engine.readAllK(live);
  },
  evaluateUnivariate: (engine, draw) =>
    engine.evaluateUnivariate(putK(engine, draw.ks(ODD)), draw.k()),
  axpyInt: (engine, draw) => {
    const x = putInts(engine, draw.ints(ODD, -WIDE, WIDE));
    const y = putK(engine, draw.ks(ODD));
    engine.axpyInt(draw.k(), x, y);
    return engine.readAllK(y);
  },
  dotInts: (engine, draw) => {
    const columns = [1, 300, WIDE].map((bound) => putInts(engine, draw.ints(ODD, -bound, bound)));
    return engine.dotInts(columns, putK(engine, draw.ks(ODD)));
  },
  dotIntRows: (engine, draw) => {
    const x = putInts(engine, draw.ints(50 * 90, -WIDE, WIDE));
    const k = putK(engine, draw.ks(83));
    return filled(engine, 50, (dst) => engine.dotIntRows(x, 50, 90, k, dst));
  },
  combineInts: (engine, draw) => {
    const columns = [5, null, WIDE].map((bound) =>
      bound === null ? null : putInts(engine, draw.ints(ODD, -bound, bound)),
    );
    return filled(engine, ODD, (dst) => engine.combineInts(columns, draw.ks(3), dst));
  },
  fromInts: (engine, draw) => {
    const x = putInts(engine, draw.ints(ODD, -WIDE, WIDE));
    return filled(engine, ODD, (dst) => engine.fromInts(x, dst));
  },
  maxAbs: (engine, draw) => engine.maxAbs(putInts(engine, draw.ints(ODD, -WIDE, 7))),
  matmulInts: (engine, draw) => product(engine, draw, 5000, false),
  matmulI16: (engine, draw) => product(engine, draw, 5000, true),
  quadraticRound: (engine, draw) =>
    engine.quadraticRound(putK(engine, draw.ks(POWER)), putK(engine, draw.ks(POWER))),
  cubicRound: (engine, draw) => {
    const [e, x, y] = [draw.ks(POWER), draw.ks(POWER), draw.ks(POWER)];
    return engine.cubicRound(putK(engine, e), putK(engine, x), putK(engine, y));
  },
  fractionLayer: (engine, draw) => {
    const [n, d] = [engine.allocK(POWER / 2), engine.allocK(POWER / 2)];
    engine.fractionLayer(putK(engine, draw.ks(POWER)), putK(engine, draw.ks(POWER)), n, d);
    return [engine.readAllK(n), engine.readAllK(d)];
  },
  deinterleave: (engine, draw) => {
    const [even, odd] = [engine.allocK(POWER / 2), engine.allocK(POWER / 2)];
    engine.deinterleave(putK(engine, draw.ks(POWER)), even, odd);
    return [engine.readAllK(even), engine.readAllK(odd)];
  },
  fractionRound: (engine, draw) => {
    const e = putK(engine, draw.ks(POWER / 2));
    const table = (): KVec => putK(engine, draw.ks(POWER));
    return engine.fractionRound(e, table(), table(), table(), table(), draw.k());
  },
  fingerprints: (engine, draw) => {
    const columns = [9, 70_000].map((bound) => putInts(engine, draw.ints(ODD, -bound, bound)));
    const mask = putInts(engine, draw.ints(ODD, 0, 1));
    const [betas, shift] = [draw.ks(2), draw.k()];
    return filled(engine, ODD, (dst) => engine.fingerprints(columns, betas, shift, mask, dst));
  },
  'encodeInts and merkleTree': (engine, draw) => {
    const columns = [100, 40_000, WIDE].map((bound) =>
      putInts(engine, draw.ints(256, -bound, bound)),
    );
    const rows = engine.encodeInts(columns, 2);
    const tree = engine.merkleTree(rows, null);
    const salts = Uint8Array.from(draw.ints(rows.rows * 8, 0, 255));
    const salted = engine.merkleTree(rows, salts);
    const roots = [tree, salted].map((t) => [...engine.digest(t, 2 * t.leaves - 2)]);
    return [rows.rows, [...engine.row(rows, 777)], [...engine.digest(tree, 5)], roots];
  },
  encodeK: (engine, draw) => {
    const rows = engine.encodeK(putK(engine, draw.ks(1024)), 2, 3);
    return [0, 1, 1000].map((index) => [...engine.row(rows, index)]);
  },
  addPowers: (engine, draw) => {
    const y = putK(engine, draw.ks(ODD));
    engine.addPowers([draw.f(), draw.f(), draw.f()], draw.ks(3), y);
    return engine.readAllK(y);
  },
  grind: (engine, draw) => String(engine.grind(Uint8Array.from(draw.ints(32, 0, 255)), 12)),
};

/** Every operation of an engine against the engine on the TypeScript kernels, which define it. */
export function kernels(
  name: string,
  threads: number,
  makeEngine: (threads: number) => Promise<Engine>,
): Suite {
  let engine: Promise<Engine> | undefined;
  const shared = (): Promise<Engine> => {
    engine ??= makeEngine(threads);
    return engine;
  };
  const start: Check = {
    name: 'start',
    async run() {
      expectEqual((await shared()).threads, threads, 'threads');
    },
  };
  return {
    name,
    checks: [
      start,
      ...Object.entries(operations).map(([operation, run], index): Check => {
        const seed = BigInt(index + 1);
        return {
          name: operation,
          async run() {
            const tested = await shared();
            const mark = tested.mark();
            const actual = run(tested, drawer(seed));
            tested.release(mark);
            expectEqual(actual, run(testEngine(), drawer(seed)), operation);
          },
        };
      }),
    ],
  };
}
