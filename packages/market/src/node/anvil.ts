import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { mnemonicToAccount, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts';
import { hexOf } from '../hex.ts';

/** Mnemonic of the accounts that anvil funds: known to everyone, for local chains alone. */
export const LOCAL_MNEMONIC = 'test test test test test test test test test test test junk';

/** Private key of an account of that mnemonic. */
export function localSecret(index: number): Uint8Array {
  const { privateKey } = mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex: index }).getHdKey();
  if (privateKey === null) throw new TypeError('localSecret: no private key');
  return privateKey;
}

/** An account of that mnemonic. */
export function localAccount(index: number): PrivateKeyAccount {
  return privateKeyToAccount(hexOf(localSecret(index)));
}

/** Packages that hold the binary, by platform. */
const PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x64': '@foundry-rs/anvil-linux-amd64',
  'linux-arm64': '@foundry-rs/anvil-linux-arm64',
  'darwin-x64': '@foundry-rs/anvil-darwin-amd64',
  'darwin-arm64': '@foundry-rs/anvil-darwin-arm64',
  'win32-x64': '@foundry-rs/anvil-win32-amd64',
};

/**
 * Path of anvil itself, not of the wrapper that npm links: a signal to it reaches the chain.
 * ASSAY_ANVIL overrides. @throws {AssayError} ASSAY_ANVIL_MISSING
 */
export function anvilBinary(): string {
  const chosen = process.env['ASSAY_ANVIL'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const name = PLATFORMS[`${process.platform}-${process.arch}`];
  const resolve = createRequire(import.meta.url).resolve;
  try {
    if (name === undefined) throw new Error(`no anvil for ${process.platform} ${process.arch}`);
    const folder = dirname(resolve(`${name}/package.json`));
    const path = join(folder, 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil');
    if (!existsSync(path)) throw new Error(`${path} is not there`);
    return path;
  } catch (cause) {
    throw new AssayError({
      code: 'ASSAY_ANVIL_MISSING',
      shortMessage: 'no local chain: the anvil binary is not installed',
      details: 'It comes with `npm ci`; ASSAY_ANVIL names another one.',
      cause,
    });
  }
}

export interface AnvilOptions {
  /** @default a free one */
  readonly port?: number | undefined;
  /** @default 31337 */
  readonly chainId?: number | undefined;
  /** Seconds between blocks. @default a block for each transaction */
  readonly blockTimeSeconds?: number | undefined;
  /** Funded accounts. @default 20 */
  readonly accounts?: number | undefined;
  /** State is loaded from this file at the start and written to it at the end. */
  readonly stateFile?: string | undefined;
  /** Seconds between writes of the state file. */
  readonly stateIntervalSeconds?: number | undefined;
  /** Unix seconds of the genesis block. */
  readonly timestamp?: number | undefined;
  /** Further arguments. */
  readonly args?: readonly string[] | undefined;
}

/** A chain in a process of its own. */
export interface Anvil {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Ends it and waits until it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => {
        done(port);
      });
    });
  });
}

/** How long a chain may take until it answers. */
const START_MS = 30_000;

/**
 * Starts a local chain (hardfork osaka, the transaction gas limit in force) on 127.0.0.1 and waits
 * until it answers.
 *
 * @throws {AssayError} ASSAY_ANVIL_MISSING, ASSAY_ANVIL_START
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const binary = anvilBinary();
  const port = options.port ?? (await freePort());
  const args = flags({
    host: '127.0.0.1',
    port,
    hardfork: 'osaka',
    'chain-id': options.chainId ?? 31337,
    mnemonic: LOCAL_MNEMONIC,
    accounts: options.accounts ?? 20,
    'block-time': options.blockTimeSeconds,
    state: options.stateFile,
    'state-interval': options.stateIntervalSeconds,
    timestamp: options.timestamp,
  }).concat('--enable-tx-gas-limit', '--silent', options.args ?? []);
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Uint8Array) => {
    said = (said + new TextDecoder().decode(data)).slice(-2000);
  });
  const exited = new Promise<void>((done) => {
    child.once('exit', () => {
      done();
    });
    child.once('error', (error) => {
      said += String(error);
      done();
    });
  });
  const killWithUs = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killWithUs);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    process.off('exit', killWithUs);
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  const url = `http://127.0.0.1:${port}`;
  const end = Date.now() + START_MS;
  while (Date.now() < end && child.exitCode === null) {
    if (await answers(url)) return { url, port, process: child, stop };
    await new Promise((done) => setTimeout(done, 50));
  }
  await stop('SIGKILL');
  throw new AssayError({
    code: 'ASSAY_ANVIL_START',
    shortMessage: `the local chain on port ${port} did not start`,
    details: said,
  });
}

function flags(values: Readonly<Record<string, string | number | undefined>>): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
      signal: AbortSignal.timeout(1000),
    });
    return response.ok;
  } catch {
    return false;
  }
}
