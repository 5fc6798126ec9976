import { describe, expect, it } from 'vitest';
import { commitCase, randomK, startTranscript, verdict, words } from '../../test/whir-cases.ts';
import { ProofReader, ProofWriter } from '../codec/index.ts';
import { createEngine, type Engine, referenceExecutor, testEngine } from '../engine/index.ts';
import { createWasmExecutor } from '../engine/wasm-executor.ts';
import { addK, type K, mulK, ONE, ZERO } from '../field/index.ts';
import { toHex } from '../hash/index.ts';
import {
  eqIndex,
  eqPoint,
  eqTable,
  evaluateIntegerMle,
  evaluateMle,
  innerProduct,
} from '../poly/index.ts';
import { deriveParameters } from '../security/index.ts';
import { Transcript } from '../transcript/index.ts';
import { readOutOfDomainPairs, registeredPoints } from './out-of-domain.ts';
import type { WhirParameters } from './parameters.ts';
import {
  answerOutOfDomain,
  powerPiece,
  proveOpening,
  proveOutOfDomainPairs,
  type WeightPiece,
} from './prover.ts';
import { verifyOpening } from './verifier.ts';
import { evaluatePowerWeight } from './weights.ts';

const sizes = {
  fractions: 2 ** 14,
  fingerprintDegree: 3,
  topVariables: 5,
  outputVariables: 10,
  einsums: 4,
  sumcheckDegree: 3,
  claims: 20,
  products: 0,
  checks: 0,
};

/** A claim about the committed columns: pieces for the prover, value and evaluation for the verifier. */
interface Claim {
  readonly value: K;
  readonly pieces: (engine: Engine, coefficient: K) => WeightPiece[];
  readonly evaluate: (point: readonly K[]) => K;
}

/** f̂(point). */
function evaluationClaim(values: Int32Array, point: readonly K[], logRows: number): Claim {
  const split = point.length - logRows;
  return {
    value: evaluateIntegerMle(values, point),
    evaluate: (r) => eqPoint(point, r),
    pieces: (engine, coefficient) => {
      const row = engine.allocK(2 ** logRows);
      engine.eqTable(point.slice(split), ONE, row);
      const columnPart = eqTable(point.slice(0, split), coefficient);
      return [{ firstColumn: 0, columnPart, firstRow: 0, row, key: 'whole' }];
    },
  };
}

/** The multilinear extension of 2^point.length rows of one column, from an aligned row on. */
function blockClaim(
  values: Int32Array,
  point: readonly K[],
  logRows: number,
  column: number,
  firstRow: number,
): Claim {
  const from = column * 2 ** logRows + firstRow;
  const length = 2 ** point.length;
  return {
    value: evaluateIntegerMle(values.subarray(from, from + length), point),
    evaluate: (r) => {
      const prefix = r.slice(0, r.length - point.length);
      return mulK(eqIndex(prefix, from / length), eqPoint(point, r.slice(prefix.length)));
    },
    pieces: (engine, coefficient) => {
      const row = engine.allocK(length);
      engine.eqTable(point, ONE, row);
      const key = `block ${firstRow} ${point.length}`;
      return [{ firstColumn: column, columnPart: [coefficient], firstRow, row, key }];
    },
  };
}

/** Any weights at all on some rows of one column. */
function functionalClaim(
  values: Int32Array,
  weights: readonly K[],
  logRows: number,
  column: number,
  firstRow: number,
): Claim {
  const from = column * 2 ** logRows + firstRow;
  return {
    value: innerProduct(values, weights, from),
    evaluate: (r) => {
      const split = r.length - logRows;
      const row = Array.from({ length: 2 ** logRows }, (_, y) => weights[y - firstRow] ?? ZERO);
      return mulK(eqIndex(r.slice(0, split), column), evaluateMle(row, r.slice(split)));
    },
    pieces: (engine, coefficient) => {
      const row = engine.allocK(weights.length);
      engine.writeK(row, weights);
      return [{ firstColumn: column, columnPart: [coefficient], firstRow, row, key: 'functional' }];
    },
  };
}

interface Sizes {
  readonly model: number;
  readonly gap: number;
  readonly witness: number;
  readonly logRows: number;
  readonly targetBits: number;
  readonly maxPowBits?: number;
}

/** The whole life of two roots: registration, commitment, S2, one batch of claims, opening, verification. */
function roundTrip(engine: Engine, s: Sizes, seed: number) {
  const next = words(seed);
  const first = s.model + s.gap;
  const total = first + s.witness;
  const { whir }: { whir: WhirParameters } = deriveParameters({
    targetBits: s.targetBits,
    logRows: [s.logRows],
    columnsFor: () => ({ model: s.model, witness: s.witness, total }),
    sizes,
    maxPowBits: s.maxPowBits,
  }).parameters;
  const rows = 2 ** s.logRows;
  const [k0 = 0] = whir.foldings;
  const columns = Array.from({ length: total }, (_, c) =>
    c >= s.model && c < first
      ? null
      : Int32Array.from({ length: rows }, () => (next() % 65536) - 32768),
  );
  // The extremes of an int32 column.
  columns[0]?.set([2147483647, -2147483648]);
  const values = new Int32Array(2 ** k0 * rows);
  for (const [c, column] of columns.entries()) if (column !== null) values.set(column, c * rows);

  const slots = [
    { firstColumn: 0, columns: s.model },
    { firstColumn: first, columns: s.witness },
  ];
  const { vectors, opened, roots } = commitCase(
    engine,
    columns,
    slots,
    whir.logInverseRates[0] ?? 0,
  );
  const present = vectors.filter((v) => v !== null);
  const own = [present.slice(0, s.model), present.slice(s.model)] as const;

  const point = Array.from({ length: k0 + s.logRows }, () => randomK(next));
  const weights = Array.from({ length: 5 }, () => randomK(next));
  const claims = [
    evaluationClaim(values, point, s.logRows),
    blockClaim(values, point.slice(0, s.logRows - 1), s.logRows, first, rows / 2),
    blockClaim(values, point.slice(0, s.logRows - 1), s.logRows, 0, rows / 2),
    functionalClaim(values, weights, s.logRows, s.model - 1, 2),
  ];
  const [registered] = roots;
  const shape = {
    root: registered?.root ?? new Uint8Array(),
    logRows: s.logRows,
    logInverseRate: whir.logInverseRates[0] ?? 0,
    columns: s.model,
  };
  const registration = registeredPoints(shape, 2).map((z) => answerOutOfDomain(engine, own[0], z));
  const pinned = registration.map(({ z, y }) => ({ z, y }));
  const modelRange = { first: 0, count: s.model };
  const witnessRange = { first, count: s.witness };

  const transcript = startTranscript(roots, new Transcript());
  const writer = new ProofWriter();
  const answers = proveOutOfDomainPairs(
    engine,
    transcript,
    writer,
    own[1],
    whir.oodSamples[0] ?? 0,
  );
  const gamma = transcript.sampleK();
  let power = ONE;
  const step = (): K => {
    const coefficient = power;
    power = mulK(power, gamma);
    return coefficient;
  };
  let claim = ZERO;
  const pieces: WeightPiece[] = [];
  for (const { z, y, columnValues } of registration) {
    const coefficient = step();
    claim = addK(claim, mulK(coefficient, y));
    pieces.push(powerPiece(engine, z, coefficient, s.logRows, modelRange, columnValues));
  }
  for (const { z, y, columnValues } of answers) {
    const coefficient = step();
    claim = addK(claim, mulK(coefficient, y));
    pieces.push(powerPiece(engine, z, coefficient, s.logRows, witnessRange, columnValues));
  }
  for (const c of claims) {
    const coefficient = step();
    claim = addK(claim, mulK(coefficient, c.value));
    pieces.push(...c.pieces(engine, coefficient));
  }
  const mark = engine.mark();
  const consistent = proveOpening(
    engine,
    transcript,
    writer,
    whir,
    { columns: vectors, slots: opened, blinding: null },
    pieces,
    claim,
  );
  // Nothing is left on the engine's stack.
  expect(engine.mark()).toBe(mark);
  const bytes = writer.finish();

  /** The verifier knows roots, registered answers, claims. */
  const verify = (change: K = ZERO): string => {
    const verifying = startTranscript(roots, new Transcript());
    const reader = new ProofReader(bytes);
    const pairs = readOutOfDomainPairs(verifying, reader, whir.oodSamples[0] ?? 0);
    const challenge = verifying.sampleK();
    const terms = [
      ...pinned.map(({ z, y }) => ({
        value: y,
        evaluate: (r: readonly K[]) => evaluatePowerWeight(z, s.logRows, modelRange, r),
      })),
      ...pairs.map(({ z, y }) => ({
        value: y,
        evaluate: (r: readonly K[]) => evaluatePowerWeight(z, s.logRows, witnessRange, r),
      })),
      ...claims,
    ];
    const batch = (part: (t: (typeof terms)[number]) => K): K =>
      terms.reduceRight((sum, t) => addK(mulK(sum, challenge), part(t)), ZERO);
    const sigma = addK(
      batch((t) => t.value),
      change,
    );
    const result = verifyOpening(verifying, reader, whir, roots, sigma, (r) =>
      batch((t) => t.evaluate(r)),
    );
    return result.ok && !reader.atEnd ? 'trailing' : verdict(result);
  };
  return { consistent, bytes, verify };
}

describe('opening', () => {
  const wasm = (): Engine => createEngine(createWasmExecutor());
  const light = { targetBits: 128, maxPowBits: 8 };
  it.each([
    [10, testEngine, { model: 5, gap: 1, witness: 4, logRows: 6, ...light }],
    [10, wasm, { model: 5, gap: 1, witness: 4, logRows: 6, ...light }],
    [14, wasm, { model: 12, gap: 3, witness: 9, logRows: 9, ...light }],
    [17, wasm, { model: 30, gap: 0, witness: 27, logRows: 11, targetBits: 128 }],
    [20, wasm, { model: 70, gap: 3, witness: 50, logRows: 13, targetBits: 100 }],
  ] as const)('verifies against direct evaluation at n = %i', (n, engine, s) => {
    const { consistent, bytes, verify } = roundTrip(engine(), s, n);
    expect(consistent).toBe(true);
    expect(verify()).toBe('ok');
    expect(verify(ONE)).toBe('whir/final-claim');
    expect(bytes.length).toBeLessThan(160 * 1024);
  });

  it('does not depend on kernels or on how work is split between threads', () => {
    const s = { model: 5, gap: 1, witness: 4, logRows: 7, targetBits: 100, maxPowBits: 8 };
    const split = createEngine(referenceExecutor({ threads: 3 }), { shardNs: 500 });
    const bytes = toHex(roundTrip(testEngine(), s, 1).bytes);
    expect(toHex(roundTrip(split, s, 1).bytes)).toBe(bytes);
    expect(toHex(roundTrip(wasm(), s, 1).bytes)).toBe(bytes);
  });
});

describe('registeredPoints', () => {
  const shape = { root: new Uint8Array(32), logRows: 5, logInverseRate: 2, columns: 7 };
  it('depend on root, length, rate and columns, and on nothing else', () => {
    const points = registeredPoints(shape, 3);
    expect(registeredPoints(shape, 3)).toEqual(points);
    expect(registeredPoints(shape, 2)).toEqual(points.slice(0, 2));
    const others = [
      { ...shape, root: new Uint8Array(32).fill(1) },
      { ...shape, logRows: 6 },
      { ...shape, logInverseRate: 3 },
      { ...shape, columns: 8 },
    ];
    const all = [shape, ...others].map((s) => registeredPoints(s, 1).join());
    expect(new Set(all).size).toBe(5);
  });

  it('depend on what else the name binds, and in which order', () => {
    const bound = [[], [0], [0, 0], [40, 2, 3], [40, 3, 2], [2 ** 32 - 1]];
    const all = bound.map((binding) => registeredPoints({ ...shape, binding }, 1).join());
    expect(new Set(all).size).toBe(bound.length);
    expect(all[0]).toBe(registeredPoints(shape, 1).join());
  });

  it('have the values they have always had', () => {
    expect(registeredPoints(shape, 1)).toEqual([
      [392512015, 133106435, 1859351480, 693859365, 91910018],
    ]);
  });
});

describe('evaluatePowerWeight', () => {
  it('is the extension of the power table on a range of columns', () => {
    const next = words(3);
    const [logRows, logColumns] = [3, 3];
    const point = Array.from({ length: logRows + logColumns }, () => randomK(next));
    const z = randomK(next);
    for (const [first, count] of [
      [0, 8],
      [3, 4],
      [7, 1],
      [2, 0],
    ] as const) {
      const table = Array.from({ length: 64 }, (): K => ZERO);
      let power = ONE;
      for (let i = first * 8; i < (first + count) * 8; i++) {
        table[i] = power;
        power = mulK(power, z);
      }
      expect(evaluatePowerWeight(z, logRows, { first, count }, point)).toEqual(
        evaluateMle(table, point),
      );
    }
  });
});

describe('proveOpening', () => {
  const engine = testEngine();
  const parameters: WhirParameters = {
    logRows: 2,
    columns: 2,
    foldings: [1],
    logInverseRates: [1],
    queries: [2],
    oodSamples: [2],
    foldPowBits: [0],
    queryPowBits: [0],
    blinding: null,
  };
  const prove = (
    p: WhirParameters,
    lengths: readonly number[],
    piece: { firstColumn?: number; firstRow?: number; length?: number },
  ) => {
    const row = engine.allocK(piece.length ?? 4);
    const { firstColumn = 0, firstRow = 0 } = piece;
    return () =>
      proveOpening(
        engine,
        new Transcript(),
        new ProofWriter(),
        p,
        { columns: lengths.map((length) => engine.allocInt(length)), slots: [], blinding: null },
        [{ firstColumn, columnPart: [ONE], firstRow, row, key: 'x' }],
        ZERO,
      );
  };
  it('refuses what does not fit together', () => {
    expect(prove({ ...parameters, queries: [0] }, [4, 4], {})).toThrow(/valid parameters/);
    expect(prove(parameters, [4, 4, 4], {})).toThrow(/at most 2\^1 columns, got 3/);
    expect(prove(parameters, [4, 8], {})).toThrow(/columns of 4, got 8/);
    expect(prove(parameters, [4, 4], { firstColumn: 2 })).toThrow(/within 2 columns, got 2\+1/);
    expect(prove(parameters, [4, 4], { firstRow: 2 })).toThrow(/within 4 rows, got 2\+4/);
    expect(prove(parameters, [4, 4], { firstRow: -1 })).toThrow(/within 4 rows/);
  });
});
