import type { Engine } from '@assay/core/engine';
import type { Program, TensorId, Weights } from '@assay/program';
import type { Toy } from '@assay/runtime/testing';
import { prepareArgument, type VerifyingKey } from '@assay/verifier';
import { prove, type Proven, type ProvingKey, setup } from '../src/index.ts';

export interface KeyOptions {
  readonly targetBits?: number;
  readonly logRows?: number;
  /** Proof of work in both slots of the argument, more than the parameters ask for. */
  readonly powBits?: number;
}

/** Sets a model up in the engine's memory and keeps it there. Few bits make small proofs. */
export function toyKey(
  engine: Engine,
  program: Program,
  weights: Weights,
  { targetBits = 20, logRows, powBits }: KeyOptions = {},
): ProvingKey {
  const made = setup(engine, program, weights, { targetBits, logRows });
  const { parameters } = made.key;
  const key: VerifyingKey =
    powBits === undefined
      ? made.key
      : {
          ...made.key,
          parameters: { ...parameters, lookupPowBits: powBits, batchPowBits: powBits },
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
