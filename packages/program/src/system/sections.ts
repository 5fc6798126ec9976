import { tile, type Block } from '../layout/blocks.ts';
import { packAligned, type Placed } from '../layout/pack.ts';
import { axisBits } from '../shape/dimensions.ts';
import type { LookupRelation, Program, TableId } from '../types.ts';

/**
 * A power-of-two box of LogUp fractions: of the elements of a lookup (numerator 1), of the rows of a
 * table (numerator −multiplicity); blind is the one fraction 0/r, r a random pad, that makes the
 * root's denominator uniform (`hiding.md` §1).
 */
export type LookupSection = { readonly size: number; readonly block: Block } & (
  | { readonly kind: 'lookup'; readonly relation: LookupRelation }
  | { readonly kind: 'table'; readonly table: TableId }
  | { readonly kind: 'blind' }
);

export interface LookupTree {
  /** Sections at aligned offsets: a section's point is a suffix of LogUp's. */
  readonly sections: readonly Placed<LookupSection>[];
  /** log2 of the number of fractions. */
  readonly variables: number;
  /** Fractions in use. */
  readonly total: number;
  /** Components of a fingerprint without the table's id. */
  readonly width: number;
}

const POINT: Block = { start: [], length: [], bits: [], size: 0 };

/**
 * All lookups of a program in one tree (`protocol.md` §4, S4).
 *
 * @param blind - One more fraction, the last, if there are any: the hiding profile's.
 */
export function lookupTree(program: Program, blind = false): LookupTree {
  const sections: LookupSection[] = [];
  for (const relation of program.relations) {
    if (relation.kind !== 'lookup') continue;
    for (const block of tile(relation.dims))
      sections.push({ kind: 'lookup', relation, block, size: block.size });
  }
  for (const [table, { rows }] of program.tables.entries()) {
    for (const block of tile([rows]))
      sections.push({ kind: 'table', table, block, size: block.size });
  }
  if (blind && sections.length > 0) sections.push({ kind: 'blind', block: POINT, size: 0 });
  const { placed, total } = packAligned(sections);
  const width = program.tables.reduce((max, table) => Math.max(max, table.columns.length), 0);
  return { sections: placed, variables: axisBits(total), total, width };
}
