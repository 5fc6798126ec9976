import { elementCount } from '@assay/program';
import {
  chunkCount,
  type DefinitionGroup,
  type Factor,
  leafPosition,
  type TensorRef,
  tensorKey,
  type TraceForm,
  type TraceRelation,
  type TraceView,
  unravel,
} from '@assay/program/trace';

/** Storage coordinates of a position in leaf order. */
export function storageIndex(
  { dims, order }: Pick<TensorRef, 'dims' | 'order'>,
  position: number,
): number[] {
  const index = new Array<number>(dims.length).fill(0);
  const inOrder = unravel(
    position,
    order.map((axis) => dims[axis] ?? 1),
  );
  for (const [i, axis] of order.entries()) index[axis] = inOrder[i] ?? 0;
  return index;
}

/** Assignments of logical axes, as far as one factor decides them. */
type Assignment = readonly (readonly [axis: number, index: number])[];

function* affineSolutions(
  factor: Extract<Factor, { kind: 'affine' }>,
  lengths: readonly number[],
  u: number,
): Generator<Assignment> {
  const { strides } = factor;
  function* solve(at: number, rest: number): Generator<Assignment> {
    const entry = strides[at];
    if (entry === undefined) {
      if (rest === 0) yield [];
      return;
    }
    const { axis, stride } = entry;
    const length = lengths[axis] ?? 1;
    if (at === strides.length - 1 && stride !== 0) {
      const i = rest / stride;
      if (Number.isInteger(i) && i >= 0 && i < length) yield [[axis, i + 0]];
      return;
    }
    for (let i = 0; i < length; i++)
      for (const others of solve(at + 1, rest - stride * i)) yield [[axis, i], ...others];
  }
  yield* solve(0, u - factor.offset);
}

function* factorSolutions(
  factor: Factor,
  lengths: readonly number[],
  coordinates: readonly number[],
  dims: readonly number[],
  readTable: (table: TensorRef) => ArrayLike<number>,
): Generator<Assignment> {
  switch (factor.kind) {
    case 'affine':
      yield* affineSolutions(factor, lengths, coordinates[0] ?? 0);
      return;
    case 'gather': {
      const table = readTable(factor.table);
      for (let i = 0; i < (lengths[factor.axis] ?? 1); i++)
        if (table[i] === coordinates[0]) yield [[factor.axis, i]];
      return;
    }
    case 'reshape': {
      const flat = leafPosition({ dims, order: [...dims.keys()] }, coordinates);
      const index = unravel(
        flat,
        factor.axes.map((axis) => lengths[axis] ?? 1),
      );
      yield factor.axes.map((axis, i): readonly [number, number] => [axis, index[i] ?? 0]);
    }
  }
}

/** Every logical index at which a view reads one element: axes that it does not depend on take all values. */
function* viewSolutions(
  view: TraceView,
  lengths: readonly number[],
  coordinates: readonly number[],
  readTable: (table: TensorRef) => ArrayLike<number>,
): Generator<readonly number[]> {
  const { dims } = view.tensor;
  const index = new Array<number>(lengths.length).fill(-1);
  function* fill(axis: number): Generator<readonly number[]> {
    if (axis === lengths.length) {
      yield [...index];
      return;
    }
    if ((index[axis] ?? 0) >= 0) {
      yield* fill(axis + 1);
      return;
    }
    for (let i = 0; i < (lengths[axis] ?? 1); i++) {
      index[axis] = i;
      yield* fill(axis + 1);
    }
    index[axis] = -1;
  }
  function* solve(at: number, position: number): Generator<readonly number[]> {
    const factor = view.factors[at];
    if (factor === undefined) {
      yield* fill(0);
      return;
    }
    const covered = factor.kind === 'reshape' ? factor.storageAxes : 1;
    const end = position + covered;
    for (const assignment of factorSolutions(
      factor,
      lengths,
      coordinates.slice(position, end),
      dims.slice(position, end),
      readTable,
    )) {
      for (const [axis, i] of assignment) index[axis] = i;
      yield* solve(at + 1, end);
      for (const [axis] of assignment) index[axis] = -1;
    }
  }
  yield* solve(0, 0);
}

function formViews({ terms }: TraceForm): readonly TraceView[] {
  return terms.map(({ view }) => view);
}

/**
 * Instances of a relation below this fix a group's tensors: all, but for a group of prefix sums, which all chunks but
 * the last fix; that one names what comes later.
 */
export function definingInstances(relation: TraceRelation, group: DefinitionGroup): number {
  if (relation.kind !== 'einsum') return Number.POSITIVE_INFINITY;
  const { partials } = relation;
  const chunks = chunkCount(relation);
  const own = group.tensors.map(tensorKey);
  const alone = partials !== null && own.length === 1 && own[0] === tensorKey(partials);
  return elementCount(relation.domain) * (alone ? chunks - 1 : chunks);
}

/** Instances of a relation that read one element of a tensor; some may be named twice. */
export function* readingInstances(
  relation: TraceRelation,
  tensor: TensorRef,
  position: number,
  readTable: (table: TensorRef) => ArrayLike<number>,
): Generator<number> {
  const { domain } = relation;
  const key = tensorKey(tensor);
  const coordinates = storageIndex(tensor, position);
  const flat = (index: readonly number[], dims: readonly number[]): number =>
    leafPosition({ dims, order: [...dims.keys()] }, index);
  const reads = (views: readonly TraceView[]): readonly TraceView[] =>
    views.filter((view) => tensorKey(view.tensor) === key);
  if (relation.kind !== 'einsum') {
    const forms =
      relation.kind === 'lookup'
        ? [
            relation.value,
            ...relation.coordinates.flatMap((c) => (c.kind === 'keyed' ? [c.form] : [])),
          ]
        : [relation.form];
    for (const view of reads(forms.flatMap(formViews)))
      for (const index of viewSolutions(view, domain, coordinates, readTable))
        yield flat(index, domain);
    return;
  }
  const { sum, chunk, x, y, partials, claim } = relation;
  const outputs = elementCount(domain);
  const chunks = chunkCount(relation);
  if (partials !== null && tensorKey(partials) === key) {
    const [c = 0, ...output] = coordinates;
    const o = flat(output, domain);
    yield c * outputs + o;
    yield (c + 1) * outputs + o;
  }
  for (const view of reads(formViews(claim)))
    for (const index of viewSolutions(view, domain, coordinates, readTable))
      yield (chunks - 1) * outputs + flat(index, domain);
  for (const view of reads([x, y]))
    for (const index of viewSolutions(view, [...domain, ...sum], coordinates, readTable)) {
      const t = flat(index.slice(domain.length), sum);
      yield Math.floor(t / chunk) * outputs + flat(index.slice(0, domain.length), domain);
    }
}
