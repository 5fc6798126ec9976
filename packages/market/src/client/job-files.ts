import { AssayError } from '@assay/core/errors';
import type { Program } from '@assay/program';
import type { Hex } from 'viem';
import {
  artefactUrl,
  decodeManifest,
  fetchArtefact,
  fetchBytes,
  type FetchLimits,
  type Manifest,
  MANIFEST_BYTES,
} from '../artefacts/index.ts';
import type { JobView, SubmissionView } from '../chain/index.ts';
import { bytesOf, sameHex, ZERO_HASH } from '../hex.ts';
import { decodeValues, describeValuesError, INPUT_KIND, valuesBytes } from '../jobs/index.ts';
import { describeSealError, SEAL_OVERHEAD, type SealKey, unseal } from '../seal/index.ts';
import { checkOutput, checkReceipt, type Judgement, type OwnSide } from './check.ts';

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

/** A receipt with its proof is smaller than this. */
const RECEIPT_BYTES = 8 * 2 ** 20;
/** What a sealed output may carry beside its values: the opening of its commitment. */
const SEALED_SLACK = 64 * 2 ** 20;

/** What the parties of a job have given out. Every file is checked against what the chain names. */
export class JobFiles {
  readonly #job: JobView;
  readonly #endpoints: readonly string[];
  readonly #limits: Omit<FetchLimits, 'maxBytes'>;

  constructor(
    job: JobView,
    endpoints: readonly string[],
    limits: Omit<FetchLimits, 'maxBytes'> = {},
  ) {
    this.#job = job;
    this.#endpoints = endpoints;
    this.#limits = limits;
  }

  get #submission(): SubmissionView {
    const { submission } = this.#job;
    if (submission === null) throw stateError(this.#job, 'submitted');
    return submission;
  }

  /** What the provider says it serves; it is what the submission names. @throws {AssayError} ASSAY_JOB_STATE, ASSAY_ARTEFACT_UNAVAILABLE, ASSAY_MANIFEST */
  async manifest(): Promise<Manifest> {
    const { id } = this.#job;
    const bytes = await this.#artefact(this.#submission.content.artefacts, MANIFEST_BYTES);
    const manifest = decodeManifest(bytes);
    if (manifest.ok && sameHex(manifest.value.job, id)) return manifest.value;
    throw new AssayError({
      code: 'ASSAY_MANIFEST',
      shortMessage: `what job ${id} calls its artefacts is no list of them`,
    });
  }

  /**
   * The output of a job, checked against the root that the contract keeps: from the transaction where it is
   * there, else from the provider. Sealed: opened with the job's own key, and compared with the commitment
   * that the submission names; `bytes` is then the opening of it.
   * @throws {AssayError} ASSAY_JOB_STATE, ASSAY_OUTPUT, and what `manifest` throws
   */
  async output(program: Program, sealed?: SealedOutput): Promise<FetchedOutput> {
    const job = this.#job;
    const { outputRoot } = this.#submission.content;
    if (job.params.outputKey !== ZERO_HASH) {
      const bytes = await this.#sealedOutput(program, sealed?.key);
      const values = sealed?.open(bytes, outputRoot);
      if (values === undefined) throw outputError(job, 'nothing opens it');
      if (typeof values === 'string') throw outputError(job, values);
      return { bytes, values };
    }
    const bytes = await this.#publicOutput(program);
    const judged = checkOutput(job, program, bytes);
    if (judged.verdict !== 'pass') throw outputError(job, judged.reason);
    const values = decodeValues(program, program.outputs, bytes);
    if (!values.ok) throw outputError(job, describeValuesError(values.error));
    return { bytes, values: values.value };
  }

  async #publicOutput(program: Program): Promise<Uint8Array> {
    const inline = this.#submission.output;
    if (inline !== '0x') return bytesOf(inline);
    const { output } = await this.manifest();
    if (output === null) throw outputError(this.#job, 'the provider serves none');
    return this.#artefact(`0x${output.sha256}`, valuesBytes(program.outputs));
  }

  async #sealedOutput(program: Program, key: SealKey | undefined): Promise<Uint8Array> {
    const job = this.#job;
    if (key === undefined || !sameHex(key.publicKey, job.params.outputKey)) {
      throw outputError(job, 'it is sealed to a key that is not here');
    }
    const { sealedOutput } = await this.manifest();
    if (sealedOutput === null) throw outputError(job, 'the provider serves none');
    const size = valuesBytes(program.outputs) + SEAL_OVERHEAD + SEALED_SLACK;
    const envelope = await this.#artefact(`0x${sealedOutput.sha256}`, size);
    const opened = await unseal(key, job.id, 'output', envelope);
    if (!opened.ok) throw outputError(job, describeSealError(opened.error));
    return opened.value;
  }

  /** The receipt with its proof, as the submission names it. @throws {AssayError} ASSAY_JOB_STATE, ASSAY_ARTEFACT_UNAVAILABLE */
  async receipt(): Promise<Uint8Array> {
    const { proofDigest } = this.#submission.content;
    if (proofDigest === ZERO_HASH) throw stateError(this.#job, 'submitted with a proof');
    return this.#artefact(proofDigest, RECEIPT_BYTES);
  }

  /** The public input, from the chain or from where it names; not yet checked against its root. @throws {AssayError} ASSAY_OUTPUT, ASSAY_FETCH */
  async input(program: Program): Promise<Uint8Array> {
    const { params, input } = this.#job;
    if (params.inputKind === INPUT_KIND.inline) return bytesOf(input);
    if (params.inputKind === INPUT_KIND.sealed) throw outputError(this.#job, 'its input is sealed');
    const url = new TextDecoder().decode(bytesOf(input));
    return fetchBytes(url, { ...this.#limits, maxBytes: valuesBytes(program.inputs) });
  }

  /**
   * Judges the proof of a job by one's own key and input. A receipt that is not served leaves it
   * unverifiable: that is no reason to accept.
   */
  async check(own: OwnSide): Promise<Judgement> {
    const job = this.#job;
    let receipt: Uint8Array;
    let output: Uint8Array | null;
    try {
      receipt = await this.receipt();
      output = job.params.outputKey === ZERO_HASH ? (await this.output(own.program)).bytes : null;
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      return { verdict: 'unverifiable', reason: error.shortMessage };
    }
    return checkReceipt(job, own, output, receipt);
  }

  async #artefact(digest: Hex, maxBytes: number): Promise<Uint8Array> {
    const name = digest.slice(2).toLowerCase();
    const urls = this.#endpoints.map((endpoint) => artefactUrl(endpoint, name));
    return fetchArtefact(urls, name, { ...this.#limits, maxBytes });
  }
}

export function stateError(job: JobView, expected: string): AssayError {
  return new AssayError({
    code: 'ASSAY_JOB_STATE',
    shortMessage: `job ${job.id} is ${job.state}, not ${expected}`,
  });
}

function outputError(job: JobView, reason: string): AssayError {
  return new AssayError({ code: 'ASSAY_OUTPUT', shortMessage: `job ${job.id}: ${reason}` });
}
