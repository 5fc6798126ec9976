import { bytesOfK, ProofReader } from '@assay/core/codec';
import { err, ok, type Result } from '@assay/core/errors';
import { DIGEST_BYTES, keccak256 } from '@assay/core/hash';
import type { WhirParameters } from '@assay/core/pcs';
import { type ProofParameters, validateParameters } from '@assay/core/security';
import {
  decodeCbor,
  decodeProgram,
  encodeCbor,
  encodeProgram,
  LIMITS,
  programDigest,
  ValueReader,
} from '@assay/program';
import { PROOF_BYTES } from '../stages/format.ts';
import type { KeyError } from './errors.ts';
import { SUITE_NAME, type VerifyingKey } from './types.ts';
import { readVisibility, visibilityValue } from './visibility.ts';

/** First item of every encoded verifying key. */
const KEY_FORMAT = 'assay/verifying-key/v1';
/** Program and registration proof, and at most this much more. */
const KEY_BYTES: number = LIMITS.programBytes + PROOF_BYTES + 2 ** 16;

function parametersValue(p: ProofParameters): unknown {
  const w = p.whir;
  return [
    SUITE_NAME,
    p.targetBits,
    p.registeredSamples,
    p.lookupPowBits,
    p.batchPowBits,
    p.tailRows,
    [
      w.logRows,
      w.columns,
      w.foldings,
      w.logInverseRates,
      w.queries,
      w.oodSamples,
      w.foldPowBits,
      w.queryPowBits,
      w.blinding === null ? null : w.blinding.powBits,
    ],
  ];
}

/** Canonical bytes of the suite and all its parameters: what the statement absorbs. */
export function encodeParameters(parameters: ProofParameters): Uint8Array {
  return encodeCbor(parametersValue(parameters));
}

/** keccak256 of `encodeParameters`: names the suite in a receipt. */
export function parametersDigest(parameters: ProofParameters): Uint8Array {
  return keccak256(encodeParameters(parameters));
}

/** Canonical bytes of a verifying key: deterministic CBOR of nested lists. */
export function encodeVerifyingKey(key: VerifyingKey): Uint8Array {
  return encodeCbor([
    KEY_FORMAT,
    encodeProgram(key.program),
    parametersValue(key.parameters),
    key.model.root,
    bytesOfK(key.model.yReg),
    visibilityValue(key.visibility),
    key.registration,
  ]);
}

function readWhir(reader: ValueReader, value: unknown): WhirParameters {
  const [logRows, columns, foldings, rates, queries, samples, foldPow, queryPow, blindPow] =
    reader.tuple(value, 9, 'whir');
  return {
    logRows: reader.integer(logRows, 'logRows'),
    columns: reader.integer(columns, 'columns'),
    foldings: reader.integers(foldings, 'foldings'),
    logInverseRates: reader.integers(rates, 'logInverseRates'),
    queries: reader.integers(queries, 'queries'),
    oodSamples: reader.integers(samples, 'oodSamples'),
    foldPowBits: reader.integers(foldPow, 'foldPowBits'),
    queryPowBits: reader.integers(queryPow, 'queryPowBits'),
    blinding: reader.optional(blindPow, (bits) => ({ powBits: reader.integer(bits, 'blinding') })),
  };
}

function readParameters(reader: ValueReader, value: unknown): ProofParameters {
  const [suite, target, registered, lookupPow, batchPow, tailRows, whir] = reader.tuple(
    value,
    7,
    'parameters',
  );
  reader.choice(suite, [SUITE_NAME], 'suite');
  return {
    targetBits: reader.integer(target, 'targetBits'),
    registeredSamples: reader.integer(registered, 'registeredSamples'),
    lookupPowBits: reader.integer(lookupPow, 'lookupPowBits'),
    batchPowBits: reader.integer(batchPow, 'batchPowBits'),
    tailRows: reader.integer(tailRows, 'tailRows'),
    whir: readWhir(reader, whir),
  };
}

/** Within bounds; what they are worth is for verification to compute. */
function parametersError(p: ProofParameters): KeyError | null {
  const valid = validateParameters(p);
  if (valid.ok) return null;
  const { kind, field, value } = valid.error;
  return {
    kind: 'key/parameters',
    field: kind === 'whir/parameters' ? `whir.${field}` : field,
    value,
  };
}

/**
 * Any bytes to a well-formed verifying key or the reason why they are none. Accepts exactly what
 * `encodeVerifyingKey` writes: decoded, written again and compared.
 *
 * Rejects: every `key/…` kind.   Cost: linear in the bytes, and `decodeProgram`.
 * Caller must: know whose key it is. A verdict is about the model in the key, whatever that is.
 */
export function decodeVerifyingKey(bytes: Uint8Array): Result<VerifyingKey, KeyError> {
  if (bytes.length > KEY_BYTES) {
    return err({ kind: 'key/too-large', limit: KEY_BYTES, actual: bytes.length });
  }
  const value = decodeCbor(bytes);
  if (!value.ok) return err({ kind: 'key/encoding', reason: value.error });
  const reader = new ValueReader();
  const [format, program, parameterList, rootBytes, answers, hides, registered] = reader.tuple(
    value.value,
    7,
    'verifying key',
  );
  reader.choice(format, [KEY_FORMAT], 'format');
  const programBytes = reader.bytes(program, 'program');
  const parameters = readParameters(reader, parameterList);
  const root = reader.bytes(rootBytes, 'root');
  const yRegBytes = reader.bytes(answers, 'yReg');
  const visibility = readVisibility(reader, hides);
  const registration = reader.optional(registered, (digest) =>
    reader.bytes(digest, 'registration'),
  );
  if (reader.failure !== null) return err({ kind: 'key/encoding', reason: reader.failure });

  const outOfBounds = parametersError(parameters);
  if (outOfBounds !== null) return err(outOfBounds);
  if (root.length !== DIGEST_BYTES) return err({ kind: 'key/model', field: 'root' });
  if (registration !== null && visibility.weights.kind === 'public') {
    return err({ kind: 'key/model', field: 'registration' });
  }
  const words = new ProofReader(yRegBytes);
  const yReg = words.ks(parameters.registeredSamples);
  if (!words.atEnd) return err({ kind: 'key/model', field: 'yReg' });
  const decoded = decodeProgram(programBytes);
  if (!decoded.ok) return err({ kind: 'key/program', error: decoded.error });
  return ok({
    program: decoded.value,
    programDigest: programDigest(programBytes),
    parameters,
    model: { root: root.slice(), yReg },
    visibility,
    registration: registration === null ? null : registration.slice(),
  });
}
