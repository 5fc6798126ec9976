import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { CHUNK_BYTES, type FileDigest } from '../files/index.ts';
import { bundleError, withFiles } from './errors.ts';

export const FILES = {
  manifest: 'manifest.json',
  program: 'program.cbor',
  weights: 'weights.bin',
  report: 'report.json',
  verifyingKey: 'verifying-key.cbor',
  commitment: 'commitment',
  rows: 'commitment/rows.bin',
  tree: 'commitment/tree.bin',
  salts: 'commitment/salts.bin',
  tails: 'commitment/tails.bin',
} as const;

/** Files that only a commitment to hidden weights has. */
export const SECRET_FILES: readonly string[] = [FILES.salts, FILES.tails];

const FORMAT = 'assay/bundle/v1';
/** Files of up to this many bytes are read whole. */
const MAX_WHOLE_BYTES = 2 ** 31 - 1;

/** What belongs to a bundle. It is written last: a file that it does not name is not part of the bundle. */
export type Manifest = ReadonlyMap<string, FileDigest>;

export function encodeManifest(files: Manifest): Uint8Array {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = sorted.map(([name, { bytes, sha256 }]) => [name, { bytes, sha256 }] as const);
  const text = JSON.stringify({ format: FORMAT, files: Object.fromEntries(entries) }, null, 2);
  return new TextEncoder().encode(`${text}\n`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws {AssayError} ASSAY_BUNDLE_MISSING, ASSAY_BUNDLE_FORMAT */
export function readManifest(folder: string): Manifest {
  const path = join(folder, FILES.manifest);
  if (!existsSync(path)) {
    throw bundleError(
      'ASSAY_BUNDLE_MISSING',
      `bundle: ${folder} is not a bundle`,
      existsSync(folder)
        ? `It has no ${FILES.manifest}: \`compile\` writes one.`
        : 'There is no such folder.',
    );
  }
  const refuse = (): never => {
    throw bundleError('ASSAY_BUNDLE_FORMAT', `bundle: ${path} is not a manifest of ${FORMAT}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(withFiles(path, () => readFileSync(path, 'utf8')));
  } catch (cause) {
    if (cause instanceof SyntaxError) return refuse();
    throw cause;
  }
  if (!isRecord(value) || value['format'] !== FORMAT || !isRecord(value['files'])) return refuse();
  const files = new Map<string, FileDigest>();
  for (const [name, entry] of Object.entries(value['files'])) {
    if (!isRecord(entry)) return refuse();
    const { bytes, sha256 } = entry;
    if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || typeof sha256 !== 'string') {
      return refuse();
    }
    files.set(name, { bytes, sha256 });
  }
  return files;
}

function entryOf(folder: string, manifest: Manifest, name: string): FileDigest {
  const entry = manifest.get(name);
  if (entry !== undefined) return entry;
  throw bundleError('ASSAY_BUNDLE_MISSING', `bundle: ${folder} has no ${name}`);
}

function disagrees(path: string, what: string): Error {
  return bundleError(
    'ASSAY_BUNDLE_CORRUPT',
    `bundle: ${path} disagrees with its manifest: ${what}`,
    'The file was changed or damaged after it was written. Compile and set up again.',
  );
}

/** Opens a file of a bundle after checking its size; with `full`, its digest too, a chunk at a time. */
export function openChecked(
  folder: string,
  manifest: Manifest,
  name: string,
  full: boolean,
): number {
  const entry = entryOf(folder, manifest, name);
  const path = join(folder, name);
  return withFiles(path, () => {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      if (size !== entry.bytes) throw disagrees(path, `${size} bytes instead of ${entry.bytes}`);
      if (full && digestOf(fd, size) !== entry.sha256) throw disagrees(path, 'another digest');
      return fd;
    } catch (cause) {
      closeSync(fd);
      throw cause;
    }
  });
}

function digestOf(fd: number, size: number): string {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, size));
  for (let at = 0; at < size; ) {
    const count = readSync(fd, buffer, 0, buffer.length, at);
    if (count === 0) break;
    hash.update(buffer.subarray(0, count));
    at += count;
  }
  return hash.digest('hex');
}

/** A whole file of a bundle, after checking its digest. */
export function readChecked(folder: string, manifest: Manifest, name: string): Uint8Array {
  const entry = entryOf(folder, manifest, name);
  const path = join(folder, name);
  if (entry.bytes > MAX_WHOLE_BYTES) {
    throw bundleError('ASSAY_BUNDLE_FORMAT', `bundle: ${path} has ${entry.bytes} bytes`);
  }
  const fd = openChecked(folder, manifest, name, false);
  try {
    const bytes = withFiles(path, () => readFileSync(fd));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== entry.sha256) throw disagrees(path, 'another digest');
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  } finally {
    closeSync(fd);
  }
}
