import { err, ok, type Result } from '@assay/core/errors';
import { WHIR_LIMITS } from '@assay/core/pcs';
import type { ProgramError } from '../errors.ts';
import { blockCount } from '../layout/blocks.ts';
import type { LayoutProfile } from '../layout/layout.ts';
import { COLUMN_SLOTS } from '../layout/pack.ts';
import { PAD_COORDINATES } from '../layout/pseudo-tensors.ts';
import { axisBits, elementCount } from '../shape/dimensions.ts';
import { LIMITS } from '../shape/limits.ts';
import type { Form, Program, Relation, TensorId, ViewFactor } from '../types.ts';
import { carryCost } from '../views/carry.ts';
import { CACHED_ELEMENTS } from '../views/weights.ts';
import { concealedTensors, publicVisibility, type Visibility } from '../visibility/visibility.ts';
import { einsumInstance } from './einsums.ts';

/** Closed forms in O(bits): an eq, a box sum, a segment of a table, in steps. */
const CLOSED_FORM = 64;

/** Bounding a pair of terms of one relation, in steps. */
const PER_PAIR = 16;

/** Of each logical axis: its length and which coordinates weight it. Equal texts, equal vectors. */
function suffixKeys(point: string, lengths: readonly number[]): readonly string[] {
  let suffix = 0;
  return [...lengths]
    .reverse()
    .map((length) => {
      suffix += axisBits(length);
      return `${point}${suffix}:${length}`;
    })
    .reverse();
}

class WorkCounter {
  readonly #program: Program;
  /** Blocks of each tensor; null: its values are public. */
  readonly #blocks: readonly (number | null)[];
  readonly #vectors = new Set<string>();
  /** Elements of all vectors that `ViewWeights` would like to keep. */
  #kept = 0;
  /** What reuse of vectors saves, as long as all of them are kept. */
  #saved = 0;
  #charged = 0;
  blocks = 0;

  /** Steps of a verifier: a vector that is used again is free only if none is ever forgotten. */
  get work(): number {
    return this.#kept > CACHED_ELEMENTS ? this.#charged : this.#charged - this.#saved;
  }

  /** @param cuts - Blocks that a committed tensor of so many elements may be cut into besides its own. */
  constructor(
    program: Program,
    concealed: ReadonlySet<TensorId>,
    cuts: (tensor: TensorId, elements: number) => number,
  ) {
    this.#program = program;
    const counted: (number | null)[] = [];
    for (const [id, { role, shape }] of program.tensors.entries()) {
      const committed = role === 'model' || role === 'witness' || concealed.has(id);
      // Counting blocks takes time itself.
      const blocks =
        committed && this.blocks <= LIMITS.blocks
          ? blockCount(shape) + cuts(id, elementCount(shape))
          : null;
      this.blocks += blocks ?? 0;
      counted.push(blocks);
    }
    this.#blocks = counted;
    for (const { rows, keys, columns } of program.tables) {
      const blocks = blockCount([rows]);
      this.blocks += blocks;
      // Keys may have to be compared as texts.
      this.#charged += rows * (2 + 4 * keys);
      for (const column of columns)
        this.#charged +=
          column.kind === 'listed' ? rows : CLOSED_FORM * blocks * column.segments.length;
    }
  }

  /** A vector over the storage axes of a factor, `times` with other weights; the ones made already cost nothing. */
  #vector(
    factor: ViewFactor,
    storage: readonly number[],
    lengths: readonly number[],
    keys: readonly string[],
    times: number,
  ): void {
    const size = elementCount(storage);
    switch (factor.kind) {
      case 'gather':
        this.#charged += times * (size + factor.indices.length);
        this.#kept += times * (size + factor.indices.length);
        return;
      case 'reshape':
        this.#charged += 2 * times * size;
        this.#kept += 2 * times * size;
        return;
      case 'affine': {
        const named = factor.strides.map(({ axis, stride }) => `${stride}*${keys[axis] ?? ''}`);
        const key = `${size}+${factor.offset}|${named.join('|')}`;
        const read = factor.strides.map(({ axis }) => lengths[axis] ?? 1);
        const cost = times * (size + elementCount(read));
        this.#charged += cost;
        if (this.#vectors.has(key)) {
          this.#saved += cost;
          return;
        }
        this.#vectors.add(key);
        this.#kept += times * (size + read.reduce((sum, length) => sum + length, 0));
      }
    }
  }

  /** A form in one claim, or in `times` claims with other weights; `keys` names the weights of its axes. */
  form(form: Form, dims: readonly number[], keys: readonly string[], times: number): void {
    this.#charged += CLOSED_FORM * times;
    for (const { tensor, view, sums } of form.terms) {
      const shape = this.#program.tensors[tensor]?.shape ?? [];
      const blocks = this.#blocks[tensor] ?? null;
      const lengths = [...dims, ...sums];
      const all = [...keys, ...sums.map((length) => `ones:${length}`)];
      this.#charged +=
        times *
        (CLOSED_FORM + (blocks === null ? elementCount(shape) : blocks * (view.length + 1)));
      let position = 0;
      for (const factor of view) {
        const covered = factor.kind === 'reshape' ? factor.storageAxes : 1;
        const storage = shape.slice(position, position + covered);
        position += covered;
        if (factor.kind !== 'reshape' || blocks === null)
          this.#vector(factor, storage, lengths, all, times);
        else {
          const logical = factor.axes.map((axis) => lengths[axis] ?? 1);
          this.#charged += times * blocks * carryCost(storage, logical);
        }
      }
    }
  }

  relation(relation: Relation, id: number): void {
    const { dims } = relation;
    if (relation.kind === 'lookup') {
      const sections = blockCount(dims);
      this.blocks += sections;
      const keys = suffixKeys('lookup', dims);
      for (const entry of relation.entries) this.form(entry, dims, keys, sections);
      return;
    }
    // `checkDetermined` compares every term with the whole relation.
    this.#charged += PER_PAIR * relation.form.terms.length ** 2;
    this.form(relation.form, dims, suffixKeys('outer', dims), 1);
    for (const product of relation.products) {
      const { lengths, shared } = einsumInstance(relation, id, product);
      const keys = suffixKeys(`product ${shared.join()} of ${dims.length}:`, lengths);
      this.form(product.left, lengths, keys, 1);
      this.form(product.right, lengths, keys, 1);
    }
  }
}

function checkCounted(program: Program, counter: WorkCounter): Result<null, ProgramError> {
  for (const [id, relation] of program.relations.entries()) {
    if (counter.blocks > LIMITS.blocks || counter.work > LIMITS.work) break;
    counter.relation(relation, id);
  }
  const { blocks, work } = counter;
  if (blocks > LIMITS.blocks)
    return err({ kind: 'program/limit', what: 'blocks', limit: LIMITS.blocks, actual: blocks });
  if (work > LIMITS.work)
    return err({
      kind: 'program/limit',
      what: 'work of a verifier',
      limit: LIMITS.work,
      actual: work,
    });
  return ok(null);
}

/**
 * Bounds what a verifier does for a program before it does any of it: blocks it lays out, and steps
 * of about 0.1 µs that it takes to evaluate the weights of all claims. Cost: linear in the program.
 *
 * Errors: program/limit.
 */
export function checkWork(
  program: Program,
  visibility: Visibility = publicVisibility(program),
): Result<null, ProgramError> {
  const concealed = concealedTensors(program, visibility);
  return checkCounted(program, new WorkCounter(program, concealed, () => 0));
}

/** Elements by the tail of the columns that they are stored in; those that nothing commits have none. */
function tailsOf(
  program: Program,
  { visibility, tailRows }: LayoutProfile,
): { readonly tails: readonly number[]; readonly of: (tensor: TensorId) => number } {
  const { weights, renews } = visibility;
  const own = weights.kind === 'hidden' ? weights.tailRows : 0;
  const models = program.tensors.flatMap(({ role }, id) => (role === 'model' ? [id] : []));
  // The second half of what a renewal reads is under the earlier root.
  const earlier = new Set(renews === undefined ? [] : models.slice(models.length / 2));
  const modelTail = (id: TensorId): number => (earlier.has(id) ? (renews?.tailRows ?? 0) : own);
  const ports = new Map<TensorId, number>();
  for (const [i, { tensor }] of program.inputs.entries())
    ports.set(tensor, tailOfPort(visibility.inputs[i], tailRows));
  for (const [i, { tensor }] of program.outputs.entries())
    ports.set(tensor, tailOfPort(visibility.outputs[i], tailRows));
  const of = (tensor: TensorId): number => {
    switch (program.tensors[tensor]?.role) {
      case 'model':
        return modelTail(tensor);
      case 'constant':
        return 0;
      default:
        return ports.get(tensor) ?? tailRows;
    }
  };
  return { tails: [tailRows, own, renews?.tailRows ?? 0, ...ports.values()], of };
}

function tailOfPort(v: Visibility['inputs'][number] | undefined, fresh: number): number {
  if (v?.kind === 'committed') return v.tailRows;
  return v?.kind === 'hidden' ? fresh : 0;
}

/** Bound on the blocks that elements and their padding are cut into: down to slots of a column, or to what a tail leaves of it. */
function cuts(elements: number, rows: number, tail: number): number {
  return tail === 0 ? 0 : Math.floor(2 * elements * (COLUMN_SLOTS / rows + 2 / (rows - tail)));
}

/** Columns of the first oracle at most: no opening has more. */
const MOST_COLUMNS = 2 ** WHIR_LIMITS.firstFolding;

/** Fewest columns that elements take of which a tail is kept free. */
function leastColumns(elements: number, rows: number, tail: number): number {
  return tail === 0 ? 0 : Math.floor(elements / (rows - tail));
}

/** Elements of pseudo tensors: pads and multiplicities. */
function pseudoElements(program: Program, { pads }: LayoutProfile): readonly number[] {
  return [PAD_COORDINATES * pads, ...program.tables.map((table) => table.rows)];
}

function badTail(tails: readonly number[], rows: number): number | undefined {
  return tails.find((tail) => !(Number.isInteger(tail) && tail >= 0 && tail < rows));
}

/**
 * Whether tails leave columns so much room that `layoutProgram` cuts tensors into no more blocks than
 * anyone lays out, and no more columns than any opening has. Cheap: for a search over layouts; `checkLayout` is for the one that is used.
 */
export function tailsFit(program: Program, logRows: number, profile: LayoutProfile): boolean {
  const rows = 2 ** logRows;
  const { tails, of } = tailsOf(program, profile);
  if (badTail(tails, rows) !== undefined) return false;
  let blocks = 0;
  let columns = 0;
  const count = (elements: number, tail: number): void => {
    blocks += cuts(elements, rows, tail);
    columns += leastColumns(elements, rows, tail);
  };
  for (const elements of pseudoElements(program, profile)) count(elements, profile.tailRows);
  for (const [id, { shape }] of program.tensors.entries()) count(elementCount(shape), of(id));
  return blocks <= LIMITS.blocks && columns <= MOST_COLUMNS;
}

/**
 * `checkWork` for a program laid out with tails, before `layoutProgram`: each tail leaves its columns
 * room, and what the columns are cut into is bounded too.
 *
 * Errors: program/limit.
 */
export function checkLayout(
  program: Program,
  logRows: number,
  profile: LayoutProfile,
): Result<null, ProgramError> {
  const rows = 2 ** logRows;
  const { tails, of } = tailsOf(program, profile);
  const bad = badTail(tails, rows);
  if (bad !== undefined)
    return err({ kind: 'program/limit', what: 'tail rows', limit: rows - 1, actual: bad });
  const concealed = concealedTensors(program, profile.visibility);
  const counter = new WorkCounter(program, concealed, (id, elements) =>
    cuts(elements, rows, of(id)),
  );
  for (const elements of pseudoElements(program, profile))
    counter.blocks += 1 + cuts(elements, rows, profile.tailRows);
  return checkCounted(program, counter);
}
