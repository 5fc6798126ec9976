import { expect, test } from 'vitest';
import { AssayError } from '../src/errors.ts';
import {
  addK,
  intK,
  type K,
  mulF,
  mulK,
  ONE,
  P,
  powF,
  powK,
  rootOfUnity,
  scaleK,
  subK,
  toF,
  ZERO,
} from '../src/field/index.ts';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Engine, IntVec, KVec } from '../src/engine/types.ts';

/** xorshift32: small, seeded, the same everywhere. */
export function randomWords(seed: number): () => number {
  let s = seed | 1;
  return () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return s >>> 0;
  };
}

const EDGES = [0, 1, P - 1, P - 2, (P - 1) / 2, (P + 1) / 2, 2 ** 27, 2 ** 30];
/** Ends of all integers, and of the elements of F that random columns hold. */
const INT_EDGES = [
  0,
  1,
  -1,
  65535,
  -32768,
  2 ** 31 - 1,
  -(2 ** 31 - 1),
  -(2 ** 31),
  P - 2 ** 31,
].concat([P - 1, P - 2, (P - 1) / 2, (P + 1) / 2]);

const sum = (values: readonly K[]): K => values.reduce(addK, ZERO);
const wrap32 = (n: bigint): number => Number(BigInt.asIntN(32, n));

/** Everything that `Engine` promises, against plain field arithmetic. Runs on every executor. */
export function describeEngine(name: string, make: () => Engine): void {
  const setup = (seed: number) => {
    const engine = make();
    const next = randomWords(seed);
    const word = (): number => {
      const n = next();
      return n % 8 === 0 ? (EDGES[(n >>> 3) % EDGES.length] ?? 0) : next() % P;
    };
    const k = (): K => [word(), word(), word(), word(), word()];
    const int = (): number => {
      const n = next();
      return n % 4 === 0 ? (INT_EDGES[(n >>> 2) % INT_EDGES.length] ?? 0) : next() | 0;
    };
    const list = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make);
    const ks = (n: number): [K[], KVec] => {
      const values = list(n, k);
      const v = engine.allocK(n);
      engine.writeK(v, values);
      return [values, v];
    };
    const ints = (n: number, make = int): [number[], IntVec] => {
      const values = list(n, make);
      const v = engine.allocInt(n);
      engine.writeInts(v, Int32Array.from(values));
      return [values, v];
    };
    return { engine, next, k, ks, ints, list };
  };
  const SIZES = [1, 2, 3, 4, 5, 7, 8, 31, 130, 1027];
  const POWERS = [2, 4, 8, 32, 256, 2048];

  test(`${name}: memory`, () => {
    const { engine, ks, ints, k } = setup(1);
    const mark = engine.mark();
    const [values, v] = ks(9);
    expect(v.ptr % 16).toBe(0);
    expect(v.ptr).toBeGreaterThan(0);
    expect(engine.readAllK(v)).toEqual(values);
    expect(engine.readK(v, 8)).toEqual(values[8]);
    expect(engine.readAllK(engine.slice(v, 2, 5))).toEqual(values.slice(2, 7));
    const fresh = [k(), k()];
    engine.writeK(v, fresh, 3);
    expect(engine.readAllK(v)).toEqual([...values.slice(0, 3), ...fresh, ...values.slice(5)]);
    const [numbers, x] = ints(5);
    expect([...engine.ints(x)]).toEqual(numbers);
    engine.writeInts(x, Int32Array.of(-7), 4);
    expect(engine.ints(x)[4]).toBe(-7);
    expect(engine.peakBytes).toBeGreaterThanOrEqual(engine.mark());
    expect(() => engine.readK(v, 9)).toThrow(RangeError);
    expect(() => engine.slice(v, 5, 5)).toThrow(RangeError);
    expect(() => engine.writeInts(x, new Int32Array(6))).toThrow(RangeError);
    engine.release(mark);
    expect(engine.mark()).toBe(mark);
    expect(() => engine.release(mark + 16)).toThrow(RangeError);
    expect(() => engine.allocK(2 ** 30)).toThrow(AssayError);
  });

  test(`${name}: fill, copy, axpy, dot, outer`, () => {
    const { engine, ks, k } = setup(2);
    for (const n of SIZES) {
      const mark = engine.mark();
      const [xs, x] = ks(n + 2);
      const [ys, y] = ks(n + 2);
      const s = k();
      // One element before and after must stay as it is.
      engine.fill(engine.slice(y, 1, n), s);
      expect(engine.readAllK(y)).toEqual([ys[0], ...Array(n).fill(s), ys[n + 1]]);
      engine.copy(engine.slice(x, 1, n), engine.slice(y, 1, n));
      expect(engine.readAllK(y)).toEqual([ys[0], ...xs.slice(1, n + 1), ys[n + 1]]);
      engine.writeK(y, ys);
      engine.axpy(s, engine.slice(x, 1, n), engine.slice(y, 1, n));
      const inner = ys.slice(1, n + 1).map((b, i) => addK(b, mulK(s, xs[i + 1] ?? ZERO)));
      expect(engine.readAllK(y)).toEqual([ys[0], ...inner, ys[n + 1]]);
      engine.writeK(y, ys);
      expect(engine.dot(x, y)).toEqual(sum(xs.map((a, i) => mulK(a, ys[i] ?? ZERO))));
      const [as, a] = ks(3);
      const product = engine.allocK(3 * (n + 2));
      engine.outer(a, x, product);
      expect(engine.readAllK(product)).toEqual(as.flatMap((l) => xs.map((r) => mulK(l, r))));
      engine.outer(x, a, product);
      expect(engine.readAllK(product)).toEqual(xs.flatMap((l) => as.map((r) => mulK(l, r))));
      engine.release(mark);
    }
  });

  test(`${name}: eqTable, powers, bind, evaluateUnivariate, deinterleave`, () => {
    const { engine, ks, k, list } = setup(3);
    for (const variables of [0, 1, 2, 3, 6, 11]) {
      const point = list(variables, k);
      const scale = k();
      const table = engine.allocK(2 ** variables);
      engine.eqTable(point, scale, table);
      const expected = point.reduce(
        (t: K[], r) => t.flatMap((e) => [mulK(e, subK(ONE, r)), mulK(e, r)]),
        [scale],
      );
      expect(engine.readAllK(table)).toEqual(expected);
    }
    for (const n of [...SIZES, 4096, 4097, 9000]) {
      const mark = engine.mark();
      const z = k();
      const first = k();
      const v = engine.allocK(n);
      engine.powers(z, first, v);
      let power = first;
      for (const value of engine.readAllK(v)) {
        expect(value).toEqual(power);
        power = mulK(power, z);
      }
      const [xs, x] = ks(n);
      const horner = xs.reduceRight((value, c) => addK(mulK(value, z), c), ZERO);
      expect(engine.evaluateUnivariate(x, z)).toEqual(horner);
      const even = engine.allocK(n);
      const odd = engine.allocK(n);
      const [both, src] = ks(2 * n);
      engine.deinterleave(src, even, odd);
      expect(engine.readAllK(even)).toEqual(both.filter((_, i) => i % 2 === 0));
      expect(engine.readAllK(odd)).toEqual(both.filter((_, i) => i % 2 === 1));
      engine.release(mark);
    }
    for (const n of POWERS) {
      const [xs, x] = ks(n);
      const r = k();
      const live = engine.bind(x, r);
      expect(live.length).toBe(n / 2);
      const low = xs.slice(0, n / 2);
      const high = xs.slice(n / 2);
      expect(engine.readAllK(live)).toEqual(
        low.map((a, i) => addK(a, mulK(r, subK(high[i] ?? ZERO, a)))),
      );
      expect(engine.readAllK(engine.slice(x, n / 2, n / 2))).toEqual(high);
    }
  });

  test(`${name}: integers against K`, () => {
    const { engine, ks, ints, k, list, next } = setup(4);
    const small = (): number => (next() % 65536) - 32768;
    for (const n of SIZES) {
      for (const make of [undefined, small]) {
        const mark = engine.mark();
        const [xs, x] = ints(n, make);
        const [ys, y] = ks(n + 1);
        const s = k();
        engine.axpyInt(s, x, engine.slice(y, 0, n));
        const scaled = ys.map((b, i) => addK(b, scaleK(s, toF(xs[i] ?? 0))));
        expect(engine.readAllK(y)).toEqual(scaled);
        engine.fromInts(x, engine.slice(y, 0, n));
        expect(engine.readAllK(y)).toEqual([...xs.map(intK), ys[n]]);

        const [ws, w] = ks(n);
        const columns = list(3, () => ints(n, make));
        const dotOf = (values: readonly number[]): K =>
          sum(ws.map((a, i) => scaleK(a, toF(values[i] ?? 0))));
        expect(
          engine.dotInts(
            columns.map(([, v]) => v),
            w,
          ),
        ).toEqual(columns.map(([values]) => dotOf(values)));
        const rowStride = n + 3;
        const [matrix, flat] = ints(4 * rowStride + n, make);
        const rows = engine.allocK(5);
        engine.dotIntRows(flat, 5, rowStride, w, rows);
        expect(engine.readAllK(rows)).toEqual(
          list(5, () => 0).map((_, r) => dotOf(matrix.slice(r * rowStride, r * rowStride + n))),
        );
        engine.release(mark);
      }
    }
    expect(engine.dotInts([], engine.allocK(3))).toEqual([]);
  });

  test(`${name}: combineInts, fingerprints`, () => {
    const { engine, ints, k, ks, list, next } = setup(5);
    const small = (): number => (next() % 65536) - 32768;
    for (const n of SIZES) {
      for (const make of [undefined, small, () => -(2 ** 31)]) {
        for (const count of [1, 2, 7, 13]) {
          const mark = engine.mark();
          const columns = list(count, () => ints(n, make));
          const coefficients = list(count, k);
          const vectors = columns.map(([, v], c) => (c % 5 === 2 ? null : v));
          const [old, dst] = ks(n + 1);
          engine.combineInts(vectors, coefficients, engine.slice(dst, 0, n));
          const combined = list(n, () => 0).map((_, i) =>
            sum(
              columns.map(([values], c) =>
                c % 5 === 2 ? ZERO : scaleK(coefficients[c] ?? ZERO, toF(values[i] ?? 0)),
              ),
            ),
          );
          expect(engine.readAllK(dst)).toEqual([...combined, old[n]]);

          const shift = k();
          const [masks, mask] = ints(n, () => next() % 2);
          engine.fingerprints(
            columns.map(([, v]) => v),
            coefficients,
            shift,
            mask,
            engine.slice(dst, 0, n),
          );
          const prints = masks.map((bit, i) =>
            bit === 0
              ? ONE
              : columns.reduce(
                  (value, [values], c) =>
                    subK(value, scaleK(coefficients[c] ?? ZERO, toF(values[i] ?? 0))),
                  shift,
                ),
          );
          expect(engine.readAllK(dst)).toEqual([...prints, old[n]]);
          engine.release(mark);
        }
      }
    }
    const empty = engine.allocK(5);
    engine.combineInts([], [], empty);
    expect(engine.readAllK(empty)).toEqual(Array(5).fill(ZERO));
  });

  test(`${name}: sumcheck rounds interpolate the true polynomial`, () => {
    const { engine, ks, k } = setup(6);
    const at = (v: readonly K[], i: number, X: K): K => {
      const low = v[i] ?? ZERO;
      return addK(low, mulK(X, subK(v[i + v.length / 2] ?? ZERO, low)));
    };
    for (const n of POWERS) {
      const mark = engine.mark();
      const half = n / 2;
      const [es, e] = ks(n);
      const [xs, x] = ks(n);
      const [ys, y] = ks(n);
      const indices = Array.from({ length: half }, (_, i) => i);
      const X = k();
      const squared = mulK(X, X);
      const q = (point: K): K => sum(indices.map((i) => mulK(at(xs, i, point), at(ys, i, point))));
      const c = (point: K): K =>
        sum(indices.map((i) => mulK(at(es, i, point), mulK(at(xs, i, point), at(ys, i, point)))));
      // c1 from h(1) = sum of all coefficients; then h(X) at a random X must agree.
      const [q0, q2] = engine.quadraticRound(x, y);
      const q1 = subK(q(ONE), addK(q0, q2));
      expect(addK(q0, addK(mulK(q1, X), mulK(q2, squared)))).toEqual(q(X));
      const [c0, c2, c3] = engine.cubicRound(e, x, y);
      const c1 = subK(c(ONE), addK(c0, addK(c2, c3)));
      const cubed = mulK(squared, X);
      const value = addK(addK(c0, mulK(c1, X)), addK(mulK(c2, squared), mulK(c3, cubed)));
      expect(value).toEqual(c(X));

      const [ws, w] = ks(half);
      const [n0s, n0] = ks(n);
      const [n1s, n1] = ks(n);
      for (const lambda of [k(), ZERO]) {
        const f = (point: K): K =>
          sum(
            indices.map((i) => {
              const [a, b] = [at(n0s, i, point), at(n1s, i, point)];
              const [d0, d1] = [at(xs, i, point), at(ys, i, point)];
              const fraction = addK(addK(mulK(a, d1), mulK(b, d0)), mulK(lambda, mulK(d0, d1)));
              return mulK(ws[i] ?? ZERO, fraction);
            }),
          );
        const [f0, f2] = engine.fractionRound(w, n0, n1, x, y, lambda);
        const f1 = subK(f(ONE), addK(f0, f2));
        expect(addK(f0, addK(mulK(f1, X), mulK(f2, squared)))).toEqual(f(X));
      }
      engine.release(mark);
    }
  });

  test(`${name}: fractionLayer`, () => {
    const { engine, ks } = setup(7);
    for (const half of SIZES) {
      const [ns, childN] = ks(2 * half);
      const [ds, childD] = ks(2 * half);
      const n = engine.allocK(half);
      const d = engine.allocK(half);
      engine.fractionLayer(childN, childD, n, d);
      const pairs = Array.from({ length: half }, (_, i) => i);
      const [N, D] = [(i: number): K => ns[i] ?? ZERO, (i: number): K => ds[i] ?? ZERO];
      expect(engine.readAllK(n)).toEqual(
        pairs.map((i) => addK(mulK(N(2 * i), D(2 * i + 1)), mulK(N(2 * i + 1), D(2 * i)))),
      );
      expect(engine.readAllK(d)).toEqual(pairs.map((i) => mulK(D(2 * i), D(2 * i + 1))));
    }
  });

  test(`${name}: encodeInts and encodeK are polynomial evaluations`, () => {
    const { engine, ints, ks, list } = setup(8);
    for (const [logM, mu, count] of [
      [0, 0, 1],
      [0, 2, 3],
      [1, 1, 4],
      [2, 0, 5],
      [3, 2, 6],
      [4, 3, 9],
      [5, 1, 8],
      [7, 2, 3],
    ] as const) {
      const mark = engine.mark();
      const omega = rootOfUnity(logM + mu);
      const at = (coefficients: readonly number[], x: number): number =>
        coefficients.reduceRight((value, c) => toF(mulF(value, x) + c), 0);
      const columns = list(count, () => ints(2 ** logM));
      const rows = engine.encodeInts(
        columns.map(([, v]) => v),
        mu,
      );
      expect([rows.rows, rows.wordsPerRow]).toEqual([2 ** (logM + mu), count]);
      for (let i = 0; i < rows.rows; i++) {
        const x = powF(omega, i);
        expect([...engine.row(rows, i)]).toEqual(columns.map(([v]) => at(v.map(toF), x)));
      }
      const [values, f] = ks(2 ** (logM + 1));
      const kRows = engine.encodeK(f, 1, mu);
      expect([kRows.rows, kRows.wordsPerRow]).toEqual([2 ** (logM + mu), 10]);
      for (let i = 0; i < kRows.rows; i++) {
        const x = powF(omega, i);
        const words = [0, 1].flatMap((c) =>
          [0, 1, 2, 3, 4].map((j) =>
            at(
              values.slice(c * 2 ** logM, (c + 1) * 2 ** logM).map((value) => value[j] ?? 0),
              x,
            ),
          ),
        );
        expect([...engine.row(kRows, i)]).toEqual(words);
      }
      engine.release(mark);
    }
  });

  test(`${name}: Merkle trees`, () => {
    const { engine, ints, next, list } = setup(9);
    // Row lengths around the rate of keccak-256 (136 bytes, one taken by the prefix).
    for (const [logRows, words, saltBytes] of [
      [0, 1, 0],
      [1, 3, 0],
      [3, 33, 0],
      [3, 34, 0],
      [2, 67, 0],
      [2, 68, 0],
      [4, 70, 16],
      [5, 2, 32],
      [2, 32, 7],
    ] as const) {
      const mark = engine.mark();
      const rows = 2 ** logRows;
      const [, data] = ints(rows * words, () => next() % P);
      const matrix = { ptr: data.ptr, rows, wordsPerRow: words };
      const salts =
        saltBytes === 0 ? null : Uint8Array.from(list(rows * saltBytes, () => next() % 256));
      const tree = engine.merkleTree(matrix, salts);
      let layer = list(rows, () => 0).map((_, i) => {
        const row = new Uint8Array(Uint32Array.from(engine.row(matrix, i)).buffer);
        const salt = salts?.subarray(i * saltBytes, (i + 1) * saltBytes) ?? [];
        return keccak_256(Uint8Array.from([0, ...salt, ...row]));
      });
      let index = 0;
      for (;;) {
        for (const digest of layer) expect(engine.digest(tree, index++)).toEqual(digest);
        if (layer.length === 1) break;
        layer = layer.flatMap((left, i) =>
          i % 2 === 0 ? [keccak_256(Uint8Array.from([3, ...left, ...(layer[i + 1] ?? [])]))] : [],
        );
      }
      expect(index).toBe(2 * rows - 1);
      engine.release(mark);
    }
  });

  test(`${name}: addPowers`, () => {
    const { engine, ks, k, list, next } = setup(10);
    for (const n of SIZES) {
      for (const count of [0, 1, 4, 5, 11]) {
        const mark = engine.mark();
        const xs = list(count, () => next() % P);
        const coefficients = list(count, k);
        const [ys, y] = ks(n + 1);
        engine.addPowers(xs, coefficients, engine.slice(y, 0, n));
        const expected = ys.map((value, j) =>
          j === n
            ? value
            : sum([value, ...xs.map((x, l) => scaleK(coefficients[l] ?? ZERO, powF(x, j)))]),
        );
        expect(engine.readAllK(y)).toEqual(expected);
        engine.release(mark);
      }
    }
  });

  test(`${name}: grind finds the smallest nonce`, () => {
    const { engine, next, list } = setup(11);
    const state = Uint8Array.from(list(32, () => next() % 256));
    for (const bits of [0, 1, 5, 9]) {
      const hit = (nonce: bigint): boolean => {
        const message = new Uint8Array(41);
        message[0] = 4;
        message.set(state, 1);
        new DataView(message.buffer).setBigUint64(33, nonce, true);
        const digest = keccak_256(message).reduce((n, byte) => 256n * n + BigInt(byte), 0n);
        return digest % 2n ** BigInt(bits) === 0n;
      };
      let smallest = 0n;
      while (!hit(smallest)) smallest++;
      expect(engine.grind(state, bits)).toBe(smallest);
    }
  });

  test(`${name}: integer matrix products`, () => {
    const { engine, ints, next } = setup(12);
    const i16 = (): number => [32767, -32768, (next() % 65536) - 32768][next() % 3] ?? 0;
    for (const make of [undefined, i16]) {
      for (const [m, n, k] of [
        [1, 1, 1],
        [3, 5, 7],
        [4, 4, 8],
        [1, 9, 33],
        [6, 6, 40],
        [17, 5, 64],
        [5, 18, 19],
      ] as const) {
        const mark = engine.mark();
        const [as, a] = ints(m * k, make);
        const [bs, b] = ints(n * k, make);
        const out = engine.allocInt(m * n);
        engine.matmulInts(a, b, out, m, n, k);
        const expected: number[] = [];
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let total = 0n;
            for (let l = 0; l < k; l++) {
              total += BigInt(as[i * k + l] ?? 0) * BigInt(bs[j * k + l] ?? 0);
            }
            expected.push(wrap32(total));
          }
        }
        expect([...engine.ints(out)]).toEqual(expected);
        expect(engine.maxAbs(a)).toBe(Math.max(...as.map(Math.abs)));
        engine.release(mark);
      }
    }
    expect(engine.maxAbs(engine.allocInt(0))).toBe(0);
  });

  test(`${name}: mismatched lengths are refused`, () => {
    const { engine, ks, ints, k } = setup(13);
    const [, four] = ks(4);
    const [, two] = ks(2);
    const [, three] = ks(3);
    const [, x] = ints(4);
    const s = k();
    const misuse = [
      () => engine.copy(four, two),
      () => engine.axpy(s, four, two),
      () => engine.dot(four, two),
      () => engine.bind(three, s),
      () => engine.bind(engine.slice(four, 0, 1), s),
      () => engine.eqTable([s], s, four),
      () => engine.outer(two, two, two),
      () => engine.axpyInt(s, x, two),
      () => engine.dotInts([x], two),
      () => engine.dotIntRows(x, 2, 3, two, three),
      () => engine.dotIntRows(x, 3, 3, two, three),
      () => engine.combineInts([x], [s], two),
      () => engine.combineInts([x], [], four),
      () => engine.fromInts(x, two),
      () => engine.quadraticRound(four, two),
      () => engine.cubicRound(four, four, two),
      () => engine.fractionLayer(four, two, two, two),
      () => engine.deinterleave(four, two, three),
      () => engine.fractionRound(four, four, four, four, four, s),
      () => engine.fingerprints([x], [s], s, x, two),
      () => engine.encodeInts([x], 27),
      () => engine.encodeK(three, 0, 1),
      () => engine.addPowers([1], [], four),
      () => engine.grind(new Uint8Array(31), 4),
      () => engine.matmulInts(x, x, x, 2, 2, 1),
    ];
    for (const call of misuse) expect(call, String(call)).toThrow(RangeError);
  });

  test(`${name}: powers of K agree across calls`, () => {
    const { engine, k } = setup(14);
    const z = k();
    const v = engine.allocK(70);
    engine.powers(z, ONE, v);
    expect(engine.readK(v, 69)).toEqual(powK(z, 69));
  });
}
