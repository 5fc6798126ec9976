import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../testing/random.ts';
import { evaluate, instances, reads, unravel, viewPosition } from '../check.ts';
import { openInstance } from '../open.ts';
import { RELATION_KINDS } from '../codec.ts';
import { randomRelation, RandomTensors } from '../testing/index.ts';
import { TensorTree } from '../tree.ts';
import { TraceTrees } from '../trees.ts';
import type { TensorRef, TraceRelation, TraceView } from '../types.ts';
import { boundCost, depthsOf, fraudProofBytes } from './cost.ts';
import { exactCost } from './exact.ts';
import { compilePositions } from './positions.ts';

const SEEDS = Array.from({ length: 120 }, (_, i) => i + 1);

interface Case {
  readonly seed: number;
  readonly relation: TraceRelation;
  readonly tensors: RandomTensors;
  readonly trees: TraceTrees;
}

function caseOf(seed: number): Case {
  const tensors = new RandomTensors(new SeededRandom(seed), false);
  const kind = RELATION_KINDS[seed % RELATION_KINDS.length];
  if (kind === undefined) throw new Error('no kind');
  const relation = randomRelation(tensors, kind);
  const list = (id: 0 | 1 | 2 | 3): TensorTree[] =>
    tensors.lists[id].map(({ values }) => new TensorTree(values));
  const trees = new TraceTrees([relation], { 0: list(0), 1: list(1), 2: list(2), 3: list(3) });
  return { seed, relation, tensors, trees };
}

const readTable =
  (tensors: RandomTensors) =>
  (table: TensorRef): Int32Array =>
    tensors.lists[table.list][table.index]?.values ?? new Int32Array();

function viewsOf(relation: TraceRelation): readonly TraceView[] {
  if (relation.kind === 'lookup') return relation.value.terms.map(({ view }) => view);
  if (relation.kind === 'einsum') return relation.claim.terms.map(({ view }) => view);
  return relation.form.terms.map(({ view }) => view);
}

describe('the cost of a check', () => {
  it('is bounded, and exact where every element is looked at', () => {
    for (const seed of SEEDS) {
      const { relation, tensors, trees } = caseOf(seed);
      const depths = depthsOf(1, trees.roots.lengths);
      const exact = exactCost(relation, depths, readTable(tensors));
      const bound = boundCost(relation, depths, readTable(tensors));
      let most = 0;
      for (let element = 0; element < instances(relation); element++)
        most = Math.max(most, fraudProofBytes(openInstance(trees, 0, relation, element)));
      expect(most, `seed ${seed}`).toBeLessThanOrEqual(exact.bytes);
      // A lookup's key may lie outside the table, a gather's table behind a coordinate that is: neither is opened.
      const counted = relation.kind !== 'lookup' && !JSON.stringify(relation).includes('gather');
      if (counted) expect(most, `seed ${seed}`).toBe(exact.bytes);
      expect(exact.bytes, `seed ${seed}`).toBeLessThanOrEqual(bound.bytes);
      expect(exact.leaves, `seed ${seed}`).toBeLessThanOrEqual(bound.leaves);
    }
  });

  it('counts what the check reads', () => {
    for (const seed of SEEDS.slice(0, 40)) {
      const { relation, tensors, trees } = caseOf(seed);
      for (let element = 0; element < Math.min(20, instances(relation)); element++) {
        const proof = openInstance(trees, 0, relation, element);
        const leaves = new Set(
          reads(relation, element, tensors.read).map(
            ({ tensor, position }) => `${tensor.list} ${tensor.index} ${Math.floor(position / 32)}`,
          ),
        );
        const opened = proof.openings.reduce((n, opening) => n + opening.leaves.length, 0);
        expect(opened, `seed ${seed}`).toBe(leaves.size);
      }
      expect(typeof evaluate(relation, 0, tensors.read)).toBe('boolean');
    }
  });
});

describe('compiled positions', () => {
  it('are those of the reference', () => {
    for (const seed of SEEDS) {
      const { relation, tensors } = caseOf(seed);
      const { domain } = relation;
      const count = domain.reduce((n, length) => n * length, 1);
      for (const view of viewsOf(relation)) {
        const at = compilePositions(view, domain, readTable(tensors));
        for (let flat = 0; flat < count; flat++) {
          const index = unravel(flat, domain);
          const expected = viewPosition(view, index, domain, tensors.read);
          expect(at(index), `seed ${seed}`).toBe(expected);
        }
      }
    }
  });
});
