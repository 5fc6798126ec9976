import { AssayError } from '@assay/core/errors';
import type { Program } from '@assay/program';
import type { Address, Hex } from 'viem';
import { hexOf, ZERO_ADDRESS, ZERO_HASH } from '../hex.ts';
import {
  EVIDENCE,
  encodeValues,
  INPUT_KIND,
  type JobParams,
  type Rules,
  valuesBytes,
  valuesRoot,
} from '../jobs/index.ts';

/** Who judges a proof if the requester does not accept it. */
export interface VerifierSet {
  readonly hash: Hex;
  /** Paid to the set when it passes a proof. */
  readonly fee: bigint;
}

/** How the input travels. */
export type JobInput =
  /** In the transaction itself. */
  | { readonly kind: 'inline'; readonly values: ReadonlyMap<string, Int32Array> }
  /** Served somewhere: its bytes are `encodeValues`. */
  | { readonly kind: 'uri'; readonly values: ReadonlyMap<string, Int32Array>; readonly uri: string }
  /** Delivered to the locker's key; named by `commitmentName` of the committed input. Proof evidence only. */
  | { readonly kind: 'sealed'; readonly name: Uint8Array };

/** What a requester wants. Amounts in the token's smallest unit; what is not given is the least that the rules allow. */
export interface JobRequest {
  readonly modelId: Hex;
  readonly program: Program;
  readonly input: JobInput;
  /** Any of 'trace', 'proof'. */
  readonly evidence: readonly ('trace' | 'proof')[];
  readonly maxPrice: bigint;
  /** @default half of maxPrice */
  readonly minPrice?: bigint | undefined;
  /** The price rises over this time. @default 30 */
  readonly rampSeconds?: number | undefined;
  /** How long anyone may lock it. @default 300 */
  readonly lockSeconds?: number | undefined;
  /** From the lock (sealed: the acknowledgement) to the submission. @default 300, at least the rules' */
  readonly workSeconds?: number | undefined;
  readonly windowSeconds?: number | undefined;
  readonly windowBlocks?: number | undefined;
  /** How long a rescue may be taken when the provider is late; 0: none. @default lockSeconds */
  readonly rescueSeconds?: number | undefined;
  readonly reserve?: bigint | undefined;
  readonly verifiers?: VerifierSet | undefined;
  readonly maxOutputBytes?: number | undefined;
  /** This job's own key: the output is sealed to it. */
  readonly outputKey?: Hex | undefined;
  readonly callback?: { readonly address: Address; readonly gas: number } | undefined;
}

/** A job that is ready to be posted. */
export interface PreparedJob {
  readonly params: JobParams;
  /** What `post` takes beside the parameters: the input, or its URI in UTF-8. */
  readonly input: Hex;
}

/** A transaction carries this much; more is served. */
export const INLINE_INPUT_BYTES = 24_576;

/** What is known when a job is prepared. */
export interface Occasion {
  readonly requester: Address;
  readonly unixSeconds: number;
  readonly rulesVersion: bigint;
  readonly rules: Rules;
  /** 32 bytes, of this job alone. */
  readonly nonce: Uint8Array;
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/**
 * A request to the parameters of a job that the rules accept.
 * @throws {AssayError} ASSAY_JOB_REQUEST: what is wanted cannot be
 */
export function prepareJob(request: JobRequest, occasion: Occasion): PreparedJob {
  const { rules, unixSeconds, requester } = occasion;
  const { program, maxPrice, input, callback } = request;
  const traced = request.evidence.includes('trace');
  const proven = request.evidence.includes('proof');
  if (!traced && !proven) throw refused('evidence is trace, proof, or both');
  if (traced && (input.kind === 'sealed' || request.outputKey !== undefined)) {
    throw refused('a trace is public: sealed inputs and outputs take proof evidence alone');
  }
  if (request.verifiers !== undefined && !proven) {
    throw refused('verifiers judge proofs: there is none');
  }
  const verifierFee = request.verifiers?.fee ?? 0n;
  const lockSeconds = request.lockSeconds ?? 300;
  const windowSeconds = traced ? (request.windowSeconds ?? rules.minWindow) : 0;
  const windowBlocks = traced ? (request.windowBlocks ?? rules.minWindowBlocks) : 0;
  const late = (maxPrice * BigInt(rules.latePerPriceBps)) / 10_000n + verifierFee;
  const leastReserve = larger(
    rules.minReserve,
    larger(BigInt(rules.reservePerPrice) * maxPrice, late),
  );
  const packed = packInput(program, input);
  const params: JobParams = {
    requester,
    modelId: request.modelId,
    evidence: (traced ? EVIDENCE.trace : 0) | (proven ? EVIDENCE.proof : 0),
    inputKind: INPUT_KIND[input.kind],
    inputRoot: packed.root,
    minPrice: request.minPrice ?? maxPrice / 2n,
    maxPrice,
    rampStart: unixSeconds,
    rampSeconds: request.rampSeconds ?? 30,
    lockBy: unixSeconds + lockSeconds,
    workSeconds: request.workSeconds ?? Math.max(rules.minWork, 300),
    windowSeconds,
    windowBlocks,
    rescueSeconds: request.rescueSeconds ?? lockSeconds,
    reserve: request.reserve ?? leastReserve,
    verifierSet: request.verifiers?.hash ?? ZERO_HASH,
    verifierFee,
    maxOutputBytes: request.maxOutputBytes ?? valuesBytes(program.outputs),
    outputKey: request.outputKey ?? ZERO_HASH,
    callback: callback?.address ?? ZERO_ADDRESS,
    callbackGas: callback?.gas ?? 0,
    nonce: hexOf(occasion.nonce),
    rules: occasion.rulesVersion,
  };
  return { params, input: packed.posted };
}

function packInput(
  program: Program,
  input: JobInput,
): { readonly root: Hex; readonly posted: Hex } {
  if (input.kind === 'sealed') return { root: hexOf(input.name), posted: '0x' };
  const bytes = encodeValues(program.inputs, input.values);
  const root = hexOf(valuesRoot(program.inputs, bytes));
  if (input.kind === 'uri') return { root, posted: hexOf(new TextEncoder().encode(input.uri)) };
  if (bytes.length > INLINE_INPUT_BYTES) {
    throw refused(
      `the input has ${bytes.length} bytes: more than ${INLINE_INPUT_BYTES} are served at a URI`,
    );
  }
  return { root, posted: hexOf(bytes) };
}

function refused(reason: string): AssayError {
  return new AssayError({ code: 'ASSAY_JOB_REQUEST', shortMessage: `job: ${reason}` });
}
