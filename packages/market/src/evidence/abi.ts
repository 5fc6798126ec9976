import { err, ok, type Result } from '@assay/core/errors';
import {
  type FraudProof,
  type ListId,
  type Lists,
  type Opening,
  type PaddingProof,
  RELATION_KINDS,
  type RelationKind,
  type RelationRef,
} from '@assay/program/trace';
import type { Hex } from 'viem';
import { bytesOf, hexOf } from '../hex.ts';

/** `Opening` of Commitments.sol as viem encodes it. */
export interface AbiOpening {
  readonly list: number;
  readonly index: number;
  readonly root: Hex;
  readonly path: readonly Hex[];
  readonly leaves: readonly number[];
  readonly data: Hex;
  readonly siblings: readonly Hex[];
}

/** `RelationRef` of Commitments.sol. */
export interface AbiRelationRef {
  readonly index: number;
  readonly kind: number;
  readonly body: Hex;
  readonly path: readonly Hex[];
}

/** `FraudProof` of Commitments.sol. */
export interface AbiFraudProof {
  readonly relation: AbiRelationRef;
  readonly element: bigint;
  readonly openings: readonly AbiOpening[];
}

/** `PaddingProof` of Commitments.sol. */
export interface AbiPaddingProof {
  readonly mention: AbiRelationRef;
  readonly slot: number;
  readonly opening: AbiOpening;
  readonly level: number;
  readonly position: number;
  readonly node: Hex;
  readonly path: readonly Hex[];
}

/** `Lists` of Commitments.sol. */
export interface AbiLists {
  readonly relations: Hex;
  readonly relationCount: number;
  readonly roots: readonly [Hex, Hex, Hex, Hex];
  readonly lengths: readonly [number, number, number, number];
}

/** A kind or a list that the contracts do not have. */
export type EvidenceError =
  | { readonly kind: 'evidence/relation-kind'; readonly actual: number }
  | { readonly kind: 'evidence/list'; readonly actual: number };

export function openingToAbi(opening: Opening): AbiOpening {
  const { list, index, leaves } = opening;
  return {
    list,
    index,
    root: hexOf(opening.root),
    path: opening.path.map(hexOf),
    leaves,
    data: hexOf(opening.data),
    siblings: opening.siblings.map(hexOf),
  };
}

export function relationToAbi({ index, kind, body, path }: RelationRef): AbiRelationRef {
  return { index, kind: RELATION_KINDS.indexOf(kind), body: hexOf(body), path: path.map(hexOf) };
}

export function fraudToAbi({ relation, element, openings }: FraudProof): AbiFraudProof {
  return {
    relation: relationToAbi(relation),
    element,
    openings: openings.map(openingToAbi),
  };
}

export function paddingToAbi(proof: PaddingProof): AbiPaddingProof {
  const { mention, slot, opening, level, position, node, path } = proof;
  return {
    mention: relationToAbi(mention),
    slot,
    opening: openingToAbi(opening),
    level,
    position,
    node: hexOf(node),
    path: path.map(hexOf),
  };
}

export function listsToAbi({ relations, relationCount, roots, lengths }: Lists): AbiLists {
  const [a, b, c, d] = roots;
  return {
    relations: hexOf(relations),
    relationCount,
    roots: [hexOf(a), hexOf(b), hexOf(c), hexOf(d)],
    lengths,
  };
}

const LISTS: readonly ListId[] = [0, 1, 2, 3];

function listOf(list: number): Result<ListId, EvidenceError> {
  const found = LISTS[list];
  return found === undefined ? err({ kind: 'evidence/list', actual: list }) : ok(found);
}

export function relationFromAbi(relation: AbiRelationRef): Result<RelationRef, EvidenceError> {
  const { index, body, path } = relation;
  const kind: RelationKind | undefined = RELATION_KINDS[relation.kind];
  if (kind === undefined) return err({ kind: 'evidence/relation-kind', actual: relation.kind });
  return ok({ index, kind, body: bytesOf(body), path: path.map(bytesOf) });
}

export function openingFromAbi(opening: AbiOpening): Result<Opening, EvidenceError> {
  const list = listOf(opening.list);
  if (!list.ok) return list;
  const { index, leaves } = opening;
  return ok({
    list: list.value,
    index,
    root: bytesOf(opening.root),
    path: opening.path.map(bytesOf),
    leaves,
    data: bytesOf(opening.data),
    siblings: opening.siblings.map(bytesOf),
  });
}

export function fraudFromAbi(proof: AbiFraudProof): Result<FraudProof, EvidenceError> {
  const relation = relationFromAbi(proof.relation);
  if (!relation.ok) return relation;
  const openings: Opening[] = [];
  for (const part of proof.openings) {
    const opening = openingFromAbi(part);
    if (!opening.ok) return opening;
    openings.push(opening.value);
  }
  return ok({ relation: relation.value, element: proof.element, openings });
}

export function paddingFromAbi(proof: AbiPaddingProof): Result<PaddingProof, EvidenceError> {
  const mention = relationFromAbi(proof.mention);
  if (!mention.ok) return mention;
  const opening = openingFromAbi(proof.opening);
  if (!opening.ok) return opening;
  const { slot, level, position, node, path } = proof;
  return ok({
    mention: mention.value,
    slot,
    opening: opening.value,
    level,
    position,
    node: bytesOf(node),
    path: path.map(bytesOf),
  });
}
