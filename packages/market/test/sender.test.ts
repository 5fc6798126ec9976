import { createPublicClient, custom, type Hex, http, parseTransaction } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSender, MarketCalls, MarketReads, ZERO_HASH } from '../src/index.ts';
import { localAccount, type LocalMarket, startLocalMarket } from '../src/testing/index.ts';

let market: LocalMarket;
let calls: MarketCalls;
const account = localAccount(3);
beforeAll(async () => {
  market = await startLocalMarket();
  calls = new MarketCalls(market.addresses);
});
afterAll(() => market.stop());

const codeOf = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'no error',
    (error: { code?: string; details?: string }) => `${error.code}: ${error.details}`,
  );

describe('a sender', () => {
  test('gets calls mined, many at once, each with a nonce of its own', async () => {
    const sender = createSender({ client: market.client, account, pollMs: 20 });
    const receipts = await Promise.all(
      Array.from({ length: 8 }, (_, i) => sender.send(calls.mint(account.address, BigInt(i)))),
    );
    expect(new Set(receipts.map(({ transactionHash }) => transactionHash)).size).toBe(8);
    expect(sender.address).toBe(account.address);
  });

  test('sends nothing that the contract would refuse, and says why', async () => {
    const sender = createSender({ client: market.client, account, pollMs: 20 });
    const before = await market.client.getTransactionCount({ address: account.address });
    expect(await codeOf(sender.send(calls.cancel(ZERO_HASH)))).toMatch(
      /^ASSAY_CALL_REFUSED: (WrongState|NotYours)/,
    );
    expect(await codeOf(sender.send(calls.withdraw(account.address, 1n)))).toMatch(
      /^ASSAY_CALL_REFUSED: InsufficientBalance/,
    );
    expect(await market.client.getTransactionCount({ address: account.address })).toBe(before);
    // One that was refused does not hold up the next.
    await sender.send(calls.mint(account.address, 1n));
  });

  test('tells what it signs before anybody else sees it', async () => {
    const order: string[] = [];
    let raw: Hex = '0x';
    const client = createPublicClient({
      cacheTime: 0,
      transport: custom({
        request: async ({ method, params }: { method: string; params: unknown }) => {
          if (method === 'eth_sendRawTransaction') order.push('broadcast');
          return market.client.request({ method, params } as never);
        },
      }),
    });
    const sender = createSender({
      client,
      account,
      pollMs: 20,
      onSigned: (signed) => {
        order.push('signed');
        raw = signed.raw;
      },
    });
    await sender.send(calls.mint(account.address, 1n));
    expect(order).toEqual(['signed', 'broadcast']);
    expect(parseTransaction(raw).to?.toLowerCase()).toBe(market.addresses.token.toLowerCase());
  });

  test('gives up waiting, and tells a revert that the estimate did not foresee', async () => {
    const reads = new MarketReads(market.client, market.addresses);
    await market.test.setAutomine(false);
    try {
      const slow = createSender({ client: market.client, account, pollMs: 10, timeoutMs: 100 });
      expect(await codeOf(slow.send(calls.mint(account.address, 5n)))).toMatch(
        /^ASSAY_CALL_PENDING/,
      );
      // Both estimates see the whole balance; the second transaction does not.
      const balance = await reads.tokens(account.address);
      const sender = createSender({ client: market.client, account, pollMs: 20 });
      const transfer = (): Promise<unknown> =>
        sender.send({
          to: market.addresses.token,
          data: `0xa9059cbb${localAccount(9).address.slice(2).padStart(64, '0')}${balance.toString(16).padStart(64, '0')}`,
        });
      const both = Promise.all([codeOf(transfer()), codeOf(transfer())]);
      await new Promise((done) => setTimeout(done, 500));
      await market.test.mine({ blocks: 1 });
      const [first, second] = await both;
      expect(first).toBe('no error');
      expect(second).toMatch(/^ASSAY_CALL_(REVERTED|REFUSED)/);
    } finally {
      await market.test.setAutomine(true);
    }
  });

  test('a node that is not there is not a refusal', async () => {
    const client = createPublicClient({
      transport: http('http://127.0.0.1:1', { retryCount: 0 }),
    });
    const sender = createSender({ client, account });
    await expect(sender.send(calls.burn())).rejects.not.toMatchObject({
      code: expect.stringContaining('ASSAY'),
    });
  });
});
