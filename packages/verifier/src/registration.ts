import { err, ok, type Result } from '@assay/core/errors';
import { encodeProgram, programDigest, registrationProgram } from '@assay/program';
import { type Argument, type ArgumentError, prepareArgument } from './argument/argument.ts';
import { rederive } from './argument/derive.ts';
import type { VerifyingKey } from './key/index.ts';
import type { VerifyError } from './stages/errors.ts';
import type { Statement } from './statement.ts';
import { type Verified, verifyArgument } from './verify-argument.ts';

/** A registration says nothing but that it holds. */
export const REGISTRATION_STATEMENT: Statement = {
  inputs: new Map(),
  outputs: new Map(),
  nonce: new Uint8Array(0),
};

/**
 * The key of a private model's registration proof: the same root under the program whose relations
 * say that every weight is in its declared range and every declared accumulator interval holds
 * (`registrationProgram`). Follows from the model's key.
 */
export function registrationKey(key: VerifyingKey): Result<VerifyingKey, ArgumentError> {
  const program = registrationProgram(key.program);
  if (!program.ok) return err({ kind: 'argument/program', error: program.error });
  const visibility = { weights: key.visibility.weights, inputs: [], outputs: [] };
  const bare: VerifyingKey = {
    ...key,
    program: program.value,
    programDigest: programDigest(encodeProgram(program.value)),
    registration: null,
  };
  return rederive(bare, visibility);
}

/** Whether the key's registration proof shows what `registrationKey` says. */
export function verifyRegistration(key: VerifyingKey): Result<Verified, VerifyError> {
  if (key.registration === null) return err({ kind: 'proof/unregistered' });
  const own = registrationKey(key);
  if (!own.ok) return own;
  const argument = prepareArgument(own.value);
  if (!argument.ok) return argument;
  const verified = verifyArgument(argument.value, REGISTRATION_STATEMENT, key.registration);
  return verified.ok ? verified : err({ kind: 'proof/registration', error: verified.error });
}

/**
 * Prepares a key for verifying any number of proofs: the argument, and for hidden weights that their
 * registration holds. Nothing else makes an argument that `verifyPrepared` takes for hidden weights.
 */
export function prepareVerification(key: VerifyingKey): Result<Argument, VerifyError> {
  const prepared = prepareArgument(key);
  if (!prepared.ok || key.visibility.weights.kind === 'public') return prepared;
  const registered = verifyRegistration(key);
  return registered.ok ? ok({ ...prepared.value, registered: true }) : registered;
}
