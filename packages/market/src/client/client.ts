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
import { artefactName, type FetchLimits, type Manifest } from '../artefacts/index.ts';
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
import { hexOf, ZERO_HASH } from '../hex.ts';
import {
  isEnded,
  jobId,
  modelId,
  type ModelRecord,
  paymentTypedData,
  postTypedData,
} from '../jobs/index.ts';
import { seal } from '../seal/index.ts';
import { type Call, MarketCalls } from './calls.ts';
import type { Judgement, OwnSide } from './check.ts';
import { type FetchedOutput, JobFiles, type SealedOutput, stateError } from './job-files.ts';
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
    const job = (await this.refresh()).jobs.get(lower(id));
    if (job !== undefined) return job;
    throw new AssayError({ code: 'ASSAY_JOB_UNKNOWN', shortMessage: `there is no job ${id}` });
  }

  /** @throws {AssayError} ASSAY_MODEL_UNKNOWN */
  async model(id: Hex): Promise<ModelView> {
    const model = (await this.refresh()).models.get(lower(id));
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

  /** `JobFiles.manifest` */
  manifest(job: JobView): Promise<Manifest> {
    return this.#files(job).manifest();
  }

  /** `JobFiles.output` */
  fetchOutput(job: JobView, program: Program, sealed?: SealedOutput): Promise<FetchedOutput> {
    return this.#files(job).output(program, sealed);
  }

  /** `JobFiles.receipt` */
  fetchReceipt(job: JobView): Promise<Uint8Array> {
    return this.#files(job).receipt();
  }

  /** `JobFiles.input` */
  fetchInput(job: JobView, program: Program): Promise<Uint8Array> {
    return this.#files(job).input(program);
  }

  /** `JobFiles.check` */
  check(job: JobView, own: OwnSide): Promise<Judgement> {
    return this.#files(job).check(own);
  }

  #files(job: JobView): JobFiles {
    return new JobFiles(job, this.endpoints(job), this.#options.limits);
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

/** Views are by hex in lower case; people paste what they like. */
function lower(id: Hex): Hex {
  return `0x${id.slice(2).toLowerCase()}`;
}
