import { err, ok, type Result } from '@assay/core/errors';
import type { ProgramError } from '../errors.ts';
import { blockCount } from '../layout/blocks.ts';
import { axisBits, elementCount } from '../shape/dimensions.ts';
import { LIMITS } from '../shape/limits.ts';
import type { Form, Program, Relation, ViewFactor } from '../types.ts';
import { carryCost } from '../views/carry.ts';
import { einsumInstance } from './einsums.ts';

/** Closed forms in O(bits): an eq, a box sum, a segment of a table, in steps. */
const CLOSED_FORM = 64;

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
  blocks = 0;
  work = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#blocks = program.tensors.map(({ role, shape }) => {
      if (role !== 'model' && role !== 'witness') return null;
      const blocks = blockCount(shape);
      this.blocks += blocks;
      return blocks;
    });
    for (const { rows, columns } of program.tables) {
      const blocks = blockCount([rows]);
      this.blocks += blocks;
      this.work += 2 * rows;
      for (const column of columns)
        this.work +=
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
        this.work += times * (size + factor.indices.length);
        return;
      case 'reshape':
        this.work += times * size;
        return;
      case 'affine': {
        const read = factor.strides.map(({ axis, stride }) => `${stride}*${keys[axis] ?? ''}`);
        const key = `${size}+${factor.offset}|${read.join('|')}`;
        if (this.#vectors.has(key)) return;
        this.#vectors.add(key);
        const positions = elementCount(factor.strides.map(({ axis }) => lengths[axis] ?? 1));
        this.work += times * (size + positions);
      }
    }
  }

  /** A form in one claim, or in `times` claims with other weights; `keys` names the weights of its axes. */
  form(form: Form, dims: readonly number[], keys: readonly string[], times: number): void {
    this.work += CLOSED_FORM * times;
    for (const { tensor, view, sums } of form.terms) {
      const shape = this.#program.tensors[tensor]?.shape ?? [];
      const blocks = this.#blocks[tensor] ?? null;
      const lengths = [...dims, ...sums];
      const all = [...keys, ...sums.map((length) => `ones:${length}`)];
      this.work +=
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
          this.work += times * blocks * carryCost(storage, logical);
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
    this.form(relation.form, dims, suffixKeys('outer', dims), 1);
    for (const product of relation.products) {
      const { lengths, shared } = einsumInstance(relation, id, product);
      const keys = suffixKeys(`product ${shared.join()} of ${dims.length}:`, lengths);
      this.form(product.left, lengths, keys, 1);
      this.form(product.right, lengths, keys, 1);
    }
  }
}

/**
 * Bounds what a verifier does for a program before it does any of it: blocks it lays out, and steps
 * of about 0.1 µs that it takes to evaluate the weights of all claims. Cost: linear in the program.
 *
 * Errors: program/limit.
 */
export function checkWork(program: Program): Result<null, ProgramError> {
  const counter = new WorkCounter(program);
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
