import { err, type Result } from '@assay/core/errors';
import type { Argument } from './argument/argument.ts';
import type { VerifyingKey } from './key/index.ts';
import { prepareVerification } from './registration.ts';
import type { VerifyError } from './stages/errors.ts';
import type { Statement } from './statement.ts';
import { type Verified, verifyArgument } from './verify-argument.ts';

/**
 * Verifies a proof that the program in `key`, over the model it names, takes the statement's inputs
 * to its outputs. Steps as in the protocol:
 *
 *   S0 statement   S1 witness root   S2 out-of-domain answers   S3 LogUp challenges   S4 LogUp-GKR
 *   S5 einsums     S6 products (hiding)   S7 all claims, joined S8 opening
 *
 * For hidden weights it first verifies the registration proof in the key.
 *
 * Total: any bytes give a result.   Cost: linear in the proof, plus public values and listed tables.
 * Rejects: every kind of `VerifyError`.
 * Soundness: 2^−`securityBits` per round, for every prover, if keccak-256 is a random oracle.
 * Caller must: know the key (whose model, which program); choose or check inputs, outputs and nonce.
 */
export function verifyProof(
  key: VerifyingKey,
  statement: Statement,
  proof: Uint8Array,
): Result<Verified, VerifyError> {
  const prepared = prepareVerification(key);
  return prepared.ok ? verifyPrepared(prepared.value, statement, proof) : prepared;
}

/** `verifyProof` for many proofs under one key: the argument is `prepareVerification`'s. */
export function verifyPrepared(
  argument: Argument,
  statement: Statement,
  proof: Uint8Array,
): Result<Verified, VerifyError> {
  const { key, registered } = argument;
  if (key.visibility.weights.kind === 'hidden' && !registered) {
    return err({ kind: 'proof/unregistered' });
  }
  return verifyArgument(argument, statement, proof);
}
