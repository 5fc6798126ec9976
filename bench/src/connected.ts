import { compile, type Sample } from '@assay/compiler';
import { FloatSession } from '@assay/compiler/float';
import { importModel } from '@assay/compiler/onnx';
import { createEngine, type Engine } from '@assay/core/engine';
import { elementCount, isHiding, type Program, type Weights } from '@assay/program';
import { prove, setup } from '@assay/prover';
import {
  openBundle,
  provingKey,
  sourceOf,
  writeCommitment,
  writeCompiled,
} from '@assay/prover/bundle';
import { spendUnits } from '@assay/prover/commitments/node';
import { dequantizeOutput, executePorts, quantizeInput } from '@assay/runtime';
import { createNodePool } from '@assay/runtime/node';
import {
  encodeVerifyingKey,
  prepareArgument,
  prepareVerification,
  registrationKey,
  type Statement,
  verifyPrepared,
  verifyProof,
  verifyRegistration,
  type VerifyingKey,
} from '@assay/verifier';
import type { Pipeline, Proven, Session, Tensors } from './pipeline.ts';
import { hiddenParts, shownIn } from './profiles.ts';

type Integers = ReadonlyMap<string, Int32Array>;

interface RunningEngine {
  readonly engine: Engine;
  close(): Promise<void>;
}

/** The prover's engine on the WASM kernels. */
export async function startEngine(threads: number): Promise<RunningEngine> {
  const pool = await createNodePool({ threads });
  return { engine: createEngine(pool), close: () => pool.close() };
}

/** The pipeline that the packages make up. */
export const connectedPipeline: Pipeline = {
  async compile({ name, model, samples, folder, privateWeights }) {
    const dense = samples.map(denseInputs(model));
    const { program, weights, report } = await compile(model, dense, { privateWeights });
    writeCompiled(folder, { program: { ...program, name }, weights, report });
  },

  async setup({ folder, profile, proofs, threads, securityBits }) {
    const { engine, close } = await startEngine(threads);
    const compiled = openBundle(folder);
    const { program } = compiled;
    const { onStage, finish } = stopwatch();
    const { key, commitment, secrets } = setup(engine, program, compiled.weights(), {
      targetBits: securityBits,
      shown: shownIn(profile, program),
      proofs,
      onStage,
    });
    const stages = finish();
    compiled.close();
    writeCommitment(folder, {
      ...sourceOf(engine, commitment),
      verifyingKey: encodeVerifyingKey(key),
      secrets,
      ...(secrets === null ? {} : { birthRows: registrationRows(key) }),
    });
    await close();
    const bundle = openBundle(folder);
    const { provingKeyBytes, verifyingKeyBytes } = bundle;
    bundle.close();
    const ms = stages.find(({ name }) => name === 'register')?.ms ?? 0;
    return {
      sizes: { provingKeyBytes, verifyingKeyBytes },
      parameters: parameterCount(program),
      registration: key.registration === null ? null : { ms, proofBytes: key.registration.length },
    };
  },

  async open(folder, threads, wrap = (engine) => engine) {
    const { engine, close } = await startEngine(threads);
    return openSession(folder, wrap(engine), close);
  },

  async openTogether(folders, threads) {
    const { engine, close } = await startEngine(threads);
    return folders.map((folder, i) =>
      openSession(folder, engine, i === 0 ? close : async () => {}),
    );
  },

  async float(model, samples) {
    const session = await FloatSession.create(model, { intermediates: false });
    const dense = denseInputs(model);
    const results: Tensors[] = [];
    for (const sample of samples) {
      const values = await session.run(dense(sample));
      const outputs = session.outputs.map((name) => [name, values.get(name)?.data ?? []] as const);
      results.push(
        Object.fromEntries(outputs.map(([name, data]) => [name, Float32Array.from(data)])),
      );
    }
    await session.release();
    return results;
  },
};

/** Gives flat inputs the shapes that the model declares, symbolic axes being 1. */
export function denseInputs(model: Uint8Array): (inputs: Tensors) => Sample {
  const { values } = importModel(model);
  return (inputs) =>
    new Map(
      Object.entries(inputs).map(([name, data]) => {
        const dims = values.get(name)?.shape ?? [];
        return [name, { dims, data: Float64Array.from(data) }];
      }),
    );
}

function parameterCount({ tensors }: Program): number {
  return tensors.reduce(
    (sum, { role, shape }) => sum + (role === 'model' ? elementCount(shape) : 0),
    0,
  );
}

/** Rows that the registration proof of a key opened: what its root's birth spends. */
function registrationRows(key: VerifyingKey): number {
  const own = registrationKey(key);
  if (!own.ok)
    throw new TypeError(`registrationRows: expected hidden weights, got ${own.error.kind}`);
  return own.value.parameters.whir.queries[0] ?? 1;
}

/** What `verify-model` does with hidden weights. */
function verifyModel(key: VerifyingKey): string | null {
  const prepared = prepareArgument(key);
  const result = prepared.ok ? verifyRegistration(key) : prepared;
  return result.ok ? null : result.error.kind;
}

/**
 * A proof of hidden weights spends its use of their root first, on disk, as on the command line.
 *
 * @throws {AssayError} as `provingKey`
 */
export function openSession(
  folder: string,
  engine: Engine,
  closeEngine: () => Promise<void>,
): Session<Statement> {
  const bundle = openBundle(folder);
  const { program } = bundle;
  const proving = provingKey(bundle);
  const { weights } = proving;
  const { key } = proving.argument;
  const hidden = bundle.hidden();
  const rows = key.parameters.whir.queries[0] ?? 1;
  let prepared: ReturnType<typeof prepareVerification> | null = null;
  return {
    threads: engine.threads,
    securityBits: key.parameters.targetBits,
    zk: isHiding(key.visibility),
    hidden: hiddenParts(key.visibility),
    async infer(inputs) {
      return infer(program, weights, inputs, engine);
    },
    async prove(inputs, nonce) {
      const { onStage, finish } = stopwatch();
      if (hidden !== null) {
        onStage('uses');
        spendUnits(hidden.uses, hidden, rows);
      }
      const values = quantize(program, inputs);
      const { proof, statement } = prove(engine, proving, values, { nonce, onStage });
      const stages = finish();
      return { proof, statement, stages, outputs: dequantize(program, statement.outputs) };
    },
    verify(proof, statement) {
      const result = verifyProof(key, statement, proof);
      return result.ok ? null : result.error.kind;
    },
    verifyPrepared(proof, statement) {
      prepared ??= prepareVerification(key);
      const result = prepared.ok ? verifyPrepared(prepared.value, statement, proof) : prepared;
      return result.ok ? null : result.error.kind;
    },
    verifyModel: hidden === null ? null : () => verifyModel(key),
    async close() {
      bundle.close();
      await closeEngine();
    },
  };
}

/** Plain execution. @param engine - null: plain TypeScript */
export function infer(
  program: Program,
  weights: Weights,
  inputs: Tensors,
  engine: Engine | null,
): Tensors {
  const { outputs } = executePorts(program, weights, quantize(program, inputs), engine);
  return dequantize(program, outputs);
}

function quantize(program: Program, inputs: Tensors): Integers {
  return new Map(
    program.inputs.map((port) => {
      const { values } = quantizeInput(program, port, inputs[port.name] ?? []);
      return [port.name, values];
    }),
  );
}

function dequantize(program: Program, outputs: Integers): Tensors {
  return Object.fromEntries(
    program.outputs.map((port) => {
      const values = dequantizeOutput(port, outputs.get(port.name) ?? new Int32Array());
      return [port.name, Float32Array.from(values)];
    }),
  );
}

/** Times stages by their beginnings. */
function stopwatch(): { onStage: (stage: string) => void; finish: () => Proven['stages'] } {
  const stages: { name: string; ms: number }[] = [];
  let since = performance.now();
  const lap = (): void => {
    const now = performance.now();
    const last = stages.at(-1);
    if (last !== undefined) last.ms = now - since;
    since = now;
  };
  return {
    onStage(stage) {
      lap();
      stages.push({ name: stage, ms: 0 });
    },
    finish() {
      lap();
      return stages;
    },
  };
}
