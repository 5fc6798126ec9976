import { createEngine, type Engine } from '@assay/core/engine';
import { createWasmExecutor } from '@assay/core/engine/wasm';
import type { WhirParameters } from '@assay/core/pcs';
import type { Program, TensorId, Weights } from '@assay/program';
import type { Toy } from '@assay/runtime/testing';
import { prepareArgument, type VerifyingKey } from '@assay/verifier';
import { prove, type Proven, type ProvingKey, setup } from '../src/index.ts';

/** One engine for a file: its memory grows with the largest proof. */
export function toyEngine(): Engine {
  return createEngine(createWasmExecutor());
}

export interface KeyOptions {
  readonly targetBits?: number;
  readonly logRows?: number;
  /** Proof of work in both slots of the argument, more than the parameters ask for. */
  readonly powBits?: number;
  /** Three oracles with proof of work in between; worth few bits, so that no derivation gives it. */
  readonly deep?: boolean;
}

/** A schedule of three oracles for columns of at least 2^3 rows. */
function deepened(whir: WhirParameters): WhirParameters {
  const rate = whir.logInverseRates[0] ?? 1;
  const queries = Math.max(8, whir.queries[0] ?? 0);
  return {
    ...whir,
    foldings: [whir.foldings[0] ?? 1, 2, 1],
    logInverseRates: [rate, rate + 1, rate + 2],
    queries: [queries, queries, queries],
    oodSamples: [2, 2, 1],
    foldPowBits: [1, 0, 2],
    queryPowBits: [2, 1, 0],
  };
}

/** Sets a model up in the engine's memory and keeps it there. Few bits make small proofs. */
export function toyKey(
  engine: Engine,
  program: Program,
  weights: Weights,
  { targetBits = 20, logRows, powBits, deep = false }: KeyOptions = {},
): ProvingKey {
  const made = setup(engine, program, weights, { targetBits, logRows });
  const { parameters } = made.key;
  const key: VerifyingKey = {
    ...made.key,
    parameters: {
      ...parameters,
      ...(powBits === undefined ? {} : { lookupPowBits: powBits, batchPowBits: powBits }),
      ...(deep ? { targetBits: 2, whir: deepened(parameters.whir) } : {}),
    },
  };
  const argument = prepareArgument(key);
  if (!argument.ok) throw new Error(JSON.stringify(argument.error));
  return { argument: argument.value, weights, tree: made.commitment.opened };
}

/** Inputs of a toy by port name. */
export function inputsOf({ program, inputs }: Toy): Map<string, Int32Array> {
  return new Map(
    program.inputs.map(({ name, tensor }) => [name, inputs.get(tensor) ?? new Int32Array()]),
  );
}

export function proveToy(engine: Engine, key: ProvingKey, toy: Toy): Proven {
  return prove(engine, key, inputsOf(toy));
}

export function tensorNamed(program: Program, name: string): TensorId {
  const id = program.tensors.findIndex((t) => t.name === name);
  if (id < 0) throw new Error(`no tensor ${name}`);
  return id;
}
