import { jobMarketAbi, verdictsAbi } from '@assay/contracts';
import { randomTraceCase, randomPaddingCase } from '@assay/program/trace/testing';
import { paddingViolated, violated } from '@assay/program/trace';
import { fraudVerifierAbi } from '@assay/contracts';
import { type Hex, hashTypedData, recoverTypedDataAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createSender,
  evidenceCommitment,
  fraudFromAbi,
  fraudHash,
  fraudToAbi,
  hexOf,
  jobId,
  type JobParams,
  listsToAbi,
  MarketCalls,
  MarketReads,
  openingFromAbi,
  paddingFromAbi,
  paddingToAbi,
  postTypedData,
  priceAt,
  priceReaches,
  sortAddresses,
  submissionHash,
  verdictTypedData,
  verifierSetHash,
  ZERO_ADDRESS,
  ZERO_HASH,
} from '../src/index.ts';
import { localAccount, type LocalMarket, startLocalMarket } from '../src/testing/index.ts';

let market: LocalMarket;
let reads: MarketReads;
beforeAll(async () => {
  market = await startLocalMarket();
  reads = new MarketReads(market.client, market.addresses);
});
afterAll(() => market.stop());

const word = (byte: number): Hex => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`;
const params: JobParams = {
  requester: localAccount(2).address,
  modelId: word(1),
  evidence: 3,
  inputKind: 1,
  inputRoot: word(2),
  minPrice: 1_000_001n,
  maxPrice: 7_654_321n,
  rampStart: 1_800_000_000,
  rampSeconds: 37,
  lockBy: 1_800_001_000,
  workSeconds: 60,
  windowSeconds: 61,
  windowBlocks: 62,
  rescueSeconds: 63,
  reserve: 64n,
  verifierSet: word(3),
  verifierFee: 65n,
  maxOutputBytes: 66,
  outputKey: word(4),
  callback: localAccount(7).address,
  callbackGas: 67,
  nonce: word(5),
  rules: 0n,
};

describe('what is computed here is what the contracts compute', () => {
  test('job ids', async () => {
    const seen = new Set<string>();
    for (const [name, value] of Object.entries(params)) {
      const changed =
        typeof value === 'number'
          ? value ^ 1
          : typeof value === 'bigint'
            ? value + 1n
            : value.replace(/.$/, (c) => (c === '9' ? '8' : '9'));
      const other = { ...params, [name]: name === 'inputKind' ? 2 : changed } as JobParams;
      const lower = {
        ...other,
        requester: other.requester.toLowerCase() as Hex,
        callback: other.callback.toLowerCase() as Hex,
      };
      const id = jobId(market.addresses, lower);
      expect(await reads.jobId(lower), name).toBe(id);
      seen.add(id);
    }
    expect(seen.size).toBe(Object.keys(params).length);
  });

  test('prices, at every second of the ramp and around it', async () => {
    const { minPrice, maxPrice, rampStart, rampSeconds } = params;
    for (const time of [0, rampStart - 1, ...Array.from({ length: 40 }, (_, i) => rampStart + i)]) {
      const price = await market.client.readContract({
        address: market.addresses.market,
        abi: jobMarketAbi,
        functionName: 'priceAt',
        args: [params, BigInt(time)],
      });
      expect(priceAt(params, time), String(time)).toBe(price);
      const from = priceReaches(params, price);
      expect(from, String(time)).not.toBeNull();
      expect(priceAt(params, from ?? 0)).toBeGreaterThanOrEqual(price);
      expect(from).toBeLessThanOrEqual(Math.max(time, 0));
    }
    expect(priceReaches(params, maxPrice)).toBe(rampStart + rampSeconds);
    expect(priceReaches(params, maxPrice + 1n)).toBeNull();
    expect(priceReaches(params, minPrice)).toBe(0);
    const flat = { ...params, maxPrice: minPrice, rampSeconds: 0 };
    expect([priceAt(flat, rampStart), priceReaches(flat, minPrice)]).toEqual([minPrice, 0]);
  });

  test('digests that are signed', async () => {
    const verdicts = { address: market.book.contracts.verdicts.address, abi: verdictsAbi } as const;
    const { market: address } = market.addresses;
    const typed = postTypedData(market.addresses, params);
    expect(hashTypedData(typed)).toBe(
      await market.client.readContract({
        ...verdicts,
        functionName: 'paramsDigest',
        args: [address, params],
      }),
    );
    for (const [i, name] of (['pass', 'fail', 'unavailable'] as const).entries()) {
      const verdict = verdictTypedData(market.addresses, word(8), word(9), name);
      expect(hashTypedData(verdict)).toBe(
        await market.client.readContract({
          ...verdicts,
          functionName: 'verdictDigest',
          args: [address, word(8), word(9), i],
        }),
      );
    }
  });

  test('a quorum of signatures, in the order of the set', async () => {
    const signers = [3, 4, 5].map(localAccount);
    const set = sortAddresses(signers.map(({ address }) => address));
    const typed = verdictTypedData(market.addresses, word(8), word(9), 'pass');
    const signatures = new Map<Hex, Hex>();
    for (const signer of signers.slice(0, 2)) {
      signatures.set(signer.address, await signer.signTypedData({ ...typed }));
    }
    const quorum = (k: number) =>
      market.client.readContract({
        address: market.book.contracts.verdicts.address,
        abi: verdictsAbi,
        functionName: 'quorum',
        args: [
          market.addresses.market,
          word(8),
          word(9),
          0,
          set,
          k,
          set.map((member) => signatures.get(member) ?? '0x'),
        ],
      });
    expect([await quorum(2), await quorum(3)]).toEqual([true, false]);
    expect(verifierSetHash(set.toReversed(), 2)).toBe(verifierSetHash(set, 2));
    expect(verifierSetHash(set, 3)).not.toBe(verifierSetHash(set, 2));
    expect(() => verifierSetHash(set, 4)).toThrow(RangeError);
    const [signer] = signers;
    const signature = signatures.get(signer?.address ?? ZERO_ADDRESS) ?? '0x';
    expect(await recoverTypedDataAddress({ ...typed, signature })).toBe(signer?.address);
  });

  test('commitments to evidence: the sender, the submission, the proof and the salt', async () => {
    const { proof } = randomTraceCase(1);
    const submission = {
      job: word(1),
      provider: localAccount(1).address,
      outputRoot: word(2),
      traceRoot: word(3),
      proofDigest: ZERO_HASH,
      artefacts: word(4),
    };
    const base = {
      chainId: market.addresses.chainId,
      disputes: market.addresses.disputes,
      by: localAccount(3).address,
      submission,
      proof: fraudHash(fraudToAbi(proof)),
      salt: word(6),
    };
    const all = [
      base,
      { ...base, chainId: 1 },
      { ...base, disputes: ZERO_ADDRESS },
      { ...base, by: localAccount(4).address },
      { ...base, submission: { ...submission, artefacts: word(5) } },
      { ...base, proof: word(7) },
      { ...base, salt: word(7) },
    ].map(evidenceCommitment);
    expect(new Set(all).size).toBe(all.length);
    expect(submissionHash(submission)).not.toBe(submissionHash({ ...submission, job: word(2) }));
    const call = new MarketCalls(market.addresses).commit(all[0] ?? ZERO_HASH);
    const sender = createSender({ client: market.client, account: localAccount(3), pollMs: 20 });
    const { blockNumber } = await sender.send(call);
    expect(await reads.committedAt(all[0] ?? ZERO_HASH)).toBe(blockNumber);
  });
});

describe('evidence', () => {
  test('is the same there and back, and the contract judges it as the reference does', async () => {
    let violations = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const made = randomTraceCase(seed, { violate: seed % 2 === 0 });
      const proof = fraudToAbi(made.proof);
      expect(fraudFromAbi(proof), `seed ${seed}`).toEqual({ ok: true, value: made.proof });
      const onChain = await market.client.readContract({
        address: market.book.contracts.verifier.address,
        abi: fraudVerifierAbi,
        functionName: 'violated',
        args: [listsToAbi(made.lists), proof],
      });
      expect(violated(made.lists, made.proof), `seed ${seed}`).toEqual({
        ok: true,
        value: onChain,
      });
      if (onChain) violations += 1;
    }
    expect(violations).toBeGreaterThan(3);
  });

  test('of padding likewise', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const kind = (['node', 'leaf', 'root'] as const)[seed % 3] ?? 'node';
      const made = randomPaddingCase(seed, kind, seed % 2 === 0);
      const proof = paddingToAbi(made.proof);
      expect(paddingFromAbi(proof), `seed ${seed}`).toEqual({ ok: true, value: made.proof });
      const onChain = await market.client.readContract({
        address: market.book.contracts.verifier.address,
        abi: fraudVerifierAbi,
        functionName: 'paddingViolated',
        args: [listsToAbi(made.lists), proof],
      });
      const here = paddingViolated(made.lists, made.proof);
      expect(here, `seed ${seed}`).toEqual({ ok: true, value: onChain });
    }
  });

  test('of kinds and lists that there are not is refused', () => {
    const { proof } = randomTraceCase(3);
    const abi = fraudToAbi(proof);
    expect(fraudFromAbi({ ...abi, relation: { ...abi.relation, kind: 9 } })).toEqual({
      ok: false,
      error: { kind: 'evidence/relation-kind', actual: 9 },
    });
    const [opening] = abi.openings;
    if (opening === undefined) throw new Error('no opening');
    const error = { kind: 'evidence/list', actual: 4 };
    expect(openingFromAbi({ ...opening, list: 4 })).toEqual({ ok: false, error });
    const listed = { ...abi, openings: [{ ...opening, list: 4 }] };
    expect(fraudFromAbi(listed)).toEqual({ ok: false, error });
    expect(hexOf(proof.relation.body)).toBe(abi.relation.body);
  });
});
