import {
  disputesAbi,
  jobMarketAbi,
  modelRegistryAbi,
  providerRegistryAbi,
  testDollarAbi,
} from '@assay/contracts';
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeFunctionData,
  erc20Abi,
  type Hex,
} from 'viem';
import type { Addresses, ChallengeState } from '../chain/index.ts';
import type {
  AbiFraudProof,
  AbiPaddingProof,
  AbiOpening,
  AbiRelationRef,
} from '../evidence/abi.ts';
import {
  type JobParams,
  type ModelRecord,
  type Rules,
  sortAddresses,
  type Submission,
  type VerdictName,
  VERDICTS,
} from '../jobs/index.ts';

/** A transaction that is wanted. */
export interface Call {
  readonly to: Address;
  readonly data: Hex;
}

/** `Case` of IDisputes: what a dispute is about. */
export interface DisputeCase {
  readonly params: JobParams;
  readonly submission: Submission;
  readonly model: ModelRecord;
}

/** `LeafRequest` of IDisputes. */
export interface LeafRequest {
  readonly mention: number;
  readonly slot: number;
  readonly leaves: readonly number[];
}

/** Every call of the market's contracts as a transaction: pure. */
export class MarketCalls {
  readonly #at: Addresses;

  constructor(addresses: Addresses) {
    this.#at = addresses;
  }

  // Token

  approve(spender: Address, amount: bigint): Call {
    const data = encodeFunctionData({
      abi: erc20Abi,
      functionName: 'approve',
      args: [spender, amount],
    });
    return { to: this.#at.token, data };
  }

  /** Test dollars only. */
  mint(to: Address, amount: bigint): Call {
    const data = encodeFunctionData({
      abi: testDollarAbi,
      functionName: 'mint',
      args: [to, amount],
    });
    return { to: this.#at.token, data };
  }

  // Models and providers

  registerModel(model: ModelRecord, uris: readonly string[]): Call {
    const data = encodeFunctionData({
      abi: modelRegistryAbi,
      functionName: 'register',
      args: [model, uris],
    });
    return { to: this.#at.models, data };
  }

  updateProvider(encryptionKey: Hex, hardware: Hex, endpoint: string): Call {
    return this.#providers('update', [encryptionKey, hardware, endpoint]);
  }

  stake(amount: bigint): Call {
    return this.#providers('stake', [amount]);
  }

  requestLeave(amount: bigint): Call {
    return this.#providers('requestLeave', [amount]);
  }

  withdrawStake(to: Address): Call {
    return this.#providers('withdrawStake', [to]);
  }

  // Jobs

  deposit(amount: bigint): Call {
    return this.#market('deposit', [amount]);
  }

  withdraw(to: Address, amount: bigint): Call {
    return this.#market('withdraw', [to, amount]);
  }

  burn(): Call {
    return this.#market('burn', []);
  }

  post(params: JobParams, input: Hex): Call {
    return this.#market('post', [params, input]);
  }

  /** `authorization`: bytes of `encodeAuthorization`, or 0x: paid from the requester's balance. */
  postFor(params: JobParams, input: Hex, signature: Hex, authorization: Hex): Call {
    return this.#market('postFor', [params, input, signature, authorization]);
  }

  cancel(job: Hex): Call {
    return this.#market('cancel', [job]);
  }

  lock(params: JobParams): Call {
    return this.#market('lock', [params]);
  }

  /** `ciphertext`: its sha-256. */
  deliver(params: JobParams, ciphertext: Hex, uri: string): Call {
    return this.#market('deliver', [params, ciphertext, uri]);
  }

  acknowledge(params: JobParams): Call {
    return this.#market('acknowledge', [params]);
  }

  submit(params: JobParams, submission: Submission, output: Hex, uri: string): Call {
    return this.#market('submit', [params, submission, output, uri]);
  }

  finalize(job: Hex): Call {
    return this.#market('finalize', [job]);
  }

  finalizeMany(jobs: readonly Hex[]): Call {
    return this.#market('finalizeMany', [jobs]);
  }

  accept(job: Hex): Call {
    return this.#market('accept', [job]);
  }

  /** Signatures by signer; members of the set without one have none. */
  settle(
    params: JobParams,
    submission: Submission,
    verdict: VerdictName,
    set: readonly Address[],
    k: number,
    signatures: ReadonlyMap<Address, Hex>,
  ): Call {
    const members = sortAddresses(set);
    return this.#market('settle', [
      params,
      submission,
      VERDICTS.indexOf(verdict),
      members,
      k,
      members.map((member) => signatures.get(member) ?? '0x'),
    ]);
  }

  expire(params: JobParams): Call {
    return this.#market('expire', [params]);
  }

  runCallback(params: JobParams, submission: Submission, output: Hex): Call {
    return this.#market('runCallback', [params, submission, output]);
  }

  addRules(rules: Rules): Call {
    return this.#market('addRules', [rules]);
  }

  pauseNew(paused: boolean): Call {
    return this.#market('pauseNew', [paused]);
  }

  // Disputes

  commit(commitment: Hex): Call {
    return this.#disputes('commit', [commitment]);
  }

  proveFraud(about: DisputeCase, proof: AbiFraudProof, salt: Hex): Call {
    return this.#disputes('proveFraud', [about, proof, salt]);
  }

  provePadding(about: DisputeCase, proof: AbiPaddingProof, salt: Hex): Call {
    return this.#disputes('provePadding', [about, proof, salt]);
  }

  /** `list`: 2 Trace, 3 Output. */
  openChallenge(about: DisputeCase, list: number, nonce: Hex): Call {
    return this.#disputes('open', [about, list, nonce]);
  }

  answerNodes(challenge: Hex, state: ChallengeState, nodes: readonly Hex[]): Call {
    return this.#disputes('answerNodes', [challenge, state, nodes]);
  }

  descend(
    challenge: Hex,
    state: ChallengeState,
    child: number,
    node: Hex,
    path: readonly Hex[],
  ): Call {
    return this.#disputes('descend', [challenge, state, child, node, path]);
  }

  enterTensor(challenge: Hex, state: ChallengeState, mention: AbiRelationRef, slot: number): Call {
    return this.#disputes('enterTensor', [challenge, state, mention, slot]);
  }

  answerLeaf(challenge: Hex, state: ChallengeState, leaf: Hex): Call {
    return this.#disputes('answerLeaf', [challenge, state, leaf]);
  }

  askLeaves(
    challenge: Hex,
    state: ChallengeState,
    mentions: readonly AbiRelationRef[],
    requests: readonly LeafRequest[],
  ): Call {
    return this.#disputes('askLeaves', [challenge, state, mentions, requests]);
  }

  answerLeaves(
    challenge: Hex,
    state: ChallengeState,
    depths: readonly number[],
    openings: readonly AbiOpening[],
  ): Call {
    return this.#disputes('answerLeaves', [challenge, state, depths, openings]);
  }

  openOutput(about: DisputeCase, tensor: number, chunk: number, nonce: Hex): Call {
    return this.#disputes('openOutput', [about, tensor, chunk, nonce]);
  }

  answerOutput(challenge: Hex, state: ChallengeState, data: Hex, path: readonly Hex[]): Call {
    return this.#disputes('answerOutput', [challenge, state, data, path]);
  }

  timeout(challenge: Hex, state: ChallengeState, params: JobParams, submission: Submission): Call {
    return this.#disputes('timeout', [challenge, state, params, submission]);
  }

  closeChallenge(challenge: Hex, state: ChallengeState): Call {
    return this.#disputes('close', [challenge, state]);
  }

  #market<Name extends Writes<typeof jobMarketAbi>>(
    functionName: Name,
    args: ContractFunctionArgs<typeof jobMarketAbi, 'nonpayable', Name>,
  ): Call {
    return { to: this.#at.market, data: encoded(jobMarketAbi, functionName, args) };
  }

  #disputes<Name extends Writes<typeof disputesAbi>>(
    functionName: Name,
    args: ContractFunctionArgs<typeof disputesAbi, 'nonpayable', Name>,
  ): Call {
    return { to: this.#at.disputes, data: encoded(disputesAbi, functionName, args) };
  }

  #providers<Name extends Writes<typeof providerRegistryAbi>>(
    functionName: Name,
    args: ContractFunctionArgs<typeof providerRegistryAbi, 'nonpayable', Name>,
  ): Call {
    return { to: this.#at.providers, data: encoded(providerRegistryAbi, functionName, args) };
  }
}

type Writes<A extends Abi> = ContractFunctionName<A, 'nonpayable'>;

/** The callers' types have tied the arguments to the function already. */
function encoded(abi: Abi, functionName: string, args: unknown): Hex {
  return encodeFunctionData({ abi, functionName, args: args as readonly unknown[] });
}
