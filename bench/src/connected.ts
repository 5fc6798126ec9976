import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import type { Program } from '@assay/program';
import { type ProvingKey, prove, setup, type Stage } from '@assay/prover';
import { openBundle, sourceOf, writeCommitment } from '@assay/prover/bundle';
import { dequantizeOutput, execute, quantizeInput } from '@assay/runtime';
import { encodeVerifyingKey, prepareArgument, type Statement, verifyProof } from '@assay/verifier';
import type { Pipeline, Proven, Session, Tensors } from './pipeline.ts';

type Integers = ReadonlyMap<string, Int32Array>;

/**
 * The prover's engine on the WASM kernels.
 *
 * @throws {AssayError} ASSAY_BENCH_NOT_CONNECTED
 */
export function connectedEngine(_threads: number): Promise<Engine> {
  throw notConnected('the WASM kernels');
}

/** The pipeline that the packages make up. */
export const connectedPipeline: Pipeline = {
  compile() {
    throw notConnected('the compiler');
  },

  async setup({ folder, threads, securityBits }) {
    const engine = await connectedEngine(threads);
    const compiled = openBundle(folder);
    const { key, commitment } = setup(engine, compiled.program, compiled.weights(), {
      targetBits: securityBits,
    });
    compiled.close();
    const verifyingKey = encodeVerifyingKey(key);
    writeCommitment(folder, { ...sourceOf(engine, commitment), verifyingKey });
    const bundle = openBundle(folder);
    const { provingKeyBytes, verifyingKeyBytes } = bundle;
    bundle.close();
    return { provingKeyBytes, verifyingKeyBytes };
  },

  async open(folder, threads, wrap = (engine) => engine) {
    return openSession(folder, wrap(await connectedEngine(threads)));
  },

  float() {
    throw notConnected('the float model');
  },
};

/** @throws {AssayError} ASSAY_BENCH_KEY when the bundle's key is not one for its program */
export function openSession(folder: string, engine: Engine): Session<Statement> {
  const bundle = openBundle(folder);
  const { program, verifyingKey: key } = bundle;
  // Says what to do about a bundle that is not set up.
  const tree = bundle.commitment();
  const argument = key === null ? null : prepareArgument(key);
  if (key === null || argument === null || !argument.ok) {
    throw new AssayError({
      code: 'ASSAY_BENCH_KEY',
      shortMessage: `${folder}: the verifying key is not one for its program.`,
    });
  }
  const weights = bundle.weights();
  const provingKey: ProvingKey = { argument: argument.value, weights, tree };
  return {
    threads: engine.threads,
    securityBits: key.parameters.targetBits,
    zk: false,
    async infer(inputs) {
      const integers = quantize(program, inputs);
      const byTensor = new Map(
        program.inputs.map(({ name, tensor }) => [tensor, integers.get(name) ?? new Int32Array()]),
      );
      const trace = execute(program, weights, byTensor, engine);
      return dequantize(program, (port) => trace.get(port.tensor));
    },
    async prove(inputs) {
      const { onStage, finish } = stopwatch();
      const { proof, statement } = prove(engine, provingKey, quantize(program, inputs), {
        onStage,
      });
      const stages = finish();
      return {
        proof,
        statement,
        stages,
        outputs: dequantize(program, (port) => statement.outputs.get(port.name)),
      };
    },
    verify(proof, statement) {
      const result = verifyProof(key, statement, proof);
      return result.ok ? null : result.error.kind;
    },
    async close() {
      bundle.close();
    },
  };
}

function quantize(program: Program, inputs: Tensors): Integers {
  return new Map(
    program.inputs.map((port) => {
      const { values } = quantizeInput(program, port, inputs[port.name] ?? []);
      return [port.name, values];
    }),
  );
}

function dequantize(
  program: Program,
  valuesOf: (port: Program['outputs'][number]) => Int32Array | undefined,
): Tensors {
  return Object.fromEntries(
    program.outputs.map((port) => {
      const values = dequantizeOutput(port, valuesOf(port) ?? new Int32Array());
      return [port.name, Float32Array.from(values)];
    }),
  );
}

/** Times stages by their beginnings. */
function stopwatch(): { onStage: (stage: Stage) => void; finish: () => Proven['stages'] } {
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

function notConnected(to: string): AssayError {
  return new AssayError({
    code: 'ASSAY_BENCH_NOT_CONNECTED',
    shortMessage: `The bench is not connected to ${to} yet.`,
  });
}
