import { mentions } from '@assay/program/trace';
import { randomTraceCase } from '@assay/program/trace/testing';
import { decodeFunctionResult } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fraudVerifierAbi } from '../src/abi/fraud-verifier.ts';
import { ask, newTally, paddingQuestions, violatedQuestions } from './fraud-verifier-cases.ts';
import { encodeMentioned, startVerifierChain, type VerifierChain } from './verifier-chain.ts';

/** The contract against the reference of `@assay/program/trace`: `*.slow.test.ts` asks ten thousand. */
describe('FraudVerifier answers what the reference does', () => {
  let chain: VerifierChain;
  beforeAll(async () => {
    chain = await startVerifierChain();
  });
  afterAll(async () => {
    await chain.stop();
  });

  it('of random instances, spoiled proofs and changed descriptors', async () => {
    const tally = newTally();
    for (let seed = 0; seed < 48; seed++) await ask(chain, violatedQuestions(seed, 24), tally);
    expect(tally.different).toEqual([]);
    expect(tally.holds).toBeGreaterThan(100);
    expect(tally.violated).toBeGreaterThan(100);
    expect(tally.refused).toBeGreaterThan(1000);
  });

  it('of padding', async () => {
    const tally = newTally();
    for (let seed = 0; seed < 60; seed++) await ask(chain, paddingQuestions(seed), tally);
    expect(tally.different).toEqual([]);
    expect(tally.holds).toBeGreaterThan(20);
    expect(tally.violated).toBeGreaterThan(20);
    expect(tally.refused).toBeGreaterThan(200);
  });

  it('of the tensors that a relation mentions, by slot', async () => {
    for (let seed = 0; seed < 16; seed++) {
      const { lists, proof, relations, relation } = randomTraceCase(seed);
      const tensors = relations[relation] === undefined ? [] : mentions(relations[relation]);
      const calls = Array.from({ length: tensors.length + 1 }, (_, slot) =>
        encodeMentioned(lists, proof.relation, slot),
      );
      const results = await chain.call(calls.flatMap((call) => (call === null ? [] : [call])));
      const found = results.map((data) =>
        typeof data === 'string'
          ? decodeFunctionResult({ abi: fraudVerifierAbi, functionName: 'mentioned', data })
          : data,
      );
      const expected = tensors.map(({ list, index, dims }) => [
        list,
        index,
        BigInt(dims.reduce((product, length) => product * length, 1)),
      ]);
      expect({ seed, found }).toEqual({
        seed,
        found: [...expected, { reverted: 'DescriptorRejected' }],
      });
    }
  });
});
