import { concatBytes } from '@assay/core/hash';
import type { SeededRandom } from '../../testing/random.ts';
import { instances } from '../check.ts';
import { RELATION_KINDS, relationHash } from '../codec.ts';
import { leafCount, tensorDepth } from '../tree.ts';
import type { FraudProof, Lists, Opening, RelationRef } from '../types.ts';
import type { TraceCase } from './cases.ts';

/** A proof (or what it is checked against) changed in one way. */
export interface Altered {
  readonly name: string;
  readonly lists: Lists;
  readonly proof: FraudProof;
}

function flipped(bytes: Uint8Array, at: number, mask = 1): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}

function replaced<T>(items: readonly T[], at: number, item: T): readonly T[] {
  return items.map((old, i) => (i === at ? item : old));
}

const ZERO = new Uint8Array(32);

/** Ways to spoil one opening; each must be refused. */
function alteredOpenings(
  opening: Opening,
  depth: number,
  random: SeededRandom,
): readonly (readonly [string, Opening])[] {
  const { path, leaves, data, siblings, root } = opening;
  const altered: (readonly [string, Opening])[] = [
    ['root', { ...opening, root: flipped(root, random.integer(0, 31)) }],
    ['index', { ...opening, index: opening.index + 1 }],
    ['index outside', { ...opening, index: 2 ** 32 - 1 }],
    ['list', { ...opening, list: opening.list === 0 ? 1 : 0 }],
    ['path longer', { ...opening, path: [...path, ZERO] }],
    ['sibling too many', { ...opening, siblings: [...siblings, ZERO] }],
    ['no leaves', { ...opening, leaves: [], data: new Uint8Array(), siblings: [] }],
    ['no leaves, siblings left', { ...opening, leaves: [], data: new Uint8Array() }],
    ['data', { ...opening, data: flipped(data, random.integer(0, data.length - 1)) }],
    ['data longer', { ...opening, data: concatBytes(data, Uint8Array.of(0)) }],
    ['data shorter', { ...opening, data: data.slice(0, -1) }],
    ['leaf outside', { ...opening, leaves: [...leaves.slice(0, -1), 2 ** depth] }],
    [
      'leaf twice',
      {
        ...opening,
        leaves: [...leaves, leaves.at(-1) ?? 0],
        data: concatBytes(data, data.slice(-128)),
      },
    ],
  ];
  if (path.length > 0) {
    const at = random.integer(0, path.length - 1);
    altered.push(
      ['path', { ...opening, path: replaced(path, at, flipped(path[at] ?? ZERO, 0)) }],
      ['path shorter', { ...opening, path: path.slice(0, -1) }],
    );
  }
  if (siblings.length > 0) {
    const at = random.integer(0, siblings.length - 1);
    const sibling = flipped(siblings[at] ?? ZERO, random.integer(0, 31));
    altered.push(
      ['sibling', { ...opening, siblings: replaced(siblings, at, sibling) }],
      ['sibling missing', { ...opening, siblings: siblings.slice(0, -1) }],
    );
  }
  const [first, second] = leaves;
  if (first !== undefined && second !== undefined) {
    const swapped = concatBytes(data.slice(128, 256), data.slice(0, 128), data.slice(256));
    altered.push(
      ['leaves unsorted', { ...opening, leaves: [second, first, ...leaves.slice(2)] }],
      [
        'leaves unsorted with data',
        { ...opening, leaves: [second, first, ...leaves.slice(2)], data: swapped },
      ],
    );
  }
  return altered;
}

/** The case's proof spoiled in every way that must be refused, each once. */
export function alteredProofs(traceCase: TraceCase, random: SeededRandom): readonly Altered[] {
  const { proof, lists, trees, relations } = traceCase;
  const { relation, openings } = proof;
  const relationOf = relations[traceCase.relation];
  const out: Altered[] = [];
  const add = (name: string, altered: Partial<FraudProof>, against: Partial<Lists> = {}): void => {
    out.push({ name, lists: { ...lists, ...against }, proof: { ...proof, ...altered } });
  };
  const withRelation = (name: string, altered: Partial<RelationRef>): void =>
    add(name, { relation: { ...relation, ...altered } });

  withRelation('relation index', { index: relation.index + 1 });
  withRelation('relation index outside', { index: 2 ** 32 - 1 });
  withRelation('kind', {
    kind: RELATION_KINDS[(RELATION_KINDS.indexOf(relation.kind) + 1) % 4] ?? 'linear',
  });
  const { body, path } = relation;
  withRelation('body', { body: flipped(body, random.integer(0, body.length - 1)) });
  withRelation('relation path longer', { path: [...path, ZERO] });
  if (path.length > 0) withRelation('relation path shorter', { path: path.slice(0, -1) });
  add('relations root', {}, { relations: flipped(lists.relations, 5) });
  add('element outside', { element: BigInt(relationOf === undefined ? 0 : instances(relationOf)) });
  add('element far outside', { element: 2n ** 256n - 1n });
  add('element wraps', { element: proof.element + 2n ** 32n });

  for (const [at, opening] of openings.entries()) {
    const tree = trees.trees[opening.list][opening.index];
    const elements = tree?.values.length ?? 1;
    for (const [name, altered] of alteredOpenings(opening, tensorDepth(elements), random))
      add(`opening ${at}: ${name}`, { openings: replaced(openings, at, altered) });
    add(`opening ${at} missing`, { openings: openings.filter((_, i) => i !== at) });
    add(`opening ${at} twice`, { openings: [...openings, opening] });
    // Another leaf in place of a needed one, well proven.
    const other = Array.from({ length: leafCount(elements) }, (_, leaf) => leaf).find(
      (leaf) => !opening.leaves.includes(leaf),
    );
    if (tree !== undefined && other !== undefined) {
      const leaves = [...opening.leaves.slice(1), other].sort((a, b) => a - b);
      const moved = { ...opening, leaves, ...tree.open(leaves) };
      add(`opening ${at}: another leaf`, { openings: replaced(openings, at, moved) });
    }
  }
  const mentioned = new Set(openings.map(({ list, index }) => `${list}:${index}`));
  for (const list of [0, 1, 2, 3] as const) {
    const tree = trees.trees[list][0];
    const { root, path: listPath } =
      tree === undefined ? { root: ZERO, path: [] } : trees.tensor({ list, index: 0 });
    if (tree === undefined || mentioned.has(`${list}:0`)) continue;
    // A tensor that this instance does not read: refused only if the relation does not mention it.
    const unread = { list, index: 0, root, path: listPath, leaves: [0], ...tree.open([0]) };
    add(`unread tensor of list ${list}`, { openings: [...openings, unread] });
  }
  return out;
}

/**
 * The case's relation with its body's bytes changed, and put under the relations root as it is then: what
 * such a body means is for the codec to say. Truncated and longer bodies, and `count` random changes.
 */
export function alteredBodies(
  traceCase: TraceCase,
  random: SeededRandom,
  count: number,
): readonly Altered[] {
  const { proof, lists } = traceCase;
  const { kind, body } = proof.relation;
  const of = (name: string, altered: Uint8Array): Altered => ({
    name,
    lists: { ...lists, relations: relationHash(kind, altered), relationCount: 1 },
    proof: { ...proof, relation: { index: 0, kind, body: altered, path: [] } },
  });
  const out = [
    of('unchanged', body),
    of('trailing byte', concatBytes(body, Uint8Array.of(0))),
    of('last byte missing', body.slice(0, -1)),
    of('truncated', body.slice(0, random.integer(0, body.length - 1))),
    of('empty', new Uint8Array()),
  ];
  for (let i = 0; i < count; i++) {
    const at = random.integer(0, body.length - 1);
    const value = [0, 1, 2, 4, 8, 9, 16, 17, 0x7f, 0x80, 0xff][random.integer(0, 10)] ?? 0;
    const altered = body.slice();
    altered[at] = value;
    out.push(of(`byte ${at} := ${value}`, altered));
  }
  return out;
}
