import { SeededRandom } from '../../testing/random.ts';
import { evaluate, instances, reads } from '../check.ts';
import { openInstance } from '../open.ts';
import { RandomTensors } from './tensors.ts';
import { randomRelation } from './relations.ts';
import { TensorTree } from '../tree.ts';
import { TraceTrees } from '../trees.ts';
import type { FraudProof, ListId, Lists, RelationKind, TraceRelation } from '../types.ts';

export interface CaseOptions {
  readonly kind?: RelationKind;
  /** Change an element that the instance reads until the relation does not hold there. */
  readonly violate?: boolean;
  /** Coefficients up to 2^53 and elements over all of int32. */
  readonly wide?: boolean;
}

/** A relation among others, tensors in all four lists, and one instance of the relation with its proof. */
export interface TraceCase {
  readonly seed: number;
  readonly relations: readonly TraceRelation[];
  /** The relation that the proof is about. */
  readonly relation: number;
  readonly element: number;
  readonly trees: TraceTrees;
  readonly lists: Lists;
  readonly proof: FraudProof;
  /** What a check of the proof must answer. */
  readonly violated: boolean;
}

/** Tries to find a change of one element that violates the instance. */
const ATTEMPTS = 12;

/**
 * A random case: the same for a seed everywhere. Without `violate` the relation holds at every
 * instance; with it, it is violated at `element` in nearly all cases (`violated` says whether).
 */
export function randomTraceCase(seed: number, options: CaseOptions = {}): TraceCase {
  const random = new SeededRandom(seed * 7_919 + 13);
  for (let i = 0; i < 8; i++) random.next();
  const tensors = new RandomTensors(random, options.wide ?? false);
  const others = random.integer(0, 4);
  const at = random.integer(0, others);
  const relations: TraceRelation[] = [];
  for (let i = 0; i <= others; i++)
    relations.push(randomRelation(tensors, i === at ? options.kind : 'range'));
  const relation = relations[at];
  if (relation === undefined) throw new RangeError('randomTraceCase: expected a relation');
  const read = tensors.read;
  const element = random.integer(0, instances(relation) - 1);
  if (options.violate ?? false) {
    for (let i = 0; i < ATTEMPTS && evaluate(relation, element, read); i++) {
      const readings = reads(relation, element, read);
      const reading = readings[random.integer(0, readings.length - 1)];
      if (reading !== undefined)
        tensors.write(reading.tensor, reading.position, (value) => value + random.integer(1, 9));
    }
  }
  const list = (id: ListId): TensorTree[] =>
    tensors.lists[id].map(({ values }) => new TensorTree(values));
  const trees = new TraceTrees(relations, { 0: list(0), 1: list(1), 2: list(2), 3: list(3) });
  const proof = openInstance(trees, at, relation, element);
  const violated = !evaluate(relation, element, read);
  return { seed, relations, relation: at, element, trees, lists: trees.roots, proof, violated };
}
