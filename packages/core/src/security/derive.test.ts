import { describe, expect, it, vi } from 'vitest';
import type { ArgumentSizes } from './budget.ts';
import { securityBits } from './budget.ts';
import { DEFAULT_COST_MODEL, type FirstOracleColumns, HIDING_MS_PER_KIB } from './cost.ts';
import { deriveParameters, PROFILES } from './derive.ts';
import type { HidingTails } from './first-oracle.ts';
import { expectedMultiproof } from './formulas.ts';
import { freshTailRows, staticTailRows, validateParameters } from './parameters.ts';

const sizes: ArgumentSizes = {
  fractions: 2 ** 17,
  fingerprintDegree: 3,
  topVariables: 5,
  outputVariables: 14,
  einsums: 8,
  sumcheckDegree: 3,
  claims: 40,
  products: 0,
  checks: 0,
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

  it('skips lengths that do not fit', () => {
    const columnsFor = packed(1000, 1000);
    const options = { targetBits: 100, sizes };
    const { parameters } = deriveParameters({
      ...options,
      logRows: [4, 5, 6, 7],
      columnsFor: (m) => (m < 7 ? null : columnsFor(m)),
    });
    expect(parameters.whir.logRows).toBe(7);
    expect(parameters.tailRows).toBe(0);
    expect(parameters.whir.blinding).toBeNull();
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

/** Columns with tails: the model's either public or static, the witness's fresh and at least five. */
const withTails =
  (model: number, witness: number, proofs: number | null) =>
  (logRows: number, { fresh, queries }: HidingTails): FirstOracleColumns | null => {
    const kept = proofs === null ? 0 : staticTailRows(proofs, queries, 2);
    if (Math.max(fresh, kept) >= 2 ** logRows) return null;
    const columns = {
      model: Math.ceil(model / (2 ** logRows - kept)),
      witness: Math.max(5, Math.ceil(witness / (2 ** logRows - fresh))),
    };
    return { ...columns, total: columns.model + columns.witness };
  };

describe('deriveParameters, hiding', () => {
  const models = [
    ['a handful of elements', 15, 40, 3000],
    ['a small MLP', 15, 1200, 6000],
    ['LeNet', 17, 62_000, 65_000],
    ['a CNN of ten layers', 19, 264_000, 260_000],
    ['an MLP of two million weights', 21, 2_000_000, 65_000],
    ['GPT-2', 27, 124_000_000, 10_000_000],
  ] as const;
  const hidingSizes = { ...sizes, products: 70, checks: 30 };

  for (const [profile, targetBits] of Object.entries(PROFILES)) {
    for (const proofs of [null, 20]) {
      const kind = proofs === null ? 'a public model' : 'a private model';
      it.each(models)(`reaches ${profile} with ${kind}: %s`, (_name, n, model, witness) => {
        const columnsFor = withTails(model, witness, proofs);
        const seen: string[] = [];
        const { parameters, budget } = deriveParameters({
          targetBits,
          logRows: around(n),
          columnsFor: (logRows, tails) => {
            seen.push(`${logRows} ${tails.fresh} ${tails.queries}`);
            return columnsFor(logRows, tails);
          },
          sizes: hidingSizes,
          hiding: true,
          saltedTrees: proofs === null ? 1 : 2,
        });
        const { whir, tailRows } = parameters;
        const [t0 = 0, s0 = 0, k0 = 0] = [whir.queries[0], whir.oodSamples[0], whir.foldings[0]];
        expect(validateParameters(parameters)).toEqual({ ok: true, value: null });
        expect(budget.bits).toBeGreaterThanOrEqual(targetBits);
        expect(securityBits(parameters, hidingSizes)).toBe(budget.bits);
        expect(tailRows).toBeGreaterThanOrEqual(t0 + 5 * s0 + 3 * k0);
        expect(s0).toBe(2);
        // The layout was asked for with this very tail, and with no fewer queries than are made.
        const queries = tailRows - freshTailRows(0, s0, k0);
        expect(queries).toBeGreaterThanOrEqual(t0);
        expect(seen).toContain(`${whir.logRows} ${tailRows} ${queries}`);
        expect(seen.length).toBe(new Set(seen).size);
        const columns = columnsFor(whir.logRows, { fresh: tailRows, queries });
        expect(whir.columns).toBe(columns?.total);
        expect(k0).toBe(Math.ceil(Math.log2(whir.columns)));
        // No proof of work before ρ that is not needed.
        const powBits = whir.blinding?.powBits ?? Number.NaN;
        expect(powBits).toBeLessThanOrEqual(whir.foldPowBits[0] ?? 0);
        if (powBits > 0) {
          const less = { ...whir, blinding: { powBits: powBits - 2 } };
          expect(securityBits({ ...parameters, whir: less }, hidingSizes)).toBeLessThan(targetBits);
        }
      });
    }
  }

  const options = {
    targetBits: 128,
    logRows: around(17),
    columnsFor: withTails(62_000, 60_000, null),
    sizes,
  };

  it('counts the words of R and the salts', () => {
    const at = (more: { hiding: boolean; saltedTrees?: number }) =>
      deriveParameters({
        ...options,
        ...more,
        logRows: [12],
        logInverseRates: [3],
        // Bytes so dear that all work as much as they may.
        maxPowBits: 12,
        cost: { msPerKiB: 1000 },
        columnsFor: () => ({ model: 16, witness: 20, total: 36 }),
      });
    const [plain, one, two] = [
      at({ hiding: false }),
      at({ hiding: true }),
      at({ hiding: true, saltedTrees: 2 }),
    ];
    const { blinding, ...whir } = one.parameters.whir;
    expect({ ...whir, blinding: null }).toEqual(plain.parameters.whir);
    expect(two.parameters).toEqual(one.parameters);
    const rows = expectedMultiproof(whir.queries[0] ?? 0, 12 + 3).leaves;
    const sent = 4 * 20 + (blinding?.powBits === 0 ? 0 : 8);
    const [bytes, moreBytes, salted] = [plain, one, two].map((d) => d.estimate.proofBytes);
    expect(moreBytes).toBeCloseTo((bytes ?? 0) + rows * (5 * 4 + 32) + sent, 6);
    expect(salted).toBeCloseTo((moreBytes ?? 0) + rows * 32, 6);
    expect(one.estimate.proverMs).toBeGreaterThan(plain.estimate.proverMs);
  });

  it('derives for another visibility at the same length and rate', () => {
    const { whir } = deriveParameters({ ...options, hiding: true }).parameters;
    const again = deriveParameters({
      ...options,
      hiding: true,
      logRows: [whir.logRows],
      logInverseRates: whir.logInverseRates.slice(0, 1),
    });
    expect(again.parameters.whir).toEqual(whir);
    const plain = deriveParameters({
      ...options,
      logRows: [whir.logRows],
      logInverseRates: whir.logInverseRates.slice(0, 1),
    }).parameters;
    expect(plain.whir.blinding).toBeNull();
    expect(plain.tailRows).toBe(0);
    expect(plain.whir.logInverseRates[0]).toBe(whir.logInverseRates[0]);
  });

  it('says so when no tail fits', () => {
    const refused = (more: Partial<Parameters<typeof deriveParameters>[0]>): unknown => {
      try {
        return deriveParameters({ ...options, hiding: true, ...more });
      } catch (error) {
        return error instanceof Error ? error.message : error;
      }
    };
    const infeasible = /no parameters reach 128 provable bits and hide/;
    // Some 60 queries and 25 rows more do not fit into 64 rows, whatever is in them.
    expect(refused({ logRows: [6] })).toMatch(infeasible);
    expect(refused({ logRows: [6] })).toMatch(/random rows/);
    expect(refused({ logRows: [7], logInverseRates: [1] })).toMatch(infeasible);
    // A private model with tails for a thousand proofs in columns of 2^13 rows.
    const columnsFor = withTails(62_000, 60_000, 1000);
    expect(refused({ logRows: [13], columnsFor })).toMatch(infeasible);
    expect(refused({ logRows: [17], columnsFor })).toMatchObject({
      parameters: { targetBits: 128 },
    });
  });
});

describe('deriveParameters, on every machine', () => {
  const cases = [
    ['a small MLP', 9, 1200, 3000],
    ['LeNet', 11, 62_000, 65_000],
    ['a CNN of ten layers', 13, 264_000, 260_000],
    ['an MLP of two million weights', 14, 2_000_000, 65_000],
    ['GPT-2', 20, 124_000_000, 10_000_000],
  ] as const;
  const line = (
    logRows: number,
    model: number,
    witness: number,
    targetBits: number,
    hiding: boolean,
  ) => {
    const { whir, tailRows } = deriveParameters({
      targetBits,
      logRows: [logRows],
      columnsFor: withTails(model, witness, null),
      sizes,
      hiding,
    }).parameters;
    const lists = [
      whir.foldings,
      whir.logInverseRates,
      whir.queries,
      whir.oodSamples,
      whir.foldPowBits,
      whir.queryPowBits,
    ];
    const blinding =
      whir.blinding === null ? '' : ` blinding ${whir.blinding.powBits} tail ${tailRows}`;
    return `${whir.columns}: ${lists.map((list) => list.join(' ')).join(', ')}${blinding}`;
  };
  const all = () =>
    cases.flatMap(([name, logRows, model, witness]) =>
      [128, 100].flatMap((targetBits) =>
        [false, true].map(
          (hiding) => `${name} ${targetBits} ${line(logRows, model, witness, targetBits, hiding)}`,
        ),
      ),
    );

  it('derives what it always has: both sides of a proof derive it anew', () => {
    expect(all()).toEqual([
      'a small MLP 128 9: 4 2, 4 5, 61 48, 2 1, 10 10, 13 12',
      'a small MLP 128 10: 4 2, 4 5, 61 49, 2 1, 10 9, 13 10 blinding 7 tail 83',
      'a small MLP 100 9: 4 2, 4 5, 44 36, 2 1, 0 0, 13 11',
      'a small MLP 100 10: 4 2, 4 5, 44 36, 2 1, 0 0, 13 11 blinding 0 tail 67',
      'LeNet 128 63: 6 3, 4 5, 63 48, 2 1, 10 10, 13 13',
      'LeNet 128 65: 7 3, 4 5, 63 49, 2 1, 11 10, 13 11 blinding 5 tail 95',
      'LeNet 100 63: 6 3, 4 5, 44 35, 2 1, 0 0, 13 13',
      'LeNet 100 64: 6 3, 4 5, 44 36, 2 1, 0 0, 13 11 blinding 0 tail 73',
      'a CNN of ten layers 128 65: 7 3 3, 3 4 6, 84 61 41, 2 1 1, 12 11 8, 14 12 12',
      'a CNN of ten layers 128 66: 7 3 3, 3 4 5, 84 61 49, 2 1 1, 12 11 9, 14 12 11 blinding 6 tail 117',
      'a CNN of ten layers 100 65: 7 3 3, 3 4 5, 58 44 35, 2 1 1, 0 0 0, 14 13 13',
      'a CNN of ten layers 100 66: 7 3 3, 3 4 5, 58 45 36, 2 1 1, 0 0 0, 14 11 11 blinding 0 tail 90',
      'an MLP of two million weights 128 128: 7 3 3, 3 4 5, 83 61 48, 2 1 1, 13 11 10, 15 13 13',
      'an MLP of two million weights 128 128: 7 3 3, 3 3 5, 83 81 49, 2 1 1, 13 11 10, 15 12 11 blinding 7 tail 119',
      'an MLP of two million weights 100 128: 7 4 3, 3 4 5, 57 44 35, 2 1 1, 5 0 0, 15 13 13',
      'an MLP of two million weights 100 128: 7 3 3, 3 3 5, 57 59 36, 2 1 1, 5 0 0, 15 12 11 blinding 0 tail 90',
      'GPT-2 128 129: 8 5 4 3, 1 2 4 5, 289 124 60 48, 2 2 1 1, 16 13 12 10, 17 15 14 13',
      'GPT-2 128 129: 8 5 4 3, 1 2 3 5, 289 125 81 49, 2 2 1 1, 16 13 11 10, 17 14 13 11 blinding 9 tail 452',
      'GPT-2 100 129: 8 4 4 4, 1 1 3 5, 169 173 59 35, 2 1 1 1, 7 0 0 0, 17 15 12 13',
      'GPT-2 100 129: 8 4 4 4, 1 1 3 5, 171 173 59 35, 2 1 1 1, 7 0 0 0, 16 15 12 13 blinding 0 tail 213',
    ]);
  });

  it('buys time for bytes where it hides', () => {
    const at = (hiding: boolean, cost: { msPerKiB?: number } = {}) =>
      deriveParameters({
        targetBits: 128,
        logRows: [11],
        columnsFor: withTails(62_000, 65_000, null),
        sizes,
        hiding,
        cost,
      });
    expect(at(true)).toEqual(at(true, { msPerKiB: HIDING_MS_PER_KIB }));
    expect(at(true).parameters).not.toEqual(at(true, DEFAULT_COST_MODEL).parameters);
    expect(at(false)).toEqual(at(false, DEFAULT_COST_MODEL));
  });

  it('does not depend on the last bits of logarithms', () => {
    const expected = all();
    const { log2 } = Math;
    for (const error of [2 ** -50, -(2 ** -50)]) {
      const spy = vi.spyOn(Math, 'log2').mockImplementation((x) => log2(x) * (1 + error));
      try {
        expect(all()).toEqual(expected);
      } finally {
        spy.mockRestore();
      }
    }
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

  it('rejects tails of a hiding proof that are one row too short', () => {
    const { parameters } = deriveParameters({
      targetBits: 100,
      logRows: [10],
      columnsFor: () => ({ model: 3, witness: 5, total: 8 }),
      sizes,
      hiding: true,
    });
    const { whir } = parameters;
    const least = freshTailRows(whir.queries[0] ?? 0, whir.oodSamples[0] ?? 0, 3);
    expect(validateParameters({ ...parameters, tailRows: least }).ok).toBe(true);
    const result = validateParameters({ ...parameters, tailRows: least - 1 });
    expect(result.ok ? 'ok' : result.error.field).toBe('tailRows');
    const plain = { ...parameters, whir: { ...whir, blinding: null }, tailRows: 0 };
    expect(validateParameters(plain).ok).toBe(true);
  });
});
