import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { WhirParameters } from '../pcs/parameters.ts';
import { type ArgumentSizes, describeBudget, securityBits, securityBudget } from './budget.ts';
import type { ProofParameters } from './parameters.ts';

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

const none: ArgumentSizes = { ...sizes, fractions: 0, einsums: 0, outputVariables: 1, claims: 1 };

const whir: WhirParameters = {
  logRows: 18,
  columns: 64,
  foldings: [6, 4, 4, 4],
  logInverseRates: [2, 4, 7, 10],
  queries: [126, 58, 33, 24],
  oodSamples: [2, 1, 1, 1],
  foldPowBits: [14, 14, 13, 14],
  queryPowBits: [20, 20, 20, 20],
  blinding: null,
};

const parameters: ProofParameters = {
  targetBits: 128,
  whir,
  registeredSamples: 2,
  lookupPowBits: 0,
  batchPowBits: 0,
  tailRows: 0,
};

/** The same, blinded: with its tails, and a statement with products of secrets. */
const hidingSizes: ArgumentSizes = { ...sizes, products: 60, checks: 25 };
const hiding: ProofParameters = {
  ...parameters,
  whir: { ...whir, blinding: { powBits: 9 } },
  tailRows: 126 + 5 * 2 + 3 * 6,
};

const bitsOf = (name: string, p: ProofParameters = parameters, s: ArgumentSizes = sizes): number =>
  securityBudget(p, s).terms.find((t) => t.name === name)?.bits ?? Number.NaN;

describe('securityBudget', () => {
  it('names every step once, in the order of the protocol', () => {
    const names = securityBudget(parameters, sizes).terms.map((t) => t.name);
    expect(names).toEqual([
      'S1 registered out-of-domain pairs',
      'S2 out-of-domain answers',
      'S3 lookup challenges',
      'S4 top layer point',
      'S4 layer rounds',
      'S4 layer points',
      'S5 output point and relation batch',
      'S5 sumcheck rounds',
      'S7 claim batch',
      'S8 fold rounds, oracle 0',
      'S8 queries, oracle 0',
      'S8 out-of-domain answers, oracle 1',
      'S8 fold rounds, oracle 1',
      'S8 queries, oracle 1',
      'S8 out-of-domain answers, oracle 2',
      'S8 fold rounds, oracle 2',
      'S8 queries, oracle 2',
      'S8 out-of-domain answers, oracle 3',
      'S8 fold rounds, oracle 3',
      'S8 queries, oracle 3',
      'S8 final rounds',
      'hash collisions',
    ]);
  });

  it('names the steps of the hiding profile, where LogUp has no top layer', () => {
    const plain = securityBudget(parameters, sizes).terms.map((t) => t.name);
    const names = securityBudget(hiding, hidingSizes).terms.map((t) => t.name);
    const more = ['S6 triples', 'S6 check batch', 'S8 mask', 'S8 blinding', 'S8 blinding batch'];
    expect(names.filter((name) => !plain.includes(name))).toEqual(more);
    expect(plain.filter((name) => !names.includes(name))).toEqual(['S4 top layer point']);
    expect(new Set(names).size).toBe(names.length);
    const at = (name: string): number => names.indexOf(name);
    const order = [
      'S5 sumcheck rounds',
      'S6 triples',
      'S6 check batch',
      'S7 claim batch',
      'S8 mask',
      'S8 fold rounds, oracle 0',
      'S8 blinding',
      'S8 blinding batch',
      'S8 queries, oracle 0',
    ].map(at);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('counts triples, checks, mask and blinding', () => {
    const p = 2013265921;
    const challenge = 5 * Math.log2(p) - 5 * Math.log2(1 + p / 2 ** 51);
    const of = (name: string, at = hiding, s = hidingSizes): number => bitsOf(name, at, s);
    expect(of('S6 triples')).toBeCloseTo(challenge - Math.log2(60), 3);
    expect(of('S6 check batch')).toBeCloseTo(challenge - Math.log2(3 * 60 + 25), 3);
    // ℓ_0 as the batch of claims has it: 40·ℓ_0/|K|.
    const list = challenge - Math.log2(40) - of('S7 claim batch');
    expect(list).toBeGreaterThan(3);
    expect(of('S8 mask')).toBeCloseTo(challenge - list, 3);
    expect(of('S8 blinding batch')).toBeCloseTo(challenge - list, 3);
    // ε_line over 2^18 rows against the fold rounds' over 2^23.
    const fold = of('S8 fold rounds, oracle 0') - 14;
    expect(of('S8 blinding') - 9).toBeCloseTo(fold + 5, 2);
    const harder = { ...hiding, whir: { ...whir, blinding: { powBits: 12 } } };
    expect(of('S8 blinding', harder)).toBeCloseTo(of('S8 blinding') + 3, 3);
  });

  it('falls below the target without the proof of work before ρ', () => {
    expect(securityBits(hiding, hidingSizes)).toBeGreaterThanOrEqual(128);
    const less = { ...hiding, whir: { ...whir, blinding: { powBits: 0 } } };
    expect(securityBits(less, hidingSizes)).toBeLessThan(128);
  });

  it('falls below the target with 2^30 products, or as many checks', () => {
    expect(securityBits(hiding, { ...hidingSizes, products: 2 ** 30 })).toBeLessThan(128);
    expect(securityBits(hiding, { ...hidingSizes, checks: 2 ** 30 })).toBeLessThan(128);
    expect(securityBits(parameters, { ...sizes, products: 2 ** 30, checks: 2 ** 30 })).toBe(128);
  });

  it('is the smallest of its terms', () => {
    const budget = securityBudget(parameters, sizes);
    expect(budget.bits).toBe(Math.min(...budget.terms.map((t) => t.bits)));
    expect(budget.bits).toBe(128);
    expect(describeBudget(budget)).toHaveLength(budget.terms.length);
    expect(describeBudget(budget)[9]).toEqual(['S8 fold rounds, oracle 0', '128.8', '14']);
  });

  it('counts the argument around the opening', () => {
    const field = 5 * Math.log2(2013265921);
    expect(bitsOf('S3 lookup challenges')).toBeCloseTo(field - 17 - Math.log2(3), 3);
    expect(bitsOf('S4 top layer point')).toBeCloseTo(field - Math.log2(6), 3);
    expect(bitsOf('S5 output point and relation batch')).toBeCloseTo(field - Math.log2(22), 3);
    expect(bitsOf('S5 sumcheck rounds')).toBeCloseTo(field - Math.log2(3), 3);
    expect(bitsOf('S3 lookup challenges', { ...parameters, lookupPowBits: 6 })).toBeCloseTo(
      field - 17 - Math.log2(3) + 6,
      3,
    );
    const more = { ...sizes, claims: 80 };
    expect(bitsOf('S7 claim batch')).toBeCloseTo(bitsOf('S7 claim batch', parameters, more) + 1, 3);
    expect(bitsOf('S7 claim batch', { ...parameters, batchPowBits: 5 })).toBeCloseTo(
      bitsOf('S7 claim batch') + 5,
      3,
    );
    expect(securityBudget(parameters, none).terms.some((t) => /S3|S4|rounds$/.test(t.name))).toBe(
      true,
    );
    expect(securityBudget(parameters, none).terms.some((t) => /S3|S4|S5 sum/.test(t.name))).toBe(
      false,
    );
  });

  it.each([
    ['queries', 4],
    ['queryPowBits', 6],
    ['foldPowBits', 3],
  ] as const)('falls below the target when %s of any oracle drops by %i', (field, by) => {
    for (let i = 0; i < 4; i++) {
      const weaker = whir[field].map((value, j) => (i === j ? value - by : value));
      const bits = securityBits({ ...parameters, whir: { ...whir, [field]: weaker } }, sizes);
      expect(bits, `${field}[${i}]`).toBeLessThan(128);
    }
  });

  it('falls below the target with one out-of-domain sample less', () => {
    const one = { ...parameters, whir: { ...whir, oodSamples: [1, 1, 1, 1] } };
    expect(securityBits(one, sizes)).toBeLessThan(128);
    expect(securityBits({ ...parameters, registeredSamples: 1 }, sizes)).toBeLessThan(128);
  });

  it('falls below the target with a million times the fractions or the claims', () => {
    expect(securityBits(parameters, { ...sizes, fractions: 2 ** 37 })).toBeLessThan(128);
    expect(securityBits(parameters, { ...sizes, claims: 2 ** 30 })).toBeLessThan(128);
  });

  it('gives NaN or less, never a pass, for parameters that make no sense', () => {
    const nonsense = { ...parameters, whir: { ...whir, queries: [Number.NaN, 58, 33, 24] } };
    expect(securityBits(nonsense, sizes) >= 128).toBe(false);
  });

  it('agrees with the golden schedules about what they are worth', () => {
    const vectors = new URL('../../../../vectors/security/schedules.json', import.meta.url);
    let checked = 0;
    for (const row of JSON.parse(readFileSync(vectors, 'utf8'))) {
      const s = row.schedule;
      if (s === null || s.finalVariables > 8) continue;
      const golden: ProofParameters = {
        targetBits: row.targetBits,
        whir: {
          logRows: row.variables - s.foldings[0],
          columns: row.firstColumns ?? 2 ** s.foldings[0],
          foldings: s.foldings,
          logInverseRates: s.logInverseRates,
          queries: s.queries,
          oodSamples: [2, ...s.oodSamples.slice(1)],
          foldPowBits: s.foldPowBits,
          queryPowBits: s.foldings.map(() => row.queryPowBits),
          blinding: null,
        },
        registeredSamples: 2,
        lookupPowBits: 0,
        batchPowBits: 0,
        tailRows: 0,
      };
      const bits = securityBits(golden, none);
      expect(bits, JSON.stringify(row)).toBeGreaterThan(row.targetBits - 1e-3);
      expect(bits, JSON.stringify(row)).toBeLessThan(row.targetBits + 2.5);
      checked++;
    }
    expect(checked).toBeGreaterThan(150);
  });
});
