import { type AddressBook, deploy, type DeployRules, LOCAL_RULES } from '@assay/contracts/deploy';
import { testDollarAbi } from '@assay/contracts';
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  http,
  type PublicClient,
  type TestClient,
} from 'viem';
import { type Addresses, addressesOf } from '../chain/index.ts';
import { type Anvil, type AnvilOptions, localAccount, startAnvil } from '../node/anvil.ts';

export interface LocalMarketOptions extends AnvilOptions {
  /** @default LOCAL_RULES */
  readonly rules?: Partial<DeployRules> | undefined;
  /** Test dollars, in whole ones, for accounts 0 to 9. @default 100,000 */
  readonly dollars?: number | undefined;
}

/** A chain with a market on it. */
export interface LocalMarket {
  readonly anvil: Anvil;
  readonly client: PublicClient;
  readonly test: TestClient;
  readonly book: AddressBook;
  readonly addresses: Addresses;
  /** Unix seconds of the newest block. */
  now(): Promise<number>;
  /** Lets time pass: the next block is so many seconds later, and mined. */
  pass(seconds: number, blocks?: number): Promise<void>;
  stop(): Promise<void>;
}

const FUNDED = 10;

/** Starts anvil, deploys a market from account 0, and mints test dollars. */
export async function startLocalMarket(options: LocalMarketOptions = {}): Promise<LocalMarket> {
  const anvil = await startAnvil(options);
  const transport = http(anvil.url);
  const client = createPublicClient({ transport, pollingInterval: 50, cacheTime: 0 });
  const test = createTestClient({ mode: 'anvil', transport });
  try {
    const account = localAccount(0);
    const rules = { ...LOCAL_RULES, ...options.rules };
    const { book } = await deploy({ client, account, rules, unbondingSeconds: 60 });
    const wallet = createWalletClient({ account, transport });
    const amount = BigInt(options.dollars ?? 100_000) * 1_000_000n;
    let hash: `0x${string}` | null = null;
    for (let i = 0; i < FUNDED; i++) {
      hash = await wallet.writeContract({
        chain: null,
        address: book.contracts.token.address,
        abi: testDollarAbi,
        functionName: 'mint',
        args: [localAccount(i).address, amount],
      });
    }
    if (hash !== null) await client.waitForTransactionReceipt({ hash });
    return {
      anvil,
      client,
      test,
      book,
      addresses: addressesOf(book),
      now: async () => Number((await client.getBlock()).timestamp),
      pass: async (seconds, blocks = 1) => {
        await test.increaseTime({ seconds });
        await test.mine({ blocks });
      },
      stop: () => anvil.stop('SIGKILL'),
    };
  } catch (error) {
    await anvil.stop('SIGKILL');
    throw error;
  }
}
