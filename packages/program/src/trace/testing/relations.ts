import { elementCount } from '../../shape/dimensions.ts';
import { formValue, leafPosition, viewPosition } from '../check.ts';
import {
  LIST,
  type Coordinate,
  type RelationKind,
  type TraceForm,
  type TraceRelation,
  type TraceView,
} from '../types.ts';
import type { GeneratedTensor, RandomTensors } from './tensors.ts';

const KINDS: readonly RelationKind[] = ['linear', 'einsum', 'range', 'lookup'];
const LARGEST = Number.MAX_SAFE_INTEGER;

type Term = TraceForm['terms'][number];

/** Random terms; those of a wide case cancel in pairs, so that the form is what it is without them. */
function randomTerms(tensors: RandomTensors, axes: readonly number[], most: number): Term[] {
  const { random } = tensors;
  if (tensors.wide) {
    return Array.from({ length: random.integer(0, Math.floor(most / 2)) }, () => {
      const view = tensors.view(axes);
      const coefficient = tensors.pick([LARGEST, -LARGEST, 2 ** 40 + 1, 3], 1);
      return [
        { coefficient, view },
        { coefficient: -coefficient, view },
      ];
    }).flat();
  }
  return Array.from({ length: random.integer(0, most) }, () => ({
    coefficient: tensors.pick([-5, -2, -1, 1, 2, 7, 0], 1),
    view: tensors.view(axes),
  }));
}

/** Terms of a wide case as they come: sums of any size. */
function largeForm(tensors: RandomTensors, axes: readonly number[]): TraceForm {
  const terms = Array.from({ length: tensors.random.integer(0, 4) }, () => ({
    coefficient: tensors.pick([LARGEST, -LARGEST, 2 ** 21, 1], 1),
    view: tensors.view(axes),
  }));
  return { bias: tensors.pick([LARGEST, -LARGEST, 0], 0), terms };
}

function randomForm(tensors: RandomTensors, axes: readonly number[], most: number): TraceForm {
  return { bias: tensors.random.integer(-20, 20), terms: randomTerms(tensors, axes, most) };
}

/** A form with one more term, whose tensor (all of the domain) makes the form what `want` says. */
function solvedForm(
  tensors: RandomTensors,
  axes: readonly number[],
  most: number,
  want: (index: readonly number[]) => bigint,
): TraceForm {
  const { random } = tensors;
  const free = randomForm(tensors, axes, most);
  const coefficient = tensors.chance(50) ? 1 : -1;
  const solved = tensors.add(tensors.chance(70) ? LIST.trace : LIST.output, axes, () => 0);
  for (const index of tensors.indices(axes)) {
    const rest = formValue(free, index, axes, tensors.read).value;
    const value = Number(want(index) - rest) * coefficient;
    solved.values[leafPosition(solved.tensor, index)] = value;
  }
  const at = random.integer(0, free.terms.length);
  const term: Term = { coefficient, view: tensors.identity(solved.tensor) };
  return { bias: free.bias, terms: [...free.terms.slice(0, at), term, ...free.terms.slice(at)] };
}

/** The least and the greatest value of a form over its domain. */
function extent(
  tensors: RandomTensors,
  form: TraceForm,
  domain: readonly number[],
): readonly [number, number] {
  const values = tensors
    .indices(domain)
    .map((index) => Number(formValue(form, index, domain, tensors.read).value));
  return [Math.min(...values), Math.max(...values)];
}

function einsum(tensors: RandomTensors): TraceRelation {
  const { random } = tensors;
  // Long sums read many leaves of one tensor.
  const long = tensors.chance(35);
  const domain = tensors.shape(3, long ? 6 : 40);
  const sum = long
    ? tensors.shuffled([random.integer(1, 9), random.integer(20, 60), random.integer(1, 2)])
    : tensors.shape(3, 120);
  const terms = elementCount(sum);
  const chunk = 2 ** random.integer(terms > 64 ? 3 : 0, long ? 10 : 8);
  const chunks = Math.ceil(terms / chunk);
  const axes = [...domain, ...sum];
  // Products of a wide case are large and their sums still fit the claim's tensor.
  const unit = (): number => random.integer(-1, 1);
  const operand = (): TraceView => {
    const fill = tensors.wide ? unit : (): number => tensors.element();
    if (long && tensors.chance(70)) return tensors.long(axes, fill);
    return tensors.view(axes, tensors.wide ? unit : undefined);
  };
  const x = operand();
  const y = operand();
  const sums = tensors.indices(domain).map((output) => {
    const prefix: bigint[] = [];
    let total = 0n;
    for (const [t, k] of tensors.indices(sum).entries()) {
      const index = [...output, ...k];
      const left = viewPosition(x, index, axes, tensors.read);
      const right = viewPosition(y, index, axes, tensors.read);
      if (left >= 0 && right >= 0)
        total += BigInt(tensors.read(x.tensor, left)) * BigInt(tensors.read(y.tensor, right));
      if ((t + 1) % chunk === 0 || t + 1 === terms) prefix.push(total);
    }
    return prefix;
  });
  let partials: GeneratedTensor | null = null;
  if (chunks > 1) {
    partials = tensors.add(LIST.trace, [chunks - 1, ...domain], () => 0);
    for (const [o, output] of tensors.indices(domain).entries()) {
      for (let c = 0; c < chunks - 1; c++) {
        const position = leafPosition(partials.tensor, [c, ...output]);
        partials.values[position] = Number(sums[o]?.[c] ?? 0n);
      }
    }
  }
  const scale = tensors.pick([1, -1, 3, 0, -7], 1);
  const flat = (index: readonly number[]): number =>
    leafPosition({ dims: domain, order: domain.map((_, axis) => axis) }, index);
  const claim = solvedForm(
    tensors,
    domain,
    4,
    (output) => -BigInt(scale) * (sums[flat(output)]?.[chunks - 1] ?? 0n),
  );
  return {
    kind: 'einsum',
    domain,
    sum,
    chunk,
    scale,
    x,
    y,
    partials: partials === null ? null : partials.tensor,
    claim,
  };
}

function lookup(tensors: RandomTensors): TraceRelation {
  const { random } = tensors;
  const domain = tensors.shape(3, 100);
  const coordinates: Coordinate[] = [];
  const dims: number[] = [];
  const rank = random.integer(0, 3);
  while (dims.length < rank) {
    const room = Math.floor(2_048 / elementCount(dims));
    if (tensors.chance(30)) {
      const strides = domain
        .map((_, axis) => ({ axis, stride: random.integer(-1, 2) }))
        .filter(() => tensors.chance(60));
      const ends = strides.map(({ axis, stride }) => stride * ((domain[axis] ?? 1) - 1));
      const least = ends.reduce((total, end) => total + Math.min(0, end), 0);
      const length = ends.reduce((total, end) => total + Math.abs(end), 1);
      if (length > room) continue;
      coordinates.push({ kind: 'affine', offset: 0 - least, strides });
      dims.push(length);
    } else {
      const form = randomForm(tensors, domain, dims.length === 0 ? 3 : 1);
      const [least, most] = extent(tensors, form, domain);
      if (most - least >= room) {
        if (room < 256) break;
        continue;
      }
      coordinates.push({ kind: 'keyed', base: least, form });
      dims.push(most - least + 1);
    }
  }
  const table = tensors.add(LIST.constant, dims, () => tensors.element() >> 1);
  const value = solvedForm(tensors, domain, 2, (index) => {
    const key = coordinates.map((coordinate) =>
      coordinate.kind === 'keyed'
        ? Number(formValue(coordinate.form, index, domain, tensors.read).value) - coordinate.base
        : coordinate.strides.reduce(
            (sum, { axis, stride }) => sum + stride * (index[axis] ?? 0),
            coordinate.offset,
          ),
    );
    return BigInt(tensors.read(table.tensor, leafPosition(table.tensor, key)));
  });
  return { kind: 'lookup', domain, value, table: table.tensor, coordinates };
}

/**
 * A random relation that holds at all of its instances (but for half of the ranges of a wide case); its
 * tensors are added to `tensors`.
 */
export function randomRelation(tensors: RandomTensors, wanted?: RelationKind): TraceRelation {
  const kind = wanted ?? tensors.pick(KINDS, 'linear');
  switch (kind) {
    case 'linear': {
      const domain = tensors.shape(4, 200);
      return { kind, domain, form: solvedForm(tensors, domain, 8, () => 0n) };
    }
    case 'einsum':
      return einsum(tensors);
    case 'range': {
      const domain = tensors.shape(4, 200);
      if (tensors.wide && tensors.chance(50))
        return { kind, domain, lo: -LARGEST, hi: LARGEST, form: largeForm(tensors, domain) };
      const form = randomForm(tensors, domain, 6);
      const [lo, hi] = extent(tensors, form, domain);
      return { kind, domain, lo, hi, form };
    }
    case 'lookup':
      return lookup(tensors);
  }
}
