import { disputesAbi, jobMarketAbi, modelRegistryAbi, providerRegistryAbi } from '@assay/contracts';
import { type Address, erc20Abi, type Hex, type PublicClient } from 'viem';
import type { Addresses } from '../chain/index.ts';
import type { JobParams, ModelRecord, Rules, StoredJob } from '../jobs/index.ts';

/** `Account` of IProviderRegistry. */
export interface ProviderAccount {
  readonly free: bigint;
  readonly reserved: bigint;
  readonly leaving: bigint;
  readonly leavingAt: number;
  readonly done: number;
  readonly late: number;
  readonly faulty: number;
  readonly slashed: number;
}

/** What the contracts answer, as of the newest block. */
export class MarketReads {
  readonly #client: PublicClient;
  readonly #at: Addresses;
  readonly #rules: Map<bigint, Rules> = new Map();

  constructor(client: PublicClient, addresses: Addresses) {
    this.#client = client;
    this.#at = addresses;
  }

  /** Number and Unix seconds of the newest block. */
  async head(): Promise<{ readonly number: bigint; readonly timestamp: number }> {
    const { number, timestamp } = await this.#client.getBlock();
    return { number, timestamp: Number(timestamp) };
  }

  /** A version of the rules: asked for once, they never change. */
  async rules(version: bigint): Promise<Rules> {
    const known = this.#rules.get(version);
    if (known !== undefined) return known;
    const rules = await this.#client.readContract({
      address: this.#at.market,
      abi: jobMarketAbi,
      functionName: 'rules',
      args: [version],
    });
    this.#rules.set(version, rules);
    return rules;
  }

  /** Newest version that posts may name at a time. */
  async activeRules(
    unixSeconds: number,
  ): Promise<{ readonly version: bigint; readonly rules: Rules }> {
    const count = await this.#client.readContract({
      address: this.#at.market,
      abi: jobMarketAbi,
      functionName: 'rulesCount',
    });
    for (let version = count - 1n; version > 0n; version--) {
      const rules = await this.rules(version);
      if (rules.activeFrom <= unixSeconds) return { version, rules };
    }
    return { version: 0n, rules: await this.rules(0n) };
  }

  /** Balance inside the market. */
  balance(account: Address): Promise<bigint> {
    return this.#client.readContract({
      address: this.#at.market,
      abi: jobMarketAbi,
      functionName: 'balanceOf',
      args: [account],
    });
  }

  /** Balance of the token itself. */
  tokens(account: Address): Promise<bigint> {
    return this.#client.readContract({
      address: this.#at.token,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [account],
    });
  }

  allowance(owner: Address, spender: Address): Promise<bigint> {
    return this.#client.readContract({
      address: this.#at.token,
      abi: erc20Abi,
      functionName: 'allowance',
      args: [owner, spender],
    });
  }

  /** Bonds that the disputes contract holds. */
  bonds(): Promise<bigint> {
    return this.#client.readContract({
      address: this.#at.market,
      abi: jobMarketAbi,
      functionName: 'bonds',
    });
  }

  job(id: Hex): Promise<StoredJob> {
    return this.#client.readContract({
      address: this.#at.market,
      abi: jobMarketAbi,
      functionName: 'jobOf',
      args: [id],
    });
  }

  /** What the contract calls a job: for checking `jobId`. */
  jobId(params: JobParams): Promise<Hex> {
    return this.#client.readContract({
      address: this.#at.market,
      abi: jobMarketAbi,
      functionName: 'jobId',
      args: [params],
    });
  }

  /** @throws what viem throws when the model is unknown */
  model(id: Hex): Promise<ModelRecord> {
    return this.#client.readContract({
      address: this.#at.models,
      abi: modelRegistryAbi,
      functionName: 'get',
      args: [id],
    });
  }

  /** A provider's stake and record. */
  account(provider: Address): Promise<ProviderAccount> {
    return this.#client.readContract({
      address: this.#at.providers,
      abi: providerRegistryAbi,
      functionName: 'account',
      args: [provider],
    });
  }

  /** Block in which a commitment was recorded; 0: never. */
  committedAt(commitment: Hex): Promise<bigint> {
    return this.#client.readContract({
      address: this.#at.disputes,
      abi: disputesAbi,
      functionName: 'committedAt',
      args: [commitment],
    });
  }
}
