import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import type { OpenedTree } from '@assay/core/pcs/prover';
import type { Randomness } from '@assay/core/randomness';
import { registrationWeights, type Weights } from '@assay/program';
import { execute } from '@assay/runtime';
import {
  describeVerifyError,
  prepareArgument,
  REGISTRATION_STATEMENT,
  registrationKey,
  type VerifyingKey,
} from '@assay/verifier';
import { proveTrue } from './prove.ts';

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
  const weights = registrationWeights(key.program, model.weights);
  const trace = execute(program, weights, new Map(), engine);
  const provingKey = { ...model, argument: argument.value, weights };
  return proveTrue(engine, provingKey, REGISTRATION_STATEMENT, { trace }, randomness);
}
