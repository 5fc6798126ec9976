import { P } from '@assay/core/field';
import { elementCount } from '../shape/dimensions.ts';
import type { Range, Table, TensorId } from '../types.ts';
import { type Extension, namedRange } from './extend.ts';
import { addConstant, addForms } from './forms.ts';
import { limbBitsOf, splitForm } from './limbs.ts';

/** Largest table of all integers of a range. */
const MOST_ROWS = 2 ** 16;

const rowsOf = ({ lo, hi }: Range): number => hi - lo + 1;

/** (w, max(w, 0)) for every integer of a range that holds 0 and negative numbers. */
function positiveTable({ lo, hi }: Range): Table {
  const rows = hi - lo + 1;
  const values = [
    { rows: -lo, start: 0, slope: 0 },
    { rows: hi + 1, start: 0, slope: 1 },
  ];
  return {
    name: `positive part, ${lo} to ${hi}`,
    rows,
    keys: 1,
    columns: [
      { kind: 'segments', segments: [{ rows, start: lo, slope: 1 }] },
      { kind: 'segments', segments: values },
    ],
  };
}

/** (h, whether h >= 0). */
function signTable({ lo, hi }: Range): Table {
  const rows = hi - lo + 1;
  const values = [
    { rows: -lo, start: 0, slope: 0 },
    { rows: hi + 1, start: 1, slope: 0 },
  ];
  return {
    name: `sign, ${lo} to ${hi}`,
    rows,
    keys: 1,
    columns: [
      { kind: 'segments', segments: [{ rows, start: lo, slope: 1 }] },
      { kind: 'segments', segments: values },
    ],
  };
}

/** What tables add that are not there yet: rows and their multiplicities. */
function tableCost(extension: Extension, tables: readonly Table[]): number {
  const added = new Map(tables.map(({ name, rows }) => [name, rows]));
  let cost = 0;
  for (const [name, rows] of added) if (!extension.hasTable(name)) cost += 2 * rows;
  return cost;
}

/**
 * Every element of a tensor inside a range, exactly: a lookup in the table of the range, or limbs of its distance
 * from one end where they reach no further than
 * the other, or from both. False where that could wrap.
 */
export function confine(extension: Extension, id: TensorId, range: Range): boolean {
  const { lo, hi } = range;
  const shape = extension.shape(id);
  const width = hi - lo;
  const bits = limbBitsOf(width, extension.limbBits, extension.limbBits);
  const below = bits.slice(0, -1).reduce((a, b) => a + b, 0);
  const top = Math.floor(width / 2 ** below);
  const sides = (top + 1) * 2 ** below - 1 === width ? 1 : 2;
  const limbTables = bits.map((own, i) =>
    namedRange({ lo: 0, hi: i < bits.length - 1 ? 2 ** own - 1 : top }),
  );
  const count = elementCount(shape);
  const direct = count + tableCost(extension, [namedRange(range)]);
  const byLimbs = 2 * sides * count * bits.length + tableCost(extension, limbTables);
  if (rowsOf(range) <= MOST_ROWS && (direct <= byLimbs || bits.length === 1)) {
    extension.inRange(shape, extension.whole(id), range);
    return true;
  }
  const name = extension.tensor(id)?.name ?? '';
  const side = (what: string, sign: 1 | -1, from: number): boolean => {
    const distance = addConstant(extension.whole(id, sign), -sign * from);
    const label = `${name}: ${what}`;
    return splitForm(extension, label, shape, distance, width, bits, 'tight') !== null;
  };
  return side('above its least', 1, lo) && (sides === 1 || side('below its greatest', -1, hi));
}

/** w⁺ = max(w, 0), elementwise: a tensor of the same shape, or 0 everywhere. Null: could not be had. */
export type PositivePart = { readonly tensor: TensorId } | 'zero' | null;

/** Low limbs of w so that the rest has a table: w = 2^low·h + Σ limbs. */
function signSplit(extension: Extension, { lo, hi }: Range) {
  const most = 2 ** extension.limbBits;
  let low = 1;
  while (Math.floor(hi / 2 ** low) - Math.floor(lo / 2 ** low) + 1 > most) low++;
  const high = { lo: Math.floor(lo / 2 ** low), hi: Math.floor(hi / 2 ** low) };
  const bits = limbBitsOf(2 ** low - 1, extension.limbBits, extension.limbBits);
  const isExact = high.lo * 2 ** low === lo && (high.hi + 1) * 2 ** low - 1 === hi;
  return { low, high, bits, isExact };
}

/**
 * The positive part of a tensor whose range holds both signs, by its sign:
 *
 *   w − 2^low·h − Σ limbs = 0,   (h, s) ∈ sign,   s⊙w − w⁺ = 0
 */
function positiveBySign(extension: Extension, id: TensorId, range: Range): PositivePart {
  const shape = extension.shape(id);
  const name = extension.tensor(id)?.name ?? '';
  const { low, high, bits } = signSplit(extension, range);
  const reach = { lo: high.lo * 2 ** low, hi: (high.hi + 1) * 2 ** low - 1 };
  if (range.lo - reach.hi <= -P || range.hi - reach.lo >= P) return null;
  const top = extension.witness(`${name} high limb`, shape);
  let rest = addForms(extension.whole(id), extension.whole(top), -(2 ** low));
  const outputs = [{ tensor: top, low: 0 }];
  let below = 0;
  for (const [i, own] of bits.entries()) {
    const limb = extension.witness(`${name} low limb ${i}`, shape);
    rest = addForms(rest, extension.whole(limb), -(2 ** below));
    outputs.splice(1, 0, { tensor: limb, low: 0 });
    const limbRange = { lo: 0, hi: 2 ** own - 1 };
    extension.inRange(shape, extension.whole(limb), limbRange);
    extension.bound(limb, limbRange);
    below += own;
  }
  const relation = extension.zero(shape, rest);
  extension.step({ kind: 'digits', relation, outputs });
  extension.bound(top, high);
  const sign = extension.witness(`${name} sign`, shape);
  const entries = [extension.whole(top), extension.whole(sign)];
  const looked = extension.lookup(shape, signTable(high), entries);
  extension.step({ kind: 'lookup', relation: looked, outputs: [{ column: 1, tensor: sign }] });
  extension.bound(sign, { lo: 0, hi: 1 });
  const positive = extension.witness(`${name} positive part`, shape);
  const product = {
    coefficient: 1,
    sums: [],
    left: extension.whole(sign),
    right: extension.whole(id),
  };
  const definition = extension.zero(shape, extension.whole(positive, -1), [product]);
  const defined = [{ tensor: positive, low: 0 }];
  extension.step({ kind: 'digits', relation: definition, outputs: defined });
  extension.bound(positive, range);
  return { tensor: positive };
}

/**
 * The positive part of a tensor, and that its elements are inside the range: both by one lookup in the table of
 * (w, w⁺) where that is not much longer than the tensor.
 *
 * @param isConfined - The range is enforced already.
 */
export function positivePart(
  extension: Extension,
  id: TensorId,
  range: Range,
  isConfined: boolean,
): PositivePart {
  const { lo, hi } = range;
  const shape = extension.shape(id);
  if (lo >= 0 || hi <= 0) {
    if (!isConfined && !confine(extension, id, range)) return null;
    return lo >= 0 ? { tensor: id } : 'zero';
  }
  const count = elementCount(shape);
  const table = positiveTable(range);
  const direct = 2 * count + tableCost(extension, [table]);
  const { high, bits, isExact } = signSplit(extension, range);
  const limbTables = bits.map((own) => namedRange({ lo: 0, hi: 2 ** own - 1 }));
  const confined = isConfined || isExact;
  const bySign =
    (2 * bits.length + 4 + (confined ? 0 : 2)) * count +
    tableCost(extension, [signTable(high), ...limbTables]);
  if (rowsOf(range) > MOST_ROWS || bySign < direct) {
    if (!confined && !confine(extension, id, range)) return null;
    return positiveBySign(extension, id, range);
  }
  const positive = extension.witness(`${extension.tensor(id)?.name ?? ''} positive part`, shape);
  const entries = [extension.whole(id), extension.whole(positive)];
  const relation = extension.lookup(shape, table, entries);
  extension.step({ kind: 'lookup', relation, outputs: [{ column: 1, tensor: positive }] });
  extension.bound(positive, { lo: 0, hi });
  return { tensor: positive };
}
