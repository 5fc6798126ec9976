import { err, ok, type Result } from '@assay/core/errors';
import { asciiBytes, concatBytes } from '@assay/core/hash';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import type { Hex } from 'viem';
import { bytesOf, hexOf } from '../hex.ts';

/** What is sealed: an input for the provider, or an output for the requester. */
export type SealPurpose = 'input' | 'output';

/** A key that envelopes are opened with. Secret: the seed. */
export interface SealKey {
  /** 32 random bytes, all that there is to store. */
  readonly seed: Uint8Array;
  /** X25519, as `ProviderRegistry.update` and `JobParams.outputKey` take it. */
  readonly publicKey: Hex;
}

/** Why an envelope was not opened. */
export type SealError =
  | { readonly kind: 'seal/format'; readonly bytes: number }
  | { readonly kind: 'seal/rejected' };

/** One sentence for people. */
export function describeSealError(error: SealError): string {
  switch (error.kind) {
    case 'seal/format':
      return `sealed data: ${error.bytes} bytes are no envelope of this version`;
    case 'seal/rejected':
      return 'sealed data: not for this key and this job, or changed';
  }
}

/** RFC 9180 base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
function suite(): CipherSuite {
  return new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
}

const MAGIC = asciiBytes('assay/sealed/v1\n');
const ENC_BYTES = 32;
const TAG_BYTES = 16;
const SEED_BYTES = 32;

/** Bytes of an envelope beyond those sealed in it. */
export const SEAL_OVERHEAD: number = MAGIC.length + ENC_BYTES + TAG_BYTES;

/** Binds an envelope to one job and one direction: another job's envelope does not open. */
function infoOf(job: Hex, purpose: SealPurpose): Uint8Array {
  return concatBytes(asciiBytes(`assay/sealed-${purpose}/v1`), bytesOf(job));
}

/** WebCrypto takes buffers of their own. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy.buffer;
}

/** A new key; a job's `outputKey` is used for that job alone. */
export async function newSealKey(): Promise<SealKey> {
  return sealKeyFromSeed(crypto.getRandomValues(new Uint8Array(SEED_BYTES)));
}

/** The key of a seed: DeriveKeyPair of RFC 9180, section 7.1.3. @throws {RangeError} on another length */
export async function sealKeyFromSeed(seed: Uint8Array): Promise<SealKey> {
  if (seed.length !== SEED_BYTES) {
    throw new RangeError(`sealKeyFromSeed: expected 32 bytes, got ${seed.length}`);
  }
  const { kem } = suite();
  const pair = await kem.deriveKeyPair(bufferOf(seed));
  const publicKey = new Uint8Array(await kem.serializePublicKey(pair.publicKey));
  return { seed: seed.slice(), publicKey: hexOf(publicKey) };
}

/**
 * Envelope: magic ‖ encapsulated key (32) ‖ ciphertext and tag. Whoever has the seed behind `publicKey`
 * opens it, for this job and purpose alone. It does not say who sealed it.
 *
 * @throws {RangeError} on a public key that is none
 */
export async function seal(
  publicKey: Hex,
  job: Hex,
  purpose: SealPurpose,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const hpke = suite();
  try {
    const recipientPublicKey = await hpke.kem.deserializePublicKey(bufferOf(bytesOf(publicKey)));
    const { enc, ct } = await hpke.seal(
      { recipientPublicKey, info: bufferOf(infoOf(job, purpose)) },
      bufferOf(plaintext),
    );
    return concatBytes(MAGIC, new Uint8Array(enc), new Uint8Array(ct));
  } catch (cause) {
    throw new RangeError(`seal: expected an X25519 public key, got ${publicKey}`, { cause });
  }
}

/** Opens an envelope: any bytes are answered. */
export async function unseal(
  key: SealKey,
  job: Hex,
  purpose: SealPurpose,
  envelope: Uint8Array,
): Promise<Result<Uint8Array, SealError>> {
  if (envelope.length < SEAL_OVERHEAD || MAGIC.some((byte, i) => envelope[i] !== byte)) {
    return err({ kind: 'seal/format', bytes: envelope.length });
  }
  const hpke = suite();
  try {
    const { privateKey } = await hpke.kem.deriveKeyPair(bufferOf(key.seed));
    const plaintext = await hpke.open(
      {
        recipientKey: privateKey,
        enc: bufferOf(envelope.subarray(MAGIC.length, MAGIC.length + ENC_BYTES)),
        info: bufferOf(infoOf(job, purpose)),
      },
      bufferOf(envelope.subarray(MAGIC.length + ENC_BYTES)),
    );
    return ok(new Uint8Array(plaintext));
  } catch {
    return err({ kind: 'seal/rejected' });
  }
}
