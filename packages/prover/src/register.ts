import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import type { OpenedTree } from '@assay/core/pcs/prover';
import type { Randomness } from '@assay/core/randomness';
import type { Program, Weights } from '@assay/program';
import { execute } from '@assay/runtime';
import {
  describeVerifyError,
  prepareArgument,
  REGISTRATION_STATEMENT,
  registrationKey,
  type VerifyingKey,
} from '@assay/verifier';
import { proveWith } from './prove.ts';

/** The same values for the model tensors of a program that has them in the same order. */
function sameWeights(from: Program, to: Program, weights: Weights): Weights {
  const ids = (program: Program): number[] =>
    program.tensors.flatMap(({ role }, id) => (role === 'model' ? [id] : []));
  const targets = ids(to);
  const moved = new Map<number, Int32Array>();
  for (const [i, id] of ids(from).entries()) {
    const values = weights.get(id);
    const target = targets[i];
    if (values !== undefined && target !== undefined) moved.set(target, values);
  }
  return moved;
}

/**
 * The registration proof of hidden weights: their ranges and accumulator bounds hold, for this root.
 * It is a hiding proof like any other, of `registrationProgram`, and spends one use of the root.
 */
export function register(
  engine: Engine,
  key: VerifyingKey,
  model: { readonly weights: Weights; readonly tree: OpenedTree; readonly tails: Int32Array },
  randomness: Randomness,
): Uint8Array {
  const own = registrationKey(key);
  const argument = own.ok ? prepareArgument(own.value) : own;
  if (!argument.ok) {
    throw new AssayError({
      code: 'ASSAY_SETUP_REGISTRATION',
      shortMessage: `the weights cannot be registered: ${describeVerifyError(argument.error)}`,
    });
  }
  const { program } = argument.value.system;
  const weights = sameWeights(key.program, program, model.weights);
  const trace = execute(program, weights, new Map(), engine);
  const provingKey = { ...model, argument: argument.value, weights };
  return proveWith(engine, provingKey, REGISTRATION_STATEMENT, { trace }, randomness);
}
