import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { fromHex, toHex } from '@assay/core/hash';
import { keyFromSeed, type SigningKey } from '@assay/verifier';
import { readBytes, STANDARD, writeBytes } from './files.ts';

/** Where `prove` looks for a key if it is given none: in the bundle. */
export const BUNDLE_KEY = 'prover.key';
const SEED_BYTES = 32;

/** A key file is the Ed25519 seed in hex and a line break. */
function keyText(key: SigningKey): Uint8Array {
  return new TextEncoder().encode(`${toHex(key.seed)}\n`);
}

export function newKey(): SigningKey {
  return keyFromSeed(randomBytes(SEED_BYTES));
}

/**
 * Writes a key that only its owner can read. Never replaces a file: a lost seed cannot be had again.
 * @throws {AssayError} ASSAY_KEY_EXISTS, ASSAY_FILE_WRITE
 */
export function writeKey(path: string, key: SigningKey): void {
  if (path === STANDARD) {
    writeBytes(path, keyText(key));
    return;
  }
  try {
    const fd = openSync(path, 'wx', 0o600);
    try {
      writeSync(fd, keyText(key));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new AssayError({
      code: exists ? 'ASSAY_KEY_EXISTS' : 'ASSAY_FILE_WRITE',
      shortMessage: exists ? `${path} exists already` : `cannot write ${path}`,
      details: exists
        ? 'A key is never replaced. Choose another file, or remove this one yourself.'
        : String(cause),
      cause,
    });
  }
}

export interface FoundKey {
  readonly key: SigningKey;
  /** Null: made for this proof alone. */
  readonly file: string | null;
  readonly warnings: readonly string[];
}

/** @throws {AssayError} ASSAY_KEY_FORMAT, ASSAY_FILE_READ */
export function readKey(path: string): FoundKey {
  const text = new TextDecoder().decode(readBytes(path, 1024)).trim();
  const seed = fromHex(text);
  if (seed?.length !== SEED_BYTES) {
    throw new AssayError({
      code: 'ASSAY_KEY_FORMAT',
      shortMessage: `${path} is not a key file`,
      details: `Expected ${2 * SEED_BYTES} hex digits: \`assay keygen\` writes them.`,
    });
  }
  const open =
    path !== STANDARD && process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0;
  const warnings = open ? [`${path} can be read by others: chmod 600 ${path}`] : [];
  return { key: keyFromSeed(seed), file: path, warnings };
}

/** The key of `--key-file`, else the bundle's, else one that lives as long as this command. */
export function findKey(keyFile: string | undefined, folder: string): FoundKey {
  if (keyFile !== undefined) return readKey(keyFile);
  const inBundle = join(folder, BUNDLE_KEY);
  if (existsSync(inBundle)) return readKey(inBundle);
  const warning = `no key: signed with one made for this proof. Keep one with \`assay keygen -o ${inBundle}\`.`;
  return { key: newKey(), file: null, warnings: [warning] };
}
