import { describe, expect, it } from 'vitest';
import type { ArgumentSizes } from './budget.ts';
import { securityBits } from './budget.ts';
import type { FirstOracleColumns } from './cost.ts';
import { deriveParameters, PROFILES } from './derive.ts';
import { validateParameters } from './parameters.ts';

const sizes: ArgumentSizes = {
  fractions: 2 ** 17,
  fingerprintDegree: 3,
  topVariables: 5,
  outputVariables: 14,
  einsums: 8,
  sumcheckDegree: 3,
  claims: 40,
};

/** Columns for so many elements, without gaps. */
const packed =
  (model: number, witness: number) =>
  (logRows: number): FirstOracleColumns => {
    const columns = {
      model: Math.ceil(model / 2 ** logRows),
      witness: Math.ceil(witness / 2 ** logRows),
    };
    return { ...columns, total: columns.model + columns.witness };
  };

const around = (n: number): number[] =>
  [n - 8, n - 7, n - 6, n - 5, n - 4].map((m) => Math.max(0, m));

describe('deriveParameters', () => {
  const models = [
    ['a handful of elements', 6, 40, 20],
    ['a small MLP', 12, 1200, 2000],
    ['LeNet', 17, 62_000, 60_000],
    ['a CNN of ten layers', 19, 264_000, 250_000],
    ['an MLP of two million weights', 21, 2_000_000, 60_000],
    ['GPT-2', 27, 124_000_000, 10_000_000],
  ] as const;
  for (const [profile, targetBits] of Object.entries(PROFILES)) {
    it.each(models)(`reaches ${profile} for %s`, (_name, n, model, witness) => {
      const columnsFor = packed(model, witness);
      const { parameters, budget, estimate } = deriveParameters({
        targetBits,
        logRows: around(n),
        columnsFor,
        sizes,
      });
      expect(validateParameters(parameters)).toEqual({ ok: true, value: null });
      expect(budget.bits).toBeGreaterThanOrEqual(targetBits);
      expect(securityBits(parameters, sizes)).toBe(budget.bits);
      const { whir } = parameters;
      expect(whir.columns).toBe(columnsFor(whir.logRows).total);
      expect(2 ** (whir.foldings[0] ?? 0)).toBeGreaterThanOrEqual(whir.columns);
      expect(whir.oodSamples[0]).toBeGreaterThanOrEqual(2);
      expect(parameters.registeredSamples).toBe(whir.oodSamples[0]);
      expect(Math.max(...whir.foldPowBits, ...whir.queryPowBits)).toBeLessThanOrEqual(20);
      expect(estimate.proofBytes).toBeGreaterThan(0);
    });
  }

  it('keeps LeNet far below 160 KiB', () => {
    const options = {
      targetBits: 128,
      logRows: around(17),
      columnsFor: packed(62_000, 60_000),
      sizes,
    };
    const { estimate } = deriveParameters(options);
    expect(estimate.proofBytes).toBeLessThan(90 * 1024);
    expect(estimate.proverMs).toBeLessThan(60);
  });

  it('asks for no more than needed: a query or a bit less misses the target', () => {
    const { parameters } = deriveParameters({
      targetBits: 128,
      logRows: [14],
      columnsFor: packed(2_000_000, 60_000),
      sizes,
    });
    const { whir } = parameters;
    for (const field of ['queries', 'foldPowBits', 'queryPowBits'] as const) {
      for (const i of whir.foldings.keys()) {
        const less = whir[field].map((value, j) => (i === j ? value - 2 : value));
        const bits = securityBits({ ...parameters, whir: { ...whir, [field]: less } }, sizes);
        expect(bits, `${field}[${i}]`).toBeLessThan(128);
      }
    }
  });

  it('trades proof bytes against time as it is told', () => {
    const at = (msPerKiB: number) =>
      deriveParameters({
        targetBits: 128,
        logRows: around(19),
        columnsFor: packed(264_000, 250_000),
        sizes,
        cost: { msPerKiB },
      }).estimate;
    const [fast, small] = [at(0.2), at(20)];
    expect(small.proofBytes).toBeLessThan(fast.proofBytes);
    expect(small.proverMs).toBeGreaterThan(fast.proverMs);
  });

  it('grinds before (α, β) and γ when there are very many fractions and claims', () => {
    const many = { ...sizes, fractions: 2 ** 27, fingerprintDegree: 40, claims: 2 ** 27 };
    const { parameters, budget } = deriveParameters({
      targetBits: 128,
      logRows: [14],
      columnsFor: packed(2_000_000, 60_000),
      sizes: many,
    });
    expect(parameters.lookupPowBits).toBe(6);
    expect(parameters.batchPowBits).toBeGreaterThan(0);
    expect(budget.bits).toBeGreaterThanOrEqual(128);
    for (const slot of ['lookupPowBits', 'batchPowBits'] as const) {
      const less = { ...parameters, [slot]: parameters[slot] - 1 };
      expect(securityBits(less, many)).toBeLessThan(128);
    }
  });

  it('skips lengths that do not fit, and tails that fill a column', () => {
    const columnsFor = packed(1000, 1000);
    const options = { targetBits: 100, sizes };
    const { parameters } = deriveParameters({
      ...options,
      logRows: [4, 5, 6, 7],
      columnsFor: (m) => (m < 6 ? null : columnsFor(m)),
      tailRows: 64,
    });
    expect(parameters.whir.logRows).toBe(7);
    expect(parameters.tailRows).toBe(64);
  });

  it('counts a further tree', () => {
    const options = { targetBits: 128, logRows: [12], columnsFor: packed(62_000, 60_000), sizes };
    const two = deriveParameters(options).estimate.proofBytes;
    expect(deriveParameters({ ...options, trees: 3 }).estimate.proofBytes).toBeGreaterThan(two);
  });

  it('says so when nothing reaches the target', () => {
    const code = (options: Parameters<typeof deriveParameters>[0]): unknown => {
      try {
        return deriveParameters(options);
      } catch (error) {
        return error instanceof Error && 'code' in error ? error.code : error;
      }
    };
    const columnsFor = packed(1000, 1000);
    const infeasible = 'ASSAY_SECURITY_INFEASIBLE';
    expect(code({ targetBits: 128, logRows: [], columnsFor, sizes })).toBe(infeasible);
    expect(code({ targetBits: 150, logRows: [8], columnsFor, sizes })).toBe(infeasible);
    expect(code({ targetBits: 129, logRows: [8], columnsFor, sizes })).toBe(infeasible);
    expect(code({ targetBits: 128, logRows: [27], columnsFor: packed(2 ** 33, 0), sizes })).toBe(
      infeasible,
    );
  });
});

describe('validateParameters', () => {
  it.each([
    'targetBits',
    'registeredSamples',
    'lookupPowBits',
    'batchPowBits',
    'tailRows',
  ] as const)('rejects a bad %s', (field) => {
    const { parameters } = deriveParameters({
      targetBits: 128,
      logRows: [7],
      columnsFor: packed(1000, 1000),
      sizes,
    });
    for (const value of [Number.NaN, -1, 0.5, 1e6, Number.POSITIVE_INFINITY]) {
      const result = validateParameters({ ...parameters, [field]: value });
      expect(result.ok ? 'ok' : result.error.field).toBe(field);
    }
    const whir = { ...parameters.whir, logRows: -1 };
    expect(validateParameters({ ...parameters, whir }).ok).toBe(false);
  });
});
