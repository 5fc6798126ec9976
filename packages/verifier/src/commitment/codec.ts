import { bytesOfK, K_BYTES, ProofReader } from '@assay/core/codec';
import { err, ok, type Result } from '@assay/core/errors';
import { TWO_ADICITY } from '@assay/core/field';
import { DIGEST_BYTES } from '@assay/core/hash';
import { WHIR_LIMITS } from '@assay/core/pcs';
import { decodeCbor, elementCount, encodeCbor, LIMITS, ValueReader } from '@assay/program';
import type { CommitmentError } from './errors.ts';
import type { PortCommitment } from './types.ts';

/** First item of every encoded commitment. */
const COMMITMENT_FORMAT = 'assay/commitment/v1';
const COMMITMENT_BYTES = 1024;

/** Canonical bytes of a commitment: a list in deterministic CBOR. */
export function encodeCommitment(commitment: PortCommitment): Uint8Array {
  return encodeCbor([
    COMMITMENT_FORMAT,
    commitment.root,
    bytesOfK(commitment.yReg),
    commitment.tailRows,
    commitment.shape,
    commitment.logRows,
    commitment.logInverseRate,
  ]);
}

/** The first field that is out of bounds. */
function fieldError(c: Omit<PortCommitment, 'yReg'>): CommitmentError | null {
  const bad = (field: 'root' | 'tailRows' | 'shape' | 'logRows' | 'logInverseRate') =>
    ({ kind: 'commitment/field', field }) as const;
  if (c.root.length !== DIGEST_BYTES) return bad('root');
  if (!(c.logRows >= 1 && c.logRows < TWO_ADICITY)) return bad('logRows');
  const mostRate = Math.min(WHIR_LIMITS.logInverseRate, TWO_ADICITY - c.logRows);
  if (!(c.logInverseRate >= 1 && c.logInverseRate <= mostRate)) return bad('logInverseRate');
  if (!(c.tailRows >= 1 && c.tailRows < 2 ** c.logRows)) return bad('tailRows');
  const { axes, elements } = LIMITS;
  const bounded = c.shape.length <= axes && c.shape.every((n) => n >= 1 && n <= elements);
  return bounded && elementCount(c.shape) <= elements ? null : bad('shape');
}

/**
 * Any bytes to a well-formed commitment or the reason why they are none. Accepts exactly what
 * `encodeCommitment` writes: decoded, written again and compared.
 *
 * Rejects: every `commitment/…` kind.   Cost: linear in at most 1024 bytes.
 * Caller must: compare size and tail with those of the proof that is to open it.
 */
export function decodeCommitment(bytes: Uint8Array): Result<PortCommitment, CommitmentError> {
  if (bytes.length > COMMITMENT_BYTES) {
    return err({
      kind: 'commitment/too-large',
      limit: COMMITMENT_BYTES,
      actual: bytes.length,
    });
  }
  const value = decodeCbor(bytes);
  if (!value.ok) return err({ kind: 'commitment/encoding', reason: value.error });
  const reader = new ValueReader();
  const [format, rootBytes, answers, tailRows, shape, logRows, logInverseRate] = reader.tuple(
    value.value,
    7,
    'commitment',
  );
  reader.choice(format, [COMMITMENT_FORMAT], 'format');
  const fields = {
    root: reader.bytes(rootBytes, 'root').slice(),
    tailRows: reader.integer(tailRows, 'tailRows'),
    shape: reader.integers(shape, 'shape'),
    logRows: reader.integer(logRows, 'logRows'),
    logInverseRate: reader.integer(logInverseRate, 'logInverseRate'),
  };
  const yRegBytes = reader.bytes(answers, 'yReg');
  if (reader.failure !== null) return err({ kind: 'commitment/encoding', reason: reader.failure });

  const outOfBounds = fieldError(fields);
  if (outOfBounds !== null) return err(outOfBounds);
  const samples = Math.floor(yRegBytes.length / K_BYTES);
  const words = new ProofReader(yRegBytes);
  const yReg = words.ks(Math.min(samples, WHIR_LIMITS.oodSamples));
  if (samples < 1 || !words.atEnd) return err({ kind: 'commitment/field', field: 'yReg' });
  return ok({ ...fields, yReg });
}
