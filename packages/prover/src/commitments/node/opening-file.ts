import { createHash } from 'node:crypto';
import { bytesOfWords } from '@assay/core/codec';
import { P } from '@assay/core/field';
import { concatBytes, equalBytes } from '@assay/core/hash';
import { SALT_BYTES } from '@assay/core/merkle';
import { elementCount, layoutTensor } from '@assay/program';
import { decodeCommitment, describeCommitmentError, encodeCommitment } from '@assay/verifier';
import { tailRowsFor } from '../budget.ts';
import { openingError } from '../errors.ts';
import type { TensorOpening } from '../tensor.ts';

/**
 * opening.bin: magic (16 bytes), bytes of the public part (u32 LE), the public part
 * (`encodeCommitment`), units and rows per use (u32 LE each), values (i32 LE), tails column after
 * column (u32 LE), salts (32 bytes a leaf), SHA-256 of everything before it. Only the public part has
 * a length of its own: it gives the lengths of the rest.
 */
const MAGIC = new TextEncoder().encode('assay/opening/v1');
const CHECKSUM_BYTES = 32;

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

export function encodeOpening(opening: TensorOpening): Uint8Array {
  const commitment = encodeCommitment(opening.commitment);
  const body = concatBytes(
    MAGIC,
    bytesOfWords([commitment.length]),
    commitment,
    bytesOfWords([opening.units, opening.rowsPerUse]),
    bytesOfWords(opening.values),
    bytesOfWords(opening.tails),
    opening.salts,
  );
  return concatBytes(body, sha256(body));
}

/**
 * @param path - For messages.
 * @throws {AssayError} ASSAY_OPENING_FORMAT, ASSAY_OPENING_CORRUPT
 */
export function decodeOpening(bytes: Uint8Array, path: string): TensorOpening {
  const format = (reason: string): Error =>
    openingError('ASSAY_OPENING_FORMAT', `opening: ${path}: ${reason}`);
  if (MAGIC.some((byte, i) => byte !== bytes[i])) throw format('not an opening of this version');
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < MAGIC.length + 4 || !equalBytes(sha256(bytes.subarray(0, end)), bytes.subarray(end))) {
    throw openingError('ASSAY_OPENING_CORRUPT', `opening: ${path} was cut or changed`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  let at = MAGIC.length;
  const take = (count: number): number => {
    if (count > end - at) throw format('its parts do not fit its size');
    at += count;
    return at - count;
  };
  const word = (): number => view.getUint32(take(4), true);
  const integers = (count: number): Int32Array => {
    const from = take(4 * count);
    return Int32Array.from({ length: count }, (_, i) => view.getInt32(from + 4 * i, true));
  };

  const length = word();
  const from = take(length);
  const decoded = decodeCommitment(bytes.subarray(from, from + length));
  if (!decoded.ok) throw format(describeCommitmentError(decoded.error));
  const commitment = decoded.value;
  const { shape, logRows, logInverseRate, tailRows, yReg } = commitment;
  const [units, rowsPerUse] = [word(), word()];
  if (units < 3 || rowsPerUse < 1 || tailRowsFor({ units, rowsPerUse }, yReg.length) !== tailRows) {
    throw format('its uses are not those that its tails pay for');
  }
  const values = integers(elementCount(shape));
  const tails = integers(layoutTensor(shape, logRows, tailRows).columns * tailRows);
  if (!tails.every((value) => value >= 0 && value < P)) throw format('a tail is not canonical');
  const saltBytes = SALT_BYTES * 2 ** (logRows + logInverseRate);
  const saltsFrom = take(saltBytes);
  const salts = bytes.slice(saltsFrom, saltsFrom + saltBytes);
  if (at !== end) throw format('its parts do not fit its size');
  return { commitment, units, rowsPerUse, values, tails, salts };
}
