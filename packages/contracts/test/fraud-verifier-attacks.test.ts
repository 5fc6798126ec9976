import { elementCount } from '@assay/program';
import {
  checkRelation,
  type Factor,
  instances,
  openInstance,
  TensorTree,
  type TraceForm,
  type TraceRelation,
  TraceTrees,
  type TraceView,
  violated,
} from '@assay/program/trace';
import { SeededRandom } from '@assay/program/trace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, newTally, type Question } from './fraud-verifier-cases.ts';
import { encodeViolated, startVerifierChain, type VerifierChain } from './verifier-chain.ts';

const axis = (a: number): Factor => ({
  kind: 'affine',
  offset: 0,
  strides: [{ axis: a, stride: 1 }],
});
const claimOf = (dims: readonly number[]): TraceForm => ({
  bias: 0,
  terms: [
    {
      coefficient: -1,
      view: {
        tensor: { list: 2, index: 1, dims, order: dims.map((_, a) => a) },
        factors: dims.map((_, a) => axis(a)),
      },
    },
  ],
});

/** Trees of a relation over Trace tensors 0 (read by x) and 1 (claimed), all elements in leaf order. */
function treesOf(relation: TraceRelation, x: Int32Array, claim: Int32Array): TraceTrees {
  return new TraceTrees([relation], {
    0: [new TensorTree(Int32Array.of(1))],
    1: [],
    2: [new TensorTree(x), new TensorTree(claim)],
    3: [],
  });
}

const ONE: TraceView = { tensor: { list: 0, index: 0, dims: [], order: [] }, factors: [] };

/** Every instance, with values that violate some: the contract has to give the reference's answer to each. */
function questions(name: string, relation: TraceRelation, trees: TraceTrees): Question[] {
  return Array.from({ length: instances(relation) }, (_, element) => element).flatMap((element) => {
    const proof = openInstance(trees, 0, relation, element);
    const call = encodeViolated(trees.roots, proof);
    if (call === null) return [];
    return [{ name: `${name} at ${element}`, call, expected: violated(trees.roots, proof) }];
  });
}

/** A relation at which the contract runs out of gas, or loops, guards nothing: a lie about it cannot be shown. */
describe('carry views that a sum moves', () => {
  let chain: VerifierChain;
  beforeAll(async () => {
    chain = await startVerifierChain();
  });
  afterAll(async () => {
    await chain.stop();
  });

  it('along an axis of one index, whose step is the whole of the view', async () => {
    const x: TraceView = {
      tensor: { list: 2, index: 0, dims: [2, 1, 2], order: [2, 1, 0] },
      factors: [{ kind: 'reshape', storageAxes: 3, axes: [1, 0] }],
    };
    const relation: TraceRelation = {
      kind: 'einsum',
      domain: [4],
      sum: [1],
      chunk: 1,
      scale: 1,
      x,
      y: ONE,
      partials: null,
      claim: claimOf([4]),
    };
    expect(checkRelation(relation).ok).toBe(true);
    const trees = treesOf(relation, Int32Array.of(1, 2, 3, 4), Int32Array.of(1, 3, 2, 9));
    const tally = newTally();
    await ask(chain, questions('step of the whole', relation, trees), tally);
    expect(tally.different).toEqual([]);
    expect([tally.holds, tally.violated]).toEqual([3, 1]);
  });

  it('of any shape, order, axes and chunk', async () => {
    const tally = newTally();
    for (let seed = 0; seed < 120; seed++) {
      const made = carryCase(new SeededRandom(seed));
      if (made !== null)
        await ask(chain, questions(`seed ${seed}`, made.relation, made.trees), tally);
    }
    expect(tally.different).toEqual([]);
    expect(tally.violated).toBeGreaterThan(500);
  });
});

/** An einsum of two carry views over domain ++ sum, of lengths of which many are 1, with random values. */
function carryCase(random: SeededRandom): { relation: TraceRelation; trees: TraceTrees } | null {
  const shuffled = (n: number): number[] => {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = random.integer(0, i);
      [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
    }
    return order;
  };
  const lengths = Array.from({ length: random.integer(2, 5) }, () =>
    random.integer(0, 2) === 0 ? 1 : random.integer(2, 4),
  );
  const outer = random.integer(0, lengths.length - 1);
  const domain = lengths.slice(0, outer);
  const sum = lengths.slice(outer);
  const values = (count: number, most: number): Int32Array =>
    Int32Array.from({ length: count }, () => random.integer(-most, most));
  const trees: TensorTree[] = [
    new TensorTree(values(1, 1)),
    new TensorTree(values(elementCount(domain), 3)),
  ];
  const tensor = (dims: readonly number[], order: readonly number[]) => {
    trees.push(new TensorTree(values(elementCount(dims), 9)));
    return { list: 2 as const, index: trees.length - 1, dims, order };
  };
  /** The same number of elements as some of the axes, cut otherwise. */
  const view = (): TraceView => {
    const axes = shuffled(lengths.length).slice(0, random.integer(1, lengths.length));
    const parts = axes.flatMap((a) => (lengths[a] === 4 ? [2, 2] : [lengths[a] ?? 1]));
    const dims: number[] = [];
    for (const part of parts) {
      const last = dims.at(-1);
      if (last !== undefined && (dims.length === 8 || random.integer(0, 1) === 0))
        dims[dims.length - 1] = last * part;
      else dims.push(part);
    }
    return {
      tensor: tensor(dims, shuffled(dims.length)),
      factors: [{ kind: 'reshape', storageAxes: dims.length, axes }],
    };
  };
  const chunk = 2 ** random.integer(0, 4);
  const chunks = Math.ceil(elementCount(sum) / chunk);
  const x = view();
  const y = random.integer(0, 2) === 0 ? ONE : view();
  const shape = [chunks - 1, ...domain];
  const relation: TraceRelation = {
    kind: 'einsum',
    domain,
    sum,
    chunk,
    scale: random.integer(-2, 2),
    x,
    y,
    partials: chunks > 1 ? tensor(shape, shuffled(shape.length)) : null,
    claim: claimOf(domain),
  };
  if (!checkRelation(relation).ok) return null;
  const one = [new TensorTree(Int32Array.of(1))];
  return { relation, trees: new TraceTrees([relation], { 0: one, 1: [], 2: trees, 3: [] }) };
}
