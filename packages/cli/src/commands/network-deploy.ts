import { existsSync } from 'node:fs';
import { AssayError } from '@assay/core/errors';
import {
  completeBook,
  type ContractName,
  DEFAULT_RULES,
  deploy,
  type Deployed,
  type DeployRules,
} from '@assay/contracts/deploy';
import { accountOf, loadSecret } from '@assay/market/node';
import {
  type Address,
  createPublicClient,
  getAddress,
  http,
  isAddress,
  type PrivateKeyAccount,
} from 'viem';
import { EXIT } from '../exit-codes.ts';
import { readBytes } from '../files.ts';
import { readNetworkFile, writeNetworkFile } from '../network/network-file.ts';
import { type Outcome, UsageError } from '../outcome.ts';
import { type CommonOptions, progressFor } from '../terminal.ts';

export interface NetworkDeployOptions extends CommonOptions {
  readonly rpc: string;
  readonly keystore?: string;
  readonly output: string;
  readonly token?: string;
  readonly steward?: string;
  /** JSON file with the rules that differ. */
  readonly rules?: string;
  readonly unbondingSeconds?: number;
  /** Deploy what differs, although the file has a whole market. */
  readonly replace?: boolean;
}

const MOST_RULES_BYTES = 16_384;

/** Deploys a market to a chain, and writes the network file by which it is found. Again, it changes nothing. */
export async function networkDeploy(options: NetworkDeployOptions): Promise<Outcome> {
  const { rpc, output, unbondingSeconds } = options;
  const token = addressOf('--token', options.token);
  const steward = addressOf('--steward', options.steward);
  const rules = options.rules === undefined ? DEFAULT_RULES : readRules(options.rules);
  const account = accountOf(loadSecret({ keystore: options.keystore }));
  const earlier = existsSync(output) ? readNetworkFile(output) : null;
  const isWhole = earlier !== null && completeBook(earlier.book) !== null;
  const signer = isWhole && options.replace !== true ? lookingOn(account) : account;
  const client = createPublicClient({
    transport: http(rpc),
    pollingInterval: 500,
    cacheTime: 0,
  });
  const progress = progressFor(options);
  const kept: ContractName[] = [];
  let deployed: Deployed;
  try {
    deployed = await deploy({
      client,
      account: signer,
      book: earlier?.book ?? null,
      token,
      steward,
      rules,
      unbondingSeconds,
      save: (book) => {
        writeNetworkFile(output, { rpcUrl: rpc, book, local: false });
      },
      onProgress: (contract, stood) => {
        if (stood) kept.push(contract);
        progress.update(contract, 0, 0);
      },
    });
  } catch (cause) {
    progress.end('failed');
    throw deploymentError(cause, output);
  }
  progress.end();
  const { book } = deployed;
  writeNetworkFile(output, { rpcUrl: rpc, book, local: false });
  const names = Object.keys(book.contracts) as ContractName[];
  return {
    exitCode: EXIT.ok,
    json: {
      ok: true,
      network: output,
      chainId: book.chainId,
      deployed: deployed.deployed,
      kept,
      contracts: Object.fromEntries(names.map((name) => [name, book.contracts[name].address])),
    },
    text: [
      `chain       ${book.chainId} at ${rpc}, from block ${book.fromBlock}`,
      ...names.map((name) => `${name.padEnd(11)} ${book.contracts[name].address}`),
      `deployed    ${deployed.deployed.length === 0 ? 'nothing: all of it stands' : deployed.deployed.join(', ')}`,
      ...(token === undefined ? ['token       a test dollar that anyone mints'] : []),
      `network     ${output}`,
    ].join('\n'),
  };
}

/** An account that signs nothing: what would have to be deployed beside a whole market is another market. */
function lookingOn(account: PrivateKeyAccount): PrivateKeyAccount {
  return {
    ...account,
    signTransaction: () => {
      throw new AssayError({
        code: 'ASSAY_NETWORK_DIFFERS',
        shortMessage: 'the market in the network file is not the one that these options describe',
        details:
          'Token, steward, rules, chain or contracts differ. Give another --output for another market, or --replace.',
      });
    },
  };
}

/** What the chain or the account refuses: in the words of whoever refused it. */
function deploymentError(cause: unknown, output: string): AssayError {
  for (let at = cause; at instanceof Error; at = at.cause) {
    if (at instanceof AssayError) return at;
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return new AssayError({
    code: 'ASSAY_NETWORK_DEPLOY',
    shortMessage: 'the market was not deployed',
    details: `${message.split('\n')[0] ?? ''}\nWhat stands is in ${output}: the same command goes on from there.`,
    cause,
  });
}

function addressOf(option: string, text: string | undefined): Address | undefined {
  if (text === undefined) return undefined;
  if (isAddress(text)) return getAddress(text);
  throw new UsageError(`${option}: expected an address, got "${text}"`);
}

/** Rules that differ from the default ones: seconds, blocks and rates as numbers, amounts as decimal text. @throws {UsageError} */
export function readRules(path: string): DeployRules {
  let given: unknown;
  try {
    given = JSON.parse(new TextDecoder().decode(readBytes(path, MOST_RULES_BYTES)));
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    throw new UsageError(`--rules: ${path} is not JSON`);
  }
  if (typeof given !== 'object' || given === null) throw new UsageError(`--rules: ${path}`);
  const changes = Object.entries(given).map(([name, value]: [string, unknown]) => {
    const usual: unknown = Object.entries(DEFAULT_RULES).find(([known]) => known === name)?.[1];
    if (usual === undefined) throw new UsageError(`--rules: there is no rule "${name}"`);
    if (typeof usual === 'number' && Number.isSafeInteger(value) && Number(value) >= 0) {
      return [name, value] as const;
    }
    if (typeof usual === 'bigint' && typeof value === 'string' && /^\d{1,28}$/.test(value)) {
      return [name, BigInt(value)] as const;
    }
    const wanted = typeof usual === 'bigint' ? 'an amount as decimal text' : 'an integer';
    throw new UsageError(`--rules: ${name}: expected ${wanted}`);
  });
  return { ...DEFAULT_RULES, ...(Object.fromEntries(changes) as Partial<DeployRules>) };
}
