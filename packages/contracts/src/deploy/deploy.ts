import {
  type Address,
  createWalletClient,
  custom,
  encodeDeployData,
  getContractAddress,
  type Hex,
  keccak256,
  type LocalAccount,
  type PublicClient,
} from 'viem';
import {
  disputesAbi,
  disputesBytecode,
  fraudVerifierAbi,
  fraudVerifierBytecode,
  jobMarketAbi,
  jobMarketBytecode,
  modelRegistryAbi,
  modelRegistryBytecode,
  providerRegistryAbi,
  providerRegistryBytecode,
  termsAbi,
  termsBytecode,
  testDollarAbi,
  testDollarBytecode,
  verdictsAbi,
  verdictsBytecode,
} from '../abi/index.ts';
import {
  type AddressBook,
  completeBook,
  type ContractName,
  type DeployedContract,
  type PartialBook,
} from './address-book.ts';
import { DEFAULT_RULES, type DeployRules } from './rules.ts';

export interface DeployOptions {
  readonly client: PublicClient;
  /** Pays for the deployment. */
  readonly account: LocalAccount;
  /** What an earlier deployment has written; what still stands of it is kept. */
  readonly book?: PartialBook | null | undefined;
  /** Called after each contract, with all that stands: write it down, so that an interruption costs one contract. */
  readonly save?: ((book: PartialBook) => void) | undefined;
  /** ERC-20 that is there already. @default a test dollar that anyone mints */
  readonly token?: Address | undefined;
  /** May add rules and pause new posts. @default the account */
  readonly steward?: Address | undefined;
  /** Version 0. @default DEFAULT_RULES */
  readonly rules?: DeployRules | undefined;
  /** Between asking for stake back and getting it. @default seven days */
  readonly unbondingSeconds?: number | undefined;
  readonly onProgress?: ((contract: ContractName, kept: boolean) => void) | undefined;
}

export interface Deployed {
  readonly book: AddressBook;
  /** Contracts that were deployed now; the others stood already. */
  readonly deployed: readonly ContractName[];
}

const UNBONDING_SECONDS = 7 * 86_400;

/**
 * Deploys what is missing of a market: a contract of the book is kept when the chain has its code, and it
 * is the code that would be deployed now with the same arguments. Providers, market and disputes name each
 * other, so that they are kept or deployed together. Running it again changes nothing.
 *
 * @throws whatever the client throws; Error when a deployment reverts
 */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  const deployment = await Deployment.start(options);
  const token = await deployment.token();
  const models = await deployment.one('models', modelRegistryData());
  const verdicts = await deployment.one('verdicts', verdictsData());
  const terms = await deployment.one('terms', termsData());
  const verifier = await deployment.one('verifier', fraudVerifierData());
  await deployment.linked({ token, models, verdicts, terms, verifier });
  return deployment.finish();
}

const modelRegistryData = (): Hex =>
  encodeDeployData({ abi: modelRegistryAbi, bytecode: modelRegistryBytecode });
const verdictsData = (): Hex => encodeDeployData({ abi: verdictsAbi, bytecode: verdictsBytecode });
const termsData = (): Hex => encodeDeployData({ abi: termsAbi, bytecode: termsBytecode });
const fraudVerifierData = (): Hex =>
  encodeDeployData({ abi: fraudVerifierAbi, bytecode: fraudVerifierBytecode });
const testDollarData = (): Hex =>
  encodeDeployData({ abi: testDollarAbi, bytecode: testDollarBytecode });

interface Links {
  readonly token: Address;
  readonly models: Address;
  readonly verdicts: Address;
  readonly terms: Address;
  readonly verifier: Address;
}

/** The three that name each other, at addresses that they are to have. */
interface Linked {
  readonly providers: Address;
  readonly market: Address;
  readonly disputes: Address;
}

/** Another transaction of the account took an address that was counted on. */
const LINK_ATTEMPTS = 3;

class Deployment {
  readonly #options: DeployOptions;
  readonly #deployed: ContractName[] = [];
  #book: PartialBook;

  constructor(options: DeployOptions, book: PartialBook) {
    this.#options = options;
    this.#book = book;
  }

  /** Begins with what a book has, if it is of this chain. */
  static async start(options: DeployOptions): Promise<Deployment> {
    const { client, book = null } = options;
    const chainId = await client.getChainId();
    const { hash: genesis } = await client.getBlock({ blockNumber: 0n });
    if (book !== null && book.chainId === chainId && book.genesis === genesis) {
      return new Deployment(options, book);
    }
    const fromBlock = Number(await client.getBlockNumber({ cacheTime: 0 }));
    const format = 'assay/addresses/v1';
    return new Deployment(options, { format, chainId, genesis, fromBlock, contracts: {} });
  }

  finish(): Deployed {
    const book = completeBook(this.#book);
    if (book === null) throw new Error('deploy: a contract is missing');
    return { book, deployed: this.#deployed };
  }

  /** The token that is named, or one for tests. */
  async token(): Promise<Address> {
    const { client, token: address, onProgress } = this.#options;
    if (address === undefined) return this.one('token', testDollarData());
    const code = await client.getCode({ address });
    if (code === undefined) throw new Error(`deploy: ${address} holds no token`);
    const entry = { address, block: this.#book.fromBlock, creation: null, code: keccak256(code) };
    this.#keep('token', entry);
    onProgress?.('token', true);
    return address;
  }

  /** A contract that names no other that is not there. */
  async one(name: ContractName, data: Hex): Promise<Address> {
    const entry = this.#book.contracts[name];
    if (entry !== undefined && (await this.#stands(entry, data))) {
      this.#options.onProgress?.(name, true);
      return entry.address;
    }
    return this.#create(name, data);
  }

  async linked(links: Links): Promise<void> {
    const { providers, market, disputes } = this.#book.contracts;
    if (providers !== undefined && market !== undefined && disputes !== undefined) {
      const data = this.#linkedData(links, {
        providers: providers.address,
        market: market.address,
        disputes: disputes.address,
      });
      const stand =
        (await this.#stands(providers, data.providers)) &&
        (await this.#stands(market, data.market)) &&
        (await this.#stands(disputes, data.disputes));
      if (stand) {
        for (const name of LINKED) this.#options.onProgress?.(name, true);
        return;
      }
    }
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#createLinked(links);
        return;
      } catch (error) {
        if (attempt === LINK_ATTEMPTS) throw error;
      }
    }
  }

  /** Three nonces in a row give the addresses that the constructors are told. */
  async #createLinked(links: Links): Promise<void> {
    const { client, account } = this.#options;
    const from = account.address;
    const first = BigInt(await client.getTransactionCount({ address: from, blockTag: 'pending' }));
    const data = this.#linkedData(links, {
      providers: getContractAddress({ from, nonce: first }),
      market: getContractAddress({ from, nonce: first + 1n }),
      disputes: getContractAddress({ from, nonce: first + 2n }),
    });
    for (const [i, name] of LINKED.entries()) {
      await this.#create(name, data[name], Number(first) + i);
    }
  }

  #linkedData(links: Links, linked: Linked): Record<(typeof LINKED)[number], Hex> {
    const { account, rules = DEFAULT_RULES } = this.#options;
    const { unbondingSeconds = UNBONDING_SECONDS, steward = account.address } = this.#options;
    const { token, models, verdicts, terms, verifier } = links;
    const { providers, market, disputes } = linked;
    return {
      providers: encodeDeployData({
        abi: providerRegistryAbi,
        bytecode: providerRegistryBytecode,
        args: [token, market, unbondingSeconds],
      }),
      market: encodeDeployData({
        abi: jobMarketAbi,
        bytecode: jobMarketBytecode,
        args: [token, models, providers, verdicts, terms, disputes, steward, rules],
      }),
      disputes: encodeDeployData({
        abi: disputesAbi,
        bytecode: disputesBytecode,
        args: [market, verifier],
      }),
    };
  }

  async #stands(entry: DeployedContract, data: Hex): Promise<boolean> {
    if (entry.creation !== keccak256(data)) return false;
    const code = await this.#options.client.getCode({ address: entry.address });
    return code !== undefined && keccak256(code) === entry.code;
  }

  async #create(name: ContractName, data: Hex, nonce?: number): Promise<Address> {
    const { client, account, onProgress } = this.#options;
    const wallet = createWalletClient({ account, transport: custom(client) });
    const hash = await wallet.sendTransaction({
      chain: null,
      data,
      ...(nonce === undefined ? {} : { nonce }),
    });
    const receipt = await client.waitForTransactionReceipt({ hash, pollingInterval: 100 });
    const address = receipt.contractAddress;
    const code =
      receipt.status === 'success' && typeof address === 'string'
        ? await client.getCode({ address })
        : undefined;
    if (typeof address !== 'string' || code === undefined) {
      throw new Error(`deploy: ${name} was not created by ${hash}`);
    }
    const block = Number(receipt.blockNumber);
    this.#keep(name, { address, block, creation: keccak256(data), code: keccak256(code) });
    this.#deployed.push(name);
    this.#options.save?.(this.#book);
    onProgress?.(name, false);
    return address;
  }

  #keep(name: ContractName, entry: DeployedContract): void {
    this.#book = { ...this.#book, contracts: { ...this.#book.contracts, [name]: entry } };
  }
}

const LINKED = ['providers', 'market', 'disputes'] as const;

/** Names of contracts whose code is not on the chain as the book has it: empty when all is well. */
export async function missingContracts(
  client: PublicClient,
  book: AddressBook,
): Promise<readonly ContractName[]> {
  const { hash: genesis } = await client.getBlock({ blockNumber: 0n });
  const names = Object.keys(book.contracts) as ContractName[];
  if ((await client.getChainId()) !== book.chainId || genesis !== book.genesis) return names;
  const missing: ContractName[] = [];
  for (const name of names) {
    const { address, code } = book.contracts[name];
    const found = (await client.getCode({ address })) ?? '0x';
    if (keccak256(found) !== code) missing.push(name);
  }
  return missing;
}
