import type { Result } from '@assay/core/errors';
import {
  decodeRelation,
  instances,
  mentions,
  neededLeaves,
  openInstance,
  openTensor,
  paddingViolated,
  RELATION_KINDS,
  type TraceError,
  violated,
} from '@assay/program/trace';
import {
  type Altered,
  alteredBodies,
  alteredPadding,
  alteredProofs,
  type PaddingKind,
  randomPaddingCase,
  randomTraceCase,
  SeededRandom,
  type TraceCase,
} from '@assay/program/trace/testing';
import type { Hex } from 'viem';
import { answer, encodePadding, encodeViolated, type VerifierChain } from './verifier-chain.ts';

/** One question to both, and what the reference says. */
export interface Question {
  readonly name: string;
  readonly call: Hex;
  readonly expected: Result<boolean, TraceError>;
}

const PADDING: readonly PaddingKind[] = ['root', 'leaf', 'node'];

/** A random case of each seed's kind: as it is, its proof spoiled in every way, its descriptor changed. */
export function violatedQuestions(seed: number, bodies: number): Question[] {
  const kind = RELATION_KINDS[seed % 4];
  if (kind === undefined) return [];
  const violate = seed % 8 >= 4;
  const wide = seed % 24 >= 16;
  const traceCase = randomTraceCase(seed, { kind, violate, wide });
  const random = new SeededRandom(seed + 1);
  const cases = [
    { name: 'as it is', lists: traceCase.lists, proof: traceCase.proof },
    ...elsewhere(traceCase, random, 6),
    ...alteredProofs(traceCase, random),
    ...alteredBodies(traceCase, random, bodies).flatMap((altered) => [
      altered,
      ...openedAnew(traceCase, altered, random),
    ]),
  ];
  return cases.flatMap(({ name, lists, proof }) => {
    const call = encodeViolated(lists, proof);
    const label = `seed ${seed}, ${kind}: ${name}`;
    return call === null ? [] : [{ name: label, call, expected: violated(lists, proof) }];
  });
}

/** The same relation at other elements. */
function elsewhere(traceCase: TraceCase, random: SeededRandom, count: number): Altered[] {
  const { relations, relation: index, trees, lists } = traceCase;
  const relation = relations[index];
  if (relation === undefined) return [];
  return Array.from({ length: count }, () => {
    const element = random.integer(0, instances(relation) - 1);
    const proof = openInstance(trees, index, relation, element);
    return { name: `at ${element}`, lists, proof };
  });
}

/** A changed descriptor that still is one, at any of its elements, with what it reads there opened. */
function openedAnew(
  { trees, lists }: TraceCase,
  { name, lists: { relations, relationCount }, proof }: Altered,
  random: SeededRandom,
): Altered[] {
  const { kind, body } = proof.relation;
  const decoded = decodeRelation(kind, body);
  if (!decoded.ok) return [];
  const isThere = mentions(decoded.value).every(
    ({ list, index, dims }) =>
      trees.trees[list][index]?.values.length ===
      dims.reduce((product, length) => product * length, 1),
  );
  if (!isThere) return [];
  const element = random.integer(0, Math.min(2 ** 32, instances(decoded.value)) - 1);
  const needed = neededLeaves(
    decoded.value,
    element,
    ({ list, index }, position) => trees.trees[list][index]?.values[position] ?? 0,
  );
  const openings = needed.map((each) => openTensor(trees, each));
  return [
    {
      name: `${name}, opened anew`,
      lists: { ...lists, relations, relationCount },
      proof: { ...proof, element: BigInt(element), openings },
    },
  ];
}

export function paddingQuestions(seed: number): Question[] {
  const kind = PADDING[seed % 3];
  if (kind === undefined) return [];
  const paddingCase = randomPaddingCase(seed, kind, seed % 2 === 0);
  const cases = [
    { name: 'as it is', lists: paddingCase.lists, proof: paddingCase.proof },
    ...alteredPadding(paddingCase),
  ];
  return cases.flatMap(({ name, lists, proof }) => {
    const call = encodePadding(lists, proof);
    const label = `seed ${seed}, padding ${kind}: ${name}`;
    return call === null ? [] : [{ name: label, call, expected: paddingViolated(lists, proof) }];
  });
}

/** How often each of the three answers came, the same from both. */
export interface Tally {
  holds: number;
  violated: number;
  refused: number;
  /** Where they differ. */
  readonly different: string[];
}

export function newTally(): Tally {
  return { holds: 0, violated: 0, refused: 0, different: [] };
}

export async function ask(
  chain: VerifierChain,
  questions: readonly Question[],
  tally: Tally,
): Promise<void> {
  const results = await chain.call(questions.map(({ call }) => call));
  for (const [i, { name, expected }] of questions.entries()) {
    const result = results[i];
    const said = result === undefined ? { reverted: 'nothing' } : answer(result);
    const same = typeof said === 'boolean' ? expected.ok && expected.value === said : !expected.ok;
    if (!same) {
      const wanted = expected.ok ? String(expected.value) : JSON.stringify(expected.error, bigints);
      tally.different.push(`${name}: ${wanted}, the contract says ${JSON.stringify(said)}`);
    } else if (typeof said !== 'boolean') tally.refused += 1;
    else if (said) tally.violated += 1;
    else tally.holds += 1;
  }
}

const bigints = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;
