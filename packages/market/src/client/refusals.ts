import {
  disputesAbi,
  fraudVerifierAbi,
  jobMarketAbi,
  modelRegistryAbi,
  providerRegistryAbi,
  termsAbi,
  testDollarAbi,
  verdictsAbi,
} from '@assay/contracts';
import { type Abi, BaseError, decodeErrorResult, type Hex, isHex } from 'viem';

/** Errors of all contracts: a call may revert with those of another. */
const ERRORS: Abi = [
  jobMarketAbi,
  disputesAbi,
  providerRegistryAbi,
  modelRegistryAbi,
  fraudVerifierAbi,
  verdictsAbi,
  termsAbi,
  testDollarAbi,
].flatMap((abi) => (abi as Abi).filter(({ type }) => type === 'error'));

/** What a contract said when it refused a call. */
export interface Refusal {
  /** Name of its error; 'revert' where it has none. */
  readonly name: string;
  /** With its arguments, for people. */
  readonly reason: string;
  readonly data: Hex | null;
}

/** Revert data to the contract's error. */
export function decodeRefusal(data: Hex): Refusal {
  try {
    const { errorName, args } = decodeErrorResult({ abi: ERRORS, data });
    const shown = (args as readonly unknown[] | undefined)?.map(String) ?? [];
    return {
      name: errorName,
      reason: shown.length === 0 ? errorName : `${errorName}(${shown.join(', ')})`,
      data,
    };
  } catch {
    return { name: 'revert', reason: data === '0x' ? 'reverted' : `reverted: ${data}`, data };
  }
}

/** What an exception of viem says of a contract's refusal; null: it is something else, the network perhaps. */
export function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof BaseError)) return null;
  let found: Refusal | null = null;
  error.walk((cause) => {
    const data = dataOf(cause);
    if (data !== null && data !== '0x') found ??= decodeRefusal(data);
    return found !== null;
  });
  if (found !== null) return found;
  const reverted = error.walk((cause) => REVERTS.has((cause as Error).name));
  return reverted === null ? null : { name: 'revert', reason: error.shortMessage, data: null };
}

const REVERTS: ReadonlySet<string> = new Set([
  'ExecutionRevertedError',
  'ContractFunctionRevertedError',
  'CallExecutionRevertedError',
]);

function dataOf(cause: unknown): Hex | null {
  if (typeof cause !== 'object' || cause === null || !('data' in cause)) return null;
  const { data } = cause;
  if (typeof data === 'string') return isHex(data) ? data : null;
  return dataOf(data);
}
