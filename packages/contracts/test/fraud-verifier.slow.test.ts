import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, newTally, paddingQuestions, violatedQuestions } from './fraud-verifier-cases.ts';
import { startVerifierChain, type VerifierChain } from './verifier-chain.ts';

describe('FraudVerifier answers what the reference does, at length', () => {
  let chain: VerifierChain;
  beforeAll(async () => {
    chain = await startVerifierChain();
  });
  afterAll(async () => {
    await chain.stop();
  });

  it('of 2,000 random instances and all that is made of them', async () => {
    const tally = newTally();
    for (let seed = 1_000; seed < 3_000; seed++)
      await ask(chain, violatedQuestions(seed, 24), tally);
    expect(tally.different).toEqual([]);
    expect(tally.holds).toBeGreaterThan(10_000);
    expect(tally.violated).toBeGreaterThan(10_000);
    expect(tally.refused).toBeGreaterThan(50_000);
  });

  it('of 3,000 paddings', async () => {
    const tally = newTally();
    for (let seed = 1_000; seed < 4_000; seed++) await ask(chain, paddingQuestions(seed), tally);
    expect(tally.different).toEqual([]);
    expect(tally.holds).toBeGreaterThan(1_000);
    expect(tally.violated).toBeGreaterThan(1_000);
    expect(tally.refused).toBeGreaterThan(10_000);
  });
});
