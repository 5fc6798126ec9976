import { describe, expect, test } from 'vitest';
import { decodeManifest, encodeManifest, MANIFEST_BYTES } from './index.ts';

const manifest = {
  job: `0x${'ab'.repeat(32)}`,
  model: `0x${'cd'.repeat(32)}`,
  output: { sha256: 'ef'.repeat(32), bytes: 40 },
  receipt: null,
  sealedOutput: null,
} as const;
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('a manifest', () => {
  test('is read back as it was written', () => {
    expect(decodeManifest(encodeManifest(manifest))).toEqual({ ok: true, value: manifest });
  });

  const plain = JSON.parse(new TextDecoder().decode(encodeManifest(manifest))) as object;
  test.each([
    ['null', null],
    ['a list', []],
    ['another format', { ...plain, format: 'assay/artefacts/v2' }],
    ['a job that is text', { ...plain, job: 'job' }],
    ['a model that is missing', { ...plain, model: undefined }],
    ['an entry that is missing', { ...plain, receipt: undefined }],
    ['a name that is a path', { ...plain, output: { sha256: '../x', bytes: 1 } }],
    ['a size that is none', { ...plain, output: { sha256: 'ef'.repeat(32), bytes: -1 } }],
    ['an entry that is text', { ...plain, sealedOutput: 'ef' }],
  ])('is not %s', (_, value) => {
    expect(decodeManifest(bytesOf(value)).ok).toBe(false);
  });

  test('is not any bytes, and not many', () => {
    expect(decodeManifest(Uint8Array.of(0xff, 0xfe)).ok).toBe(false);
    expect(decodeManifest(new Uint8Array(MANIFEST_BYTES + 1)).ok).toBe(false);
    expect(decodeManifest(new Uint8Array()).ok).toBe(false);
  });
});
