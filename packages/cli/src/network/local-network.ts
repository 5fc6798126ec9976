import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AddressBook,
  decodePartialBook,
  deploy,
  type DeployRules,
  encodeBook,
  LOCAL_RULES,
} from '@assay/contracts/deploy';
import { testDollarAbi } from '@assay/contracts';
import { type Anvil, localAccount, startAnvil } from '@assay/market/node';
import { createPublicClient, createWalletClient, http } from 'viem';
import { readBytes, writeBytes } from '../files.ts';
import { LOCAL_ACCOUNTS, type LocalName, NETWORK_FILE, writeNetwork } from './network-file.ts';

export interface LocalNetworkOptions {
  readonly folder: string;
  readonly port?: number | undefined;
  readonly blockTimeSeconds: number;
  /** Where they differ from `LOCAL_RULES`. */
  readonly rules?: Partial<DeployRules> | undefined;
  /** Forget an earlier chain of this folder. */
  readonly fresh?: boolean | undefined;
}

/** A chain on this machine with a market on it. */
export interface LocalNetwork {
  readonly anvil: Anvil;
  readonly rpcUrl: string;
  readonly book: AddressBook;
  /** Contracts that this start has deployed: none when the chain was there. */
  readonly deployed: readonly string[];
  stop(): Promise<void>;
}

const STATE_FILE = 'chain.json';
const BOOK_FILE = 'addresses.json';
/** Test dollars of each account. */
const DOLLARS = 100_000n * 1_000_000n;

/**
 * Starts the chain of a folder (its state outlives it), deploys what is missing, gives every named
 * account test dollars, and writes the network file.
 */
export async function startLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { folder } = options;
  mkdirSync(folder, { recursive: true });
  if (options.fresh === true) {
    // Daemons remember the chain that they followed: they start afresh with it.
    const states = [STATE_FILE, BOOK_FILE, NETWORK_FILE, 'models', 'titles.tsv'];
    for (const name of [...states, ...Object.keys(LOCAL_ACCOUNTS)]) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
  const anvil = await startAnvil({
    port: options.port,
    blockTimeSeconds: options.blockTimeSeconds,
    stateFile: join(folder, STATE_FILE),
    stateIntervalSeconds: 5,
    // A block for each transaction too: nobody waits, and clocks of seconds still run.
    args: ['--mixed-mining'],
  });
  try {
    const transport = http(anvil.url);
    const client = createPublicClient({ transport, pollingInterval: 100, cacheTime: 0 });
    const account = localAccount(LOCAL_ACCOUNTS.deployer);
    const bookPath = join(folder, BOOK_FILE);
    const earlier = existsSync(bookPath)
      ? decodePartialBook(new TextDecoder().decode(readBytes(bookPath)))
      : null;
    const { book, deployed } = await deploy({
      client,
      account,
      book: earlier,
      rules: { ...LOCAL_RULES, ...options.rules },
      unbondingSeconds: 60,
      save: (partial) => {
        writeBytes(bookPath, new TextEncoder().encode(encodeBook(partial)));
      },
    });
    if (deployed.length > 0) {
      const wallet = createWalletClient({ account, transport });
      const names = Object.keys(LOCAL_ACCOUNTS) as LocalName[];
      let nonce = await client.getTransactionCount({ address: account.address });
      const hashes = await Promise.all(
        names.map((name) =>
          wallet.writeContract({
            chain: null,
            nonce: nonce++,
            address: book.contracts.token.address,
            abi: testDollarAbi,
            functionName: 'mint',
            args: [localAccount(LOCAL_ACCOUNTS[name]).address, DOLLARS],
          }),
        ),
      );
      for (const hash of hashes) await client.waitForTransactionReceipt({ hash });
    }
    writeNetwork(folder, { rpcUrl: anvil.url, book, local: true });
    return { anvil, rpcUrl: anvil.url, book, deployed, stop: () => anvil.stop() };
  } catch (error) {
    await anvil.stop('SIGKILL');
    throw error;
  }
}
