import {
  type AddressBook,
  type ContractName,
  decodeBook,
  decodePartialBook,
  deploy,
  DEFAULT_RULES,
  encodeBook,
  missingContracts,
  type PartialBook,
} from '@assay/contracts/deploy';
import { disputesAbi, jobMarketAbi } from '@assay/contracts';
import { createPublicClient, createWalletClient, http } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Anvil, localAccount, startAnvil } from '../src/testing/index.ts';

let anvil: Anvil;
beforeAll(async () => {
  anvil = await startAnvil();
});
afterAll(() => anvil.stop('SIGKILL'));
const account = localAccount(0);
const connect = () => createPublicClient({ transport: http(anvil.url), cacheTime: 0 });
const ALL: ContractName[] = [
  'token',
  'models',
  'verdicts',
  'terms',
  'verifier',
  'providers',
  'market',
  'disputes',
];

describe('a deployment', () => {
  let book: AddressBook;

  test('puts every contract there, linked to each other', async () => {
    const client = connect();
    const saved: PartialBook[] = [];
    const result = await deploy({ client, account, save: (part) => saved.push(part) });
    book = result.book;
    expect(result.deployed).toEqual(ALL);
    expect(saved).toHaveLength(ALL.length);
    expect(decodeBook(encodeBook(book))).toEqual(book);
    expect(await missingContracts(client, book)).toEqual([]);
    const market = { address: book.contracts.market.address, abi: jobMarketAbi } as const;
    const disputes = { address: book.contracts.disputes.address, abi: disputesAbi } as const;
    expect(await client.readContract({ ...market, functionName: 'disputes' })).toBe(
      disputes.address === undefined ? '' : await checksum(disputes.address),
    );
    expect(await client.readContract({ ...market, functionName: 'rules', args: [0n] })).toEqual(
      DEFAULT_RULES,
    );
  });

  test('done again changes nothing', async () => {
    const client = connect();
    const before = await client.getTransactionCount({ address: account.address });
    const again = await deploy({ client, account, book });
    expect(again).toEqual({ book, deployed: [] });
    expect(await client.getTransactionCount({ address: account.address })).toBe(before);
  });

  test('that was interrupted goes on', async () => {
    const client = connect();
    const { disputes: _, ...contracts } = book.contracts;
    const rest = await deploy({ client, account, book: { ...book, contracts } });
    // The market names the disputes contract that it was told: all three are new.
    expect(rest.deployed).toEqual(['providers', 'market', 'disputes']);
    expect(rest.book.contracts.token).toEqual(book.contracts.token);
    expect(await missingContracts(client, rest.book)).toEqual([]);
  });

  test('redoes what has another code, other rules, or is of another chain', async () => {
    const client = connect();
    const { models } = book.contracts;
    const wrong = { ...models, code: book.contracts.token.code };
    const changed = { ...book, contracts: { ...book.contracts, models: wrong } };
    expect(await missingContracts(client, changed)).toEqual(['models']);
    expect((await deploy({ client, account, book: changed })).deployed).toEqual([
      'models',
      'providers',
      'market',
      'disputes',
    ]);
    const rules = { ...DEFAULT_RULES, minWork: 31 };
    expect((await deploy({ client, account, book, rules })).deployed).toEqual([
      'providers',
      'market',
      'disputes',
    ]);
    const elsewhere = { ...book, genesis: book.contracts.token.code };
    expect(await missingContracts(client, elsewhere)).toEqual(ALL);
    expect((await deploy({ client, account, book: elsewhere })).deployed).toEqual(ALL);
  });

  test('takes a token that is there, and none that is not', async () => {
    const client = connect();
    const token = book.contracts.token.address;
    const result = await deploy({ client, account, token });
    expect(result.deployed).not.toContain('token');
    expect(result.book.contracts.token.creation).toBeNull();
    await expect(deploy({ client, account, token: localAccount(5).address })).rejects.toThrow(
      /holds no token/,
    );
  });

  test('survives another transaction of the same account in between', async () => {
    const client = connect();
    const wallet = createWalletClient({ account, transport: http(anvil.url) });
    let once = true;
    const result = await deploy({
      client,
      account,
      onProgress: (name) => {
        if (name !== 'providers' || !once) return;
        once = false;
        void wallet.sendTransaction({ chain: null, to: account.address, value: 1n });
      },
    }).catch((error: unknown) => error);
    if (result instanceof Error) throw result;
    const done = result as { book: AddressBook };
    expect(await missingContracts(client, done.book)).toEqual([]);
  });
});

test('an address book that is none', () => {
  for (const text of ['', '{}', '[]', '{"format":"assay/addresses/v1","chainId":1}']) {
    expect(decodePartialBook(text)).toBeNull();
    expect(decodeBook(text)).toBeNull();
  }
});

async function checksum(address: string): Promise<string> {
  const { getAddress } = await import('viem');
  return getAddress(address);
}
