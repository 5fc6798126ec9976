import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { searchSmallestProof } from './search.ts';

interface GoldenRow {
  targetBits: number;
  queryPowBits: number;
  maxFoldPowBits: number;
  variables: number;
  logInverseRate: number;
  firstColumns: number | null;
  schedule: {
    bytes: number;
    permutations: number;
    finalVariables: number;
    foldings: number[];
    logInverseRates: number[];
    queries: number[];
    proximityParameters: number[];
    foldPowBits: number[];
    oodSamples: number[];
    logLists: number[];
    logDomains: number[];
  } | null;
}

const vectors = new URL('../../../../vectors/security/schedules.json', import.meta.url);
const rows: GoldenRow[] = JSON.parse(readFileSync(vectors, 'utf8'));

describe('searchSmallestProof', () => {
  it('has golden rows for both targets, feasible and not', () => {
    expect(rows.length).toBeGreaterThan(200);
    expect(new Set(rows.map((row) => row.targetBits))).toEqual(new Set([100, 128]));
    expect(rows.some((row) => row.schedule === null)).toBe(true);
  });

  it.each([100, 128])('equals the Python search at %i bits', (targetBits) => {
    for (const row of rows.filter((r) => r.targetBits === targetBits)) {
      const found = searchSmallestProof({
        ...row,
        logSecondOracle: -1,
        firstColumns: row.firstColumns ?? undefined,
      });
      const at = `n ${row.variables}, mu ${row.logInverseRate}, columns ${row.firstColumns}`;
      if (row.schedule === null || found === null) {
        expect(found, at).toBe(row.schedule);
        continue;
      }
      const { schedule } = row;
      const choices = found.oracles.map((o) => o.choice);
      expect(
        {
          finalVariables: found.finalVariables,
          foldings: found.oracles.map((o) => o.slot.folding),
          logInverseRates: found.oracles.map((o) => o.slot.logInverseRate),
          queries: choices.map((c) => c.queries),
          proximityParameters: choices.map((c) => c.proximityParameter),
          foldPowBits: choices.map((c) => c.foldPowBits),
          oodSamples: choices.map((c) => c.oodSamples),
          logDomains: choices.map((c) => c.logDomain),
        },
        at,
      ).toEqual({
        finalVariables: schedule.finalVariables,
        foldings: schedule.foldings,
        logInverseRates: schedule.logInverseRates,
        queries: schedule.queries,
        proximityParameters: schedule.proximityParameters,
        foldPowBits: schedule.foldPowBits,
        oodSamples: schedule.oodSamples,
        logDomains: schedule.logDomains,
      });
      expect(found.cost, at).toBeCloseTo(schedule.bytes, 2);
      const permutations = choices.reduce((sum, c) => sum + c.permutations, 0);
      expect(permutations, at).toBeCloseTo(schedule.permutations, 2);
      for (const [i, c] of choices.entries()) {
        expect(c.logList, at).toBeCloseTo(schedule.logLists[i] ?? Number.NaN, 5);
      }
    }
  });
});
