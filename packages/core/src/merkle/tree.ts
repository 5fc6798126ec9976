import { nodeHash } from './hash.ts';

/**
 * All layers of the tree over 2^h leaf hashes, leaves first, root last. Reference: plain, slow,
 * everything in memory.
 *
 * @throws {RangeError} if the number of leaves is not a power of two.
 */
export function buildTree(leaves: readonly Uint8Array[]): Uint8Array[][] {
  if (leaves.length === 0 || !Number.isInteger(Math.log2(leaves.length))) {
    throw new RangeError(`buildTree: expected a power of two of leaves, got ${leaves.length}`);
  }
  const layers = [[...leaves]];
  for (let layer = layers[0] ?? []; layer.length > 1; ) {
    const children = layer;
    layer = Array.from({ length: children.length / 2 }, (_, i) =>
      nodeHash(children[2 * i] ?? new Uint8Array(), children[2 * i + 1] ?? new Uint8Array()),
    );
    layers.push(layer);
  }
  return layers;
}

/**
 * Position of node `index` of `layer` (0 = leaves) when the layers of a tree over 2^logLeaves leaves
 * lie one after another, leaves first, root last.
 */
export function digestPosition(logLeaves: number, layer: number, index: number): number {
  return 2 ** (logLeaves + 1) - 2 ** (logLeaves + 1 - layer) + index;
}
