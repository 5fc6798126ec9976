import { AssayError } from '@assay/core/errors';
import type { FraudProof, PaddingProof } from '@assay/program/trace';
import type { Program } from '@assay/program';
import {
  type Address,
  type Hex,
  type LocalAccount,
  parseSignature,
  type PublicClient,
  encodeAbiParameters,
  type TransactionReceipt,
} from 'viem';
import {
  artefactName,
  artefactUrl,
  decodeManifest,
  fetchArtefact,
  fetchBytes,
  type FetchLimits,
  type Manifest,
  MANIFEST_BYTES,
} from '../artefacts/index.ts';
import {
  type Addresses,
  Follower,
  type FollowerStore,
  type JobView,
  type MarketView,
  MemoryFollowerStore,
  type ModelView,
  pause,
} from '../chain/index.ts';
import {
  evidenceCommitment,
  fraudHash,
  fraudToAbi,
  paddingHash,
  paddingToAbi,
} from '../evidence/index.ts';
import { bytesOf, hexOf, sameHex, ZERO_HASH } from '../hex.ts';
import {
  decodeValues,
  describeValuesError,
  INPUT_KIND,
  isEnded,
  jobId,
  modelId,
  type ModelRecord,
  paymentTypedData,
  postTypedData,
  valuesBytes,
} from '../jobs/index.ts';
import { seal, type SealKey, unseal, describeSealError, SEAL_OVERHEAD } from '../seal/index.ts';
import { type Call, MarketCalls } from './calls.ts';
import { checkOutput, checkReceipt, type Judgement, type OwnSide } from './check.ts';
import { MarketReads } from './reads.ts';
import { type JobRequest, type PreparedJob, prepareJob } from './request.ts';
import type { Sender } from './sender.ts';

export interface ClientOptions {
  readonly client: PublicClient;
  readonly addresses: Addresses;
  /** Null: a client that looks on. */
  readonly sender: Sender | null;
  /** What was followed before. @default memory, from the first block */
  readonly store?: FollowerStore | undefined;
  readonly confirmations?: number | undefined;
  /** For every fetch; `maxBytes` follows from what is fetched. */
  readonly limits?: Omit<FetchLimits, 'maxBytes'> | undefined;
}

/** A receipt with its proof is smaller than this. */
const RECEIPT_BYTES = 8 * 2 ** 20;
const NONCE_BYTES = 32;
/** Looks for the block after a commitment: two minutes. */
const REVEAL_ATTEMPTS = 400;
/** Between looks at the chain. */
const POLL_MS = 300;

/** A requester's side of the market: whatever it already knows, it takes from nobody. */
export class MarketClient {
  readonly addresses: Addresses;
  readonly calls: MarketCalls;
  readonly reads: MarketReads;
  readonly follower: Follower;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    const { client, addresses, store = new MemoryFollowerStore(), confirmations } = options;
    this.#options = options;
    this.addresses = addresses;
    this.calls = new MarketCalls(addresses);
    this.reads = new MarketReads(client, addresses);
    this.follower = new Follower({ client, addresses, store, confirmations });
  }

  /** Address of the account that sends. @throws {AssayError} ASSAY_CLIENT_READ_ONLY */
  get address(): Address {
    return this.#sender.address;
  }

  get #sender(): Sender {
    const { sender } = this.#options;
    if (sender !== null) return sender;
    throw new AssayError({
      code: 'ASSAY_CLIENT_READ_ONLY',
      shortMessage: 'this client has no account to send from',
    });
  }

  // What the chain says

  /** The market as of now. */
  async refresh(signal?: AbortSignal): Promise<MarketView> {
    await this.follower.poll(signal);
    return this.follower.view;
  }

  /** @throws {AssayError} ASSAY_JOB_UNKNOWN */
  async job(id: Hex): Promise<JobView> {
    const job = (await this.refresh()).jobs.get(id);
    if (job !== undefined) return job;
    throw new AssayError({ code: 'ASSAY_JOB_UNKNOWN', shortMessage: `there is no job ${id}` });
  }

  /** @throws {AssayError} ASSAY_MODEL_UNKNOWN */
  async model(id: Hex): Promise<ModelView> {
    const model = (await this.refresh()).models.get(id);
    if (model !== undefined) return model;
    throw new AssayError({ code: 'ASSAY_MODEL_UNKNOWN', shortMessage: `there is no model ${id}` });
  }

  /**
   * Follows a job until `until` holds (by default: until it has ended), telling each state it is seen in.
   * @throws {AssayError} ASSAY_JOB_UNKNOWN, ASSAY_JOB_TIMEOUT
   */
  async follow(
    id: Hex,
    options: {
      readonly until?: ((job: JobView) => boolean) | undefined;
      readonly onChange?: ((job: JobView) => void) | undefined;
      readonly timeoutMs?: number | undefined;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<JobView> {
    const { until = ({ state }) => isEnded(state), onChange, timeoutMs, signal } = options;
    const end = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
    let seen: JobView | null = null;
    for (;;) {
      const job = await this.job(id);
      if (job !== seen) onChange?.(job);
      seen = job;
      if (until(job)) return job;
      signal?.throwIfAborted();
      if (Date.now() > end) {
        throw new AssayError({
          code: 'ASSAY_JOB_TIMEOUT',
          shortMessage: `job ${id} is still ${job.state}`,
        });
      }
      await pause(POLL_MS, signal);
    }
  }

  // Requests

  /** The parameters of a job under the rules in force. @throws {AssayError} ASSAY_JOB_REQUEST */
  async prepare(request: JobRequest): Promise<PreparedJob & { readonly id: Hex }> {
    const { timestamp: unixSeconds } = await this.reads.head();
    const { version: rulesVersion, rules } = await this.reads.activeRules(unixSeconds);
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const occasion = { requester: this.address, unixSeconds, rulesVersion, rules, nonce };
    const prepared = prepareJob(request, occasion);
    return { ...prepared, id: jobId(this.addresses, prepared.params) };
  }

  /** Posts a job; what the balance in the market lacks is taken from the token. */
  async post(
    job: PreparedJob,
  ): Promise<{ readonly id: Hex; readonly receipt: TransactionReceipt }> {
    const { params, input } = job;
    const needed = params.maxPrice + params.verifierFee;
    const held = await this.reads.balance(this.address);
    if (held < needed) await this.#allow(this.addresses.market, needed - held);
    const receipt = await this.#sender.send(this.calls.post(params, input));
    return { id: jobId(this.addresses, params), receipt };
  }

  /**
   * What a relayer needs to post a job for its requester: the signed parameters, and a payment
   * (EIP-3009, nonce = the job's id) that the market alone can use, for this job alone.
   */
  async signPost(
    job: PreparedJob,
    account: LocalAccount,
    token: { readonly name: string; readonly version: string },
    validSeconds = 3600,
  ): Promise<{ readonly signature: Hex; readonly authorization: Hex }> {
    const { chainId, market, token: verifyingContract } = this.addresses;
    const { params } = job;
    const signature = await account.signTypedData({ ...postTypedData(this.addresses, params) });
    const { timestamp } = await this.reads.head();
    const validAfter = 0n;
    const validBefore = BigInt(timestamp + validSeconds);
    const payment = paymentTypedData(
      { ...token, chainId, verifyingContract },
      {
        from: params.requester,
        to: market,
        value: params.maxPrice + params.verifierFee,
        validAfter,
        validBefore,
        nonce: jobId(this.addresses, params),
      },
    );
    const { r, s, yParity } = parseSignature(await account.signTypedData({ ...payment }));
    const authorization = encodeAbiParameters(
      [
        { type: 'uint256' },
        { type: 'uint256' },
        { type: 'uint8' },
        { type: 'bytes32' },
        { type: 'bytes32' },
      ],
      [validAfter, validBefore, 27 + yParity, r, s],
    );
    return { signature, authorization };
  }

  cancel(id: Hex): Promise<TransactionReceipt> {
    return this.#sender.send(this.calls.cancel(id));
  }

  /** Settles the proof: call it after `check` has said pass. */
  accept(id: Hex): Promise<TransactionReceipt> {
    return this.#sender.send(this.calls.accept(id));
  }

  finalize(id: Hex): Promise<TransactionReceipt> {
    return this.#sender.send(this.calls.finalize(id));
  }

  async expire(id: Hex): Promise<TransactionReceipt> {
    const { params } = await this.job(id);
    return this.#sender.send(this.calls.expire(params));
  }

  /**
   * Seals an input to the provider that has locked a job, has it published, and says so on chain.
   * `publish` puts the envelope where the provider can fetch it, and gives its URI.
   * @throws {AssayError} ASSAY_JOB_STATE, ASSAY_PROVIDER_KEY
   */
  async deliver(
    id: Hex,
    plaintext: Uint8Array,
    publish: (envelope: Uint8Array) => Promise<string>,
  ): Promise<TransactionReceipt> {
    const job = await this.job(id);
    if (job.lock === null || job.state !== 'locked') throw stateError(job, 'locked');
    const provider = this.follower.view.provider(job.lock.provider);
    if (provider === null || provider.encryptionKey === ZERO_HASH) {
      throw new AssayError({
        code: 'ASSAY_PROVIDER_KEY',
        shortMessage: `provider ${job.lock.provider} has no key to seal to`,
      });
    }
    const envelope = await seal(provider.encryptionKey, id, 'input', plaintext);
    const digest: Hex = `0x${await artefactName(envelope)}`;
    const uri = await publish(envelope);
    return this.#sender.send(this.calls.deliver(job.params, digest, uri));
  }

  // What a provider has given

  /** URLs that may have an artefact of a job: what its submission names, and the provider's endpoint. */
  endpoints(job: JobView): readonly string[] {
    const provider = job.lock === null ? null : this.follower.view.provider(job.lock.provider);
    const named = [job.submission?.uri ?? '', provider?.endpoint ?? ''];
    return [...new Set(named.filter((url) => url !== ''))];
  }

  /** What the provider says it serves; it is what the submission names. @throws {AssayError} ASSAY_JOB_STATE, ASSAY_ARTEFACT_UNAVAILABLE, ASSAY_MANIFEST */
  async manifest(job: JobView): Promise<Manifest> {
    if (job.submission === null) throw stateError(job, 'submitted');
    const bytes = await this.#artefact(job, job.submission.content.artefacts, MANIFEST_BYTES);
    const manifest = decodeManifest(bytes);
    if (manifest.ok && sameHex(manifest.value.job, job.id)) return manifest.value;
    throw new AssayError({
      code: 'ASSAY_MANIFEST',
      shortMessage: `what job ${job.id} calls its artefacts is no list of them`,
    });
  }

  /**
   * The output of a job, checked against the root that the contract keeps: from the transaction where it is
   * there, else from the provider. Sealed: opened with the job's own key, and compared with the commitment
   * that the submission names; `bytes` is then the opening of it.
   * @throws {AssayError} ASSAY_JOB_STATE, ASSAY_OUTPUT, and what `manifest` throws
   */
  async fetchOutput(job: JobView, program: Program, sealed?: SealedOutput): Promise<FetchedOutput> {
    if (job.submission === null) throw stateError(job, 'submitted');
    if (job.params.outputKey !== ZERO_HASH) {
      const bytes = await this.#sealedOutput(job, program, sealed?.key);
      const values = sealed?.open(bytes, job.submission.content.outputRoot);
      if (values === undefined) throw outputError(job, 'nothing opens it');
      if (typeof values === 'string') throw outputError(job, values);
      return { bytes, values };
    }
    const bytes = await this.#publicOutput(job, program);
    const judged = checkOutput(job, program, bytes);
    if (judged.verdict !== 'pass') throw outputError(job, judged.reason);
    const values = decodeValues(program, program.outputs, bytes);
    if (!values.ok) throw outputError(job, describeValuesError(values.error));
    return { bytes, values: values.value };
  }

  async #publicOutput(job: JobView, program: Program): Promise<Uint8Array> {
    const inline = job.submission?.output ?? '0x';
    if (inline !== '0x') return bytesOf(inline);
    const { output } = await this.manifest(job);
    if (output === null) throw outputError(job, 'the provider serves none');
    return this.#artefact(job, `0x${output.sha256}`, valuesBytes(program.outputs));
  }

  async #sealedOutput(
    job: JobView,
    program: Program,
    key: SealKey | undefined,
  ): Promise<Uint8Array> {
    if (key === undefined || !sameHex(key.publicKey, job.params.outputKey)) {
      throw outputError(job, 'it is sealed to a key that is not here');
    }
    const { sealedOutput } = await this.manifest(job);
    if (sealedOutput === null) throw outputError(job, 'the provider serves none');
    const size = valuesBytes(program.outputs) + SEAL_OVERHEAD + SEALED_SLACK;
    const envelope = await this.#artefact(job, `0x${sealedOutput.sha256}`, size);
    const opened = await unseal(key, job.id, 'output', envelope);
    if (!opened.ok) throw outputError(job, describeSealError(opened.error));
    return opened.value;
  }

  /** The receipt with its proof, as the submission names it. @throws {AssayError} ASSAY_JOB_STATE, ASSAY_ARTEFACT_UNAVAILABLE */
  async fetchReceipt(job: JobView): Promise<Uint8Array> {
    if (job.submission === null || job.submission.content.proofDigest === ZERO_HASH) {
      throw stateError(job, 'submitted with a proof');
    }
    return this.#artefact(job, job.submission.content.proofDigest, RECEIPT_BYTES);
  }

  /** The public input of a job, from the chain or from where it names; not yet checked against its root. */
  async fetchInput(job: JobView, program: Program): Promise<Uint8Array> {
    if (job.params.inputKind === INPUT_KIND.inline) return bytesOf(job.input);
    if (job.params.inputKind === INPUT_KIND.sealed) throw outputError(job, 'its input is sealed');
    const url = new TextDecoder().decode(bytesOf(job.input));
    return fetchBytes(url, { ...this.#options.limits, maxBytes: valuesBytes(program.inputs) });
  }

  /**
   * Judges the proof of a job by one's own key and input. A receipt that is not served leaves it
   * unverifiable: that is no reason to accept.
   */
  async check(job: JobView, own: OwnSide): Promise<Judgement> {
    let receipt: Uint8Array;
    let output: Uint8Array | null;
    try {
      receipt = await this.fetchReceipt(job);
      output =
        job.params.outputKey === ZERO_HASH
          ? (await this.fetchOutput(job, own.program)).bytes
          : null;
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      return { verdict: 'unverifiable', reason: error.shortMessage };
    }
    return checkReceipt(job, own, output, receipt);
  }

  async #artefact(job: JobView, digest: Hex, maxBytes: number): Promise<Uint8Array> {
    const name = digest.slice(2).toLowerCase();
    const urls = this.endpoints(job).map((endpoint) => artefactUrl(endpoint, name));
    return fetchArtefact(urls, name, { ...this.#options.limits, maxBytes });
  }

  // Disputes

  /**
   * Proves fraud: commits to the evidence, and shows it in a later block. The job ends with the second
   * transaction; nobody who sees it in between can take it over.
   * @throws {AssayError} ASSAY_CALL_REFUSED: the contract does not find a violation, or the job has ended
   */
  async dispute(
    id: Hex,
    proof: FraudProof | PaddingProof,
  ): Promise<{ readonly commit: TransactionReceipt; readonly reveal: TransactionReceipt }> {
    const job = await this.job(id);
    if (job.submission === null) throw stateError(job, 'submitted');
    const { record } = await this.model(job.params.modelId);
    const about = { params: job.params, submission: job.submission.content, model: record };
    const salt = hexOf(crypto.getRandomValues(new Uint8Array(32)));
    const evidence =
      'mention' in proof
        ? { kind: 'padding' as const, proof: paddingToAbi(proof) }
        : { kind: 'fraud' as const, proof: fraudToAbi(proof) };
    const { chainId, disputes } = this.addresses;
    const commitment = evidenceCommitment({
      chainId,
      disputes,
      by: this.address,
      submission: about.submission,
      proof: evidence.kind === 'fraud' ? fraudHash(evidence.proof) : paddingHash(evidence.proof),
      salt,
    });
    const commit = await this.#sender.send(this.calls.commit(commitment));
    const call =
      evidence.kind === 'fraud'
        ? this.calls.proveFraud(about, evidence.proof, salt)
        : this.calls.provePadding(about, evidence.proof, salt);
    return { commit, reveal: await this.#reveal(call) };
  }

  /** A node that estimates on the newest block finds the commitment too young until the next one. */
  async #reveal(call: Call): Promise<TransactionReceipt> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#sender.send(call);
      } catch (error) {
        const young = error instanceof AssayError && error.details === 'CommitmentYoung';
        if (!young || attempt === REVEAL_ATTEMPTS) throw error;
        await pause(POLL_MS);
      }
    }
  }

  // Money and models

  /** Moves tokens into the market: bonds of challenges, and jobs, are taken from there. */
  async deposit(amount: bigint): Promise<TransactionReceipt> {
    await this.#allow(this.addresses.market, amount);
    return this.#sender.send(this.calls.deposit(amount));
  }

  /** Everything, or an amount, to an address. */
  async withdraw(amount?: bigint, to?: Address): Promise<TransactionReceipt> {
    const most = amount ?? (await this.reads.balance(this.address));
    return this.#sender.send(this.calls.withdraw(to ?? this.address, most));
  }

  async stake(amount: bigint): Promise<TransactionReceipt> {
    await this.#allow(this.addresses.providers, amount);
    return this.#sender.send(this.calls.stake(amount));
  }

  /** Registers a model unless it is registered. */
  async registerModel(
    record: ModelRecord,
    uris: readonly string[],
  ): Promise<{ readonly id: Hex; readonly receipt: TransactionReceipt | null }> {
    const id = modelId(record);
    if ((await this.refresh()).models.has(id)) return { id, receipt: null };
    return { id, receipt: await this.#sender.send(this.calls.registerModel(record, uris)) };
  }

  async #allow(spender: Address, amount: bigint): Promise<void> {
    if ((await this.reads.allowance(this.address, spender)) >= amount) return;
    await this.#sender.send(this.calls.approve(spender, amount));
  }
}

/** What it takes to have an output that was sealed. */
export interface SealedOutput {
  /** This job's own. */
  readonly key: SealKey;
  /** Values of the opening of the commitment with that name; text: what is wrong with it. */
  readonly open: (opening: Uint8Array, name: Hex) => ReadonlyMap<string, Int32Array> | string;
}

export interface FetchedOutput {
  readonly bytes: Uint8Array;
  readonly values: ReadonlyMap<string, Int32Array>;
}

/** What a sealed output may carry beside its values: the opening of its commitment. */
const SEALED_SLACK = 64 * 2 ** 20;

function stateError(job: JobView, expected: string): AssayError {
  return new AssayError({
    code: 'ASSAY_JOB_STATE',
    shortMessage: `job ${job.id} is ${job.state}, not ${expected}`,
  });
}

function outputError(job: JobView, reason: string): AssayError {
  return new AssayError({ code: 'ASSAY_OUTPUT', shortMessage: `job ${job.id}: ${reason}` });
}
