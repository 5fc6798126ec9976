import type { Engine } from '@assay/core/engine';
import { DIGEST_BYTES } from '@assay/core/hash';
import { digestPosition } from '@assay/core/merkle';
import type { Commitment, OpenedTree } from '@assay/core/pcs/prover';

/**
 * Rows and tree of a commitment, copied out of engine memory: they stay when that is released.
 * Cost: the bytes of both, 4·columns and 64 for each leaf.
 */
export function detachTree(engine: Engine, { rows, tree, opened }: Commitment): OpenedTree {
  const { wordsPerRow } = rows;
  const words = new Uint32Array(engine.ints({ ptr: rows.ptr, length: rows.rows * wordsPerRow }));
  const digestWords = (2 * tree.leaves - 1) * (DIGEST_BYTES / 4);
  const digests = new Uint8Array(
    new Int32Array(engine.ints({ ptr: tree.ptr, length: digestWords })).buffer,
  );
  const logLeaves = Math.log2(tree.leaves);
  return {
    row: (index) => words.slice(wordsPerRow * index, wordsPerRow * (index + 1)),
    salt: (index) => opened.salt(index),
    digest: (layer, index) => {
      const at = DIGEST_BYTES * digestPosition(logLeaves, layer, index);
      return digests.slice(at, at + DIGEST_BYTES);
    },
  };
}
