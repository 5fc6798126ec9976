import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalMarket, startLocalMarket } from '@assay/market/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { funds, type FundsOptions } from '../src/commands/funds.ts';
import { writeNetwork } from '../src/network/network-file.ts';
import { type Answer, answer } from './commands.ts';

let home: string;
let market: LocalMarket;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'assay-funds-'));
  market = await startLocalMarket();
  writeNetwork(home, { rpcUrl: market.anvil.url, book: market.book, local: true });
});
afterAll(async () => {
  await market.stop();
  rmSync(home, { recursive: true, force: true });
});

const run = (options: Omit<FundsOptions, 'network' | 'account'>): Promise<Answer> =>
  answer(() => funds({ network: home, account: 'provider-1', ...options }));

test('in, staked, out again: each amount is somewhere', async () => {
  expect((await run({})).json).toMatchObject({ tokens: '100000000000', balance: '0' });
  expect((await run({ deposit: '10', stake: '1000' })).json).toMatchObject({
    tokens: '98990000000',
    balance: '10000000',
    stake: { free: '1000000000', reserved: '0', leaving: '0' },
  });
  const left = await run({ withdraw: 'all', leave: '400' });
  expect(left.json).toMatchObject({
    tokens: '99000000000',
    balance: '0',
    stake: { free: '600000000', leaving: '400000000' },
  });
  expect(left.text).toMatch(/600\.00 \$ free, 0\.00 \$ reserved, 400\.00 \$ leaves at 20/);
  expect((await run({ collect: true })).json.error?.code).toBe('ASSAY_CALL_REFUSED');
  await market.pass(61);
  expect((await run({ collect: true })).json).toMatchObject({
    tokens: '99400000000',
    stake: { leaving: '0' },
  });
  expect((await run({ to: 'nowhere', collect: true })).json.error?.code).toBe('ASSAY_USAGE');
});
