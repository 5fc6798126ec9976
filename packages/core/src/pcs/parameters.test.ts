import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  finalVariables,
  oracleShapes,
  totalVariables,
  validateWhirParameters,
  type WhirParameters,
} from './parameters.ts';

const valid: WhirParameters = {
  logRows: 12,
  columns: 24,
  foldings: [5, 3, 3],
  logInverseRates: [2, 3, 5],
  queries: [114, 75, 45],
  oodSamples: [2, 1, 1],
  foldPowBits: [14, 12, 10],
  queryPowBits: [16, 16, 16],
  blinding: null,
};

const fieldOf = (p: WhirParameters): string => {
  const result = validateWhirParameters(p);
  return result.ok ? 'ok' : result.error.field;
};

describe('WhirParameters', () => {
  it('describes its oracles', () => {
    expect(fieldOf(valid)).toBe('ok');
    expect(totalVariables(valid)).toBe(17);
    expect(finalVariables(valid)).toBe(6);
    expect(oracleShapes(valid).map((o) => [o.variables, o.logDomain])).toEqual([
      [17, 14],
      [12, 12],
      [9, 11],
    ]);
  });

  const badNumbers = [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 1e9];
  const arrays = [
    'foldings',
    'logInverseRates',
    'queries',
    'oodSamples',
    'foldPowBits',
    'queryPowBits',
  ] as const;
  it.each(arrays)('rejects a bad number or length in %s', (field) => {
    for (const value of badNumbers) {
      for (let i = 0; i < 3; i++) {
        const changed = valid[field].map((old, j) => (i === j ? value : old));
        expect(fieldOf({ ...valid, [field]: changed }), `${field}[${i}] = ${value}`).toBe(field);
      }
    }
    expect(fieldOf({ ...valid, [field]: valid[field].slice(1) })).not.toBe('ok');
    expect(fieldOf({ ...valid, [field]: [...valid[field], 3] })).not.toBe('ok');
    expect(fieldOf({ ...valid, [field]: [] })).toBe(field);
  });

  it('rejects an oracle without queries or out-of-domain samples', () => {
    expect(fieldOf({ ...valid, queries: [114, 0, 45] })).toBe('queries');
    expect(fieldOf({ ...valid, oodSamples: [0, 1, 1] })).toBe('oodSamples');
  });

  it('rejects bad column counts and lengths', () => {
    for (const value of [...badNumbers, 0, 33]) {
      expect(fieldOf({ ...valid, columns: value })).toBe('columns');
    }
    for (const value of [...badNumbers, 28]) {
      expect(fieldOf({ ...valid, logRows: value })).toBe('logRows');
    }
  });

  it('rejects more final variables than 8, and fewer than 0', () => {
    expect(fieldOf({ ...valid, logRows: 15 })).toBe('finalVariables');
    expect(fieldOf({ ...valid, logRows: 5 })).toBe('finalVariables');
  });

  it('rejects a domain without a root of unity', () => {
    const large = { ...valid, logRows: 26, foldings: [5, 8, 8, 4], queries: [1, 1, 1, 1] };
    const rates = {
      oodSamples: [1, 1, 1, 1],
      foldPowBits: [0, 0, 0, 0],
      queryPowBits: [0, 0, 0, 0],
    };
    expect(fieldOf({ ...large, ...rates, logInverseRates: [1, 1, 1, 1] })).toBe('ok');
    expect(fieldOf({ ...large, ...rates, logInverseRates: [2, 2, 2, 2] })).toBe('logDomain');
  });

  it('rejects work before ρ out of bounds', () => {
    for (const powBits of [...badNumbers, 31]) {
      expect(fieldOf({ ...valid, blinding: { powBits } })).toBe('blinding');
    }
    for (const powBits of [0, 30]) expect(fieldOf({ ...valid, blinding: { powBits } })).toBe('ok');
  });

  it('rejects columns too short for the mask, 3·k_0 rows', () => {
    const short = { ...valid, logRows: 3, foldings: [5], logInverseRates: [2], columns: 24 };
    const lists = { queries: [9], oodSamples: [1], foldPowBits: [0], queryPowBits: [0] };
    expect(fieldOf({ ...short, ...lists })).toBe('ok');
    expect(fieldOf({ ...short, ...lists, blinding: { powBits: 0 } })).toBe('maskRows');
    expect(fieldOf({ ...short, ...lists, logRows: 4, blinding: { powBits: 0 } })).toBe('ok');
  });

  it('rejects a rate that rises, or falls by more than the folding', () => {
    expect(fieldOf({ ...valid, logInverseRates: [2, 1, 5] })).toBe('logInverseRates');
    expect(fieldOf({ ...valid, logInverseRates: [2, 7, 10] })).toBe('ok');
    expect(fieldOf({ ...valid, logInverseRates: [2, 8, 10] })).toBe('logInverseRates');
    expect(fieldOf({ ...valid, logInverseRates: [2, 3, 7] })).toBe('logInverseRates');
  });

  it('is total: any numbers get a verdict', () => {
    const numbers = fc.array(fc.oneof(fc.double(), fc.integer({ min: -2, max: 40 })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(numbers, numbers, fc.double(), fc.double(), (a, b, x, y) => {
        validateWhirParameters({
          logRows: x,
          columns: y,
          foldings: a,
          logInverseRates: b,
          queries: a,
          oodSamples: b,
          foldPowBits: a,
          queryPowBits: b,
          blinding: y > 0 ? { powBits: x } : null,
        });
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});
