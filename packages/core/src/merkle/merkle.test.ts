import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, keccak256, toHex } from '../hash/index.ts';
import {
  buildTree,
  digestPosition,
  leafHash,
  nodeHash,
  openMultiproof,
  rowHash,
  siblingCount,
  verifyMultiproof,
} from './index.ts';

const makeTree = (logLeaves: number): Uint8Array[][] =>
  buildTree(Array.from({ length: 2 ** logLeaves }, (_, i) => rowHash([i, 2 * i + 1])));

const digestOf =
  (tree: Uint8Array[][]) =>
  (layer: number, index: number): Uint8Array =>
    tree[layer]?.[index] ?? new Uint8Array();

const rootOf = (tree: Uint8Array[][]): Uint8Array => tree.at(-1)?.[0] ?? new Uint8Array();

const leavesAt = (tree: Uint8Array[][], indices: number[]): Uint8Array[] =>
  indices.map((i) => digestOf(tree)(0, i));

/** A single path, checked on its own. */
const pathHolds = (tree: Uint8Array[][], index: number, leaf: Uint8Array): boolean => {
  let hash = leaf;
  let at = index;
  for (const layer of tree.slice(0, -1)) {
    const sibling = layer[at ^ 1] ?? new Uint8Array();
    hash = at % 2 === 0 ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
    at >>= 1;
  }
  return toHex(hash) === toHex(rootOf(tree));
};

const instance = fc.integer({ min: 0, max: 7 }).chain((logLeaves) =>
  fc.record({
    logLeaves: fc.constant(logLeaves),
    indices: fc
      .uniqueArray(fc.nat({ max: 2 ** logLeaves - 1 }), { minLength: 1 })
      .map((indices) => indices.sort((a, b) => a - b)),
  }),
);

describe('hashes', () => {
  test('leaf: 0x00, salt, words LE; node: 0x03, left, right', () => {
    const words = [1, 0x01020304];
    const bytes = Uint8Array.of(1, 0, 0, 0, 4, 3, 2, 1);
    expect(rowHash(words)).toEqual(keccak256(concatBytes(Uint8Array.of(0), bytes)));
    expect(rowHash(Uint32Array.from(words))).toEqual(leafHash(bytes));
    const salt = Uint8Array.of(9, 9);
    expect(leafHash(bytes, salt)).toEqual(keccak256(concatBytes(Uint8Array.of(0), salt, bytes)));
    const l = leafHash(bytes);
    const r = leafHash(salt);
    expect(nodeHash(l, r)).toEqual(keccak256(concatBytes(Uint8Array.of(3), l, r)));
  });
  test('a leaf whose content is two digests is not their parent', () => {
    const [l, r] = [rowHash([1]), rowHash([2])];
    expect(leafHash(concatBytes(l, r))).not.toEqual(nodeHash(l, r));
  });
});

test('digestPosition: layers one after another', () => {
  const tree = makeTree(4);
  const flat = tree.flat();
  tree.forEach((layer, l) => {
    layer.forEach((digest, i) => {
      expect(flat[digestPosition(4, l, i)]).toBe(digest);
    });
  });
});

test('buildTree refuses sizes that are not powers of two', () => {
  for (const size of [0, 3, 6]) {
    expect(() => buildTree(Array.from({ length: size }, () => rowHash([0])))).toThrow(RangeError);
  }
});

test('honest multiproofs hold, and agree with single paths', () => {
  fc.assert(
    fc.property(instance, ({ logLeaves, indices }) => {
      const tree = makeTree(logLeaves);
      const leaves = leavesAt(tree, indices);
      const siblings = openMultiproof(logLeaves, indices, digestOf(tree));
      expect(siblings.length).toBe(siblingCount(logLeaves, indices));
      expect(verifyMultiproof(rootOf(tree), logLeaves, indices, leaves, siblings).ok).toBe(true);
      indices.forEach((index, i) => {
        expect(pathHolds(tree, index, leaves[i] ?? new Uint8Array())).toBe(true);
      });
      // no more digests than single paths, none that can be computed
      expect(siblings.length).toBeLessThanOrEqual(indices.length * logLeaves);
      if (indices.length === 2 ** logLeaves) expect(siblings.length).toBe(0);
    }),
    { seed: 1 },
  );
});

test('a wrong leaf or leaf at another index is rejected, as by single paths', () => {
  fc.assert(
    fc.property(instance, fc.nat(), fc.nat(), ({ logLeaves, indices }, which, shift) => {
      fc.pre(logLeaves > 0);
      const tree = makeTree(logLeaves);
      const leaves = leavesAt(tree, indices);
      const k = which % indices.length;
      const index = indices[k] ?? 0;
      const other = (index + 1 + (shift % (2 ** logLeaves - 1))) % 2 ** logLeaves;
      const wrong = digestOf(tree)(0, other);
      expect(pathHolds(tree, index, wrong)).toBe(false);
      const siblings = openMultiproof(logLeaves, indices, digestOf(tree));
      expect(
        verifyMultiproof(rootOf(tree), logLeaves, indices, leaves.with(k, wrong), siblings),
      ).toEqual({ ok: false, error: { kind: 'merkle/root' } });
    }),
    { seed: 2 },
  );
});

describe('rejections', () => {
  const logLeaves = 5;
  const tree = makeTree(logLeaves);
  const root = rootOf(tree);
  const indices = [0, 3, 10, 11, 17, 30];
  const leaves = leavesAt(tree, indices);
  const siblings = openMultiproof(logLeaves, indices, digestOf(tree));
  const kindOf = (result: ReturnType<typeof verifyMultiproof>): string =>
    result.ok ? 'accepted' : result.error.kind;
  const verify = (
    ix: readonly number[],
    lv: readonly Uint8Array[],
    sb: readonly Uint8Array[],
    rt = root,
    log = logLeaves,
  ): string => kindOf(verifyMultiproof(rt, log, ix, lv, sb));

  test('honest', () => {
    expect(verify(indices, leaves, siblings)).toBe('accepted');
  });

  test('every flipped bit of root, leaves and siblings', () => {
    const flip = (digest: Uint8Array, bit: number): Uint8Array =>
      digest.with(bit >> 3, (digest[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
    for (let bit = 0; bit < 256; bit++) {
      expect(verify(indices, leaves, siblings, flip(root, bit))).toBe('merkle/root');
      leaves.forEach((leaf, i) => {
        expect(verify(indices, leaves.with(i, flip(leaf, bit)), siblings)).toBe('merkle/root');
      });
      siblings.forEach((sibling, i) => {
        expect(verify(indices, leaves, siblings.with(i, flip(sibling, bit)))).toBe('merkle/root');
      });
    }
  });

  test('a missing, extra or swapped sibling', () => {
    siblings.forEach((sibling, i) => {
      expect(verify(indices, leaves, siblings.toSpliced(i, 1))).toBe('merkle/sibling-count');
      expect(verify(indices, leaves, siblings.toSpliced(i, 0, sibling))).toBe(
        'merkle/sibling-count',
      );
      const next = siblings[i + 1];
      if (next !== undefined) {
        expect(verify(indices, leaves, siblings.with(i, next).with(i + 1, sibling))).toBe(
          'merkle/root',
        );
      }
    });
    expect(verify(indices, leaves, [...siblings, root])).toBe('merkle/sibling-count');
  });

  test('no, repeated, unsorted, fractional and out-of-range indices', () => {
    for (const bad of [
      [],
      [0, 3, 10, 10, 17, 30],
      [3, 0, 10, 11, 17, 30],
      [0, 3, 10, 11, 17, 32],
      [-1, 3, 10, 11, 17, 30],
      [0.5, 3, 10, 11, 17, 30],
      [0, Number.NaN, 10, 11, 17, 30],
      [0, 3, 10, 11, 17, Number.POSITIVE_INFINITY],
    ]) {
      expect(verify(bad, bad.length === 0 ? [] : leaves, siblings)).toBe('merkle/indices');
    }
  });

  test('a wrong number of leaves', () => {
    expect(verify(indices, leaves.slice(1), siblings)).toBe('merkle/leaf-count');
    expect(verify(indices, [...leaves, root], siblings)).toBe('merkle/leaf-count');
  });

  test('digests of another length', () => {
    const long = concatBytes(siblings[0] ?? root, Uint8Array.of(0));
    expect(verify(indices, leaves, siblings.with(0, long))).toBe('merkle/digest');
    expect(verify(indices, leaves.with(2, new Uint8Array()), siblings)).toBe('merkle/digest');
    // bytes moved over the border of two siblings: the same node preimage
    const [pair] = [openMultiproof(logLeaves, [0], digestOf(tree))];
    expect(verify([0], [root.subarray(0, 31)], pair)).toBe('merkle/digest');
  });

  test('a node passed off as a leaf: another depth', () => {
    const upper = openMultiproof(logLeaves - 1, [2], (l, i) => digestOf(tree)(l + 1, i));
    const node = digestOf(tree)(1, 2);
    expect(verify([2], [node], upper, root, logLeaves - 1)).toBe('accepted');
    expect(verify([2], [node], upper)).toBe('merkle/sibling-count');
  });

  test('a tree of one leaf is its hash', () => {
    const only = rowHash([7]);
    expect(kindOf(verifyMultiproof(only, 0, [0], [only], []))).toBe('accepted');
    expect(kindOf(verifyMultiproof(only, 0, [0], [root], []))).toBe('merkle/root');
    expect(kindOf(verifyMultiproof(only, 0, [0], [only], [root]))).toBe('merkle/sibling-count');
  });

  test('a root of another length', () => {
    expect(verify(indices, leaves, siblings, root.subarray(0, 31))).toBe('merkle/root');
    expect(verify(indices, leaves, siblings, new Uint8Array())).toBe('merkle/root');
  });
});
