import { describe, expect, it } from 'vitest';
import {
  commitCase,
  denseCase,
  loadColumn,
  proveCase,
  randomK,
  SMALL,
  SMALL_SLOTS,
  streamCase,
  verdict,
  verifyCase,
  words,
} from '../../test/whir-cases.ts';
import { ProofWriter } from '../codec/index.ts';
import { createEngine, type Engine, referenceExecutor, testEngine } from '../engine/index.ts';
import { createWasmExecutor } from '../engine/wasm-executor.ts';
import { addK, type K, mulK, ONE, P, ZERO } from '../field/index.ts';
import { toHex } from '../hash/index.ts';
import { Transcript } from '../transcript/index.ts';
import { blindingCoefficients, maskRows, maskWeights } from './blinding.ts';
import { validateWhirParameters, type WhirParameters } from './parameters.ts';
import { commitColumns, proveOpening } from './prover.ts';

const wasm = (): Engine => createEngine(createWasmExecutor());

describe('blinding', () => {
  const next = words(1);
  it('weighs the mask by 1, α, α² in each round', () => {
    const [a, b] = [randomK(next), randomK(next)];
    expect(maskWeights([a, b])).toEqual([ONE, a, mulK(a, a), ONE, b, mulK(b, b)]);
    expect(maskRows(2)).toBe(6);
  });

  it('multiplies R_1 by combining its columns', () => {
    const [factor, [a, b, c, d, e]] = [randomK(next), randomK(next)];
    const combined = blindingCoefficients(factor).reduce<K>(
      (sum, k, j) => addK(sum, mulK(k, [[a, b, c, d, e][j] ?? 0, 0, 0, 0, 0])),
      ZERO,
    );
    expect(combined).toEqual(mulK(factor, [a, b, c, d, e]));
  });
});

type Slots = { firstColumn: number; columns: number }[];

describe('blinded opening', () => {
  const blinding = { powBits: 0 };
  const oracle = { queries: 5, oodSamples: 1, foldPowBits: 0, queryPowBits: 0 };
  /** Foldings and rates, the rest alike for all oracles. */
  const shaped = (logRows: number, columns: number, foldings: number[], rates: number[]) => {
    const p: WhirParameters = {
      logRows,
      columns,
      foldings,
      logInverseRates: rates,
      queries: foldings.map(() => oracle.queries),
      oodSamples: foldings.map(() => oracle.oodSamples),
      foldPowBits: foldings.map(() => oracle.foldPowBits),
      queryPowBits: foldings.map(() => oracle.queryPowBits),
      blinding,
    };
    return p;
  };
  /** Slots, and from which on they have salts. */
  const cases: [string, WhirParameters, Slots, number][] = [
    ['three oracles, work everywhere', { ...SMALL, blinding: { powBits: 3 } }, [...SMALL_SLOTS], 1],
    ['one column, U nearly all rows', shaped(2, 1, [1], [1]), [{ firstColumn: 0, columns: 1 }], 0],
    [
      'U all rows but one, all columns fresh',
      shaped(4, 32, [5], [1]),
      [{ firstColumn: 0, columns: 32 }],
      0,
    ],
    [
      'static slots, salted and not, a gap, one fresh column',
      shaped(5, 8, [3, 2], [1, 2]),
      [
        { firstColumn: 0, columns: 4 },
        { firstColumn: 4, columns: 1 },
        { firstColumn: 7, columns: 1 },
      ],
      1,
    ],
    ['no salts at all', shaped(4, 3, [2, 1, 1], [1, 2, 2]), [{ firstColumn: 1, columns: 2 }], 1],
    ['folded to a constant', shaped(3, 2, [1, 3], [2, 2]), [{ firstColumn: 0, columns: 2 }], 0],
  ];

  it.each(cases)(
    'verifies, and streams as it is defined: %s',
    (_name, parameters, slots, salted) => {
      const c = denseCase(2, parameters, slots, salted);
      const { bytes } = proveCase(c);
      expect(verdict(verifyCase(c, bytes))).toBe('ok');
      expect(verdict(verifyCase(c, bytes, { claim: addK(c.claim, ONE) }))).toBe('whir/final-claim');
      for (const engine of [testEngine(), wasm()]) {
        const mark = engine.mark();
        const streamed = streamCase(engine, c);
        expect(streamed.consistent).toBe(true);
        expect(toHex(streamed.bytes)).toBe(toHex(bytes));
        expect(engine.mark()).toBeGreaterThan(mark);
      }
    },
  );

  it('verifies for shapes of all kinds', () => {
    const next = words(77);
    const below = (n: number): number => next() % n;
    const engine = wasm();
    for (let i = 0; i < 40; i++) {
      const first = 1 + below(4);
      let logRows = Math.ceil(Math.log2(maskRows(first))) + below(3);
      const foldings = [first];
      const rates = [1 + below(2)];
      let left = logRows;
      while (left > 0 && below(3) > 0) {
        const k = 1 + below(Math.min(left, 3));
        rates.push((rates.at(-1) ?? 1) + below((foldings.at(-1) ?? 0) + 1));
        foldings.push(k);
        left -= k;
      }
      logRows = Math.max(logRows, left);
      const slots: Slots = [];
      for (let at = below(2); at < 2 ** first; ) {
        const columns = 1 + below(2 ** first - at);
        slots.push({ firstColumn: at, columns });
        at += columns + below(2);
      }
      if (slots.length === 0) slots.push({ firstColumn: 0, columns: 1 });
      const p = {
        ...shaped(logRows, 2 ** first, foldings, rates),
        blinding: { powBits: below(3) },
      };
      expect(validateWhirParameters(p)).toEqual({ ok: true, value: null });
      const c = denseCase(1000 + i, p, slots, below(slots.length + 1));
      const mark = engine.mark();
      const { bytes, consistent } = streamCase(engine, c);
      engine.release(mark);
      const at = `seed ${1000 + i}: ${JSON.stringify({ p, slots })}`;
      expect(consistent, at).toBe(true);
      expect(verdict(verifyCase(c, bytes)), at).toBe('ok');
    }
  });

  it('does not depend on how work is split between threads', () => {
    const c = denseCase(3, { ...SMALL, blinding }, SMALL_SLOTS, 0);
    const split = createEngine(referenceExecutor({ threads: 3 }), { shardNs: 500 });
    expect(toHex(streamCase(split, c).bytes)).toBe(toHex(proveCase(c).bytes));
  });

  it('takes integers outside [0, p) in the columns and in R', () => {
    const c = denseCase(4, { ...SMALL, blinding }, SMALL_SLOTS, 1);
    const lowered = {
      ...c,
      values: c.values.map((v) => (v % 3 === 0 && v > 0 ? v - P : v)),
      blinding: c.blinding.map((column) => column.map((v) => (v % 3 === 1 ? v - P : v))),
    };
    const expected = toHex(proveCase(c).bytes);
    expect(toHex(streamCase(testEngine(), lowered).bytes)).toBe(expected);
    expect(toHex(streamCase(wasm(), lowered).bytes)).toBe(expected);
  });

  it('tells a false claim', () => {
    const c = denseCase(5, { ...SMALL, blinding }, SMALL_SLOTS, 1);
    expect(streamCase(testEngine(), c, addK(c.claim, ONE)).consistent).toBe(false);
  });

  it('leaves nothing on the stack of the engine', () => {
    const engine = testEngine();
    const rows = 2 ** SMALL.logRows;
    const column = (): Int32Array => new Int32Array(rows).fill(3);
    const own = Array.from({ length: 5 }, () => loadColumn(engine, column()));
    const data = Array.from({ length: 6 }, (_, c) => (c === 3 ? null : column()));
    const { vectors, opened } = commitCase(engine, data, SMALL_SLOTS, 2, own);
    const mark = engine.mark();
    const transcript = new Transcript();
    const oracle = { columns: vectors, slots: opened, blinding: own };
    proveOpening(engine, transcript, new ProofWriter(), { ...SMALL, blinding }, oracle, [], ZERO);
    expect(engine.mark()).toBe(mark);
  });

  it('wants R if it is to blind, five columns of full length, and none otherwise', () => {
    const engine = testEngine();
    const prove = (p: WhirParameters, lengths: readonly number[] | null) => () =>
      proveOpening(
        engine,
        new Transcript(),
        new ProofWriter(),
        p,
        { columns: [], slots: [], blinding: lengths?.map((n) => engine.allocInt(n)) ?? null },
        [],
        ZERO,
      );
    const blinded = { ...SMALL, blinding };
    expect(prove(blinded, null)).toThrow(/expected 5 columns of R, got none/);
    expect(prove(blinded, [64, 64, 64, 64])).toThrow(/expected 5 columns of R, got 4/);
    expect(prove(SMALL, [64, 64, 64, 64, 64])).toThrow(/expected no columns of R, got 5/);
    expect(prove(SMALL, [])).toThrow(/expected no columns of R, got 0/);
    expect(prove(blinded, [64, 64, 64, 64, 32])).toThrow(/columns of 64, got 32/);
  });
});

describe('salted commitments', () => {
  const engine = testEngine();
  const column = loadColumn(engine, Int32Array.of(1, 2, 3, 4));
  const salts = Uint8Array.from({ length: 8 * 32 }, (_, i) => i);

  it('keep the salts of their leaves', () => {
    const { opened } = commitColumns(engine, [column], 1, salts);
    expect(opened.salt(0)).toEqual(salts.slice(0, 32));
    expect(opened.salt(7)).toEqual(salts.slice(224));
    expect(commitColumns(engine, [column], 1).opened.salt(0)).toBe(null);
  });

  it('have another root for other salts', () => {
    const roots = [null, salts, salts.map((b) => b ^ 1)].map((s) =>
      toHex(commitColumns(engine, [column], 1, s).root),
    );
    expect(new Set(roots).size).toBe(3);
  });

  it('want 32 bytes for every leaf', () => {
    for (const length of [0, 32, 8 * 31, 8 * 33, 8 * 32 - 1]) {
      expect(() => commitColumns(engine, [column], 1, new Uint8Array(length))).toThrow(
        `commitRows: expected 256 bytes of salts, got ${length}`,
      );
    }
  });
});
