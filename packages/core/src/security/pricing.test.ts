import { describe, expect, it } from 'vitest';
import { SALT_BYTES } from '../merkle/index.ts';
import {
  blindingBytes,
  DEFAULT_COST_MODEL,
  fixedBytes,
  keyMs,
  nonceBytes,
  openedBytes,
  oracleQueryMs,
  oracleWorkMs,
} from './cost.ts';
import { demands, fewestAtRate, type Goal } from './demands.ts';
import type { FirstOracle } from './first-oracle.ts';
import { expectedMultiproof, MultiproofTable } from './formulas.ts';
import { type OracleChoice, OraclePrices } from './pricing.ts';
import type { OracleSlot } from './schedule.ts';

const trees = { trees: 3, saltedTrees: 2 };

/** Every demand, in the order of proofs of work: the first of the cheapest. */
function exhaustive(
  goal: Goal,
  slot: OracleSlot,
  oracle0: FirstOracle | null,
): { cost: number; choice: OracleChoice } | null {
  const { variables, logInverseRate, folding } = slot;
  const model = DEFAULT_COST_MODEL;
  const logDomain = variables - folding + logInverseRate;
  const shape = { variables, folding, logDomain };
  const columns = oracle0?.columns ?? null;
  const hidden = goal.hiding && columns !== null;
  const [words, saltBytes] = hidden ? [5, SALT_BYTES] : [0, 0];
  const rowBytes =
    columns === null
      ? 20 * 2 ** folding
      : 4 * (columns.model + columns.witness + words) + trees.saltedTrees * saltBytes;
  let best: { cost: number; choice: OracleChoice } | null = null;
  for (const demand of demands(goal)(slot)) {
    const { delta: _, ...enough } = demand.radius;
    for (let queryPowBits = 0; queryPowBits <= goal.maxPowBits; queryPowBits++) {
      const queries = demand.queries(queryPowBits);
      if (queries === null || queries > (oracle0?.maxQueries ?? 1024)) continue;
      const asked = { ...enough, queries, queryPowBits };
      const { leaves, siblings } = expectedMultiproof(queries, logDomain);
      const bytes =
        openedBytes(leaves, siblings, rowBytes, columns === null ? 1 : trees.trees) +
        fixedBytes(folding, enough.oodSamples, columns === null) +
        nonceBytes(folding, enough.foldPowBits, queryPowBits) +
        (hidden ? blindingBytes(enough.blindingPowBits) : 0);
      const line = enough.blindingPowBits === 0 ? 0 : 2 ** enough.blindingPowBits;
      const proverMs =
        oracleWorkMs(shape, columns, model, { words, saltBytes }) +
        oracleQueryMs(shape, asked, model) +
        (line * model.permutationNs) / model.threads / 1e6;
      const cost =
        proverMs +
        (bytes / 1024) * model.msPerKiB +
        (columns === null ? 0 : keyMs(columns, logDomain, model));
      if (best === null || cost < best.cost - 1e-9) {
        best = { cost, choice: { ...asked, proverMs, bytes } };
      }
    }
  }
  return best;
}

const goals: Goal[] = [128, 100].flatMap((target) =>
  [20, 9].flatMap((maxPowBits) =>
    [true, false].map((hiding) => ({ needed: target + 2e-6, maxPowBits, hiding })),
  ),
);

describe('OraclePrices', () => {
  const first = (folding: number): FirstOracle => ({
    columns: { model: 2 ** folding - 7, witness: 6, total: 2 ** folding - 1 },
    tailRows: 0,
    maxQueries: 110,
    folding,
  });

  it.each(goals)(
    'finds the cheapest demand: $needed bits, work $maxPowBits, hiding $hiding',
    (goal) => {
      const prices = new OraclePrices(goal, DEFAULT_COST_MODEL, trees);
      let compared = 0;
      for (const logInverseRate of [1, 2, 3, 4, 5, 7, 11, 12]) {
        for (const variables of [9, 14, 20]) {
          for (const folding of [3, 4, 6]) {
            if (variables - folding + logInverseRate > 27) continue;
            for (const oracle0 of [null, first(folding)]) {
              const slot = { first: oracle0 !== null, variables, logInverseRate, folding };
              const price = prices.price(slot, oracle0, Number.POSITIVE_INFINITY);
              const expected = exhaustive(goal, slot, oracle0);
              if (price === null || expected === null) {
                expect(price).toBe(expected);
                continue;
              }
              compared++;
              const { proverMs, bytes, ...choice } = expected.choice;
              expect(price.choice, JSON.stringify(slot)).toMatchObject(choice);
              expect(price.cost).toBeCloseTo(expected.cost, 6);
              expect(price.choice.proverMs).toBeCloseTo(proverMs, 6);
              expect(price.choice.bytes).toBeCloseTo(bytes, 3);
              if (oracle0 === null) {
                expect(prices.atLeast(slot)).toBeLessThanOrEqual(price.cost);
                expect(fewestAtRate(logInverseRate, goal)).toBeLessThanOrEqual(
                  price.choice.queries,
                );
              }
              expect(prices.price(slot, oracle0, price.cost)).toBeNull();
              expect(prices.price(slot, oracle0, price.cost * (1 + 1e-9))).toEqual(price);
            }
          }
        }
      }
      expect(compared).toBeGreaterThan(20);
    },
  );
});

describe('MultiproofTable', () => {
  it('holds what expectedMultiproof computes', () => {
    const table = new MultiproofTable();
    for (const queries of [0, 1, 2, 40, 63, 250, 1000]) {
      for (const logLeaves of [1, 4, 9, 15, 27]) {
        const { leaves, siblings } = expectedMultiproof(queries, logLeaves);
        expect(table.leaves(queries, logLeaves)).toBeCloseTo(leaves, 5);
        expect(table.siblings(queries, logLeaves)).toBeCloseTo(siblings, 3);
      }
    }
  });

  it('charges no less for more queries: a row spares less than its own bytes in siblings', () => {
    const table = new MultiproofTable();
    for (const trees of [1, 2, 4]) {
      for (let logLeaves = 1; logLeaves <= 20; logLeaves++) {
        for (let queries = 1; queries < 300; queries++) {
          const at = (count: number): number =>
            openedBytes(
              table.leaves(count, logLeaves),
              table.siblings(count, logLeaves),
              32 * trees,
              trees,
            );
          expect(at(queries + 1)).toBeGreaterThanOrEqual(at(queries) - 1e-6);
        }
      }
    }
  });
});
