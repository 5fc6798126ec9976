import { createCipheriv } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scrypt } from '@noble/hashes/scrypt.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { afterAll, describe, expect, test } from 'vitest';
import {
  accountOf,
  decryptKeystore,
  encryptKeystore,
  loadAccount,
  loadSecret,
  readKeystore,
  redact,
  writeKeystore,
} from './keystore.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-keystore-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const cheap = { n: 2 ** 10, r: 8, p: 1 };
const secret = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const hex = Buffer.from(secret).toString('hex');

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'no error';
};

describe('a keystore', () => {
  test('gives back the secret for the password', () => {
    const text = encryptKeystore(secret, 'correct horse', { cost: cheap });
    expect(decryptKeystore(text, 'correct horse')).toEqual(secret);
    expect(text).not.toContain(hex);
    expect(codeOf(() => decryptKeystore(text, 'wrong'))).toBe('ASSAY_KEYSTORE_PASSWORD');
  });

  test('reads what another implementation of scrypt and keccak-256 has written', () => {
    const salt = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
    const iv = Uint8Array.from({ length: 16 }, (_, i) => 3 * i);
    const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    const derived = scrypt('testpassword', salt, { N: 1024, r: 8, p: 2, dkLen: 32 });
    const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
    const ciphertext = cipher.update(secret);
    const mac = keccak_256(Buffer.concat([derived.subarray(16), ciphertext]));
    const text = JSON.stringify({
      address: '008aeeda4d805471df9b2a5b0f38a0c3bcba786b',
      Crypto: {
        cipher: 'aes-128-ctr',
        cipherparams: { iv: hexOf(iv) },
        ciphertext: hexOf(ciphertext),
        kdf: 'scrypt',
        kdfparams: { dklen: 32, n: 1024, p: 2, r: 8, salt: hexOf(salt) },
        mac: hexOf(mac),
      },
      id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
      version: 3,
    });
    expect(decryptKeystore(text, 'testpassword')).toEqual(secret);
  });

  test.each([
    ['text', 'hello'],
    ['another version', '{"version":1}'],
    ['no crypto', '{"version":3}'],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => decryptKeystore(text, 'x'))).toBe('ASSAY_KEYSTORE_FORMAT');
  });

  test('refuses parameters that want gigabytes', () => {
    const parsed = JSON.parse(encryptKeystore(secret, 'x', { cost: cheap })) as {
      crypto: { kdfparams: { n: number } };
    };
    for (const n of [2 ** 24, 1000, 0, -1, 1.5]) {
      parsed.crypto.kdfparams.n = n;
      expect(codeOf(() => decryptKeystore(JSON.stringify(parsed), 'x'))).toBe(
        'ASSAY_KEYSTORE_FORMAT',
      );
    }
  });

  test('as a file is for its owner alone and is never replaced', () => {
    const path = join(folder, 'key.json');
    writeKeystore(path, secret, 'pass', { cost: cheap });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readKeystore(path, 'pass')).toEqual(secret);
    const before = readFileSync(path, 'utf8');
    expect(codeOf(() => writeKeystore(path, secret, 'pass', { cost: cheap }))).toBe(
      'ASSAY_KEYSTORE_EXISTS',
    );
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(codeOf(() => writeKeystore(join(folder, 'no/key'), secret, 'p', { cost: cheap }))).toBe(
      'ASSAY_KEYSTORE_WRITE',
    );
    expect(codeOf(() => readKeystore(join(folder, 'none'), 'p'))).toBe('ASSAY_KEYSTORE_READ');
  });
});

describe('where keys come from', () => {
  test('the environment', () => {
    expect(loadSecret({ env: { ASSAY_KEY: `0x${hex}` } })).toEqual(secret);
    expect(loadAccount({ env: { ASSAY_KEY: hex } }).address).toBe(accountOf(secret).address);
    expect(codeOf(() => loadSecret({ env: {} }))).toBe('ASSAY_KEYSTORE_MISSING');
  });

  test('a keystore with its password from the environment or a file', () => {
    const path = join(folder, 'other.json');
    writeKeystore(path, secret, 'pass', { cost: cheap });
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'pass\n');
    expect(loadSecret({ keystore: path, env: { ASSAY_PASSWORD: 'pass' } })).toEqual(secret);
    expect(loadSecret({ keystore: path, env: { ASSAY_PASSWORD_FILE: passwordFile } })).toEqual(
      secret,
    );
    expect(codeOf(() => loadSecret({ keystore: path, env: {} }))).toBe('ASSAY_KEYSTORE_MISSING');
  });

  test('no message shows a key', () => {
    const env = { ASSAY_KEY: `${hex}ff` };
    try {
      loadSecret({ env });
      expect.fail('accepted');
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain(hex);
    }
    expect(codeOf(() => accountOf(new Uint8Array(32)))).toBe('ASSAY_KEYSTORE_FORMAT');
    expect(redact(`key 0x${hex} password hunter2`, [secret, 'hunter2'])).toBe(
      'key 0x[redacted] password [redacted]',
    );
  });
});
