import { rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import {
  decodeValues,
  describeValuesError,
  encodeValues,
  EVIDENCE,
  hexOf,
  INPUT_KIND,
  type JobView,
  type ModelView,
  sameHex,
  type SealKey,
  unseal,
  valuesBytes,
  valuesRoot,
  ZERO_HASH,
  describeSealError,
} from '@assay/market';
import { TensorTree, type TensorRef, type TraceProgram, TraceTrees } from '@assay/program/trace';
import { executePorts } from '@assay/runtime';
import { commitTrace, findFraud, type TreeReader } from '@assay/runtime/trace';
import type { TensorOpening } from '@assay/prover/commitments';
import type { SigningKey } from '@assay/verifier';
import type { Hex } from 'viem';
import type { Evidence } from '../disputes/index.ts';
import type { Capability, Executed, Proven, Work } from '../provider/index.ts';
import type { Inspector } from '../watcher/index.ts';
import { isSealed, openSealedInput, proveJob } from './proof.ts';
import { compareRecord, type ServedModel } from './served-model.ts';

export interface ModelServiceOptions {
  readonly models: readonly ServedModel[];
  readonly engine: Engine;
  /** Signs receipts. Null: no proofs are given. */
  readonly receiptKey: SigningKey | null;
  /** Opens sealed inputs. Null: none are taken. */
  readonly sealKey: SealKey | null;
  /** Models by id, as they are registered. */
  readonly registered: (id: Hex) => ModelView | undefined;
  /** Folder of what opens sealed inputs and outputs. */
  readonly openings: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Traces that are kept in memory; others are computed again. @default 4 */
  readonly keptTraces?: number | undefined;
  /** Memory that they take together, about; the last one is kept whatever it takes. @default a quarter of all */
  readonly keptBytes?: number | undefined;
}

/** Elements and the tree over them (`TensorTree`). */
const KEPT_BYTES_PER_ELEMENT = 6.1;

interface Run {
  readonly outputs: ReadonlyMap<string, Int32Array>;
  readonly trees: TraceTrees | null;
}

/** Runs, traces and proofs of the models that are here: in this process, on its threads. */
export class ModelService implements Work, Inspector {
  readonly #options: ModelServiceOptions;
  /** By job; the last one used is the last. */
  readonly #kept: Map<Hex, TraceTrees> = new Map();
  readonly #registered: Map<Hex, ServedModel> = new Map();

  constructor(options: ModelServiceOptions) {
    this.#options = options;
  }

  /** The bundle whose own record is the registered one; text: there is none. */
  find(model: ModelView): ServedModel | string {
    const known = this.#registered.get(model.id);
    if (known !== undefined) return known;
    let problem = 'it is not among the bundles';
    for (const served of this.#options.models) {
      if (!sameHex(served.record.programDigest, model.record.programDigest)) continue;
      const difference = compareRecord(served, model.record);
      if (difference === null) {
        this.#registered.set(model.id, served);
        return served;
      }
      problem = difference;
    }
    return problem;
  }

  async capability(model: ModelView): Promise<Capability | string> {
    const served = this.find(model);
    if (typeof served === 'string') return served;
    const { receiptKey, sealKey } = this.#options;
    const { program } = served;
    return {
      evidence: receiptKey === null ? served.evidence & ~EVIDENCE.proof : served.evidence,
      inputBytes: valuesBytes(program.inputs),
      outputBytes: valuesBytes(program.outputs),
      canUnseal: sealKey !== null && receiptKey !== null,
    };
  }

  /** Text: why its submissions cannot be checked. */
  async covers(model: ModelView): Promise<string | null> {
    const served = this.find(model);
    return typeof served === 'string' ? served : served.traceRefusal;
  }

  async checkInput(job: JobView, input: Uint8Array): Promise<string | null> {
    const { program } = this.modelOf(job);
    if (isSealed(job)) {
      const opening = openSealedInput(this.#options.engine, this.modelOf(job), job, input);
      return typeof opening === 'string' ? opening : null;
    }
    const values = decodeValues(program, program.inputs, input);
    if (!values.ok) return describeValuesError(values.error);
    const root = hexOf(valuesRoot(program.inputs, input));
    return sameHex(root, job.params.inputRoot) ? null : 'another root than the job names';
  }

  async unseal(job: JobView, ciphertext: Uint8Array): Promise<Uint8Array> {
    const { sealKey } = this.#options;
    if (sealKey === null) throw new TypeError('unseal: expected a key');
    const opened = await unseal(sealKey, job.id, 'input', ciphertext);
    if (opened.ok) return opened.value;
    throw new AssayError({
      code: 'ASSAY_JOB_SEALED_INPUT',
      shortMessage: describeSealError(opened.error),
    });
  }

  async execute(job: JobView, input: Uint8Array): Promise<Executed> {
    const { program } = this.modelOf(job);
    const { outputs, trees } = this.#run(job, input);
    const output = encodeValues(program.outputs, outputs);
    return {
      output,
      outputRoot: hexOf(valuesRoot(program.outputs, output)),
      traceRoot: trees === null ? ZERO_HASH : hexOf(trees.roots.roots[2]),
    };
  }

  async prove(job: JobView, input: Uint8Array): Promise<Proven> {
    const { engine, receiptKey, openings, now } = this.#options;
    if (receiptKey === null) throw new TypeError('prove: expected a key for receipts');
    const setting = { engine, receiptKey, folder: openings, time: rfc3339(now()) };
    const values = isSealed(job) ? this.#opening(job, input) : this.#inputs(job, input);
    return proveJob(setting, this.modelOf(job), job, values);
  }

  /** Of a job of proof evidence alone the output's trees, for the requester may demand a public output on chain. */
  async trees(job: JobView, input: Uint8Array): Promise<TraceTrees | null> {
    const kept = this.#kept.get(job.id);
    if (kept !== undefined) return kept;
    const { outputs, trees } = this.#run(job, input);
    if (trees !== null || job.params.outputKey !== ZERO_HASH) return trees;
    const { program } = this.modelOf(job);
    const output = program.outputs.flatMap(({ name }) => {
      const values = outputs.get(name);
      return values === undefined ? [] : [new TensorTree(values)];
    });
    return new TraceTrees([], { 0: [], 1: [], 2: [], 3: output });
  }

  program(job: JobView): TraceProgram | null {
    return this.modelOf(job).trace;
  }

  async findFraud(
    job: JobView,
    mine: TraceTrees,
    theirs: TreeReader,
    first?: TensorRef,
  ): Promise<Evidence | null> {
    const { trace } = this.modelOf(job);
    if (trace === null) return null;
    const proof = await findFraud(trace, mine, theirs, first ?? null);
    if (proof === null) return null;
    return 'relation' in proof ? { kind: 'fraud', proof } : { kind: 'padding', proof };
  }

  forget(job: Hex): void {
    this.#kept.delete(job);
    rmSync(join(this.#options.openings, job), { recursive: true, force: true });
  }

  /** The bundle that a job runs. @throws {AssayError} ASSAY_JOB_MODEL */
  modelOf(job: JobView): ServedModel {
    const { modelId } = job.params;
    const model = this.#options.registered(modelId);
    const served = model === undefined ? 'it is not registered' : this.find(model);
    if (typeof served !== 'string') return served;
    throw new AssayError({
      code: 'ASSAY_JOB_MODEL',
      shortMessage: `model ${modelId} is not served here: ${served}`,
    });
  }

  #opening(job: JobView, input: Uint8Array): TensorOpening {
    const opening = openSealedInput(this.#options.engine, this.modelOf(job), job, input);
    if (typeof opening !== 'string') return opening;
    throw new AssayError({ code: 'ASSAY_JOB_SEALED_INPUT', shortMessage: opening });
  }

  #inputs(job: JobView, input: Uint8Array): ReadonlyMap<string, Int32Array> {
    const { program } = this.modelOf(job);
    const [port] = program.inputs;
    if (isSealed(job) && port !== undefined) {
      return new Map([[port.name, this.#opening(job, input).values]]);
    }
    const values = decodeValues(program, program.inputs, input);
    if (values.ok) return values.value;
    throw new AssayError({
      code: 'ASSAY_JOB_INPUT',
      shortMessage: describeValuesError(values.error),
    });
  }

  #run(job: JobView, input: Uint8Array): Run {
    const { engine } = this.#options;
    const { program, weights, trace, constants } = this.modelOf(job);
    const { outputs, trace: values } = executePorts(
      program,
      weights,
      this.#inputs(job, input),
      engine,
    );
    const isTraced =
      trace !== null &&
      (job.params.evidence & EVIDENCE.trace) !== 0 &&
      job.params.inputKind !== INPUT_KIND.sealed;
    if (!isTraced) return { outputs, trees: null };
    const trees = commitTrace(trace, program, weights, values, { engine, constants });
    this.#keep(job.id, trees);
    return { outputs, trees };
  }

  #keep(job: Hex, trees: TraceTrees): void {
    this.#kept.delete(job);
    this.#kept.set(job, trees);
    const { keptTraces = 4, keptBytes = totalmem() / 4 } = this.#options;
    let bytes = [...this.#kept.values()].reduce((sum, kept) => sum + sizeOf(kept), 0);
    for (const [oldest, kept] of this.#kept) {
      if (this.#kept.size <= Math.max(1, keptTraces) && bytes <= keptBytes) break;
      if (oldest === job) break;
      this.#kept.delete(oldest);
      bytes -= sizeOf(kept);
    }
  }
}

/** Memory of the trees of one run: constants are shared by all. */
function sizeOf({ trees }: TraceTrees): number {
  const ofRun = [...trees[1], ...trees[2], ...trees[3]];
  return KEPT_BYTES_PER_ELEMENT * ofRun.reduce((sum, { values }) => sum + values.length, 0);
}

/** In UTC, whole seconds. */
function rfc3339(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
