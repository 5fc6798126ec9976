import type { Address, Hex, TypedDataDomain } from 'viem';
import { type JobParams, VERDICTS, type VerdictName } from './types.ts';
import type { Deployment } from './ids.ts';

/** EIP-712 domain of the market (version 1). */
export function marketDomain({ chainId, market }: Deployment): TypedDataDomain {
  return { name: 'Assay', version: '1', chainId, verifyingContract: market };
}

const JOB_PARAMS = [
  { name: 'requester', type: 'address' },
  { name: 'modelId', type: 'bytes32' },
  { name: 'evidence', type: 'uint8' },
  { name: 'inputKind', type: 'uint8' },
  { name: 'inputRoot', type: 'bytes32' },
  { name: 'minPrice', type: 'uint96' },
  { name: 'maxPrice', type: 'uint96' },
  { name: 'rampStart', type: 'uint40' },
  { name: 'rampSeconds', type: 'uint32' },
  { name: 'lockBy', type: 'uint40' },
  { name: 'workSeconds', type: 'uint32' },
  { name: 'windowSeconds', type: 'uint32' },
  { name: 'windowBlocks', type: 'uint32' },
  { name: 'rescueSeconds', type: 'uint32' },
  { name: 'reserve', type: 'uint96' },
  { name: 'verifierSet', type: 'bytes32' },
  { name: 'verifierFee', type: 'uint96' },
  { name: 'maxOutputBytes', type: 'uint32' },
  { name: 'outputKey', type: 'bytes32' },
  { name: 'callback', type: 'address' },
  { name: 'callbackGas', type: 'uint32' },
  { name: 'nonce', type: 'bytes32' },
  { name: 'rules', type: 'uint64' },
] as const;

const VERDICT = [
  { name: 'job', type: 'bytes32' },
  { name: 'submission', type: 'bytes32' },
  { name: 'verdict', type: 'uint8' },
] as const;

/** Typed data that a requester signs for `postFor`. */
export interface PostTypedData {
  readonly domain: TypedDataDomain;
  readonly types: { readonly JobParams: typeof JOB_PARAMS };
  readonly primaryType: 'JobParams';
  readonly message: JobParams;
}

export function postTypedData(deployment: Deployment, params: JobParams): PostTypedData {
  return {
    domain: marketDomain(deployment),
    types: { JobParams: JOB_PARAMS },
    primaryType: 'JobParams',
    message: params,
  };
}

/** Typed data that a verifier signs for `settle`. */
export interface VerdictTypedData {
  readonly domain: TypedDataDomain;
  readonly types: { readonly Verdict: typeof VERDICT };
  readonly primaryType: 'Verdict';
  readonly message: { readonly job: Hex; readonly submission: Hex; readonly verdict: number };
}

export function verdictTypedData(
  deployment: Deployment,
  job: Hex,
  submission: Hex,
  verdict: VerdictName,
): VerdictTypedData {
  return {
    domain: marketDomain(deployment),
    types: { Verdict: VERDICT },
    primaryType: 'Verdict',
    message: { job, submission, verdict: VERDICTS.indexOf(verdict) },
  };
}

const RECEIVE_WITH_AUTHORIZATION = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
] as const;

/** EIP-3009 message by which a requester pays for a relayed job; its nonce is the job's id. */
export interface PaymentTypedData {
  readonly domain: TypedDataDomain;
  readonly types: { readonly ReceiveWithAuthorization: typeof RECEIVE_WITH_AUTHORIZATION };
  readonly primaryType: 'ReceiveWithAuthorization';
  readonly message: {
    readonly from: Address;
    readonly to: Address;
    readonly value: bigint;
    readonly validAfter: bigint;
    readonly validBefore: bigint;
    readonly nonce: Hex;
  };
}

export function paymentTypedData(
  tokenDomain: TypedDataDomain,
  message: PaymentTypedData['message'],
): PaymentTypedData {
  return {
    domain: tokenDomain,
    types: { ReceiveWithAuthorization: RECEIVE_WITH_AUTHORIZATION },
    primaryType: 'ReceiveWithAuthorization',
    message,
  };
}
