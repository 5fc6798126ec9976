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

  it('of 1,000 random instances and all that is made of them', async () => {
    const tally = newTally();
    for (let seed = 1_000; seed < 2_000; seed++)
      await ask(chain, violatedQuestions(seed, 24), tally);
    expect(tally.different).toEqual([]);
    expect(tally.holds).toBeGreaterThan(5_000);
    expect(tally.violated).toBeGreaterThan(5_000);
    expect(tally.refused).toBeGreaterThan(25_000);
  });

  it('of 1,500 paddings', async () => {
    const tally = newTally();
    for (let seed = 1_000; seed < 2_500; seed++) await ask(chain, paddingQuestions(seed), tally);
    expect(tally.different).toEqual([]);
    expect(tally.holds).toBeGreaterThan(500);
    expect(tally.violated).toBeGreaterThan(500);
    expect(tally.refused).toBeGreaterThan(5_000);
  });
});
