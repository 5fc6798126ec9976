import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '@assay/core/engine';
import { jobMarketAbi, modelRegistryAbi } from '@assay/contracts';
import {
  bytesOf,
  decodeValues,
  encodeValues,
  EVIDENCE,
  Follower,
  hexOf,
  INPUT_KIND,
  type JobParams,
  type Judgement,
  jobId,
  type JobView,
  MarketCalls,
  MarketClient,
  MarketReads,
  MemoryFollowerStore,
  modelId,
  type ModelRecord,
  valuesRoot,
  ZERO_ADDRESS,
  ZERO_HASH,
} from '@assay/market';
import {
  LOCAL_MNEMONIC,
  type LocalMarket,
  localAccount,
  startLocalMarket,
} from '@assay/market/testing';
import { setup } from '@assay/prover';
import { openBundle, sourceOf, writeCommitment, writeCompiled } from '@assay/prover/bundle';
import { createNodePool } from '@assay/runtime/node';
import { mlpToy, seededDraw } from '@assay/runtime/testing';
import { encodeVerifyingKey } from '@assay/verifier';
import { createWalletClient, erc20Abi, type Hex, http, maxUint256 } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { caseOf, DisputeCalls } from '../../src/disputes/index.ts';
import { openServedModel, type ServedModel } from '../../src/models/index.ts';

export const DOLLAR = 1_000_000n;
const REQUESTER = 1;

/** Private key of an account that anvil funds. */
export function secretOf(index: number): Uint8Array {
  const { privateKey } = mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex: index }).getHdKey();
  if (privateKey === null) throw new TypeError('secretOf: no private key');
  return privateKey;
}

/** A chain with a market, a model that is registered, and somebody who posts jobs. */
export interface World {
  readonly market: LocalMarket;
  readonly folder: string;
  readonly bundle: string;
  readonly model: ServedModel;
  readonly modelId: Hex;
  /** Values of one run, by seed. */
  input(seed: number): Uint8Array;
  post(seed: number, changes?: Partial<JobParams>): Promise<Hex>;
  /** A job on these bytes, whatever they are. */
  postBytes(bytes: Uint8Array, changes?: Partial<JobParams>): Promise<Hex>;
  /** As its events tell it now. */
  job(id: Hex): Promise<JobView>;
  /** Where daemons listen that time waits for: they have to have seen a block before the next one comes. */
  readonly paced: Set<string>;
  /** Looks until it holds; between looks a second passes, and a block. */
  until(what: string, holds: () => Promise<boolean> | boolean, timeoutMs?: number): Promise<void>;
  accept(id: Hex): Promise<void>;
  /** Opens a data challenge on the trace, and says nothing more. */
  challenge(from: number, id: Hex, nonce?: number): Promise<void>;
  /** What the requester makes of a submitted proof. */
  check(id: Hex): Promise<Judgement>;
  /** Registers another record of the model. */
  register(changes: Partial<ModelRecord>): Promise<Hex>;
  /** The requester demands the output on chain. */
  demandOutput(id: Hex): Promise<void>;
  /** Inside the market. */
  balance(account: Hex): Promise<bigint>;
  /** The last blocks never were; empty ones are in their place. */
  reorg(depth: number): Promise<void>;
  expire(params: JobParams): Promise<void>;
  send(from: number, to: Hex, data: Hex): Promise<void>;
  stop(): Promise<void>;
}

async function writeBundle(
  folder: string,
  widths: readonly number[],
  logRows: number | undefined,
): Promise<void> {
  const { program, weights } = mlpToy(seededDraw(7), widths);
  writeCompiled(folder, { program, weights, report: null });
  const pool = await createNodePool({ threads: 1 });
  const engine = createEngine(pool);
  const bundle = openBundle(folder);
  const { key, commitment, secrets } = setup(engine, program, weights, {
    targetBits: 100,
    logRows,
  });
  writeCommitment(folder, {
    ...sourceOf(engine, commitment),
    verifyingKey: encodeVerifyingKey(key),
    secrets,
  });
  bundle.close();
  await pool.close();
}

/** Rounds of a daemon so far; null: it does not answer. */
async function roundOf(url: string): Promise<number | null> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) });
    const { rounds } = (await response.json()) as { rounds: number };
    return rounds;
  } catch {
    return null;
  }
}

/** Waits for two rounds of each daemon that answers: however slow the machine is, none is late for it. */
async function roundsOf(urls: Iterable<string>): Promise<void> {
  await Promise.all(
    [...urls].map(async (url) => {
      const first = await roundOf(url);
      const end = Date.now() + 3000;
      while (first !== null && Date.now() < end) {
        const now = await roundOf(url);
        if (now === null || now >= first + 2) return;
        await new Promise((done) => setTimeout(done, 30));
      }
    }),
  );
  await new Promise((done) => setTimeout(done, 50));
}

export interface WorldOptions {
  readonly widths?: readonly number[];
  /** log2 of the length of the columns that the model is committed in. */
  readonly logRows?: number;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-market-'));
  const bundle = join(folder, 'model');
  await writeBundle(bundle, options.widths ?? [40, 33, 5], options.logRows);
  const model = openServedModel(bundle);
  const market = await startLocalMarket();
  const { addresses, client } = market;
  const transport = http(market.anvil.url);
  const wallet = (index: number) =>
    createWalletClient({ account: localAccount(index), transport, chain: null });
  const mined = async (hash: Hex): Promise<void> => {
    const receipt = await client.waitForTransactionReceipt({ hash });
    if (receipt.status !== 'success') throw new Error(`reverted: ${hash}`);
  };
  const record: ModelRecord = { ...model.record, predecessor: ZERO_HASH, manifest: ZERO_HASH };
  await mined(
    await wallet(REQUESTER).writeContract({
      chain: null,
      address: addresses.models,
      abi: modelRegistryAbi,
      functionName: 'register',
      args: [record, []],
    }),
  );
  for (const index of [REQUESTER, 5, 6, 7]) {
    await mined(
      await wallet(index).writeContract({
        chain: null,
        address: addresses.token,
        abi: erc20Abi,
        functionName: 'approve',
        args: [addresses.market, maxUint256],
      }),
    );
  }
  const follower = new Follower({ client, addresses, store: new MemoryFollowerStore() });
  const id = modelId(record);
  const { program } = model;
  const input = (seed: number): Uint8Array => {
    const draw = seededDraw(seed);
    return encodeValues(
      program.inputs,
      new Map(
        program.inputs.map((port) => {
          const { lo, hi } = program.tensors[port.tensor]?.range ?? { lo: 0, hi: 0 };
          const length = port.shape.reduce((n, d) => n * d, 1);
          return [port.name, Int32Array.from({ length }, () => draw(lo, hi))];
        }),
      ),
    );
  };
  const calls = new DisputeCalls(addresses);
  let nonce = 0;
  const postBytes = async (bytes: Uint8Array, changes: Partial<JobParams> = {}): Promise<Hex> => {
    const now = await market.now();
    const params: JobParams = {
      requester: localAccount(REQUESTER).address,
      modelId: id,
      evidence: EVIDENCE.trace,
      inputKind: INPUT_KIND.inline,
      inputRoot: hexOf(valuesRoot(program.inputs, bytes)),
      minPrice: DOLLAR / 10n,
      maxPrice: DOLLAR,
      rampStart: now,
      rampSeconds: 10,
      lockBy: now + 600,
      workSeconds: 60,
      windowSeconds: 20,
      windowBlocks: 5,
      rescueSeconds: 120,
      reserve: 50n * DOLLAR,
      verifierSet: ZERO_HASH,
      verifierFee: 0n,
      maxOutputBytes: 4096,
      outputKey: ZERO_HASH,
      callback: ZERO_ADDRESS,
      callbackGas: 0,
      nonce: `0x${(++nonce).toString(16).padStart(64, '0')}`,
      rules: 0n,
      ...changes,
    };
    await mined(
      await wallet(REQUESTER).writeContract({
        chain: null,
        address: addresses.market,
        abi: jobMarketAbi,
        functionName: 'post',
        args: [params, hexOf(bytes)],
      }),
    );
    return jobId({ chainId: addresses.chainId, market: addresses.market }, params);
  };
  const paced = new Set<string>();
  return {
    paced,
    market,
    folder,
    bundle,
    model,
    modelId: id,
    input,
    post: (seed, changes = {}) => postBytes(input(seed), changes),
    postBytes,
    job: async (job) => {
      await follower.poll();
      const found = follower.view.jobs.get(job);
      if (found === undefined) throw new Error(`no job ${job}`);
      return found;
    },
    until: async (what, holds, timeoutMs = 60_000) => {
      const end = Date.now() + timeoutMs;
      for (let i = 0; Date.now() < end; i++) {
        if (await holds()) return;
        await market.pass(1);
        await roundsOf(paced);
      }
      throw new Error(`not within ${timeoutMs} ms: ${what}`);
    },
    expire: async (params) => {
      await mined(
        await wallet(REQUESTER).writeContract({
          chain: null,
          address: addresses.market,
          abi: jobMarketAbi,
          functionName: 'expire',
          args: [params],
        }),
      );
    },
    check: async (job) => {
      const reader = new MarketClient({ client, addresses, sender: null });
      const view = await reader.job(job);
      const inputs = decodeValues(program, program.inputs, bytesOf(view.input));
      if (!inputs.ok) throw new Error('input');
      const key = model.bundle.verifyingKey;
      return reader.check(view, { program, key, inputs: inputs.value });
    },
    register: async (changes) => {
      const other = { ...record, ...changes };
      const { to, data } = new MarketCalls(addresses).registerModel(other, []);
      await mined(await wallet(REQUESTER).sendTransaction({ chain: null, to, data }));
      return modelId(other);
    },
    challenge: async (from, job, attempt = 0) => {
      await follower.poll();
      const view = follower.view.jobs.get(job);
      const about = view === undefined ? null : caseOf(view, record);
      if (about === null) throw new Error('not submitted');
      const { to: at, data: deposit } = calls.deposit(100n * DOLLAR);
      await mined(await wallet(from).sendTransaction({ chain: null, to: at, data: deposit }));
      const { to, data } = calls.open(about, 2, `0x${attempt.toString(16).padStart(64, '0')}`);
      await mined(await wallet(from).sendTransaction({ chain: null, to, data }));
    },
    demandOutput: async (job) => {
      await follower.poll();
      const view = follower.view.jobs.get(job);
      const about = view === undefined ? null : caseOf(view, record);
      if (about === null) throw new Error('not submitted');
      const market = new MarketCalls(addresses);
      for (const { to, data } of [
        market.deposit(100n * DOLLAR),
        market.openOutput(about, 0, 0, ZERO_HASH),
      ]) {
        await mined(await wallet(REQUESTER).sendTransaction({ chain: null, to, data }));
      }
    },
    balance: (account) => new MarketReads(client, addresses).balance(account),
    reorg: async (depth) => {
      await client.request({ method: 'anvil_reorg', params: [depth, []] } as never);
    },
    accept: async (job) => {
      await mined(
        await wallet(REQUESTER).writeContract({
          chain: null,
          address: addresses.market,
          abi: jobMarketAbi,
          functionName: 'accept',
          args: [job],
        }),
      );
    },
    send: async (from, to, data) => {
      await mined(await wallet(from).sendTransaction({ chain: null, to, data }));
    },
    stop: async () => {
      model.bundle.close();
      await market.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
