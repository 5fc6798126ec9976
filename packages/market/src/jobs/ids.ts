import { jobMarketAbi, modelRegistryAbi } from '@assay/contracts';
import { type Address, encodeAbiParameters, getAbiItem, type Hex, keccak256 } from 'viem';
import type { JobParams, ModelRecord, Submission } from './types.ts';

/** ABI types of the structs, as the contracts have them. */
const [PARAMS] = getAbiItem({ abi: jobMarketAbi, name: 'jobId' }).inputs;
const SUBMISSION = getAbiItem({ abi: jobMarketAbi, name: 'submit' }).inputs[1];
const [MODEL] = getAbiItem({ abi: modelRegistryAbi, name: 'register' }).inputs;

/** Which deployment a hash belongs to. */
export interface Deployment {
  readonly chainId: number;
  readonly market: Address;
}

/** keccak256(abi.encode(chainid, market, params)): what the contract calls the job. */
export function jobId({ chainId, market }: Deployment, params: JobParams): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'uint256' }, { type: 'address' }, PARAMS],
      [BigInt(chainId), market, params],
    ),
  );
}

/** keccak256(abi.encode(submission)): what the contract keeps of a submission. */
export function submissionHash(submission: Submission): Hex {
  return keccak256(encodeAbiParameters([SUBMISSION], [submission]));
}

/** keccak256(abi.encode(model)): the model's id. */
export function modelId(model: ModelRecord): Hex {
  return keccak256(encodeAbiParameters([MODEL], [model]));
}

/** keccak256(abi.encode(address[] sorted, uint8 k)): names a set of verifiers in a job. @throws {RangeError} */
export function verifierSetHash(set: readonly Address[], k: number): Hex {
  if (!(Number.isInteger(k) && k >= 1 && k <= set.length)) {
    throw new RangeError(`verifierSetHash: expected 1 <= k <= ${set.length}, got ${k}`);
  }
  return keccak256(
    encodeAbiParameters([{ type: 'address[]' }, { type: 'uint8' }], [sortAddresses(set), k]),
  );
}

/** By value, ascending, as the contract demands of a verifier set. */
export function sortAddresses(set: readonly Address[]): Address[] {
  return [...set].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0));
}
