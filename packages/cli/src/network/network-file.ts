import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import {
  type AddressBook,
  completeBook,
  decodePartialBook,
  encodeBook,
  type PartialBook,
} from '@assay/contracts/deploy';
import { type Addresses, addressesOf } from '@assay/market';
import { accountOf, loadSecret, localSecret } from '@assay/market/node';
import { createPublicClient, http, type PrivateKeyAccount, type PublicClient } from 'viem';
import { readBytes, writeBytes } from '../files.ts';
import { UsageError } from '../outcome.ts';

/** Where a market is, in one file: a chain to ask, and the addresses of its contracts. */
export interface NetworkFile {
  readonly rpcUrl: string;
  readonly book: AddressBook;
  /** Made by `network up`: accounts have names, and keys that everyone knows. */
  readonly local: boolean;
}

export const NETWORK_FILE = 'network.json';
export const DEFAULT_NETWORK = 'assay-network';
const FORMAT = 'assay/network/v1';
const MOST_BYTES = 65_536;

/** Accounts of a local network by their index in the mnemonic that anvil funds. */
export const LOCAL_ACCOUNTS = {
  deployer: 0,
  requester: 1,
  watcher: 2,
  'provider-1': 3,
  'provider-2': 4,
  'provider-3': 5,
  'verifier-1': 6,
  'verifier-2': 7,
  'verifier-3': 8,
  stranger: 9,
  cheat: 10,
  vanisher: 11,
} as const;
export type LocalName = keyof typeof LOCAL_ACCOUNTS;

const isLocalName = (name: string): name is LocalName => name in LOCAL_ACCOUNTS;

export interface NetworkOptions {
  /** Network file, or the folder that has one. */
  readonly network?: string;
  /** Chain to ask instead of the file's. */
  readonly rpc?: string;
}

export interface AccountOptions {
  readonly keystore?: string;
  /** Local networks: an account by name. */
  readonly account?: string;
}

/** A market that can be asked. */
export interface Network extends NetworkFile {
  readonly path: string;
  readonly addresses: Addresses;
  readonly client: PublicClient;
}

export function writeNetwork(folder: string, file: NetworkFile): void {
  writeNetworkFile(join(folder, NETWORK_FILE), file);
}

/** A network file, also while its market is still being deployed. */
export type PartialNetworkFile = Omit<NetworkFile, 'book'> & { readonly book: PartialBook };

export function writeNetworkFile(path: string, { rpcUrl, book, local }: PartialNetworkFile): void {
  const text = JSON.stringify(
    { format: FORMAT, rpcUrl, local, addresses: JSON.parse(encodeBook(book)) },
    null,
    2,
  );
  writeBytes(path, new TextEncoder().encode(`${text}\n`));
}

/** The network that is named, else $ASSAY_NETWORK, else ./assay-network. @throws {AssayError} ASSAY_NETWORK_* */
export function openNetwork(options: NetworkOptions): Network {
  const named = options.network ?? process.env['ASSAY_NETWORK'] ?? DEFAULT_NETWORK;
  const path =
    existsSync(named) && statSync(named).isDirectory() ? join(named, NETWORK_FILE) : named;
  if (!existsSync(path)) {
    throw new AssayError({
      code: 'ASSAY_NETWORK_MISSING',
      shortMessage: `no network at ${named}`,
      details: 'Name one with --network, or start one on this machine: `assay network up`.',
    });
  }
  const { book: deployed, ...rest } = readNetworkFile(path);
  const book = completeBook(deployed);
  if (book === null) {
    throw new AssayError({
      code: 'ASSAY_NETWORK_FORMAT',
      shortMessage: `${path}: the deployment of this market was interrupted`,
      details: 'Run the same `assay network deploy` again: it goes on where it stood.',
    });
  }
  const file: NetworkFile = { ...rest, book };
  const rpcUrl = options.rpc ?? file.rpcUrl;
  const client = createPublicClient({
    transport: http(rpcUrl),
    pollingInterval: 250,
    cacheTime: 0,
  });
  return { ...file, rpcUrl, path, addresses: addressesOf(file.book), client };
}

/** @throws {AssayError} ASSAY_NETWORK_FORMAT */
export function readNetworkFile(path: string): PartialNetworkFile {
  const file = decodeNetwork(new TextDecoder().decode(readBytes(path, MOST_BYTES)));
  if (file !== null) return file;
  throw new AssayError({
    code: 'ASSAY_NETWORK_FORMAT',
    shortMessage: `${path} is not a network file`,
    details: `Expected JSON of format "${FORMAT}", as \`assay network up\` and \`assay network deploy\` write it.`,
  });
}

function decodeNetwork(text: string): PartialNetworkFile | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { format, rpcUrl, local, addresses } = parsed as Readonly<Record<string, unknown>>;
  if (format !== FORMAT || typeof rpcUrl !== 'string' || typeof local !== 'boolean') return null;
  const book = decodePartialBook(JSON.stringify(addresses) ?? '');
  return book === null ? null : { rpcUrl, local, book };
}

/** Who signs: a keystore, $ASSAY_KEY, or by name on a local network. @throws {AssayError} */
export function accountSecret(
  network: NetworkFile,
  options: AccountOptions,
  fallback: LocalName = 'requester',
): Uint8Array {
  const { account, keystore } = options;
  if (account !== undefined) {
    if (!network.local) {
      throw new UsageError('--account is for local networks: give --keystore, or set ASSAY_KEY');
    }
    if (!isLocalName(account)) {
      throw new UsageError(
        `--account: expected one of ${Object.keys(LOCAL_ACCOUNTS).join(', ')}, got "${account}"`,
      );
    }
    return localSecret(LOCAL_ACCOUNTS[account]);
  }
  const given = keystore !== undefined || (process.env['ASSAY_KEY'] ?? '') !== '';
  if (!given && network.local) return localSecret(LOCAL_ACCOUNTS[fallback]);
  return loadSecret({ keystore });
}

export function accountFor(
  network: NetworkFile,
  options: AccountOptions,
  fallback?: LocalName,
): PrivateKeyAccount {
  return accountOf(accountSecret(network, options, fallback));
}
