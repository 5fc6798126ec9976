import { createEngine, type Engine } from '@assay/core/engine';
import type { Report, SourcePort } from '@assay/compiler';
import type { InputPort, Sample } from '@assay/compiler/data';
import type { Program, Weights } from '@assay/program';
import { type Bundle, type CompiledModel, sourceOf, writeCommitment } from '@assay/prover/bundle';
import type { Shown } from '@assay/prover';
import { encodeVerifyingKey, registrationKey, type VerifyingKey } from '@assay/verifier';
import type { Progress } from './ui/index.ts';

/**
 * What the verbs need of the other packages, in one place. Each is loaded when it is used: `verify`
 * does not load a compiler.
 */

/** What the compiler is told, where its defaults are not wanted. */
export interface CompilerOptions {
  /** Lengths of symbolic axes, by name. */
  readonly dimensions?: Readonly<Record<string, number>>;
  readonly activationBits?: number;
  readonly inputBits?: number;
  readonly outputBits?: number;
  readonly margin?: number;
  readonly privateWeights?: boolean;
  /** Outputs of other programs that inputs take over, and what those programs give for the samples. */
  readonly inputPorts?: ReadonlyMap<string, SourcePort>;
  readonly sourceOutputs?: readonly ReadonlyMap<string, Int32Array>[];
}

export interface CompileRequest extends CompilerOptions {
  readonly name: string;
  readonly model: Uint8Array;
  readonly samples: readonly Sample[];
  readonly progress: Progress;
}

export interface CompiledWithReport extends CompiledModel {
  readonly report: Report;
}

export async function compileModel(request: CompileRequest): Promise<CompiledWithReport> {
  const { compile } = await import('@assay/compiler');
  const { model, samples, progress, name, ...options } = request;
  progress.update('compile', 0, 0);
  const { program, weights, report } = await compile(model, samples, options);
  progress.end();
  return { program: { ...program, name }, weights, report };
}

/** Inputs that a model declares. */
export async function modelInputs(
  model: Uint8Array,
  dimensions: CompilerOptions['dimensions'],
): Promise<readonly InputPort[]> {
  const { importModel } = await import('@assay/compiler/onnx');
  const { inputPorts } = await import('@assay/compiler/data');
  return inputPorts(importModel(model, { dimensions }));
}

export interface RunningEngine {
  readonly engine: Engine;
  close(): Promise<void>;
}

/** Kernels on `threads` threads; all of the machine's, if not given. */
export async function startEngine(threads: number | undefined): Promise<RunningEngine> {
  const { createNodePool } = await import('@assay/runtime/node');
  const pool = await createNodePool(threads === undefined ? {} : { threads });
  return { engine: createEngine(pool), close: () => pool.close() };
}

/** What `setup` is told, where its defaults are not wanted. */
export interface CommitOptions {
  readonly targetBits: number;
  /** What proofs show. @default everything */
  readonly shown?: Shown | undefined;
  /** Proofs that hidden weights and committed ports are good for. */
  readonly proofs?: number | undefined;
  /** log2 of the column length and of the inverse of the first rate. */
  readonly logRows?: number | undefined;
  readonly logInverseRate?: number | undefined;
}

export interface Committed {
  readonly key: VerifyingKey;
  readonly estimate: { readonly proverMs: number; readonly proofBytes: number };
}

const STAGE_NAMES = { commit: 'commit', register: 'registration' } as const;

/**
 * Commits the model of a compiled bundle, and writes commitment and verifying key into it; hidden
 * weights with their registration proof, their secrets, and the record of their uses.
 */
export async function commitModel(
  engine: Engine,
  bundle: Bundle,
  options: CommitOptions,
  progress: Progress,
): Promise<Committed> {
  const { setup } = await import('@assay/prover');
  const { key, commitment, derived, secrets } = setup(engine, bundle.program, bundle.weights(), {
    ...options,
    onStage: (stage) => progress.update(STAGE_NAMES[stage], 0, 0),
  });
  const source = {
    ...sourceOf(engine, commitment),
    verifyingKey: encodeVerifyingKey(key),
    secrets,
    ...(secrets === null ? {} : { birthRows: registrationRows(key) }),
  };
  writeCommitment(bundle.folder, source, (done, total) => progress.update('write', done, total));
  progress.end();
  return { key, estimate: derived.estimate };
}

/** Rows that the registration proof of a key opens. */
export function registrationRows(key: VerifyingKey): number {
  const own = registrationKey(key);
  if (!own.ok) throw new TypeError(`registrationRows: ${own.error.kind}`);
  return own.value.parameters.whir.queries[0] ?? 1;
}

/** Runs the program. Inputs by port name, outputs likewise. */
export async function runProgram(
  program: Program,
  weights: Weights,
  inputs: ReadonlyMap<string, Int32Array>,
): Promise<ReadonlyMap<string, Int32Array>> {
  const { executePorts } = await import('@assay/runtime');
  return executePorts(program, weights, inputs, null).outputs;
}
