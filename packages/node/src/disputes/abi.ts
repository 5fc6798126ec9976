import { hexOf } from '@assay/market';
import {
  type FraudProof,
  type Opening,
  type PaddingProof,
  RELATION_KINDS,
  type RelationRef,
} from '@assay/program/trace';
import type { Hex } from 'viem';

/** Structs of Commitments.sol as viem encodes them. */
export interface AbiOpening {
  readonly list: number;
  readonly index: number;
  readonly root: Hex;
  readonly path: readonly Hex[];
  readonly leaves: readonly number[];
  readonly data: Hex;
  readonly siblings: readonly Hex[];
}

export interface AbiRelation {
  readonly index: number;
  readonly kind: number;
  readonly body: Hex;
  readonly path: readonly Hex[];
}

export interface AbiFraudProof {
  readonly relation: AbiRelation;
  readonly element: bigint;
  readonly openings: readonly AbiOpening[];
}

export interface AbiPaddingProof {
  readonly mention: AbiRelation;
  readonly slot: number;
  readonly opening: AbiOpening;
  readonly level: number;
  readonly position: number;
  readonly node: Hex;
  readonly path: readonly Hex[];
}

export function abiOpening(opening: Opening): AbiOpening {
  const { list, index, root, path, leaves, data, siblings } = opening;
  return {
    list,
    index,
    root: hexOf(root),
    path: path.map(hexOf),
    leaves,
    data: hexOf(data),
    siblings: siblings.map(hexOf),
  };
}

export function abiRelation({ index, kind, body, path }: RelationRef): AbiRelation {
  const kinds: readonly string[] = RELATION_KINDS;
  return { index, kind: kinds.indexOf(kind), body: hexOf(body), path: path.map(hexOf) };
}

export function abiFraudProof({ relation, element, openings }: FraudProof): AbiFraudProof {
  return { relation: abiRelation(relation), element, openings: openings.map(abiOpening) };
}

export function abiPaddingProof(proof: PaddingProof): AbiPaddingProof {
  const { mention, slot, opening, level, position, node, path } = proof;
  return {
    mention: abiRelation(mention),
    slot,
    opening: abiOpening(opening),
    level,
    position,
    node: hexOf(node),
    path: path.map(hexOf),
  };
}
