import { concatBytes, equalBytes } from '@assay/core/hash';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../testing/random.ts';
import { describeTraceError, type TraceError } from './errors.ts';
import { openInstance } from './open.ts';
import {
  alteredBodies,
  alteredPadding,
  alteredProofs,
  type PaddingKind,
  randomPaddingCase,
  randomTraceCase,
} from './testing/index.ts';
import { TensorTree } from './tree.ts';
import { TraceTrees } from './trees.ts';
import type {
  Factor,
  FraudProof,
  Lists,
  Opening,
  RelationKind,
  TensorRef,
  TraceRelation,
} from './types.ts';
import { paddingViolated, violated } from './verify.ts';

const KINDS: readonly RelationKind[] = ['linear', 'einsum', 'range', 'lookup'];
const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** What refuses an altered proof; the rest of the name is in front. */
const REFUSED_BY: Readonly<Record<string, TraceError['kind']>> = {
  'relation index': 'trace/relation',
  'relation index outside': 'trace/relation',
  kind: 'trace/relation',
  body: 'trace/relation',
  'relation path longer': 'trace/relation',
  'relation path shorter': 'trace/relation',
  'relations root': 'trace/relation',
  'element outside': 'trace/element',
  'element far outside': 'trace/element',
  'element wraps': 'trace/element',
  missing: 'trace/leaf',
  twice: 'trace/opening',
  'another leaf': 'trace/leaf',
  root: 'trace/opening',
  'index outside': 'trace/opening',
  path: 'trace/opening',
  'path longer': 'trace/opening',
  'path shorter': 'trace/opening',
  data: 'trace/multiproof',
  'data longer': 'trace/opening',
  'data shorter': 'trace/opening',
  'leaf outside': 'trace/multiproof',
  'leaf twice': 'trace/multiproof',
  'no leaves': 'trace/multiproof',
  'no leaves, siblings left': 'trace/multiproof',
  'leaves unsorted': 'trace/multiproof',
  'leaves unsorted with data': 'trace/multiproof',
  sibling: 'trace/multiproof',
  'sibling missing': 'trace/multiproof',
  'sibling too many': 'trace/multiproof',
};

describe.each(KINDS)('violated: %s', (kind) => {
  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('answers what the values say (violate %s, wide %s)', (violate, wide) => {
    let found = 0;
    for (const seed of seeds(60)) {
      const { lists, proof, violated: expected } = randomTraceCase(seed, { kind, violate, wide });
      expect({ seed, result: violated(lists, proof) }).toEqual({
        seed,
        result: { ok: true, value: expected },
      });
      found += expected ? 1 : 0;
    }
    if (!(wide && kind === 'range')) expect(found).toBeGreaterThanOrEqual(violate ? 35 : 0);
    if (!violate && !wide) expect(found).toBe(0);
  });

  test('every alteration is refused', () => {
    const seen = new Set<string>();
    for (const seed of seeds(20)) {
      const traceCase = randomTraceCase(seed, { kind, violate: seed % 2 === 0 });
      for (const { name, lists, proof } of alteredProofs(traceCase, new SeededRandom(seed + 1))) {
        const result = violated(lists, proof);
        const short = name.replace(/^opening \d+:? /, '');
        const expected = REFUSED_BY[short];
        if (expected !== undefined) {
          seen.add(short);
          expect({ seed, name, result }).toMatchObject({ result: { error: { kind: expected } } });
        } else if (short.startsWith('unread')) {
          // Refused unless the relation mentions the tensor; then it makes no difference.
          if (result.ok) expect(result.value).toBe(traceCase.violated);
          else expect(result.error.kind).toBe('trace/opening');
        } else {
          // Another tensor in place of the one that is read.
          expect({ seed, name, ok: result.ok }).toEqual({ seed, name, ok: false });
        }
        if (!result.ok) expect(describeTraceError(result.error)).not.toBe('');
      }
    }
    for (const name of Object.keys(REFUSED_BY))
      if (!name.includes('unsorted')) expect(seen).toContain(name);
  });

  test('other bodies: no throw, and the body itself as before', () => {
    for (const seed of seeds(30)) {
      const traceCase = randomTraceCase(seed, { kind, violate: seed % 2 === 0 });
      for (const { name, lists, proof } of alteredBodies(traceCase, new SeededRandom(seed), 30)) {
        const result = violated(lists, proof);
        if (name === 'unchanged') expect(result).toEqual({ ok: true, value: traceCase.violated });
        if (['trailing byte', 'last byte missing', 'truncated', 'empty'].includes(name))
          expect(result).toMatchObject({ error: { kind: 'trace/encoding' } });
      }
    }
  });
});

describe('one relation', () => {
  const tensor: TensorRef = { list: 2, index: 0, dims: [70], order: [0] };
  const relation: TraceRelation = {
    kind: 'range',
    domain: [70],
    lo: 0,
    hi: 200,
    form: {
      bias: 0,
      terms: [
        {
          coefficient: 1,
          view: {
            tensor,
            factors: [{ kind: 'affine', offset: 0, strides: [{ axis: 0, stride: 1 }] }],
          },
        },
      ],
    },
  };
  const tree = new TensorTree(Int32Array.from({ length: 70 }, (_, i) => (i === 40 ? -1 : i)));
  const trees = new TraceTrees([relation], { 0: [], 1: [], 2: [tree], 3: [tree] });

  test('only the element is judged', () => {
    for (const element of [0, 31, 32, 39, 40, 41, 69]) {
      const proof = openInstance(trees, 0, relation, element);
      expect(violated(trees.roots, proof)).toEqual({ ok: true, value: element === 40 });
    }
  });

  test('the openings are exactly what is read', () => {
    const proof = openInstance(trees, 0, relation, 40);
    expect(proof.openings.map(({ list, index, leaves }) => ({ list, index, leaves }))).toEqual([
      { list: 2, index: 0, leaves: [1] },
    ]);
  });

  test('more leaves than are read are allowed', () => {
    const proof = openInstance(trees, 0, relation, 40);
    const more = { ...proof.openings[0], leaves: [0, 1, 3], ...tree.open([0, 1, 3]) };
    const openings = [more] as FraudProof['openings'];
    expect(violated(trees.roots, { ...proof, openings })).toEqual({ ok: true, value: true });
  });

  test('the list decides the root: another with the same tensor does not do', () => {
    const proof = openInstance(trees, 0, relation, 40);
    const openings = proof.openings.map((opening) => ({ ...opening, list: 3 as const }));
    expect(violated(trees.roots, { ...proof, openings })).toMatchObject({
      error: { kind: 'trace/opening' },
    });
    const elsewhere: Lists = {
      ...trees.roots,
      roots: [trees.roots.roots[0], trees.roots.roots[1], new Uint8Array(32), tree.root],
    };
    expect(violated(elsewhere, proof)).toMatchObject({ error: { kind: 'trace/opening' } });
  });

  test('depth comes from the list, not from the path', () => {
    const proof = openInstance(trees, 0, relation, 40);
    const longer: Lists = { ...trees.roots, lengths: [0, 0, 2, 1] };
    expect(violated(longer, proof)).toMatchObject({ error: { kind: 'trace/opening' } });
    expect(violated({ ...trees.roots, relationCount: 2 }, proof)).toMatchObject({
      error: { kind: 'trace/relation' },
    });
    expect(violated({ ...trees.roots, relationCount: 0 }, proof)).toMatchObject({
      error: { kind: 'trace/relation' },
    });
  });

  test('digests of another length, elements below 0', () => {
    const proof = openInstance(trees, 0, relation, 40);
    const short = { ...trees.roots, relations: trees.roots.relations.slice(1) };
    expect(violated(short, proof)).toMatchObject({ error: { kind: 'trace/relation' } });
    expect(violated(trees.roots, { ...proof, element: -1n })).toMatchObject({
      error: { kind: 'trace/element' },
    });
    for (const index of [-1, 0.5, Number.NaN]) {
      const moved = { ...proof, relation: { ...proof.relation, index } };
      expect(violated(trees.roots, moved)).toMatchObject({ error: { kind: 'trace/relation' } });
    }
  });
});

describe('roots of tensors are told from nodes by depth', () => {
  const along: Factor = { kind: 'affine', offset: 0, strides: [{ axis: 0, stride: 1 }] };
  const positive = (index: number, length: number): TraceRelation => ({
    kind: 'range',
    domain: [length],
    lo: 0,
    hi: 2 ** 31,
    form: {
      bias: 0,
      terms: [
        {
          coefficient: 1,
          view: { tensor: { list: 2, index, dims: [length], order: [0] }, factors: [along] },
        },
      ],
    },
  });
  const relations = [positive(2, 64), positive(3, 32), positive(1, 32)];
  // Tensors 0 and 1 have one leaf, tensor 2 has two: all honest but for the first element of tensor 0.
  const tree = (length: number, first: number): TensorTree =>
    new TensorTree(Int32Array.from({ length }, (_, i) => (i === 0 ? first : i)));
  const list = [tree(32, -1), tree(32, 7), tree(64, 7), tree(32, 8)];
  const trees = new TraceTrees(relations, { 0: [], 1: [], 2: list, 3: [] });
  const root = trees.lists[2];
  const leaf = (i: number): TensorTree => list[i] ?? tree(32, 0);
  const opened = (index: number, altered: Partial<Opening>): FraudProof => {
    const relation = relations.findIndex(
      (r) => r.kind === 'range' && r.form.terms[0]?.view.tensor.index === index,
    );
    const proof = openInstance(trees, relation, relations[relation] ?? positive(0, 1), 0);
    return { ...proof, openings: proof.openings.map((opening) => ({ ...opening, ...altered })) };
  };

  test('a node of the list in place of a tensor of two leaves', () => {
    const proof = opened(2, {
      root: root.node(1, 0),
      path: [root.node(1, 1)],
      data: leaf(0).leaf(0),
      siblings: [leaf(1).root],
    });
    expect(violated(trees.roots, opened(2, {}))).toEqual({ ok: true, value: false });
    expect(violated(trees.roots, proof)).toMatchObject({ error: { kind: 'trace/opening' } });
  });

  test('a leaf of a tensor in place of another tensor', () => {
    // As if the list were one level deeper: leaf 1 of tensor 1 of two leaves would be tensor 3.
    const wide = new TensorTree(Int32Array.from({ length: 64 }, (_, i) => (i === 32 ? -1 : i)));
    const others = new TraceTrees(relations, {
      0: [],
      1: [],
      2: [leaf(1), wide, leaf(2), leaf(3)],
      3: [],
    });
    const proof = openInstance(others, 1, positive(3, 32), 0);
    expect(violated(others.roots, proof)).toEqual({ ok: true, value: false });
    const openings = proof.openings.map((opening) => ({
      ...opening,
      root: wide.node(0, 1),
      path: [wide.node(0, 0), ...others.lists[2].path(1)],
      data: wide.leaf(1),
    }));
    expect(violated(others.roots, { ...proof, openings })).toMatchObject({
      error: { kind: 'trace/opening' },
    });
  });

  test('neither tensors nor relations beyond the length', () => {
    const { roots } = trees;
    const proof = opened(3, {});
    expect(violated(roots, proof)).toEqual({ ok: true, value: false });
    expect(violated({ ...roots, lengths: [0, 0, 3, 0] }, proof)).toMatchObject({
      error: { kind: 'trace/opening' },
    });
    const last = opened(1, {});
    const more = new TraceTrees([...relations, positive(0, 32)], { 0: [], 1: [], 2: list, 3: [] });
    const proofs = openInstance(more, 3, positive(0, 32), 0);
    expect(violated(more.roots, proofs)).toEqual({ ok: true, value: true });
    expect(violated({ ...more.roots, relationCount: 3 }, proofs)).toMatchObject({
      error: { kind: 'trace/relation' },
    });
    expect(violated(roots, last)).toEqual({ ok: true, value: false });
  });
});

describe.each(['root', 'leaf', 'node'] satisfies PaddingKind[])('paddingViolated: %s', (kind) => {
  test.each([false, true])('garbage: %s', (tampered) => {
    for (const seed of seeds(60)) {
      const { lists, proof, violated: expected } = randomPaddingCase(seed, kind, tampered);
      expect(expected).toBe(tampered);
      expect({ seed, result: paddingViolated(lists, proof) }).toEqual({
        seed,
        result: { ok: true, value: tampered },
      });
    }
  });

  test('every alteration is refused', () => {
    for (const seed of seeds(40)) {
      for (const { name, lists, proof } of alteredPadding(randomPaddingCase(seed, kind, true))) {
        const result = paddingViolated(lists, proof);
        expect({ seed, name, ok: result.ok }).toEqual({ seed, name, ok: false });
      }
    }
  });
});

test("padding of what the submission does not commit to is nobody's fault", () => {
  const { lists, proof } = randomPaddingCase(5, 'root', true);
  const { list } = proof.opening;
  const root = lists.roots[list];
  const length = lists.lengths[list];
  const all: Lists = {
    ...lists,
    roots: [root, root, root, root],
    lengths: [length, length, length, length],
  };
  for (const [other, result] of [
    [0, { error: { kind: 'trace/padding' } }],
    [1, { error: { kind: 'trace/padding' } }],
    [2, { ok: true, value: true }],
    [3, { ok: true, value: true }],
  ] as const) {
    const opening = { ...proof.opening, list: other };
    expect(paddingViolated(all, { ...proof, opening })).toMatchObject(result);
  }
});

test('a leaf before the last has no padding', () => {
  let seen = 0;
  for (const seed of seeds(60)) {
    const { lists, proof, tree, leaves } = randomPaddingCase(seed, 'leaf', false);
    const tensor = proof.opening;
    if (leaves < 2) continue;
    seen += 1;
    // Well proven, whatever is in it: refused by its index.
    const siblings = tree.path(0);
    for (const data of [new Uint8Array(128), proof.opening.data]) {
      const opening = { ...tensor, leaves: [0], data, siblings };
      expect(paddingViolated(lists, { ...proof, opening })).toMatchObject({
        error: { kind: 'trace/padding' },
      });
    }
  }
  expect(seen).toBeGreaterThan(3);
});

test('bytes do not move between a root and its sibling', () => {
  const seen = { root: 0, node: 0 };
  for (const seed of seeds(40)) {
    const root = randomPaddingCase(seed, 'root', true);
    const { opening } = root.proof;
    const [sibling] = opening.path;
    if (sibling === undefined || opening.index % 2 === 1) continue;
    seen.root += 1;
    const path = [concatBytes(opening.root.subarray(31), sibling), ...opening.path.slice(1)];
    const moved = { ...opening, root: opening.root.subarray(0, 31), path };
    expect(paddingViolated(root.lists, { ...root.proof, opening: moved }).ok).toBe(false);
  }
  for (const seed of seeds(40)) {
    const node = randomPaddingCase(seed, 'node', true);
    const { proof } = node;
    const [sibling] = proof.path;
    if (sibling === undefined || proof.position % 2 === 1) continue;
    seen.node += 1;
    const path = [concatBytes(proof.node.subarray(31), sibling), ...proof.path.slice(1)];
    const moved = { ...proof, node: proof.node.subarray(0, 31), path };
    expect(paddingViolated(node.lists, moved).ok).toBe(false);
  }
  expect(Math.min(seen.root, seen.node)).toBeGreaterThan(3);
});

test('an empty trace list has one canonical root', () => {
  const { lists, proof } = randomPaddingCase(1, 'root', false);
  const root = Uint8Array.from({ length: 32 }, () => 7);
  const empty: Lists = {
    ...lists,
    roots: [lists.roots[0], lists.roots[1], root, lists.roots[3]],
    lengths: [lists.lengths[0], lists.lengths[1], 0, lists.lengths[3]],
  };
  const opening = { ...proof.opening, list: 2 as const, index: 0, root, path: [] };
  expect(paddingViolated(empty, { ...proof, opening })).toEqual({ ok: true, value: true });
  const zero = new Uint8Array(32);
  const canonical: Lists = {
    ...empty,
    roots: [lists.roots[0], lists.roots[1], zero, lists.roots[3]],
  };
  const none = { ...proof, opening: { ...opening, root: zero } };
  expect(paddingViolated(canonical, none)).toEqual({ ok: true, value: false });
});

test('an opening without what it holds proves nothing', () => {
  const { lists, proof } = randomTraceCase(3, { kind: 'linear', violate: true });
  const [first] = proof.openings;
  expect(first !== undefined && equalBytes(first.root, new Uint8Array(32))).toBe(false);
  const openings = proof.openings.map((o) => ({ ...o, siblings: o.siblings.map(() => o.root) }));
  const result = violated(lists, { ...proof, openings });
  expect(result.ok && proof.openings.some((o) => o.siblings.length > 0)).toBe(false);
});
