import {
  elementCount,
  type Form,
  type Product,
  type TensorId,
  type Term,
  type View,
  type ViewFactor,
} from '@assay/program';
import {
  type Draw,
  form,
  functionTable,
  listedTable,
  ProgramBuilder,
  product,
  term,
} from './builder.ts';
import { fill, type Toy } from './toys.ts';

interface Known {
  readonly id: TensorId;
  readonly shape: readonly number[];
  /** |value| <= bound. */
  readonly bound: number;
}

interface Bounded<T> {
  readonly value: T;
  readonly bound: number;
}

const LENGTHS = [1, 2, 2, 3, 4, 6];
const LARGEST_SUM = 2 ** 46;

function pick<T>(draw: Draw, items: readonly T[]): T {
  return items[draw(0, items.length - 1)] as T;
}

function shuffled<T>(draw: Draw, items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = draw(0, i);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** Some of `axes`, in some order, with lengths that multiply to `size`; null if a few tries find none. */
function axesOfSize(
  draw: Draw,
  axes: readonly number[],
  lengths: readonly number[],
  size: number,
): number[] | null {
  for (let attempt = 0; attempt < 6; attempt++) {
    const chosen: number[] = [];
    let found = 1;
    for (const axis of shuffled(draw, axes)) {
      const length = lengths[axis] as number;
      if (size % (found * length) !== 0 || chosen.length === 4) continue;
      chosen.push(axis);
      found *= length;
      if (found === size && draw(0, 2) > 0) return chosen;
    }
    if (found === size) return chosen;
  }
  return null;
}

/** Any view of a tensor of this shape over logical axes of these lengths. */
export function randomView(draw: Draw, shape: readonly number[], lengths: readonly number[]): View {
  const unused = new Set(lengths.keys());
  const factors: ViewFactor[] = [];
  let position = 0;
  while (position < shape.length) {
    const length = shape[position] as number;
    const roll = draw(0, 9);
    if (roll < 3) {
      const storageAxes = draw(1, Math.min(3, shape.length - position));
      const size = elementCount(shape.slice(position, position + storageAxes));
      const axes = axesOfSize(draw, [...unused], lengths, size);
      if (axes !== null) {
        for (const axis of axes) unused.delete(axis);
        factors.push({ kind: 'reshape', storageAxes, axes });
        position += storageAxes;
        continue;
      }
    }
    position++;
    const axes = shuffled(draw, [...unused]);
    if (roll < 5 && axes.length > 0) {
      const axis = axes[0] as number;
      unused.delete(axis);
      const indices = Array.from({ length: lengths[axis] as number }, () =>
        draw(0, 6) === 0 ? -1 : draw(0, length - 1),
      );
      factors.push({ kind: 'gather', axis, indices });
      continue;
    }
    const count = Math.min(axes.length, pick(draw, [0, 1, 1, 1, 1, 2, 2, 3]));
    const strides = axes.slice(0, count).map((axis) => {
      unused.delete(axis);
      return { axis, stride: pick(draw, [1, 1, 1, 1, 2, 3, -1, -2, 0, 1000]) };
    });
    const offset = draw(0, 2) === 0 ? draw(-length, length) : 0;
    factors.push({ kind: 'affine', offset, strides });
  }
  return factors;
}

class Generator {
  readonly draw: Draw;
  readonly builder = new ProgramBuilder('random');
  readonly known: Known[] = [];
  #count = 0;

  constructor(draw: Draw) {
    this.draw = draw;
    this.builder.node('random', 'Random');
    for (let i = 0; i < 3; i++) this.fresh(this.shape(3), pick(draw, [1, 10, 1000]));
  }

  name(): string {
    return `t${this.#count++}`;
  }

  shape(axes: number): number[] {
    return Array.from({ length: this.draw(0, axes) }, () => pick(this.draw, LENGTHS));
  }

  /** A tensor that is given: input, model or constant. */
  fresh(shape: readonly number[], bound: number): Known {
    const { builder, draw } = this;
    const range = { lo: draw(0, 1) === 0 ? 0 : -bound, hi: bound };
    const name = this.name();
    const data = Array.from({ length: elementCount(shape) }, () => draw(range.lo, range.hi));
    const id = pick(draw, [
      () => builder.input(name, shape, range),
      () => builder.model(name, shape, range),
      () => builder.constant(name, shape, data),
    ])();
    const known = { id, shape, bound };
    this.known.push(known);
    return known;
  }

  /** A tensor that a step will produce. */
  produced(shape: readonly number[], bound: number): TensorId {
    const { builder, draw } = this;
    const range = { lo: -bound, hi: bound };
    const output = bound < 2 ** 29 && draw(0, 4) === 0;
    const id = output
      ? builder.output(this.name(), shape, range)
      : builder.witness(this.name(), shape);
    return id;
  }

  remember(id: TensorId, shape: readonly number[], bound: number): void {
    this.known.push({ id, shape, bound });
  }

  dims(): number[] {
    const base = pick(this.draw, this.known).shape;
    return this.draw(0, 1) === 0 && base.length > 0 ? shuffled(this.draw, base) : this.shape(4);
  }

  term(dims: readonly number[], largest: number): Bounded<Term> | null {
    const { draw } = this;
    const tensor = pick(draw, this.known);
    const sums = draw(0, 4) === 0 ? [pick(draw, LENGTHS)] : [];
    const lengths = [...dims, ...sums];
    const same = tensor.shape.join() === dims.join() && draw(0, 1) === 0;
    const view: View = same
      ? tensor.shape.map((_, axis) => ({
          kind: 'affine',
          offset: 0,
          strides: [{ axis, stride: 1 }],
        }))
      : randomView(draw, tensor.shape, lengths);
    const coefficient = pick(draw, [1, 1, 1, -1, 2, -3, 1000]);
    const bound = Math.abs(coefficient) * elementCount(sums) * tensor.bound;
    return bound > largest ? null : { value: term(tensor.id, view, coefficient, sums), bound };
  }

  form(dims: readonly number[], largest: number, most = 3): Bounded<Form> {
    const { draw } = this;
    const terms: Term[] = [];
    const constant = draw(0, 3) === 0 ? draw(-20, 20) : 0;
    let bound = Math.abs(constant);
    for (let i = draw(most === 1 ? 1 : 0, most); i > 0; i--) {
      const found = this.term(dims, largest - bound);
      if (found === null) continue;
      terms.push(found.value);
      bound += found.bound;
    }
    return { value: form(terms, constant), bound };
  }

  product(dims: readonly number[], largest: number): Bounded<Product> | null {
    const { draw } = this;
    const sums = Array.from({ length: draw(0, 2) }, () => pick(draw, LENGTHS));
    const axes = [...dims, ...sums];
    if (elementCount(axes) > 4000) return null;
    const left = this.form(axes, 2 ** 31, draw(0, 1) === 0 ? 1 : 3);
    const right = this.form(axes, 2 ** 31, draw(0, 1) === 0 ? 1 : 3);
    const coefficient = pick(draw, [1, 1, -1, 5]);
    const bound = Math.abs(coefficient) * elementCount(sums) * left.bound * right.bound;
    if (bound > largest) return null;
    return { value: product(left.value, right.value, sums, coefficient), bound };
  }

  /** A product of matrix shape: fresh operands with their axes in any storage order. */
  matrices(): { readonly dims: number[]; readonly value: Bounded<Product> } {
    const { draw } = this;
    const [b, m, n, k, l] = [
      draw(1, 3),
      draw(1, 20),
      draw(1, 20),
      draw(1, 24),
      draw(1, 2),
    ] as const;
    const order = shuffled(draw, ['b', 'm', 'n']);
    const length: Record<string, number> = { b, m, n, k, l };
    const axes = [...order, 'k', 'l'];
    const operand = (own: readonly string[], bound: number): Form => {
      const storage = shuffled(draw, own);
      const tensor = this.fresh(
        storage.map((axis) => length[axis] as number),
        bound,
      );
      const view = storage.map(
        (axis): ViewFactor => ({
          kind: 'affine',
          offset: 0,
          strides: [{ axis: axes.indexOf(axis), stride: 1 }],
        }),
      );
      return form([term(tensor.id, view, pick(draw, [1, 1, -1, 2]))]);
    };
    const [x, y] = [pick(draw, [7, 300, 5000, 2 ** 17]), pick(draw, [7, 300, 40000])];
    const value = product(operand(['b', 'm', 'k', 'l'], x), operand(['b', 'n', 'k', 'l'], y), [
      k,
      l,
    ]);
    return {
      dims: order.map((axis) => length[axis] as number),
      value: { value, bound: 4 * k * l * x * y },
    };
  }

  digits(): void {
    const { builder, draw } = this;
    const matrix = draw(0, 3) === 0 ? this.matrices() : null;
    const dims = matrix?.dims ?? this.dims();
    if (elementCount(dims) > 400 && matrix === null) return;
    const products: Product[] = matrix === null ? [] : [matrix.value.value];
    const rest = this.form(dims, LARGEST_SUM / 4);
    let bound = rest.bound + (matrix?.value.bound ?? 0);
    for (let i = draw(0, 2); i > 0; i--) {
      const found = this.product(dims, LARGEST_SUM / 4);
      if (found === null) continue;
      products.push(found.value);
      bound += found.bound;
    }
    // Least significant first.
    const lower: { readonly radix: number; readonly low: number }[] = [];
    let weight = 1;
    let top = bound;
    while (top >= 2 ** 30 || (lower.length < 2 && draw(0, 1) === 0)) {
      const radix = pick(draw, top >= 2 ** 30 ? [2 ** 12, 5000] : [1, 2, 3, 16, 100]);
      const low = pick(draw, [0, 0, -Math.floor(radix / 2), 7]);
      lower.push({ radix, low });
      weight *= radix;
      top = Math.ceil(top / radix) + 2 + Math.abs(low);
    }
    let coefficient = pick(draw, [1, -1]);
    const outputs: {
      readonly term: Term;
      readonly tensor: TensorId;
      readonly low: number;
      readonly bound: number;
    }[] = [];
    const add = (low: number, size: number): void => {
      const tensor = this.produced(dims, size);
      outputs.unshift({ term: builder.whole(tensor, coefficient), tensor, low, bound: size });
    };
    for (const { radix, low } of lower) {
      add(low, radix + Math.abs(low));
      coefficient *= radix * pick(draw, [1, -1]);
    }
    add(0, Math.max(1, top));
    const terms = shuffled(draw, [...rest.value.terms, ...outputs.map((output) => output.term)]);
    const relation = builder.zero(dims, form(terms, rest.value.constant), shuffled(draw, products));
    builder.digits(
      relation,
      outputs.map(({ tensor, low }) => [tensor, low]),
    );
    for (const output of outputs) this.remember(output.tensor, dims, output.bound);
  }

  lookup(): void {
    const { builder, draw } = this;
    const dims = this.dims();
    if (elementCount(dims) > 400) return;
    const keys = draw(1, 2);
    const entries = Array.from({ length: keys }, () => this.form(dims, keys === 1 ? 600 : 20));
    const output = this.produced(dims, 1000);
    const [first, second] = entries as [Bounded<Form>, Bounded<Form>];
    const table =
      keys === 1
        ? functionTable(this.name(), { lo: -first.bound, hi: first.bound }, (x) =>
            pick(draw, [x, x % 7, Math.max(x, 0), -x]),
          )
        : listedTable(
            this.name(),
            2,
            Array.from({ length: 2 * first.bound + 1 }, (_, i) =>
              Array.from({ length: 2 * second.bound + 1 }, (_, j) => [
                i - first.bound,
                j - second.bound,
                draw(-1000, 1000),
              ]),
            ).flat(),
          );
    const relation = builder.lookup(dims, builder.table(table), [
      ...entries.map((e) => e.value),
      builder.wholeForm(output),
    ]);
    builder.lookupStep(relation, [[keys, output]]);
    this.remember(output, dims, 1000);
  }

  divide(): void {
    const { builder, draw } = this;
    const dims = this.dims();
    if (elementCount(dims) > 400) return;
    const rest = this.form(dims, 2 ** 29);
    const divisor = this.form(dims, 2 ** 20);
    const [outer, inner] = [pick(draw, [1, 2]), pick(draw, [1, 3])];
    const d = form(divisor.value.terms, divisor.value.constant + divisor.bound + 1);
    const quotient = this.produced(dims, rest.bound + 1);
    const remainder = this.produced(dims, outer * inner * (2 * divisor.bound + 1));
    const relation = builder.zero(
      dims,
      form([...rest.value.terms, builder.whole(remainder)], rest.value.constant),
      [product(form([builder.whole(quotient, inner)]), d, [], outer)],
    );
    builder.divideStep(relation, quotient, remainder);
    this.remember(quotient, dims, rest.bound + 1);
    this.remember(remainder, dims, outer * inner * (2 * divisor.bound + 1));
  }

  onehot(): void {
    const dims = this.dims();
    if (dims.length === 0 || elementCount(dims) > 400) return;
    const output = this.produced(dims, 1);
    this.builder.onehotStep(this.form(dims, 2 ** 40).value, this.draw(0, dims.length - 1), output);
    this.remember(output, dims, 1);
  }
}

/**
 * A structurally valid program of random views, forms, products, tables and steps, with random weights and inputs.
 * It runs without errors; its ranges are not enforced, so it is no program to prove.
 */
export function randomProgram(draw: Draw, rounds = 6): Toy {
  const g = new Generator(draw);
  for (let round = 0; round < rounds; round++) {
    pick(draw, [
      () => g.digits(),
      () => g.digits(),
      () => g.digits(),
      () => g.lookup(),
      () => g.divide(),
      () => g.onehot(),
    ])();
  }
  return fill(g.builder.build(), draw);
}
