import { keccak256 } from '@assay/core/hash';
import { createDigests } from '@assay/core/kernels';
import { siblingPositions, verifyMultiproof } from '@assay/core/merkle';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  leafBytes,
  leafCount,
  ListTree,
  listDepth,
  rootOfPath,
  TensorTree,
  tensorDepth,
  tensorLeafHash,
  tensorNodeHash,
  zeroNode,
} from './tree.ts';

/** All layers with their padding, from the definition. */
function naiveLayers(values: Int32Array): Uint8Array[][] {
  let size = 1;
  while (32 * size < values.length) size *= 2;
  let layer = Array.from({ length: size }, (_, leaf) => {
    const bytes = Buffer.alloc(128);
    for (let i = 0; i < 32; i++) bytes.writeInt32BE(values[32 * leaf + i] ?? 0, 4 * i);
    return keccak256(new Uint8Array(bytes));
  });
  const layers = [layer];
  while (layer.length > 1) {
    layer = layer.flatMap((left, i) =>
      i % 2 === 0 ? [keccak256(left, layer[i + 1] ?? new Uint8Array())] : [],
    );
    layers.push(layer);
  }
  return layers;
}

const randomValues = (length: number): Int32Array =>
  Int32Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1) ^ (i << 7));

describe('tensor trees', () => {
  test.each([
    [1, 1, 0],
    [32, 1, 0],
    [33, 2, 1],
    [64, 2, 1],
    [65, 3, 2],
    [2 ** 20, 2 ** 15, 15],
    [2 ** 31 - 1, 2 ** 26, 26],
  ])('%i elements: %i leaves, depth %i', (elements, leaves, depth) => {
    expect([leafCount(elements), tensorDepth(elements)]).toEqual([leaves, depth]);
  });

  test.each([1, 2, 31, 32, 33, 64, 65, 96, 97, 200, 257, 1_025, 2_048, 3_333])(
    '%i elements: every node is that of the definition',
    (length) => {
      const values = randomValues(length);
      const tree = new TensorTree(values);
      const layers = naiveLayers(values);
      expect(tree.depth).toBe(layers.length - 1);
      for (const [level, layer] of layers.entries())
        for (const [position, node] of layer.entries())
          expect(tree.node(level, position)).toEqual(node);
      expect(tree.root).toEqual(layers.at(-1)?.[0]);
      expect(tree.leaf(0)).toEqual(leafBytes(values, 0));
      const last = leafCount(length) - 1;
      expect(rootOfPath(tree.node(0, last), last, tree.path(last))).toEqual(tree.root);
    },
  );

  test('a known root: the elements 0..99', () => {
    const tree = new TensorTree(Int32Array.from({ length: 100 }, (_, i) => i - 50));
    expect(tree.root).toEqual(naiveLayers(tree.values).at(-1)?.[0]);
    expect(tree.path(0, 1)).toEqual([tree.node(1, 1)]);
  });

  test.each([1, 97, 131_072, 131_073, 300_000])('%i elements, hashed by the kernels', (length) => {
    const values = randomValues(length);
    expect(new TensorTree(values, createDigests()).root).toEqual(new TensorTree(values).root);
  });

  test('padding subtrees', () => {
    let node = keccak256(new Uint8Array(128));
    for (let level = 0; level < 30; level++) {
      expect(zeroNode(level)).toEqual(node);
      node = keccak256(node, node);
    }
    zeroNode(3).fill(0);
    expect(zeroNode(3).some((byte) => byte !== 0)).toBe(true);
  });

  test('misuse throws', () => {
    expect(() => new TensorTree(new Int32Array())).toThrow(RangeError);
    const tree = new TensorTree(randomValues(100));
    for (const [level, position] of [
      [0, 4],
      [1, 2],
      [3, 0],
      [-1, 0],
      [0, -1],
      [0, 0.5],
    ] as const)
      expect(() => tree.node(level, position)).toThrow(RangeError);
  });

  test('openings verify, and nothing else does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_500 }),
        fc.array(fc.nat({ max: 46 }), { minLength: 1, maxLength: 12 }),
        fc.nat(),
        (length, wanted, at) => {
          const tree = new TensorTree(randomValues(length));
          const leaves = [...new Set(wanted.map((leaf) => leaf % 2 ** tree.depth))].sort(
            (a, b) => a - b,
          );
          const { data, siblings } = tree.open(leaves);
          expect(siblings).toEqual(
            siblingPositions(tree.depth, leaves).map(({ layer, index }) => tree.node(layer, index)),
          );
          const verify = (bytes: Uint8Array, nodes: readonly Uint8Array[], at = leaves): boolean =>
            verifyMultiproof(
              tree.root,
              tree.depth,
              at,
              at.map((_, i) => tensorLeafHash(bytes.subarray(128 * i, 128 * i + 128))),
              nodes,
              tensorNodeHash,
            ).ok;
          expect(verify(data, siblings)).toBe(true);
          const spoiled = data.slice();
          spoiled[at % data.length] = (spoiled[at % data.length] ?? 0) ^ 1;
          expect(verify(spoiled, siblings)).toBe(false);
          expect(verify(data, [...siblings, new Uint8Array(32)])).toBe(false);
          if (siblings.length > 0) {
            expect(verify(data, siblings.slice(1))).toBe(false);
            const swapped = siblings.map((s, i) => (i === at % siblings.length ? zeroNode(29) : s));
            expect(verify(data, swapped)).toBe(false);
          }
          // Other leaves than those that were opened hold other elements.
          const others = leaves.map((leaf) => (leaf + 1) % 2 ** tree.depth).sort((a, b) => a - b);
          const same = others.every((leaf, i) => leaf === leaves[i]);
          if (!same) expect(verify(data, siblings, others)).toBe(false);
        },
      ),
      { seed: 1, numRuns: 150 },
    );
  });
});

describe('lists', () => {
  test.each([1, 2, 3, 4, 5, 9, 16, 17])('%i entries, padded with zero bytes', (length) => {
    const entries = Array.from({ length }, (_, i) => keccak256(Uint8Array.of(i)));
    const tree = new ListTree(entries);
    expect(tree.depth).toBe(listDepth(length));
    let layer = Array.from({ length: 2 ** tree.depth }, (_, i) => entries[i] ?? new Uint8Array(32));
    while (layer.length > 1) {
      layer = layer.flatMap((left, i) =>
        i % 2 === 0 ? [keccak256(left, layer[i + 1] ?? new Uint8Array())] : [],
      );
    }
    expect(tree.root).toEqual(layer[0]);
    for (let i = 0; i < 2 ** tree.depth; i++)
      expect(rootOfPath(tree.node(0, i), i, tree.path(i))).toEqual(tree.root);
  });

  test('the root of an empty list is 32 zero bytes', () => {
    expect(new ListTree([]).root).toEqual(new Uint8Array(32));
    expect(() => new ListTree([]).node(0, 1)).toThrow(RangeError);
  });
});
