import type { Address, Hash, Hex } from 'viem';

/** Contracts of the market by their names in an address book. */
export const CONTRACT_NAMES = [
  'token',
  'models',
  'verdicts',
  'terms',
  'verifier',
  'providers',
  'market',
  'disputes',
] as const;
export type ContractName = (typeof CONTRACT_NAMES)[number];

export interface DeployedContract {
  readonly address: Address;
  readonly block: number;
  /** keccak256 of creation code and arguments: what was meant to be deployed. Null: it was there before. */
  readonly creation: Hash | null;
  /** keccak256 of the code on the chain. */
  readonly code: Hash;
}

/** Where a market is: written by `deploy`, read by everything else. */
export interface AddressBook {
  readonly format: 'assay/addresses/v1';
  readonly chainId: number;
  /** Hash of block 0: another chain of the same number is another chain. */
  readonly genesis: Hash;
  /** First block that can hold an event of the market. */
  readonly fromBlock: number;
  readonly contracts: Readonly<Record<ContractName, DeployedContract>>;
}

/** What a deployment that was interrupted has written. */
export type PartialBook = Omit<AddressBook, 'contracts'> & {
  readonly contracts: Readonly<Partial<Record<ContractName, DeployedContract>>>;
};

export function encodeBook(book: PartialBook): string {
  return `${JSON.stringify(book, null, 2)}\n`;
}

const isHex = (value: unknown, bytes: number): value is Hex =>
  typeof value === 'string' && new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`).test(value);
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

function contractOf(value: unknown): DeployedContract | null {
  const { address, block, creation, code } = fieldsOf(value);
  if (!isHex(address, 20) || !isCount(block) || !isHex(code, 32)) return null;
  if (creation !== null && !isHex(creation, 32)) return null;
  return { address, block, creation, code };
}

/** Null: not an address book. Contracts that are missing are missing. */
export function decodePartialBook(text: string): PartialBook | null {
  let parsed: Fields;
  try {
    parsed = fieldsOf(JSON.parse(text));
  } catch {
    return null;
  }
  const { format, chainId, genesis, fromBlock } = parsed;
  if (format !== 'assay/addresses/v1' || !isCount(chainId)) return null;
  if (!isHex(genesis, 32) || !isCount(fromBlock)) return null;
  const listed = fieldsOf(parsed['contracts']);
  const contracts: Partial<Record<ContractName, DeployedContract>> = {};
  for (const name of CONTRACT_NAMES) {
    if (!(name in listed)) continue;
    const contract = contractOf(listed[name]);
    if (contract === null) return null;
    contracts[name] = contract;
  }
  return { format, chainId, genesis, fromBlock, contracts };
}

/** Null: not an address book, or not a complete one. */
export function decodeBook(text: string): AddressBook | null {
  const book = decodePartialBook(text);
  return book === null ? null : completeBook(book);
}

export function completeBook(book: PartialBook): AddressBook | null {
  const { token, models, verdicts, terms, verifier } = book.contracts;
  const { providers, market, disputes } = book.contracts;
  if (token === undefined || models === undefined || verdicts === undefined) return null;
  if (terms === undefined || verifier === undefined) return null;
  if (providers === undefined || market === undefined || disputes === undefined) return null;
  const contracts = { token, models, verdicts, terms, verifier, providers, market, disputes };
  return { ...book, contracts };
}
