import { err, ok, type Result } from '@assay/core/errors';
import { elementCount } from '../shape/dimensions.ts';
import type { TraceError } from './errors.ts';
import { TRACE_LIMITS } from './limits.ts';
import {
  LIST,
  type TensorRef,
  type TraceForm,
  type TraceRelation,
  type TraceView,
} from './types.ts';

/** An integer of `bits` bits, two's complement. */
function isSigned(n: number, bits: number): boolean {
  return Number.isInteger(n) && n >= -(2 ** (bits - 1)) && n < 2 ** (bits - 1);
}

function isCount(n: number, limit: number): boolean {
  return Number.isInteger(n) && n >= 0 && n < limit;
}

/** Key of a tensor by which mentions of the same one are compared. */
export function tensorKey(tensor: { readonly list: number; readonly index: number }): string {
  return `${tensor.list}:${tensor.index}`;
}

/**
 * All tensors that a relation names, in the order of its body, repeated as often as they are named:
 * a view's tensor, then its gather tables; an einsum's x, y, partials, claim; a lookup's value, table,
 * keys. A padding proof's slot counts in this order.
 */
export function mentions(relation: TraceRelation): readonly TensorRef[] {
  const view = ({ tensor, factors }: TraceView): readonly TensorRef[] => [
    tensor,
    ...factors.flatMap((factor) => (factor.kind === 'gather' ? [factor.table] : [])),
  ];
  const form = ({ terms }: TraceForm): readonly TensorRef[] =>
    terms.flatMap((term) => view(term.view));
  switch (relation.kind) {
    case 'linear':
    case 'range':
      return form(relation.form);
    case 'einsum':
      return [
        ...view(relation.x),
        ...view(relation.y),
        ...(relation.partials === null ? [] : [relation.partials]),
        ...form(relation.claim),
      ];
    case 'lookup':
      return [
        ...form(relation.value),
        relation.table,
        ...relation.coordinates.flatMap((coordinate) =>
          coordinate.kind === 'keyed' ? form(coordinate.form) : [],
        ),
      ];
  }
}

/** Chunks of an einsum: ⌈|sum| / chunk⌉. */
export function chunkCount(relation: Extract<TraceRelation, { kind: 'einsum' }>): number {
  return Math.ceil(elementCount(relation.sum) / relation.chunk);
}

/** Collects the first thing wrong. */
class StructureChecker {
  error: TraceError | null = null;
  readonly #seen = new Map<string, TensorRef>();

  require(condition: boolean, where: string, reason: string): boolean {
    if (this.error === null && !condition) this.error = { kind: 'trace/structure', where, reason };
    return this.error === null;
  }

  shape(shape: readonly number[], where: string): boolean {
    return (
      this.require(shape.length <= TRACE_LIMITS.rank, where, 'more than 8 axes') &&
      this.require(
        shape.every((length) => isCount(length, 2 ** 32) && length >= 1),
        where,
        'an axis has no length',
      ) &&
      this.require(elementCount(shape) < TRACE_LIMITS.elements, where, '2^31 elements or more')
    );
  }

  integer(n: number, where: string): boolean {
    return this.require(Number.isSafeInteger(n), where, 'not an integer below 2^53');
  }

  tensor(tensor: TensorRef, where: string): boolean {
    const { dims, order } = tensor;
    if (!this.require([0, 1, 2, 3].includes(tensor.list), where, 'no such list')) return false;
    if (!this.require(isCount(tensor.index, 2 ** 32), where, 'index out of bounds')) return false;
    if (!this.shape(dims, where)) return false;
    const isPermutation =
      order.length === dims.length && dims.every((_, axis) => order.includes(axis));
    if (!this.require(isPermutation, where, 'order is not a permutation of the axes')) return false;
    const seen = this.#seen.get(tensorKey(tensor));
    if (seen === undefined) {
      this.#seen.set(tensorKey(tensor), tensor);
      return true;
    }
    const same =
      seen.dims.length === dims.length &&
      seen.dims.every((length, axis) => length === dims[axis]) &&
      seen.order.every((axis, position) => axis === order[position]);
    return this.require(same, where, 'two mentions of one tensor differ');
  }

  /** A Constant: only those are fixed by the model's record. */
  constant(tensor: TensorRef, where: string): boolean {
    return (
      this.tensor(tensor, where) &&
      this.require(tensor.list === LIST.constant, where, 'not in the Constant list')
    );
  }

  strides(
    factor: {
      readonly offset: number;
      readonly strides: readonly { readonly axis: number; readonly stride: number }[];
    },
    axes: readonly number[],
    where: string,
  ): boolean {
    return (
      this.require(isSigned(factor.offset, 32), where, 'offset is not an int32') &&
      this.require(factor.strides.length <= TRACE_LIMITS.axes, where, 'more than 12 strides') &&
      factor.strides.every(
        ({ axis, stride }) =>
          this.require(isCount(axis, axes.length), where, 'no such axis') &&
          this.require(isSigned(stride, 32), where, 'stride is not an int32'),
      )
    );
  }

  view(view: TraceView, axes: readonly number[], where: string): boolean {
    const { tensor, factors } = view;
    if (!this.tensor(tensor, where)) return false;
    let position = 0;
    for (const factor of factors) {
      switch (factor.kind) {
        case 'affine':
          if (!this.strides(factor, axes, where)) return false;
          position += 1;
          break;
        case 'gather': {
          const length = axes[factor.axis];
          const fits =
            this.require(length !== undefined, where, 'no such axis') &&
            this.constant(factor.table, `${where}: gather table`) &&
            this.require(
              factor.table.dims.length === 1 && factor.table.dims[0] === length,
              where,
              'a gather table has not one entry for each position of its axis',
            );
          if (!fits) return false;
          position += 1;
          break;
        }
        case 'reshape': {
          const known =
            this.require(
              isCount(factor.storageAxes, TRACE_LIMITS.rank + 1) && factor.storageAxes >= 1,
              where,
              'a reshape covers no storage axis, or too many',
            ) &&
            this.require(factor.axes.length <= TRACE_LIMITS.axes, where, 'more than 12 axes') &&
            this.require(
              factor.axes.every((axis) => isCount(axis, axes.length)),
              where,
              'no such axis',
            );
          if (!known) return false;
          const covered = tensor.dims.slice(position, position + factor.storageAxes);
          position += factor.storageAxes;
          const flat = elementCount(factor.axes.map((axis) => axes[axis] ?? 0));
          const same = covered.length === factor.storageAxes && elementCount(covered) === flat;
          if (!this.require(same, where, 'a reshape changes the number of elements')) return false;
          break;
        }
      }
    }
    return this.require(
      position === tensor.dims.length,
      where,
      'the factors do not cover the storage axes',
    );
  }

  form(form: TraceForm, axes: readonly number[], where: string): boolean {
    return (
      this.integer(form.bias, where) &&
      this.require(form.terms.length <= TRACE_LIMITS.terms, where, 'more than 16 terms') &&
      form.terms.every(
        ({ coefficient, view }) => this.integer(coefficient, where) && this.view(view, axes, where),
      )
    );
  }

  einsum(relation: Extract<TraceRelation, { kind: 'einsum' }>): boolean {
    const { domain, sum, chunk, partials } = relation;
    const axes = [...domain, ...sum];
    const sized =
      this.shape(sum, 'sum') &&
      this.require(axes.length <= TRACE_LIMITS.axes, 'sum', 'more than 12 axes with the domain') &&
      this.require(
        isCount(chunk, TRACE_LIMITS.chunk + 1) && chunk >= 1 && Number.isInteger(Math.log2(chunk)),
        'chunk',
        'not a power of two up to 1,024',
      ) &&
      this.integer(relation.scale, 'scale') &&
      this.view(relation.x, axes, 'x') &&
      this.view(relation.y, axes, 'y');
    if (!sized) return false;
    const chunks = chunkCount(relation);
    if (!this.require((partials !== null) === chunks > 1, 'partials', 'present iff several chunks'))
      return false;
    if (partials !== null) {
      const shape = [chunks - 1, ...domain];
      const fits =
        this.tensor(partials, 'partials') &&
        this.require(
          partials.dims.length === shape.length &&
            partials.dims.every((length, axis) => length === shape[axis]),
          'partials',
          'not of shape [chunks - 1, ...domain]',
        );
      if (!fits) return false;
    }
    return this.form(relation.claim, domain, 'claim');
  }

  relation(relation: TraceRelation): void {
    if (!this.shape(relation.domain, 'domain')) return;
    switch (relation.kind) {
      case 'linear':
        this.form(relation.form, relation.domain, 'form');
        return;
      case 'einsum':
        this.einsum(relation);
        return;
      case 'range':
        if (this.integer(relation.lo, 'lo') && this.integer(relation.hi, 'hi'))
          this.form(relation.form, relation.domain, 'form');
        return;
      case 'lookup':
        if (!this.form(relation.value, relation.domain, 'value')) return;
        if (!this.constant(relation.table, 'table')) return;
        if (
          !this.require(
            relation.coordinates.length === relation.table.dims.length,
            'coordinates',
            'not one for each axis of the table',
          )
        )
          return;
        for (const coordinate of relation.coordinates) {
          if (coordinate.kind === 'affine') this.strides(coordinate, relation.domain, 'coordinate');
          else if (
            this.require(isSigned(coordinate.base, 32), 'coordinate', 'base is not an int32')
          )
            this.form(coordinate.form, relation.domain, 'coordinate');
          if (this.error !== null) return;
        }
    }
  }
}

/**
 * What a relation must be before anything of it is evaluated:
 *   shapes of at most 8 axes, each of length >= 1, fewer than 2^31 elements; domain ++ sum at most 12 axes;
 *   leaf orders permutations; two mentions of one tensor equal;
 *   views that cover the storage axes exactly and read axes that exist (at most 12 strides or axes a
 *   factor); gather tables Constants of rank 1, as long as their axis; reshapes that keep the number of
 *   elements and cover at least one storage axis;
 *   forms of at most 16 terms; bias, coefficient, scale, lo, hi below 2^53 in magnitude;
 *   chunk a power of two up to 1,024; partials [chunks − 1, ...domain] iff there are several chunks;
 *   a lookup's table a Constant with one coordinate for each axis.
 *
 * Rejects: trace/structure.
 */
export function checkRelation(relation: TraceRelation): Result<null, TraceError> {
  const checker = new StructureChecker();
  checker.relation(relation);
  return checker.error === null ? ok(null) : err(checker.error);
}
