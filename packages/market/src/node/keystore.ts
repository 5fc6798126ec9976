import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  randomUUID,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { AssayError } from '@assay/core/errors';
import { concatBytes, fromHex, keccak256, toHex } from '@assay/core/hash';
import { type Hex, isHex, type PrivateKeyAccount } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

/** scrypt's cost: 2^17 rounds of 8 blocks take 128 MiB and about half a second. */
export interface KeystoreCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}
const COST: KeystoreCost = { n: 2 ** 17, r: 8, p: 1 };
/** More than this is a file that wants the memory, not the key. */
const MOST_MEMORY = 2 ** 30;
const KEYSTORE_BYTES = 16_384;

export type KeystoreErrorCode =
  | 'ASSAY_KEYSTORE_FORMAT'
  | 'ASSAY_KEYSTORE_PASSWORD'
  | 'ASSAY_KEYSTORE_READ'
  | 'ASSAY_KEYSTORE_EXISTS'
  | 'ASSAY_KEYSTORE_WRITE'
  | 'ASSAY_KEYSTORE_MISSING';

function failure(code: KeystoreErrorCode, shortMessage: string, details?: string): AssayError {
  return new AssayError({ code, shortMessage, details });
}

/** 32 secret bytes as Web3 secret storage, version 3: scrypt, AES-128-CTR, keccak-256 as MAC. */
export function encryptKeystore(
  secret: Uint8Array,
  password: string,
  options: { readonly address?: string | undefined; readonly cost?: KeystoreCost | undefined } = {},
): string {
  const { n, r, p } = options.cost ?? COST;
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const derived = derive(password, salt, n, r, p, 32);
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  const ciphertext = concatBytes(cipher.update(secret), cipher.final());
  const mac = keccak256(derived.subarray(16, 32), ciphertext);
  const keystore = {
    version: 3,
    id: randomUUID(),
    ...(options.address === undefined
      ? {}
      : { address: options.address.replace(/^0x/, '').toLowerCase() }),
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: toHex(iv) },
      ciphertext: toHex(ciphertext),
      kdf: 'scrypt',
      kdfparams: { dklen: 32, n, r, p, salt: toHex(salt) },
      mac: toHex(mac),
    },
  };
  return `${JSON.stringify(keystore, null, 2)}\n`;
}

function derive(
  password: string,
  salt: Uint8Array,
  n: number,
  r: number,
  p: number,
  length: number,
): Uint8Array {
  // What OpenSSL counts against the limit is a little more than 128·n·r.
  const maxmem = 256 * n * r + 256 * r * p + 2 ** 21;
  try {
    const options = { N: n, r, p, maxmem };
    return new Uint8Array(scryptSync(password.normalize('NFKC'), salt, length, options));
  } catch (cause) {
    throw failure(
      'ASSAY_KEYSTORE_FORMAT',
      'keystore: scrypt parameters out of bounds',
      String(cause),
    );
  }
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function bytesField(of: Fields, name: string, length?: number): Uint8Array {
  const text = of[name];
  const bytes = typeof text === 'string' ? fromHex(text) : null;
  if (bytes === null || (length !== undefined && bytes.length !== length)) {
    throw failure('ASSAY_KEYSTORE_FORMAT', `keystore: ${name} is not what version 3 has`);
  }
  return bytes;
}

function integerField(of: Fields, name: string): number {
  const value = of[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw failure('ASSAY_KEYSTORE_FORMAT', `keystore: ${name} is not what version 3 has`);
  }
  return value;
}

/** The secret of a keystore. @throws {AssayError} ASSAY_KEYSTORE_FORMAT, ASSAY_KEYSTORE_PASSWORD */
export function decryptKeystore(text: string, password: string): Uint8Array {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw failure('ASSAY_KEYSTORE_FORMAT', 'keystore: not JSON');
  }
  const crypto = fields(fields(parsed)['crypto'] ?? fields(parsed)['Crypto']);
  if (fields(parsed)['version'] !== 3)
    throw failure('ASSAY_KEYSTORE_FORMAT', 'keystore: not of version 3');
  if (crypto['cipher'] !== 'aes-128-ctr' || crypto['kdf'] !== 'scrypt') {
    throw failure('ASSAY_KEYSTORE_FORMAT', 'keystore: expected scrypt and aes-128-ctr');
  }
  const params = fields(crypto['kdfparams']);
  const [n, r, p] = ['n', 'r', 'p'].map((name) => integerField(params, name));
  const length = integerField(params, 'dklen');
  if (n === undefined || r === undefined || p === undefined)
    throw failure('ASSAY_KEYSTORE_FORMAT', 'keystore');
  if ((n & (n - 1)) !== 0 || 128 * n * r > MOST_MEMORY || p > 16 || length < 32 || length > 64) {
    throw failure('ASSAY_KEYSTORE_FORMAT', 'keystore: scrypt parameters out of bounds');
  }
  const iv = bytesField(fields(crypto['cipherparams']), 'iv', 16);
  const ciphertext = bytesField(crypto, 'ciphertext', 32);
  const mac = bytesField(crypto, 'mac', 32);
  const derived = derive(password, bytesField(params, 'salt'), n, r, p, length);
  if (!timingSafeEqual(keccak256(derived.subarray(16, 32), ciphertext), mac)) {
    throw failure('ASSAY_KEYSTORE_PASSWORD', 'keystore: wrong password');
  }
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  return concatBytes(decipher.update(ciphertext), decipher.final());
}

/** Writes a keystore that its owner alone can read; never replaces one. @throws {AssayError} ASSAY_KEYSTORE_EXISTS, ASSAY_KEYSTORE_WRITE */
export function writeKeystore(
  path: string,
  secret: Uint8Array,
  password: string,
  options: { readonly address?: string | undefined; readonly cost?: KeystoreCost | undefined } = {},
): void {
  const text = encryptKeystore(secret, password, options);
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    if (exists)
      throw failure(
        'ASSAY_KEYSTORE_EXISTS',
        `${path} exists already: a keystore is never replaced`,
      );
    throw failure('ASSAY_KEYSTORE_WRITE', `cannot write ${path}`, String(cause));
  }
}

/** @throws {AssayError} ASSAY_KEYSTORE_READ, ASSAY_KEYSTORE_FORMAT, ASSAY_KEYSTORE_PASSWORD */
export function readKeystore(path: string, password: string): Uint8Array {
  return decryptKeystore(readSmall(path), password);
}

function readSmall(path: string): string {
  try {
    if (statSync(path).size > KEYSTORE_BYTES) throw new Error('too large for a keystore');
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw failure('ASSAY_KEYSTORE_READ', `cannot read ${path}`, String(cause));
  }
}

export interface KeySource {
  /** Path of a keystore file; without one, ASSAY_KEY. */
  readonly keystore?: string | undefined;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * A secret key of 32 bytes: from the keystore file if one is named (its password from ASSAY_PASSWORD,
 * or the first line of the file that ASSAY_PASSWORD_FILE names), else from ASSAY_KEY (64 hex digits).
 *
 * @throws {AssayError} ASSAY_KEYSTORE_MISSING, and what `readKeystore` throws
 */
export function loadSecret({ keystore, env = process.env }: KeySource = {}): Uint8Array {
  if (keystore !== undefined) return readKeystore(keystore, passwordFrom(env));
  const key = env['ASSAY_KEY'];
  if (key === undefined || key === '') {
    throw failure(
      'ASSAY_KEYSTORE_MISSING',
      'no key: neither a keystore nor ASSAY_KEY is given',
      'Name a keystore file, or set ASSAY_KEY to the private key in hex.',
    );
  }
  const bytes = fromHex(key.trim());
  // The value itself is in no message.
  if (bytes?.length !== 32)
    throw failure('ASSAY_KEYSTORE_FORMAT', 'ASSAY_KEY is not 64 hex digits');
  return bytes;
}

/** @throws {AssayError} ASSAY_KEYSTORE_MISSING, ASSAY_KEYSTORE_READ */
export function passwordFrom(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const given = env['ASSAY_PASSWORD'];
  if (given !== undefined) return given;
  const file = env['ASSAY_PASSWORD_FILE'];
  if (file === undefined) {
    throw failure(
      'ASSAY_KEYSTORE_MISSING',
      'the keystore needs a password',
      'Set ASSAY_PASSWORD, or ASSAY_PASSWORD_FILE to a file that holds it.',
    );
  }
  return readSmall(file).split(/\r?\n/, 1)[0] ?? '';
}

/** The account of a secret key. @throws {AssayError} ASSAY_KEYSTORE_FORMAT */
export function accountOf(secret: Uint8Array): PrivateKeyAccount {
  const key: Hex = `0x${toHex(secret)}`;
  if (!isHex(key) || secret.length !== 32)
    throw failure('ASSAY_KEYSTORE_FORMAT', 'a key has 32 bytes');
  try {
    return privateKeyToAccount(key);
  } catch {
    throw failure('ASSAY_KEYSTORE_FORMAT', 'these 32 bytes are no private key');
  }
}

/** `accountOf(loadSecret(source))`. */
export function loadAccount(source: KeySource = {}): PrivateKeyAccount {
  return accountOf(loadSecret(source));
}

/** A text in which none of the secrets occur, whatever the way they got there. */
export function redact(text: string, secrets: readonly (string | Uint8Array)[]): string {
  let clean = text;
  for (const secret of secrets) {
    const words =
      typeof secret === 'string' ? [secret] : [toHex(secret), toHex(secret).toUpperCase()];
    for (const word of words) if (word !== '') clean = clean.replaceAll(word, '[redacted]');
  }
  return clean;
}
