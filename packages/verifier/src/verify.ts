import { ProofReader } from '@assay/core/codec';
import { err, ok, type Result } from '@assay/core/errors';
import { DIGEST_BYTES, equalBytes } from '@assay/core/hash';
import { PlainLedger } from '@assay/core/linear';
import { readOutOfDomainPairs, verifyOpening } from '@assay/core/pcs';
import { TAG_ROOT, TAG_STATEMENT, Transcript } from '@assay/core/transcript';
import { type Argument, prepareArgument } from './argument/argument.ts';
import {
  collectClaims,
  evaluateJoinedWeight,
  joinClaims,
  type Transcribed,
} from './argument/claims.ts';
import { publicValues, statementBytes } from './argument/statement-bytes.ts';
import type { VerifyingKey } from './key/index.ts';
import { verifyEinsums } from './stages/einsums.ts';
import type { VerifyError } from './stages/errors.ts';
import { PROOF_BYTES, PROOF_MAGIC, PROOF_VERSION } from './stages/format.ts';
import { verifyLookups } from './stages/lookups.ts';
import type { Statement } from './statement.ts';

/** What a verified proof says: for these public values the program's relations have a solution over the named model. */
export interface Verified {
  /** Provable bits, round by round, in the random oracle model (`docs/security.md`). */
  readonly securityBits: number;
}

function readHeader(bytes: Uint8Array): Result<ProofReader, VerifyError> {
  if (bytes.length > PROOF_BYTES) return err({ kind: 'proof/format', reason: 'too-large' });
  const reader = new ProofReader(bytes);
  if (!equalBytes(reader.bytes(PROOF_MAGIC.length), PROOF_MAGIC))
    return err({ kind: 'proof/format', reason: 'magic' });
  const version = reader.word();
  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });
  return version === PROOF_VERSION ? ok(reader) : err({ kind: 'proof/format', reason: 'version' });
}

/** S1 and S2: the witness root, then out-of-domain answers of its columns. */
function readWitness(
  argument: Argument,
  transcript: Transcript,
  reader: ProofReader,
  ledger: PlainLedger,
): { readonly root: Uint8Array; readonly outOfDomain: Transcribed['outOfDomain'] } {
  const root = reader.bytes(DIGEST_BYTES);
  transcript.observe(TAG_ROOT, root);
  const samples = argument.key.parameters.whir.oodSamples[0] ?? 0;
  const outOfDomain = readOutOfDomainPairs(transcript, reader, samples).map(({ z, y }) => ({
    z,
    answer: ledger.received(y),
  }));
  return { root, outOfDomain };
}

/**
 * Verifies a proof that the program in `key`, over the model it names, takes the statement's inputs
 * to its outputs. Steps as in the protocol:
 *
 *   S0 statement   S1 witness root   S2 out-of-domain answers   S3 LogUp challenges   S4 LogUp-GKR
 *   S5 einsums     S7 all claims, joined                        S8 opening
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
  const prepared = prepareArgument(key);
  return prepared.ok ? verifyPrepared(prepared.value, statement, proof) : prepared;
}

/** `verifyProof` for many proofs under one key. */
export function verifyPrepared(
  argument: Argument,
  statement: Statement,
  proof: Uint8Array,
): Result<Verified, VerifyError> {
  const { key, layout } = argument;
  const known = publicValues(key.program, statement);
  if (!known.ok) return known;
  const header = readHeader(proof);
  if (!header.ok) return header;
  const reader = header.value;
  const ledger = new PlainLedger();
  const transcript = new Transcript();

  transcript.observe(TAG_STATEMENT, statementBytes(key, statement));
  const { root, outOfDomain } = readWitness(argument, transcript, reader, ledger);
  const lookup = verifyLookups(argument, transcript, reader, ledger);
  if (!lookup.ok) return lookup;
  const einsums = verifyEinsums(argument, transcript, reader, ledger);
  if (!einsums.ok) return einsums;

  const { batchPowBits, whir } = key.parameters;
  const nonce = batchPowBits === 0 ? 0n : reader.u64();
  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });
  if (!transcript.checkPow(batchPowBits, nonce)) return err({ kind: 'proof/pow', step: 'S7' });
  const gamma = transcript.sampleK();
  const transcribed: Transcribed = { outOfDomain, lookup: lookup.value, ...einsums.value };
  const { claims, weights } = collectClaims(argument, known.value, transcribed);
  const joined = joinClaims(claims, gamma);

  const slots = [
    { root: key.model.root, ...layout.model },
    { root, ...layout.witness },
  ];
  const opened = verifyOpening(transcript, reader, whir, slots, joined.value.constant, (rho) =>
    evaluateJoinedWeight(argument, weights, joined, rho),
  );
  if (!opened.ok) return err({ kind: 'proof/opening', error: opened.error });
  if (!reader.atEnd)
    return err({ kind: 'proof/format', reason: reader.failed ?? 'trailing-bytes' });
  return ok({ securityBits: key.parameters.targetBits });
}
