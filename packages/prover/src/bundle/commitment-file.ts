import { closeSync } from 'node:fs';
import { DIGEST_BYTES, equalBytes } from '@assay/core/hash';
import { digestPosition, leafHash, nodeHash, SALT_BYTES } from '@assay/core/merkle';
import type { OpenedTree } from '@assay/core/pcs/prover';
import {
  corrupt,
  HEADER_BYTES,
  readExactly,
  readHeader,
  ROWS_MAGIC,
  SALTS_MAGIC,
  TREE_MAGIC,
} from './commitment-format.ts';
import { withFiles } from './errors.ts';

/** Layers of up to this many digests are kept in memory. */
const CACHED_LEAVES: number = 2 ** 12;

/** Descriptors and sizes of the files of one commitment. */
export interface CommitmentDescriptors {
  readonly rows: { readonly fd: number; readonly bytes: number };
  readonly tree: { readonly fd: number; readonly bytes: number };
  /** Null: leaves without salts. */
  readonly salts: { readonly fd: number; readonly bytes: number } | null;
}

/**
 * Reads rows.bin, tree.bin and salts.bin. Every row that is handed out has been hashed up to the
 * root, with its salt, so a damaged file fails here and not in a rejected proof; digesting whole files
 * at each proof would cost more than the proof.
 */
export class CommitmentFiles implements OpenedTree {
  readonly root: Uint8Array;
  /** log2 of the number of leaves: the layer of the root. */
  readonly height: number;
  readonly wordsPerRow: number;
  readonly #rowsFd: number;
  readonly #treeFd: number;
  readonly #saltsFd: number | null;
  readonly #leaves: number;
  /** Digests from this one on are in `#top`. */
  readonly #topFrom: number;
  readonly #top: Uint8Array;
  /** Per layer: digests that hash up to the root. */
  readonly #trusted: Set<number>[];

  /** Takes over the descriptors. @throws {AssayError} ASSAY_BUNDLE_FORMAT, ASSAY_BUNDLE_CORRUPT */
  constructor(files: CommitmentDescriptors) {
    this.#rowsFd = files.rows.fd;
    this.#treeFd = files.tree.fd;
    this.#saltsFd = files.salts?.fd ?? null;
    const rows = readHeader(files.rows.fd, ROWS_MAGIC);
    const tree = readHeader(files.tree.fd, TREE_MAGIC);
    const height = Math.log2(rows.count);
    if (
      !Number.isInteger(height) ||
      tree.count !== rows.count ||
      !equalBytes(tree.root, rows.root) ||
      files.rows.bytes !== HEADER_BYTES + 4 * rows.words * rows.count ||
      files.tree.bytes !== HEADER_BYTES + DIGEST_BYTES * (2 * rows.count - 1)
    ) {
      throw corrupt('rows.bin and tree.bin do not belong together');
    }
    if (files.salts !== null) {
      const salts = readHeader(files.salts.fd, SALTS_MAGIC);
      if (
        salts.count !== rows.count ||
        !equalBytes(salts.root, rows.root) ||
        files.salts.bytes !== HEADER_BYTES + SALT_BYTES * rows.count
      ) {
        throw corrupt('salts.bin does not belong to rows.bin');
      }
    }
    this.root = rows.root;
    this.height = height;
    this.wordsPerRow = rows.words;
    this.#leaves = rows.count;
    const digests = 2 * this.#leaves - 1;
    this.#topFrom = Math.max(0, digests - 2 * CACHED_LEAVES);
    this.#top = readExactly(
      files.tree.fd,
      DIGEST_BYTES * (digests - this.#topFrom),
      HEADER_BYTES + DIGEST_BYTES * this.#topFrom,
    );
    this.#trusted = Array.from({ length: height + 1 }, () => new Set());
    this.#trusted[height]?.add(0);
    if (!equalBytes(this.digest(height, 0), this.root)) throw corrupt('tree.bin has another root');
  }

  row(index: number): Uint32Array {
    const length = 4 * this.wordsPerRow;
    const salt = this.salt(index);
    const bytes = withFiles('commitment/rows.bin', () =>
      readExactly(this.#rowsFd, length, HEADER_BYTES + length * index),
    );
    if (!equalBytes(leafHash(bytes, salt ?? undefined), this.digest(0, index))) {
      const what = salt === null ? 'rows.bin' : 'rows.bin with its salt';
      throw corrupt(`row ${index} of ${what} is not the one in tree.bin`);
    }
    this.#trust(index);
    // Words are little endian on disk as in the machine (WebAssembly memory is, on every host).
    return new Uint32Array(bytes.buffer);
  }

  /** Checked with the row. */
  salt(index: number): Uint8Array | null {
    if (!(Number.isInteger(index) && index >= 0 && index < this.#leaves)) {
      throw new RangeError(`row: expected an index in [0, ${this.#leaves}), got ${index}`);
    }
    const fd = this.#saltsFd;
    if (fd === null) return null;
    return withFiles('commitment/salts.bin', () =>
      readExactly(fd, SALT_BYTES, HEADER_BYTES + SALT_BYTES * index),
    );
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
    if (this.#saltsFd !== null) closeSync(this.#saltsFd);
  }
}
