import type { Engine } from '@assay/core/engine';
import type { Commitment } from '@assay/core/pcs/prover';
import type { CommitmentSource } from './commitment-format.ts';

const DIGEST_BYTES = 32;

/** What `writeCommitment` writes of a commitment in engine memory, a row and a digest at a time. */
export function sourceOf(engine: Engine, commitment: Commitment): CommitmentSource {
  const { root, rows, tree } = commitment;
  const { wordsPerRow } = rows;
  return {
    root,
    rows: rows.rows,
    wordsPerRow,
    rowBytes: (from, to) => {
      const words = new Uint32Array((to - from) * wordsPerRow);
      for (let i = from; i < to; i++) words.set(engine.row(rows, i), (i - from) * wordsPerRow);
      return new Uint8Array(words.buffer);
    },
    digestBytes: (from, to) => {
      const bytes = new Uint8Array((to - from) * DIGEST_BYTES);
      for (let i = from; i < to; i++) bytes.set(engine.digest(tree, i), (i - from) * DIGEST_BYTES);
      return bytes;
    },
  };
}
