import { ProofReader } from '@assay/core/codec';
import { err, ok, type Result } from '@assay/core/errors';
import { DIGEST_BYTES, equalBytes } from '@assay/core/hash';
import { constantValue, HidingLedger, type Ledger, PlainLedger } from '@assay/core/linear';
import { readOutOfDomainPairs, type RootSlot, verifyOpening } from '@assay/core/pcs';
import { TAG_ROOT, TAG_STATEMENT, Transcript } from '@assay/core/transcript';
import type { Argument } from './argument/argument.ts';
import {
  collectClaims,
  evaluateJoinedWeight,
  joinClaims,
  resolver,
  type Transcribed,
} from './argument/claims.ts';
import { committedPorts } from './argument/commitments.ts';
import { publicValues, statementBytes } from './argument/statement-bytes.ts';
import { verifyEinsums } from './stages/einsums.ts';
import type { VerifyError } from './stages/errors.ts';
import { PROOF_BYTES, PROOF_MAGIC, PROOF_VERSION } from './stages/format.ts';
import { verifyLookups } from './stages/lookups.ts';
import { verifyProducts } from './stages/products.ts';
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
): { readonly root: Uint8Array; readonly outOfDomain: Transcribed['outOfDomain'] } {
  const root = reader.bytes(DIGEST_BYTES);
  transcript.observe(TAG_ROOT, root);
  const samples = argument.key.parameters.whir.oodSamples[0] ?? 0;
  const outOfDomain = readOutOfDomainPairs(transcript, reader, samples).map(({ z, y }) => ({
    z,
    answer: constantValue(y),
  }));
  return { root, outOfDomain };
}

/** What S1 to S5 leave behind. */
export interface Messages {
  readonly root: Uint8Array;
  readonly transcribed: Transcribed;
}

/**
 * S1 to S5. The prover of a hiding proof runs it on its own messages, and so has the same linear
 * forms in the pads as the verifier.
 */
export function verifyMessages(
  argument: Argument,
  transcript: Transcript,
  reader: ProofReader,
  ledger: Ledger,
): Result<Messages, VerifyError> {
  const { root, outOfDomain } = readWitness(argument, transcript, reader);
  const lookup = verifyLookups(argument, transcript, reader, ledger);
  if (!lookup.ok) return lookup;
  const einsums = verifyEinsums(argument, transcript, reader, ledger);
  if (!einsums.ok) return einsums;
  return ok({ root, transcribed: { outOfDomain, lookup: lookup.value, ...einsums.value } });
}

/**
 * The argument alone: `verifyPrepared` without the demand that hidden weights are registered, which a
 * registration proof itself cannot meet.
 */
export function verifyArgument(
  argument: Argument,
  statement: Statement,
  proof: Uint8Array,
): Result<Verified, VerifyError> {
  const { key, system, pads } = argument;
  const known = publicValues(key, statement);
  if (!known.ok) return known;
  const header = readHeader(proof);
  if (!header.ok) return header;
  const reader = header.value;
  const hiding = system.hiding ? new HidingLedger(pads) : null;
  const transcript = new Transcript();

  transcript.observe(TAG_STATEMENT, statementBytes(key, statement));
  const messages = verifyMessages(argument, transcript, reader, hiding ?? new PlainLedger());
  if (!messages.ok) return messages;
  const checks = hiding && verifyProducts(transcript, reader, hiding);

  const { batchPowBits, whir } = key.parameters;
  const nonce = batchPowBits === 0 ? 0n : reader.u64();
  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });
  if (!transcript.checkPow(batchPowBits, nonce)) return err({ kind: 'proof/pow', step: 'S7' });
  const gamma = transcript.sampleK();
  const given = { known: known.value, statement, checks };
  const { claims, weights } = collectClaims(argument, given, messages.value.transcribed);
  const joined = joinClaims(argument, claims, gamma, resolver(hiding));

  const slots = rootSlots(argument, statement, messages.value.root);
  const opened = verifyOpening(transcript, reader, whir, slots, joined.value, (rho) =>
    evaluateJoinedWeight(argument, weights, joined, rho),
  );
  if (!opened.ok) return err({ kind: 'proof/opening', error: opened.error });
  if (!reader.atEnd)
    return err({ kind: 'proof/format', reason: reader.failed ?? 'trailing-bytes' });
  return ok({ securityBits: key.parameters.targetBits });
}

/** All roots of oracle 0 in column order. A tree is salted if anything under it is hidden. */
function rootSlots(argument: Argument, statement: Statement, witness: Uint8Array): RootSlot[] {
  const { key, layout, system } = argument;
  const salted = key.visibility.weights.kind === 'hidden';
  const ports = committedPorts(argument, statement).map(({ span, values }) => ({
    ...span,
    root: values.root,
    salted: true,
  }));
  return [
    { ...layout.model, root: key.model.root, salted },
    ...(layout.earlier !== null && statement.earlier !== undefined
      ? [{ ...layout.earlier, root: statement.earlier.root, salted }]
      : []),
    ...ports,
    { ...layout.witness, root: witness, salted: system.hiding },
  ];
}
