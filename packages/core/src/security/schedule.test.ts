import { describe, expect, it } from 'vitest';
import {
  type OracleSlot,
  type Schedule,
  type ScheduleProblem,
  ScheduleSearch,
} from './schedule.ts';

/** Small whole numbers, so that ties are frequent. */
function problem(seed: number): ScheduleProblem<string> {
  const cost = ({ first, variables, logInverseRate, folding }: OracleSlot): number => {
    const key =
      ((variables * 31 + logInverseRate) * 31 + folding) * 2 + Number(first) + seed * 7919;
    return (Math.imul(key, 2654435761) >>> 16) % 6;
  };
  return {
    maxFolding: 4,
    maxFinal: 3,
    twoAdicity: 14,
    maxLogInverseRate: 6,
    price: (slot, limit) => {
      const own = cost(slot);
      if (own === 5 || !(own < limit)) return null;
      return { cost: own, choice: `${slot.variables}/${slot.logInverseRate}/${slot.folding}` };
    },
    atLeast: (slot) => Math.max(0, cost(slot) - 1),
    finalPrice: (variables) => variables,
    allowSecond: (_, logInverseRate) => logInverseRate < 5,
  };
}

/** Every schedule, in the order of foldings and then rates: the first of the cheapest. */
function exhaustive(p: ScheduleProblem<string>, slot: OracleSlot): Schedule<string> | null {
  const priced = p.price(slot, Number.POSITIVE_INFINITY);
  if (priced === null) return null;
  const rest = slot.variables - slot.folding;
  const own = { slot, choice: priced.choice };
  let best: Schedule<string> | null = null;
  if (rest <= p.maxFinal) {
    best = { cost: priced.cost + p.finalPrice(rest), oracles: [own], finalVariables: rest };
  }
  for (let folding = 2; folding <= Math.min(p.maxFolding, rest); folding++) {
    for (let mu = slot.logInverseRate; mu < slot.logInverseRate + slot.folding; mu++) {
      if (rest + mu - folding > p.twoAdicity || mu > p.maxLogInverseRate) continue;
      if (slot.first && !p.allowSecond(rest, mu)) continue;
      const after = { first: false, variables: rest, logInverseRate: mu, folding };
      const next = exhaustive(p, after);
      if (next === null || (best !== null && priced.cost + next.cost >= best.cost)) continue;
      best = {
        cost: priced.cost + next.cost,
        oracles: [own, ...next.oracles],
        finalVariables: next.finalVariables,
      };
    }
  }
  return best;
}

describe('ScheduleSearch', () => {
  it('finds what trying everything finds, the first of equal ones', () => {
    let found = 0;
    for (let seed = 0; seed < 40; seed++) {
      const p = problem(seed);
      const search = new ScheduleSearch(p);
      for (const [variables, mu, folding] of [
        [8, 1, 3],
        [12, 1, 5],
        [12, 2, 4],
        [13, 1, 4],
      ] as const) {
        const slot = { first: true, variables, logInverseRate: mu, folding };
        const expected = exhaustive(p, slot);
        if (expected !== null) found++;
        expect(search.best(variables, mu, folding), `seed ${seed}`).toEqual(expected);
      }
    }
    expect(found).toBeGreaterThan(80);
  });

  it('finds nothing at or above its limit, and the same below it', () => {
    for (let seed = 0; seed < 20; seed++) {
      const p = problem(seed);
      const best = exhaustive(p, { first: true, variables: 12, logInverseRate: 1, folding: 4 });
      if (best === null) continue;
      const search = new ScheduleSearch(p);
      // What was cut at a low limit is looked at again at a higher one.
      expect(search.best(12, 1, 4, 1)).toEqual(best.cost < 1 ? best : null);
      expect(search.best(12, 1, 4, best.cost)).toBeNull();
      expect(search.best(12, 1, 4, best.cost + 1)).toEqual(best);
      expect(search.best(12, 1, 4)).toEqual(best);
    }
  });
});
