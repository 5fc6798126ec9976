import type { ProofWriter } from '../codec/index.ts';
import type { Engine, IntVec, RowMatrix, TreeHandle } from '../engine/index.ts';
import { addK, type K, mulK, ONE, ZERO } from '../field/index.ts';
import { digestPosition, SALT_BYTES, siblingPositions } from '../merkle/index.ts';
import { TAG_OUT_OF_DOMAIN, type Transcript } from '../transcript/index.ts';
import type { OutOfDomainPair } from './out-of-domain.ts';
import { powerOfTwoK, powersK } from './weights.ts';

/** Codeword rows and Merkle tree of one root, in memory or on disk. */
export interface OpenedTree {
  /** Row `index` of the codeword, canonical words. */
  row(index: number): Uint32Array;
  /** What leaf `index` has before its row, 32 bytes; null in a tree without salts. */
  salt(index: number): Uint8Array | null;
  /** Digest `index` of `layer`; layer 0 holds the leaves. */
  digest(layer: number, index: number): Uint8Array;
}

/** A codeword and its tree in engine memory. */
export interface Commitment {
  readonly root: Uint8Array;
  readonly rows: RowMatrix;
  readonly tree: TreeHandle;
  readonly opened: OpenedTree;
}

/**
 * The tree over codeword rows. Rows and tree stay where they are in engine memory; salts are kept.
 * @throws {RangeError} unless there are salts of 32 bytes for every row, or none.
 */
export function commitRows(
  engine: Engine,
  rows: RowMatrix,
  salts: Uint8Array | null = null,
): Commitment {
  if (salts !== null && salts.length !== SALT_BYTES * rows.rows) {
    throw new RangeError(
      `commitRows: expected ${SALT_BYTES * rows.rows} bytes of salts, got ${salts.length}`,
    );
  }
  const tree = engine.merkleTree(rows, salts);
  const logLeaves = Math.log2(tree.leaves);
  const digest = (layer: number, index: number): Uint8Array =>
    engine.digest(tree, digestPosition(logLeaves, layer, index));
  return {
    root: digest(logLeaves, 0),
    rows,
    tree,
    opened: {
      row: (index) => engine.row(rows, index),
      salt: (index) => salts?.slice(SALT_BYTES * index, SALT_BYTES * (index + 1)) ?? null,
      digest,
    },
  };
}

/**
 * Commits integer columns of equal power-of-two length M: row i of the codeword is (p_c(ω^i))_c, ω of
 * order M·2^logInverseRate.
 * Cost: columns·H·log2 H/2 butterflies, 2·H keccak permutations and more for rows over 135 bytes.
 *
 * @param columns - In a blinded opening's last root: those of f, then the five of R.
 * @param salts - Salts of the leaves, 32 bytes each, one after another; null: none. Without them the
 *   digests of unopened rows are a test for guesses of those rows.
 */
export function commitColumns(
  engine: Engine,
  columns: readonly IntVec[],
  logInverseRate: number,
  salts: Uint8Array | null = null,
): Commitment {
  return commitRows(engine, engine.encodeInts(columns, logInverseRate), salts);
}

/** An answer over one root's columns, with the columns' own values: the opening can use them again. */
export interface OutOfDomainAnswer extends OutOfDomainPair {
  /** p_c(z). */
  readonly columnValues: readonly K[];
}

/** y = Σ_c z^(c·M)·p_c(z). */
export function answerOutOfDomain(
  engine: Engine,
  columns: readonly IntVec[],
  z: K,
): OutOfDomainAnswer {
  const length = columns[0]?.length ?? 1;
  const mark = engine.mark();
  const powers = engine.allocK(length);
  engine.powers(z, ONE, powers);
  const columnValues = engine.dotInts(columns, powers);
  engine.release(mark);
  const steps = powersK(powerOfTwoK(z, Math.log2(length)), columns.length, ONE);
  const y = columnValues.reduce((sum, v, c) => addK(sum, mulK(steps[c] ?? ZERO, v)), ZERO);
  return { z, y, columnValues };
}

/** Step S2, the prover's side of `readOutOfDomainPairs`. */
export function proveOutOfDomainPairs(
  engine: Engine,
  transcript: Transcript,
  writer: ProofWriter,
  columns: readonly IntVec[],
  samples: number,
): OutOfDomainAnswer[] {
  const answers: OutOfDomainAnswer[] = [];
  for (let i = 0; i < samples; i++) {
    const answer = answerOutOfDomain(engine, columns, transcript.sampleK());
    writer.k(answer.y);
    transcript.observeK(TAG_OUT_OF_DOMAIN, [answer.y]);
    answers.push(answer);
  }
  return answers;
}

/** Rows at the indices, each behind its salt if it has one, then the multiproof's siblings. */
export function writeOpening(
  writer: ProofWriter,
  tree: OpenedTree,
  logLeaves: number,
  indices: readonly number[],
): void {
  for (const index of indices) {
    const salt = tree.salt(index);
    if (salt !== null) writer.bytes(salt);
    writer.words(tree.row(index));
  }
  for (const { layer, index } of siblingPositions(logLeaves, indices)) {
    writer.bytes(tree.digest(layer, index));
  }
}
