import { createEngine, type Engine } from '@assay/core/engine';
import type { Report, SourcePort } from '@assay/compiler';
import type { InputPort, Sample } from '@assay/compiler/data';
import type { Program, Weights } from '@assay/program';
import { type Bundle, type CompiledModel, sourceOf, writeCommitment } from '@assay/prover/bundle';
import type { VerifyingKey } from '@assay/verifier';
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

export interface Committed {
  readonly key: VerifyingKey;
  readonly estimate: { readonly proverMs: number; readonly proofBytes: number };
}

/** Commits the model of a compiled bundle, and writes commitment and verifying key into it. */
export async function commitModel(
  engine: Engine,
  bundle: Bundle,
  targetBits: number,
  progress: Progress,
): Promise<Committed> {
  const { setup } = await import('@assay/prover');
  const { encodeVerifyingKey } = await import('@assay/verifier');
  progress.update('commit', 0, 0);
  const { key, commitment, derived } = setup(engine, bundle.program, bundle.weights(), {
    targetBits,
  });
  const source = { ...sourceOf(engine, commitment), verifyingKey: encodeVerifyingKey(key) };
  writeCommitment(bundle.folder, source, (done, total) => progress.update('write', done, total));
  progress.end();
  return { key, estimate: derived.estimate };
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

export interface StageTime {
  readonly name: string;
  readonly ms: number;
}

export interface ProvenRun {
  readonly proof: Uint8Array;
  readonly outputs: ReadonlyMap<string, Int32Array>;
  readonly stages: readonly StageTime[];
}

/** Proves one run of a bundle that is set up. */
export async function proveRun(
  engine: Engine,
  bundle: Bundle,
  inputs: ReadonlyMap<string, Int32Array>,
  nonce: Uint8Array,
  progress: Progress,
): Promise<ProvenRun> {
  const { prove } = await import('@assay/prover');
  const { provingKey } = await import('@assay/prover/bundle');
  const stages: StageTime[] = [];
  let current: { name: string; since: number } | null = null;
  const begin = (name: string | null): void => {
    const now = performance.now();
    if (current !== null) stages.push({ name: current.name, ms: now - current.since });
    current = name === null ? null : { name, since: now };
    if (name !== null) progress.update(name, 0, 0);
  };
  begin('load');
  const key = provingKey(bundle);
  const { proof, statement } = prove(engine, key, inputs, { nonce, onStage: begin });
  begin(null);
  progress.end();
  return { proof, outputs: statement.outputs, stages };
}
