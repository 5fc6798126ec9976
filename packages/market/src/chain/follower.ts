import { AssayError } from '@assay/core/errors';
import { type Address, BlockNotFoundError, type Hex, type PublicClient, type RpcLog } from 'viem';
import type { Addresses } from './addresses.ts';
import { backoffMs, pause } from './backoff.ts';
import { type BlockRef, decodeEvent, type MarketEvent, type RawLog } from './events.ts';
import type { FollowerStore } from './follower-store.ts';
import { MarketView } from './market-view.ts';

export interface FollowerOptions {
  readonly client: PublicClient;
  readonly addresses: Addresses;
  readonly store: FollowerStore;
  /** Blocks on top of one before its events count. @default 0 */
  readonly confirmations?: number | undefined;
  /** Most blocks that one getLogs asks for; halved when the node refuses. @default 2,000 */
  readonly rangeBlocks?: number | undefined;
  /** Between looks at the head. @default 500 */
  readonly pollMs?: number | undefined;
  /** Called for every event, in order, after it is stored. `live` is false for what a restart reads again. */
  readonly onEvent?: ((event: MarketEvent, live: boolean) => void) | undefined;
  /** Called when the view has been made again because blocks have gone. */
  readonly onReorg?: ((depthFrom: BlockRef, ancestor: BlockRef | null) => void) | undefined;
  /** Called when the node cannot be asked, before the follower waits. */
  readonly onTrouble?: ((error: unknown, attempt: number) => void) | undefined;
  /** Called after each poll that went well. */
  readonly onProgress?: ((at: Progress) => void) | undefined;
}

export interface Progress {
  readonly head: bigint;
  /** Events up to here are in the view. */
  readonly followed: bigint;
}

/** What one poll found. */
export interface PollResult extends Progress {
  readonly events: number;
  readonly reorganised: boolean;
}

/** A smaller range than this is not the node's limit but its trouble. */
const LEAST_RANGE = 1;

/**
 * Follows the market's events: getLogs over bounded ranges of confirmed blocks, the hash of each range's
 * last block stored with its logs. When the chain no longer has a stored hash, everything above the last
 * common block is removed and read again. What is stored is logs; the view is derived from them alone.
 */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #most: bigint;
  #range: bigint;
  #view: MarketView;
  #last: Promise<unknown> = Promise.resolve();

  /** Reads what the store has; asks nothing of the chain yet. */
  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#most = BigInt(options.rangeBlocks ?? 2000);
    this.#range = this.#most;
    this.#view = this.#derive(true);
  }

  /** The market as far as it is followed. Another object after a reorg. */
  get view(): MarketView {
    return this.#view;
  }

  /** Last block whose events are in the view. */
  get position(): BlockRef | null {
    return this.#options.store.checkpoints().at(-1) ?? null;
  }

  /**
   * Asks once: finds reorgs, then reads what is new, range by range, up to the confirmed head. Polls run one
   * after the other, so that no range is read twice, and each sees all that was there when it was asked for.
   * @throws whatever the client throws when the node cannot be asked
   */
  poll(signal?: AbortSignal): Promise<PollResult> {
    const result = this.#last.then(() => this.#poll(signal));
    this.#last = result.catch(() => null);
    return result;
  }

  async #poll(signal: AbortSignal | undefined): Promise<PollResult> {
    const { client, addresses, confirmations = 0 } = this.#options;
    const reorganised = await this.#findAncestor();
    const head = await client.getBlockNumber({ cacheTime: 0 });
    const target = head - BigInt(confirmations);
    let events = 0;
    let from = this.#next();
    while (from <= target && signal?.aborted !== true) {
      const to = minimum(from + this.#range - 1n, target);
      const logs = await this.#read(from, to);
      if (logs !== null) {
        events += logs.length;
        from = to + 1n;
        this.#range = minimum(this.#range * 2n, this.#most);
      }
    }
    const followed = this.position?.number ?? addresses.fromBlock - 1n;
    this.#options.onProgress?.({ head, followed });
    return { head, followed, events, reorganised };
  }

  /** Polls until the signal is aborted; waits longer and longer while the node does not answer. */
  async run(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!signal.aborted) {
      try {
        await this.poll(signal);
        attempt = 0;
        await pause(this.#options.pollMs ?? 500, signal);
      } catch (error) {
        this.#options.onTrouble?.(error, attempt);
        await pause(backoffMs(attempt), signal);
        attempt += 1;
      }
    }
  }

  #next(): bigint {
    const at = this.position;
    return at === null ? this.#options.addresses.fromBlock : at.number + 1n;
  }

  /**
   * One range into the store; null: the node refuses so many blocks, or the chain changed meanwhile.
   * The last block's hash is the same before and after, so that all logs are of one chain.
   */
  async #read(from: bigint, to: bigint): Promise<readonly RawLog[] | null> {
    const { store, onEvent, addresses } = this.#options;
    const before = await this.#block(to);
    const logs = before === null ? null : await this.#logs(from, to);
    if (before === null || logs === null) return null;
    const after = await this.#block(to);
    if (after?.hash !== before.hash || (await this.#findAncestor())) {
      throw new AssayError({
        code: 'ASSAY_CHAIN_MOVED',
        shortMessage: `blocks ${from} to ${to} changed while they were read`,
      });
    }
    store.append(logs, before);
    for (const log of logs) {
      const event = decodeEvent(addresses, log);
      if (event === null) continue;
      this.#view.apply(event);
      onEvent?.(event, true);
    }
    return logs;
  }

  async #logs(from: bigint, to: bigint): Promise<readonly RawLog[] | null> {
    const { client, addresses } = this.#options;
    const { market, disputes, models, providers } = addresses;
    try {
      const logs = await client.request({
        method: 'eth_getLogs',
        params: [
          {
            address: [market, disputes, models, providers],
            fromBlock: `0x${from.toString(16)}`,
            toBlock: `0x${to.toString(16)}`,
          },
        ],
      });
      return logs.map(rawLog).sort(byPosition);
    } catch (error) {
      if (to - from + 1n <= BigInt(LEAST_RANGE)) throw error;
      this.#range = (to - from + 1n) / 2n;
      return null;
    }
  }

  /** Whether stored blocks are no longer those of the chain; if so, they are gone now. */
  async #findAncestor(): Promise<boolean> {
    const { store, onReorg } = this.#options;
    const known = store.checkpoints();
    const last = known.at(-1);
    if (last === undefined) return false;
    let i = known.length - 1;
    for (; i >= 0; i--) {
      const block = known[i];
      if (block !== undefined && (await this.#block(block.number))?.hash === block.hash) break;
    }
    const ancestor = known[i] ?? null;
    if (ancestor === last) return false;
    store.rollback(ancestor);
    this.#view = this.#derive(false);
    onReorg?.(last, ancestor);
    return true;
  }

  /** Null: the chain has no such block, any more or yet. */
  async #block(number: bigint): Promise<BlockRef | null> {
    try {
      const block = await this.#options.client.getBlock({ blockNumber: number });
      return { number, hash: block.hash };
    } catch (error) {
      if (error instanceof BlockNotFoundError) return null;
      throw error;
    }
  }

  #derive(report: boolean): MarketView {
    const view = new MarketView();
    for (const log of this.#options.store.logs()) {
      const event = decodeEvent(this.#options.addresses, log);
      if (event === null) continue;
      view.apply(event);
      if (report) this.#options.onEvent?.(event, false);
    }
    return view;
  }
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function rawLog(log: RpcLog): RawLog {
  const { address, topics, data, blockNumber, blockHash, logIndex, transactionHash } = log;
  if (blockNumber === null || blockHash === null || logIndex === null || transactionHash === null) {
    throw new AssayError({
      code: 'ASSAY_CHAIN_PENDING_LOG',
      shortMessage: 'the node answered with a log that is in no block',
    });
  }
  return {
    address: address as Address,
    topics: topics as Hex[],
    data,
    block: { number: BigInt(blockNumber), hash: blockHash },
    logIndex: Number(logIndex),
    transaction: transactionHash,
  };
}

function byPosition(a: RawLog, b: RawLog): number {
  return a.block.number === b.block.number
    ? a.logIndex - b.logIndex
    : a.block.number < b.block.number
      ? -1
      : 1;
}
