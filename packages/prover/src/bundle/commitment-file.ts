import { closeSync, readSync } from 'node:fs';
import { equalBytes } from '@assay/core/hash';
import { digestPosition, leafHash, nodeHash } from '@assay/core/merkle';
import type { OpenedTree } from '@assay/core/pcs/prover';
import { CHUNK_BYTES } from '../files/index.ts';
import { bundleError, withFiles } from './errors.ts';

/**
 * commitment/rows.bin: the codeword's rows, u32 LE words, as they are hashed.
 * commitment/tree.bin: 32-byte digests, leaf layer first, root last.
 * Each starts with a header of 64 bytes: magic (16), count (u32 LE), words per entry (u32 LE),
 * Merkle root (32), zeros. The count is the number of rows in one and of leaves in the other.
 */
const HEADER_BYTES = 64;
const DIGEST_BYTES = 32;
const MAGIC_BYTES = 16;
const ROWS_MAGIC = 'assay/rows/v1';
const TREE_MAGIC = 'assay/tree/v1';
/** Layers of up to this many digests are kept in memory. */
const CACHED_LEAVES: number = 2 ** 12;

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

function header(magic: string, count: number, words: number, root: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(new TextEncoder().encode(magic));
  const view = new DataView(bytes.buffer);
  view.setUint32(MAGIC_BYTES, count, true);
  view.setUint32(MAGIC_BYTES + 4, words, true);
  bytes.set(root, MAGIC_BYTES + 8);
  return bytes;
}

/** Entries of a source a chunk at a time; copied, as a source's memory may be shared between threads. */
function* chunksOf(
  head: Uint8Array,
  count: number,
  entryBytes: number,
  read: (from: number, to: number) => Uint8Array,
  onProgress: (done: number, total: number) => void,
): Generator<Uint8Array> {
  yield head;
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

export function rowChunks(
  source: CommitmentSource,
  onProgress: (done: number, total: number) => void,
): Iterable<Uint8Array> {
  const { rows, wordsPerRow, root } = source;
  return chunksOf(
    header(ROWS_MAGIC, rows, wordsPerRow, root),
    rows,
    4 * wordsPerRow,
    (from, to) => source.rowBytes(from, to),
    onProgress,
  );
}

export function treeChunks(
  source: CommitmentSource,
  onProgress: (done: number, total: number) => void,
): Iterable<Uint8Array> {
  return chunksOf(
    header(TREE_MAGIC, source.rows, DIGEST_BYTES / 4, source.root),
    2 * source.rows - 1,
    DIGEST_BYTES,
    (from, to) => source.digestBytes(from, to),
    onProgress,
  );
}

function readExactly(fd: number, length: number, position: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = readSync(fd, bytes, at, length - at, position + at);
    if (count === 0) throw corrupt('a file ends too early');
    at += count;
  }
  return bytes;
}

function corrupt(what: string): Error {
  return bundleError(
    'ASSAY_BUNDLE_CORRUPT',
    `bundle: commitment: ${what}`,
    'The files were changed or damaged after they were written. Run `setup` again.',
  );
}

function readHeader(fd: number, magic: string): { count: number; words: number; root: Uint8Array } {
  const bytes = readExactly(fd, HEADER_BYTES, 0);
  const view = new DataView(bytes.buffer);
  const count = view.getUint32(MAGIC_BYTES, true);
  const words = view.getUint32(MAGIC_BYTES + 4, true);
  const root = bytes.slice(MAGIC_BYTES + 8, MAGIC_BYTES + 8 + DIGEST_BYTES);
  if (!equalBytes(bytes, header(magic, count, words, root))) {
    throw bundleError('ASSAY_BUNDLE_FORMAT', `bundle: commitment: not a file of ${magic}`);
  }
  return { count, words, root };
}

/**
 * Reads rows.bin and tree.bin. Every row that is handed out has been hashed up to the root, so a
 * damaged file fails here and not in a rejected proof; digesting whole files at each proof would
 * cost more than the proof.
 */
export class CommitmentFiles implements OpenedTree {
  readonly root: Uint8Array;
  /** log2 of the number of leaves: the layer of the root. */
  readonly height: number;
  readonly wordsPerRow: number;
  readonly #rowsFd: number;
  readonly #treeFd: number;
  readonly #leaves: number;
  /** Digests from this one on are in `#top`. */
  readonly #topFrom: number;
  readonly #top: Uint8Array;
  /** Per layer: digests that hash up to the root. */
  readonly #trusted: Set<number>[];

  /** Takes over both descriptors. @throws {AssayError} ASSAY_BUNDLE_FORMAT, ASSAY_BUNDLE_CORRUPT */
  constructor(rowsFd: number, treeFd: number, sizes: { rows: number; tree: number }) {
    this.#rowsFd = rowsFd;
    this.#treeFd = treeFd;
    const rows = readHeader(rowsFd, ROWS_MAGIC);
    const tree = readHeader(treeFd, TREE_MAGIC);
    const height = Math.log2(rows.count);
    if (
      !Number.isInteger(height) ||
      tree.count !== rows.count ||
      !equalBytes(tree.root, rows.root) ||
      sizes.rows !== HEADER_BYTES + 4 * rows.words * rows.count ||
      sizes.tree !== HEADER_BYTES + DIGEST_BYTES * (2 * rows.count - 1)
    ) {
      throw corrupt('rows.bin and tree.bin do not belong together');
    }
    this.root = rows.root;
    this.height = height;
    this.wordsPerRow = rows.words;
    this.#leaves = rows.count;
    const digests = 2 * this.#leaves - 1;
    this.#topFrom = Math.max(0, digests - 2 * CACHED_LEAVES);
    this.#top = readExactly(
      treeFd,
      DIGEST_BYTES * (digests - this.#topFrom),
      HEADER_BYTES + DIGEST_BYTES * this.#topFrom,
    );
    this.#trusted = Array.from({ length: height + 1 }, () => new Set());
    this.#trusted[height]?.add(0);
    if (!equalBytes(this.digest(height, 0), this.root)) throw corrupt('tree.bin has another root');
  }

  row(index: number): Uint32Array {
    if (!(Number.isInteger(index) && index >= 0 && index < this.#leaves)) {
      throw new RangeError(`row: expected an index in [0, ${this.#leaves}), got ${index}`);
    }
    const length = 4 * this.wordsPerRow;
    const bytes = withFiles('commitment/rows.bin', () =>
      readExactly(this.#rowsFd, length, HEADER_BYTES + length * index),
    );
    if (!equalBytes(leafHash(bytes), this.digest(0, index))) {
      throw corrupt(`row ${index} of rows.bin is not the one in tree.bin`);
    }
    this.#trust(index);
    // Words are little endian on disk as in the machine (WebAssembly memory is, on every host).
    return new Uint32Array(bytes.buffer);
  }

  /** These files hold public columns: leaves without salts. */
  salt(): null {
    return null;
  }

  digest(layer: number, index: number): Uint8Array {
    const width = this.#leaves / 2 ** layer;
    if (!(layer >= 0 && layer <= this.height && index >= 0 && index < width)) {
      throw new RangeError(`digest: expected a digest of the tree, got ${index} of layer ${layer}`);
    }
    const at = digestPosition(this.height, layer, index);
    if (at >= this.#topFrom) {
      const start = DIGEST_BYTES * (at - this.#topFrom);
      return this.#top.slice(start, start + DIGEST_BYTES);
    }
    return withFiles('commitment/tree.bin', () =>
      readExactly(this.#treeFd, DIGEST_BYTES, HEADER_BYTES + DIGEST_BYTES * at),
    );
  }

  /** Hashes a leaf up to the first digest that is known to lead to the root. */
  #trust(leaf: number): void {
    for (
      let layer = 0, index = leaf;
      this.#trusted[layer]?.has(index) !== true;
      layer++, index >>= 1
    ) {
      const left = this.digest(layer, index & ~1);
      const right = this.digest(layer, index | 1);
      const parent = nodeHash(left, right);
      if (!equalBytes(parent, this.digest(layer + 1, index >> 1))) {
        throw corrupt(`digest ${index >> 1} of layer ${layer + 1} of tree.bin is wrong`);
      }
      this.#trusted[layer]?.add(index & ~1).add(index | 1);
    }
  }

  close(): void {
    closeSync(this.#rowsFd);
    closeSync(this.#treeFd);
  }
}
