import { concatBytes } from '@assay/core/hash';
import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesOf } from './json.ts';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** An Ed25519 key pair: whoever holds the seed signs receipts. */
export interface SigningKey {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** The key pair of a 32-byte seed (RFC 8032 §5.1.5). @throws {RangeError} on any other length. */
export function keyFromSeed(seed: Uint8Array): SigningKey {
  if (seed.length !== 32) {
    throw new RangeError(`keyFromSeed: expected 32 bytes, got ${seed.length}`);
  }
  return { seed: seed.slice(), publicKey: ed25519.getPublicKey(seed) };
}

/**
 * DSSE v1 pre-authentication encoding: what is signed is the payload together with its type.
 *
 *   "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload        LEN = decimal number of bytes
 */
export function preAuthEncoding(payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  return concatBytes(bytesOf(head), payload);
}

export function signPayload(payload: Uint8Array, key: SigningKey): Uint8Array {
  return ed25519.sign(preAuthEncoding(payload), key.seed);
}

/**
 * Strict verification (RFC 8032 and SBS: canonical encodings only, s < L): a signature that one
 * implementation accepts and another refuses is refused. Any bytes give an answer.
 */
export function verifySignature(
  payload: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  try {
    return ed25519.verify(signature, preAuthEncoding(payload), publicKey, { zip215: false });
  } catch {
    return false;
  }
}
