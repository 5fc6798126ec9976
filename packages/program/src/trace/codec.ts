import { err, ok, type Result } from '@assay/core/errors';
import { keccak256 } from '@assay/core/hash';
import { BodyReader, BodyWriter } from './bytes.ts';
import { describeTraceError, type TraceError } from './errors.ts';
import { TRACE_LIMITS } from './limits.ts';
import { checkRelation } from './structure.ts';
import {
  type Coordinate,
  type Factor,
  type ListId,
  type RelationKind,
  type Stride,
  type TensorRef,
  type TraceForm,
  type TraceRelation,
  type TraceView,
} from './types.ts';

/** Number of a kind, as in `enum Kind` of the contract. */
export const RELATION_KINDS: readonly RelationKind[] = ['linear', 'einsum', 'range', 'lookup'];

const LISTS: readonly ListId[] = [0, 1, 2, 3];
const RELATION_TAG = 1;

class RelationWriter extends BodyWriter {
  shape(shape: readonly number[]): void {
    this.u8(shape.length);
    for (const length of shape) this.word(length);
  }

  tensor(tensor: TensorRef): void {
    this.u8(tensor.list);
    this.word(tensor.index);
    this.shape(tensor.dims);
    for (const axis of tensor.order) this.u8(axis);
  }

  strides(offset: number, strides: readonly Stride[]): void {
    this.word(offset);
    this.u8(strides.length);
    for (const { axis, stride } of strides) {
      this.u8(axis);
      this.word(stride);
    }
  }

  factor(factor: Factor): void {
    switch (factor.kind) {
      case 'affine':
        this.u8(0);
        this.strides(factor.offset, factor.strides);
        return;
      case 'gather':
        this.u8(1);
        this.u8(factor.axis);
        this.tensor(factor.table);
        return;
      case 'reshape':
        this.u8(2);
        this.u8(factor.storageAxes);
        this.u8(factor.axes.length);
        for (const axis of factor.axes) this.u8(axis);
        return;
    }
  }

  view(view: TraceView): void {
    this.tensor(view.tensor);
    this.u8(view.factors.length);
    for (const factor of view.factors) this.factor(factor);
  }

  form(form: TraceForm): void {
    this.i64(form.bias);
    this.u8(form.terms.length);
    for (const { coefficient, view } of form.terms) {
      this.i64(coefficient);
      this.view(view);
    }
  }

  coordinate(coordinate: Coordinate): void {
    switch (coordinate.kind) {
      case 'affine':
        this.u8(0);
        this.strides(coordinate.offset, coordinate.strides);
        return;
      case 'keyed':
        this.u8(1);
        this.word(coordinate.base);
        this.form(coordinate.form);
        return;
    }
  }

  relation(relation: TraceRelation): void {
    this.shape(relation.domain);
    switch (relation.kind) {
      case 'linear':
        this.form(relation.form);
        return;
      case 'einsum':
        this.shape(relation.sum);
        this.word(relation.chunk);
        this.i64(relation.scale);
        this.view(relation.x);
        this.view(relation.y);
        this.u8(relation.partials === null ? 0 : 1);
        if (relation.partials !== null) this.tensor(relation.partials);
        this.form(relation.claim);
        return;
      case 'range':
        this.i64(relation.lo);
        this.i64(relation.hi);
        this.form(relation.form);
        return;
      case 'lookup':
        this.form(relation.value);
        this.tensor(relation.table);
        for (const coordinate of relation.coordinates) this.coordinate(coordinate);
        return;
    }
  }
}

class RelationReader extends BodyReader {
  shape(): readonly number[] {
    return this.list(TRACE_LIMITS.rank, () => this.u32());
  }

  tensor(): TensorRef {
    const list = LISTS[this.u8()];
    if (list === undefined) this.fail('tag');
    const index = this.u32();
    const dims = this.shape();
    return { list: list ?? 0, index, dims, order: this.times(dims.length, () => this.u8()) };
  }

  affine(): { kind: 'affine'; offset: number; strides: readonly Stride[] } {
    const offset = this.i32();
    const strides = this.list(TRACE_LIMITS.axes, () => ({ axis: this.u8(), stride: this.i32() }));
    return { kind: 'affine', offset, strides };
  }

  factor(): Factor {
    switch (this.u8()) {
      case 0:
        return this.affine();
      case 1:
        return { kind: 'gather', axis: this.u8(), table: this.tensor() };
      case 2:
        return {
          kind: 'reshape',
          storageAxes: this.u8(),
          axes: this.list(TRACE_LIMITS.axes, () => this.u8()),
        };
      default:
        this.fail('tag');
        return { kind: 'affine', offset: 0, strides: [] };
    }
  }

  view(): TraceView {
    return { tensor: this.tensor(), factors: this.list(TRACE_LIMITS.rank, () => this.factor()) };
  }

  form(): TraceForm {
    return {
      bias: this.i64(),
      terms: this.list(TRACE_LIMITS.terms, () => ({ coefficient: this.i64(), view: this.view() })),
    };
  }

  coordinate(): Coordinate {
    switch (this.u8()) {
      case 0:
        return this.affine();
      case 1:
        return { kind: 'keyed', base: this.i32(), form: this.form() };
      default:
        this.fail('tag');
        return { kind: 'affine', offset: 0, strides: [] };
    }
  }

  partials(): TensorRef | null {
    switch (this.u8()) {
      case 0:
        return null;
      case 1:
        return this.tensor();
      default:
        this.fail('tag');
        return null;
    }
  }

  relation(kind: RelationKind): TraceRelation {
    const domain = this.shape();
    switch (kind) {
      case 'linear':
        return { kind, domain, form: this.form() };
      case 'einsum':
        return {
          kind,
          domain,
          sum: this.shape(),
          chunk: this.u32(),
          scale: this.i64(),
          x: this.view(),
          y: this.view(),
          partials: this.partials(),
          claim: this.form(),
        };
      case 'range':
        return { kind, domain, lo: this.i64(), hi: this.i64(), form: this.form() };
      case 'lookup': {
        const value = this.form();
        const table = this.tensor();
        const coordinates = this.times(table.dims.length, () => this.coordinate());
        return { kind, domain, value, table, coordinates };
      }
    }
  }
}

/**
 * The body of a relation in the packed codec of `Commitments.sol`, without its kind.
 *
 * @throws {RangeError} on a relation that `checkRelation` refuses.
 */
export function encodeRelation(relation: TraceRelation): Uint8Array {
  const checked = checkRelation(relation);
  if (!checked.ok)
    throw new RangeError(
      `encodeRelation: expected a sound relation, got ${describeTraceError(checked.error)}`,
    );
  const writer = new RelationWriter();
  writer.relation(relation);
  return writer.finish();
}

/**
 * The relation of a body. Every relation has exactly one body.
 *
 * Rejects: trace/encoding (missing or trailing bytes, unknown tags, counts above the limits, integers
 *          of 2^53 or more), trace/structure (`checkRelation`). Cost: O(bytes).
 */
export function decodeRelation(
  kind: RelationKind,
  body: Uint8Array,
): Result<TraceRelation, TraceError> {
  const reader = new RelationReader(body);
  const relation = reader.relation(kind);
  reader.end();
  if (reader.fault !== null) return err(reader.fault);
  const checked = checkRelation(relation);
  return checked.ok ? ok(relation) : checked;
}

/** keccak256(0x01 ‖ kind ‖ body): a leaf of the list of relations. */
export function relationHash(kind: RelationKind, body: Uint8Array): Uint8Array {
  return keccak256(Uint8Array.of(RELATION_TAG, RELATION_KINDS.indexOf(kind)), body);
}
