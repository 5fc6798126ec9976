import { providerRegistryAbi } from '@assay/contracts';
import { createPublicClient, createWalletClient, custom, type Hex, http, numberToHex } from 'viem';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type BlockRef,
  Follower,
  type FollowerOptions,
  type MarketEvent,
  MemoryFollowerStore,
  ZERO_HASH,
} from '../src/index.ts';
import { localAccount, type LocalMarket, startLocalMarket } from '../src/testing/index.ts';

let market: LocalMarket;
let clean: Hex;
beforeAll(async () => {
  market = await startLocalMarket();
});
afterAll(() => market.stop());
beforeEach(async () => {
  clean = await market.test.snapshot();
});
afterEach(async () => {
  await market.test.revert({ id: clean });
});

/** One event: provider `index` says where it is. */
async function update(index: number, endpoint: string): Promise<void> {
  const account = localAccount(index);
  const wallet = createWalletClient({ account, transport: http(market.anvil.url) });
  const hash = await wallet.writeContract({
    chain: null,
    address: market.addresses.providers,
    abi: providerRegistryAbi,
    functionName: 'update',
    args: [`0x${'aa'.repeat(32)}`, ZERO_HASH, endpoint],
  });
  await market.client.waitForTransactionReceipt({ hash });
}

interface Followed {
  readonly follower: Follower;
  readonly store: MemoryFollowerStore;
  readonly events: { event: MarketEvent; live: boolean }[];
  readonly reorgs: [BlockRef, BlockRef | null][];
  endpoint(index: number): string | null;
}

function follow(options: Partial<FollowerOptions> = {}): Followed {
  const store = new MemoryFollowerStore();
  const events: Followed['events'] = [];
  const reorgs: Followed['reorgs'] = [];
  const follower = new Follower({
    client: market.client,
    addresses: market.addresses,
    store,
    onEvent: (event, live) => events.push({ event, live }),
    onReorg: (from, ancestor) => reorgs.push([from, ancestor]),
    ...options,
  });
  const endpoint = (index: number): string | null =>
    follower.view.provider(localAccount(index).address)?.endpoint ?? null;
  return { follower, store, events, reorgs, endpoint };
}

describe('the follower', () => {
  test('reads events in order, range by range, and each once', async () => {
    await update(1, 'a');
    await update(2, 'b');
    await update(1, 'c');
    await market.test.mine({ blocks: 10 });
    const { follower, events, endpoint, store } = follow({ rangeBlocks: 3 });
    const { events: found, followed, head, reorganised } = await follower.poll();
    expect({ found, reorganised }).toEqual({ found: 4, reorganised: false });
    expect(followed).toBe(head);
    expect([endpoint(1), endpoint(2)]).toEqual(['c', 'b']);
    expect(events.map(({ event }) => event.name)).toEqual([
      'RulesAdded',
      ...Array<string>(3).fill('ProviderUpdated'),
    ]);
    expect((await follower.poll()).events).toBe(0);
    expect(store.checkpoints().at(-1)?.number).toBe(head);
  });

  test('polled by many at once reads each event once', async () => {
    await update(1, 'a');
    await update(2, 'b');
    const { follower, events, store } = follow({ rangeBlocks: 4 });
    const results = await Promise.all(Array.from({ length: 5 }, () => follower.poll()));
    expect(results.map((result) => result.events)).toEqual([3, 0, 0, 0, 0]);
    expect(events).toHaveLength(3);
    expect([...store.logs()]).toHaveLength(3);
  });

  test('waits for confirmations', async () => {
    await update(1, 'a');
    const { follower, endpoint } = follow({ confirmations: 2 });
    await follower.poll();
    expect(endpoint(1)).toBeNull();
    await market.test.mine({ blocks: 2 });
    await follower.poll();
    expect(endpoint(1)).toBe('a');
  });

  test('goes on from what is stored, and reports that as no news', async () => {
    await update(1, 'a');
    const first = follow();
    await first.follower.poll();
    await update(2, 'b');
    const { follower, events, endpoint } = follow({ store: first.store });
    // What an option replaced is not what `follow` made: events are counted by the second follower alone.
    expect(events.map(({ live }) => live)).toEqual([false, false]);
    expect(endpoint(1)).toBe('a');
    await follower.poll();
    expect(events.at(-1)).toMatchObject({ live: true, event: { name: 'ProviderUpdated' } });
    expect(endpoint(2)).toBe('b');
  });

  test('takes back what a reorg has taken back, and reads what came instead', async () => {
    await update(1, 'a');
    const { follower, reorgs, endpoint, store } = follow();
    await follower.poll();
    const common = follower.position;
    const fork = await market.test.snapshot();
    await update(1, 'b');
    await update(2, 'b');
    await follower.poll();
    expect([endpoint(1), endpoint(2)]).toEqual(['b', 'b']);
    const gone = follower.position;
    await market.test.revert({ id: fork });
    await update(3, 'c');
    await market.test.mine({ blocks: 5 });
    expect((await follower.poll()).reorganised).toBe(true);
    expect([endpoint(1), endpoint(2), endpoint(3)]).toEqual(['a', null, 'c']);
    expect(reorgs).toEqual([[gone, common]]);
    expect([...store.logs()]).toHaveLength(3);
    // The same from nothing.
    const again = follow();
    await again.follower.poll();
    expect(again.follower.view).toEqual(follower.view);
  });

  test('a chain that has become shorter, and one that has nothing in common', async () => {
    const { follower, reorgs, endpoint } = follow();
    const before = await market.test.snapshot();
    await update(1, 'a');
    await market.test.mine({ blocks: 20 });
    await follower.poll();
    expect(endpoint(1)).toBe('a');
    await market.test.revert({ id: before });
    expect((await follower.poll()).reorganised).toBe(true);
    expect(endpoint(1)).toBeNull();
    // Nothing is known below the only checkpoint: everything is read again.
    expect(reorgs[0]?.[1]).toBeNull();
    await update(1, 'b');
    await follower.poll();
    expect(endpoint(1)).toBe('b');
  });

  test('a reorg by the node itself, of each depth', async () => {
    for (const depth of [1, 2, 4]) {
      const { follower, endpoint, reorgs } = follow();
      await market.test.mine({ blocks: 3 });
      await follower.poll();
      for (let i = 0; i < depth; i++) {
        await update(4, `depth ${depth} ${i}`);
        await follower.poll();
      }
      await market.client.request({
        // viem has no name for it.
        method: 'anvil_reorg' as 'eth_chainId',
        params: [depth, []] as unknown as undefined,
      });
      await follower.poll();
      expect(reorgs.length, `depth ${depth}`).toBe(1);
      expect(endpoint(4)).not.toBe(`depth ${depth} ${depth - 1}`);
      await update(4, 'after');
      await follower.poll();
      expect(endpoint(4)).toBe('after');
    }
  });

  test('asks for less when the node refuses a range, and for more when it no longer does', async () => {
    await update(1, 'a');
    await market.test.mine({ blocks: 100 });
    const asked: number[] = [];
    const client = createPublicClient({
      cacheTime: 0,
      transport: custom(
        {
          request: async ({ method, params }: { method: string; params: unknown[] }) => {
            if (method === 'eth_getLogs') {
              const [{ fromBlock, toBlock }] = params as [{ fromBlock: Hex; toBlock: Hex }];
              const blocks = Number(BigInt(toBlock) - BigInt(fromBlock)) + 1;
              asked.push(blocks);
              if (blocks > 20) throw new Error('query returned more than 10000 results');
            }
            return market.client.request({ method, params } as never);
          },
        },
        { retryCount: 0 },
      ),
    });
    const { follower, endpoint } = follow({ client, rangeBlocks: 1000 });
    await follower.poll();
    expect(endpoint(1)).toBe('a');
    expect(Math.max(...asked)).toBeGreaterThan(100);
    expect(asked.filter((n) => n <= 20).length).toBeGreaterThan(5);
  });

  test('waits while the node cannot be asked, and goes on', async () => {
    let down = true;
    const client = createPublicClient({
      cacheTime: 0,
      transport: custom(
        {
          request: async ({ method, params }: { method: string; params: unknown }) => {
            if (down) throw new Error('connection refused');
            return market.client.request({ method, params } as never);
          },
        },
        { retryCount: 0 },
      ),
    });
    const stop = new AbortController();
    let troubles = 0;
    const { follower, endpoint } = follow({
      client,
      pollMs: 10,
      onTrouble: () => {
        troubles += 1;
        if (troubles === 2) down = false;
      },
    });
    await update(1, 'a');
    const running = follower.run(stop.signal);
    const end = Date.now() + 10_000;
    while (endpoint(1) === null && Date.now() < end) await new Promise((r) => setTimeout(r, 20));
    stop.abort();
    await running;
    expect({ troubles, endpoint: endpoint(1) }).toEqual({ troubles: 2, endpoint: 'a' });
  });

  test('logs of a chain that changes while it is read are not stored', async () => {
    await update(1, 'a');
    let blocks = 0;
    const client = createPublicClient({
      cacheTime: 0,
      transport: custom(
        {
          request: async ({ method, params }: { method: string; params: unknown[] }) => {
            const answer = (await market.client.request({ method, params } as never)) as unknown;
            if (method !== 'eth_getBlockByNumber') return answer;
            blocks += 1;
            // The second look at the last block finds another one.
            return blocks === 2
              ? { ...(answer as object), hash: numberToHex(1, { size: 32 }) }
              : answer;
          },
        },
        { retryCount: 0 },
      ),
    });
    const { follower, store, endpoint } = follow({ client });
    await expect(follower.poll()).rejects.toMatchObject({ code: 'ASSAY_CHAIN_MOVED' });
    expect([...store.logs()]).toEqual([]);
    await follower.poll();
    expect(endpoint(1)).toBe('a');
  });

  test('logs that are in no block are an error of the node', async () => {
    const client = createPublicClient({
      cacheTime: 0,
      transport: custom({
        request: async ({ method, params }: { method: string; params: unknown[] }) => {
          const answer = (await market.client.request({ method, params } as never)) as unknown;
          if (method !== 'eth_getLogs') return answer;
          return (answer as object[]).map((log) => ({ ...log, blockHash: null }));
        },
      }),
    });
    await market.test.mine({ blocks: 1 });
    const { follower } = follow({ client, rangeBlocks: 1 });
    const read = async (): Promise<void> => {
      for (let i = 0; i < 50; i++) await follower.poll();
    };
    await expect(read()).rejects.toMatchObject({ code: 'ASSAY_CHAIN_PENDING_LOG' });
  });
});
