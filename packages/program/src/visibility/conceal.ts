import { deriveRanges, enforcedRanges } from '../ranges/derive.ts';
import { checkDetermined } from '../ranges/determined.ts';
import { rangeTable } from '../tables/columns.ts';
import { elementCount } from '../shape/dimensions.ts';
import type { Form, Program, Range, Relation, Step, Table, Tensor, TensorId } from '../types.ts';
import { identityView } from '../views/indexer.ts';
import { concealedTensors, portTensors, type Visibility } from './visibility.ts';

/** A wider range is checked by limbs from both ends. */
const MOST_ROWS = 2 ** 16;

/** Attempts at finding outputs whose ranges are needed, before all of them are taken for that. */
const MOST_ROUNDS = 4;

function isWithin(range: Range | null | undefined, bound: Range | null | undefined): boolean {
  if (range === null || range === undefined) return false;
  return !bound || (range.lo >= bound.lo && range.hi <= bound.hi);
}

/** Text of a table that is all integers of a range, one after the other; null for any other table. */
function rangeKey({ rows, columns }: Table): string | null {
  const [column, second] = columns;
  const segments = column?.kind === 'segments' ? column.segments : [];
  const [segment, more] = segments;
  if (second !== undefined || segment === undefined || more !== undefined) return null;
  return segment.slope === 1 ? `${segment.start}+${rows}` : null;
}

/** A program that grows at its ends: ids of what it has do not change. */
class Extension {
  readonly #program: Program;
  readonly #tensors: Tensor[] = [];
  readonly #tables: Table[] = [];
  readonly #relations: Relation[] = [];
  readonly #steps: Step[] = [];
  readonly #ranges = new Map<string, number>();

  constructor(program: Program) {
    this.#program = program;
    for (const [id, table] of program.tables.entries()) {
      const key = rangeKey(table);
      if (key !== null && !this.#ranges.has(key)) this.#ranges.set(key, id);
    }
  }

  /** Rows that a lookup in a range adds to the program's tables. */
  #newRows(range: Range): number {
    const table = rangeTable('', range);
    return this.#ranges.has(rangeKey(table) ?? '') ? 0 : table.rows;
  }

  #table(range: Range): number {
    const table = rangeTable(`range ${range.lo} to ${range.hi}`, range);
    const key = rangeKey(table) ?? '';
    const known = this.#ranges.get(key);
    if (known !== undefined) return known;
    const id = this.#program.tables.length + this.#tables.length;
    this.#tables.push(table);
    this.#ranges.set(key, id);
    return id;
  }

  #look({ shape, node }: Tensor, id: TensorId, range: Range): void {
    const entries = [whole(id, shape, 1)];
    this.#relations.push({ kind: 'lookup', dims: shape, table: this.#table(range), entries, node });
  }

  /** ±(x − from) = radix·high + low: x is on one side of `from`, at most `most` away, limbs rounded up. */
  #side(
    tensor: Tensor,
    id: TensorId,
    sign: 1 | -1,
    from: number,
    most: number,
    radix: number,
  ): void {
    const { shape, node, name } = tensor;
    const limb = (what: string, range: Range): TensorId => {
      const own = this.#program.tensors.length + this.#tensors.length;
      const side = sign === 1 ? 'above its least' : 'below its greatest';
      const witness = { role: 'witness', shape, range: null, data: null, node } as const;
      const made: Tensor = { ...witness, name: `${name}: ${what} ${side}` };
      this.#tensors.push(made);
      this.#look(made, own, range);
      return own;
    };
    const high = limb('high limb', { lo: 0, hi: Math.floor(most / radix) });
    const low = limb('low limb', { lo: 0, hi: radix - 1 });
    const parts = [whole(id, shape, sign), whole(high, shape, -radix), whole(low, shape, -1)];
    const form: Form = { terms: parts.flatMap(({ terms }) => terms), constant: -sign * from };
    const relation = this.#program.relations.length + this.#relations.length;
    this.#relations.push({ kind: 'zero', dims: shape, form, products: [], declared: null, node });
    const outputs = [
      { tensor: high, low: 0 },
      { tensor: low, low: 0 },
    ];
    this.#steps.push({ kind: 'digits', relation, outputs });
  }

  /**
   * The radix whose two limbs make up a range of `values` exactly and are cheaper than looking the
   * elements up in a table of all its values; null where none is. Counted are fractions and committed
   * elements: a new row is one of each, and so is a limb.
   */
  #radix(elements: number, range: Range): number | null {
    const values = range.hi - range.lo + 1;
    let best: { readonly radix: number | null; readonly cost: number } = {
      radix: null,
      cost: 2 * this.#newRows(range) + elements,
    };
    for (let radix = 2; values % radix === 0 && radix < values; radix *= 2) {
      const [low, high] = [radix, values / radix].map((rows) => ({ lo: 0, hi: rows - 1 }));
      if (low === undefined || high === undefined) continue;
      const rows = this.#newRows(low) + (high.hi === low.hi ? 0 : this.#newRows(high));
      const cost = 2 * rows + 4 * elements;
      if (cost < best.cost) best = { radix, cost };
    }
    return best.radix;
  }

  /** Relations that confine every element of a tensor to its declared range, and to nothing less. */
  confine(id: TensorId): void {
    const tensor = this.#program.tensors[id];
    if (tensor?.range === null || tensor === undefined) return;
    const { lo, hi } = tensor.range;
    if (hi - lo < MOST_ROWS) {
      const radix = this.#radix(elementCount(tensor.shape), tensor.range);
      if (radix === null) this.#look(tensor, id, tensor.range);
      // No value beyond the range has such limbs: one side is enough.
      else this.#side(tensor, id, 1, lo, hi - lo, radix);
      return;
    }
    this.#side(tensor, id, 1, lo, hi - lo, MOST_ROWS);
    this.#side(tensor, id, -1, hi, hi - lo, MOST_ROWS);
  }

  finish(): Program {
    const { tensors, tables, relations, steps } = this.#program;
    return {
      ...this.#program,
      tensors: [...tensors, ...this.#tensors],
      tables: [...tables, ...this.#tables],
      relations: [...relations, ...this.#relations],
      steps: [...steps, ...this.#steps],
    };
  }
}

function whole(tensor: TensorId, shape: readonly number[], coefficient: number): Form {
  return { terms: [{ tensor, coefficient, view: identityView(shape), sums: [] }], constant: 0 };
}

/**
 * Operands of products whose accumulator has a declared interval. `checkModel` and registrations hold
 * it against the ranges that these have where every port is shown: it says nothing about wider ones.
 */
function intervalOperands({ relations }: Program): ReadonlySet<TensorId> {
  const forms = relations.flatMap((r) =>
    r.kind === 'zero' && r.declared !== null ? r.products.flatMap((p) => [p.left, p.right]) : [],
  );
  return new Set(forms.flatMap(({ terms }) => terms.map(({ tensor }) => tensor)));
}

/**
 * The program with relations in place of what the verifier checks of public values. Every input that
 * is not public is looked up in its range: one table up to 2^16 values, limbs from both ends beyond
 * (protocol.md §2). Outputs are what relations make them, in whatever range; they are looked up in
 * theirs only where the program relies on it.
 *
 * Tensors, tables and relations keep their ids, new ones come after them. With every port looked up
 * all ranges are at least as narrow as in the plain profile, so that a program that is accepted there
 * is accepted here (inputs of nearly p values excepted, whose limbs could wrap). The same object if
 * all ports are public. Cost: linear in the program.
 */
export function concealPorts(program: Program, visibility: Visibility): Program {
  const concealed = concealedTensors(program, visibility);
  if (concealed.size === 0) return program;
  const kinds = ['hidden', 'committed'] as const;
  const inputs = portTensors(program.inputs, visibility.inputs, kinds);
  const outputs = portTensors(program.outputs, visibility.outputs, kinds);
  const extended = (looked: readonly TensorId[]): Program => {
    const extension = new Extension(program);
    for (const id of [...inputs, ...looked]) extension.confine(id);
    return extension.finish();
  };
  if (outputs.length === 0) return extended([]);
  const operands = intervalOperands(program);
  const plain = enforcedRanges(program, new Set());
  const isAccepted = (made: Program): boolean => {
    const ranges = deriveRanges(made, visibility);
    if (!ranges.ok || !checkDetermined(made, ranges.value).ok) return false;
    return [...operands].every((id) => isWithin(ranges.value[id], plain[id]));
  };
  let looked: readonly TensorId[] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const made = extended(looked);
    if (isAccepted(made)) return made;
    const ranges = enforcedRanges(made, concealed);
    const rest = outputs.filter((id) => !looked.includes(id));
    const wider = rest.filter((id) => !isWithin(ranges[id], program.tensors[id]?.range));
    // What has no range at all may get one from those that have.
    const bounded = wider.filter((id) => (ranges[id] ?? null) !== null);
    if (wider.length === 0) break;
    looked = [...looked, ...(bounded.length > 0 ? bounded : wider)];
  }
  // A definition may need the range of an output that is defined later.
  return extended(outputs);
}
