import { readSync } from 'node:fs';
import { DIGEST_BYTES, equalBytes } from '@assay/core/hash';
import { SALT_BYTES } from '@assay/core/merkle';
import type { StaticSecrets } from '../commitments/index.ts';
import { CHUNK_BYTES } from '../files/index.ts';
import { bundleError } from './errors.ts';

/**
 * commitment/rows.bin: the codeword's rows, u32 LE words, as they are hashed.
 * commitment/tree.bin: 32-byte digests, leaf layer first, root last.
 * Of hidden weights also, for the owner alone:
 * commitment/salts.bin: 32 bytes for each leaf.
 * commitment/tails.bin: the last rows of each column, u32 LE words, column after column.
 *
 * Each starts with a header of 64 bytes: magic (16), count (u32 LE), words per entry (u32 LE),
 * Merkle root (32), two u32 LE. The count is that of rows, leaves, leaves and columns. The last two
 * are units and rows per use in tails.bin, zero elsewhere.
 */
export const HEADER_BYTES = 64;
const MAGIC_BYTES = 16;

export const ROWS_MAGIC = 'assay/rows/v1';
export const TREE_MAGIC = 'assay/tree/v1';
export const SALTS_MAGIC = 'assay/salts/v1';
export const TAILS_MAGIC = 'assay/tails/v1';

/** A committed codeword and its tree, as `setup` has them in memory. */
export interface CommitmentSource {
  readonly root: Uint8Array;
  /** Number of rows, which is the number of leaves: a power of two. */
  readonly rows: number;
  readonly wordsPerRow: number;
  /** Rows [from, to) as the bytes that are hashed. Valid until the next call. */
  rowBytes(from: number, to: number): Uint8Array;
  /** Digests [from, to) of the 2·rows − 1: leaf layer first, each parent layer after it, root last. */
  digestBytes(from: number, to: number): Uint8Array;
}

export interface Header {
  readonly count: number;
  /** Words of an entry. */
  readonly words: number;
  readonly root: Uint8Array;
  readonly extra: readonly [number, number];
}

function encodeHeader(magic: string, { count, words, root, extra }: Header): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(new TextEncoder().encode(magic));
  const view = new DataView(bytes.buffer);
  view.setUint32(MAGIC_BYTES, count, true);
  view.setUint32(MAGIC_BYTES + 4, words, true);
  bytes.set(root, MAGIC_BYTES + 8);
  view.setUint32(HEADER_BYTES - 8, extra[0], true);
  view.setUint32(HEADER_BYTES - 4, extra[1], true);
  return bytes;
}

/** @throws {AssayError} ASSAY_BUNDLE_FORMAT, ASSAY_BUNDLE_CORRUPT */
export function readHeader(fd: number, magic: string): Header {
  const bytes = readExactly(fd, HEADER_BYTES, 0);
  const view = new DataView(bytes.buffer);
  const header: Header = {
    count: view.getUint32(MAGIC_BYTES, true),
    words: view.getUint32(MAGIC_BYTES + 4, true),
    root: bytes.slice(MAGIC_BYTES + 8, MAGIC_BYTES + 8 + DIGEST_BYTES),
    extra: [view.getUint32(HEADER_BYTES - 8, true), view.getUint32(HEADER_BYTES - 4, true)],
  };
  const extra: Header['extra'] = magic === TAILS_MAGIC ? header.extra : [0, 0];
  if (!equalBytes(bytes, encodeHeader(magic, { ...header, extra }))) {
    throw bundleError('ASSAY_BUNDLE_FORMAT', `bundle: commitment: not a file of ${magic}`);
  }
  return header;
}

/** Entries of a source a chunk at a time; copied, as a source's memory may be shared between threads. */
function* chunksOf(
  magic: string,
  header: Header,
  count: number,
  read: (from: number, to: number) => Uint8Array,
  onProgress: (done: number, total: number) => void,
): Generator<Uint8Array> {
  yield encodeHeader(magic, header);
  const entryBytes = 4 * header.words;
  const step = Math.max(1, Math.floor(CHUNK_BYTES / entryBytes));
  for (let from = 0; from < count; from += step) {
    const to = Math.min(count, from + step);
    const chunk = read(from, to).slice();
    if (chunk.length !== (to - from) * entryBytes) {
      throw new RangeError(
        `writeCommitment: expected ${(to - from) * entryBytes} bytes, got ${chunk.length}`,
      );
    }
    yield chunk;
    onProgress(to, count);
  }
}

type OnProgress = (done: number, total: number) => void;

export function rowChunks(source: CommitmentSource, onProgress: OnProgress): Iterable<Uint8Array> {
  const { rows, wordsPerRow, root } = source;
  const header: Header = { count: rows, words: wordsPerRow, root, extra: [0, 0] };
  return chunksOf(ROWS_MAGIC, header, rows, (a, b) => source.rowBytes(a, b), onProgress);
}

export function treeChunks(source: CommitmentSource, onProgress: OnProgress): Iterable<Uint8Array> {
  const { rows, root } = source;
  const header: Header = { count: rows, words: DIGEST_BYTES / 4, root, extra: [0, 0] };
  const digests = 2 * rows - 1;
  return chunksOf(TREE_MAGIC, header, digests, (a, b) => source.digestBytes(a, b), onProgress);
}

export function saltChunks(
  source: CommitmentSource,
  { salts }: StaticSecrets,
): Iterable<Uint8Array> {
  const { rows, root } = source;
  const header: Header = { count: rows, words: SALT_BYTES / 4, root, extra: [0, 0] };
  const read = (a: number, b: number): Uint8Array => salts.subarray(SALT_BYTES * a, SALT_BYTES * b);
  return chunksOf(SALTS_MAGIC, header, rows, read, () => {});
}

export function tailChunks(source: CommitmentSource, secrets: StaticSecrets): Iterable<Uint8Array> {
  const { root, wordsPerRow: columns } = source;
  const { tails, units, rowsPerUse } = secrets;
  const words = tails.length / columns;
  const header: Header = { count: columns, words, root, extra: [units, rowsPerUse] };
  // Words are little endian on disk as in the machine (WebAssembly memory is, on every host).
  const bytes = new Uint8Array(tails.buffer, tails.byteOffset, tails.byteLength);
  const read = (a: number, b: number): Uint8Array => bytes.subarray(4 * words * a, 4 * words * b);
  return chunksOf(TAILS_MAGIC, header, columns, read, () => {});
}

export function readExactly(fd: number, length: number, position: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = readSync(fd, bytes, at, length - at, position + at);
    if (count === 0) throw corrupt('a file ends too early');
    at += count;
  }
  return bytes;
}

export function corrupt(what: string): Error {
  return bundleError(
    'ASSAY_BUNDLE_CORRUPT',
    `bundle: commitment: ${what}`,
    'The files were changed or damaged after they were written. Run `setup` again.',
  );
}
