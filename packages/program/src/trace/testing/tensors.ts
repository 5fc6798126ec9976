import { elementCount } from '../../shape/dimensions.ts';
import type { SeededRandom } from '../../testing/random.ts';
import { type ReadElement, unravel } from '../check.ts';
import { type Factor, LIST, type ListId, type TensorRef, type TraceView } from '../types.ts';

export interface GeneratedTensor {
  readonly tensor: TensorRef;
  /** In leaf order. */
  readonly values: Int32Array;
}

const ALL_LISTS: readonly ListId[] = [0, 1, 2, 3];
const MOST_ELEMENTS = 4_096;

/** Tensors as they are made up for random relations, and random views of them. */
export class RandomTensors {
  readonly random: SeededRandom;
  readonly wide: boolean;
  readonly lists: Readonly<Record<ListId, GeneratedTensor[]>> = { 0: [], 1: [], 2: [], 3: [] };
  readonly #views: { readonly axes: string; readonly view: TraceView }[] = [];

  constructor(random: SeededRandom, wide: boolean) {
    this.random = random;
    this.wide = wide;
  }

  readonly read: ReadElement = ({ list, index }, position) =>
    this.lists[list][index]?.values[position] ?? 0;

  write({ list, index }: TensorRef, position: number, change: (value: number) => number): void {
    const values = this.lists[list][index]?.values;
    if (values !== undefined) values[position] = change(values[position] ?? 0);
  }

  pick<T>(items: readonly T[], fallback: T): T {
    return items[this.random.integer(0, items.length - 1)] ?? fallback;
  }

  chance(percent: number): boolean {
    return this.random.integer(1, 100) <= percent;
  }

  shuffled(items: readonly number[]): number[] {
    const rest = [...items];
    const out: number[] = [];
    while (rest.length > 0) out.push(...rest.splice(this.random.integer(0, rest.length - 1), 1));
    return out;
  }

  /** A small integer, or any int32 where the case is wide. */
  element(): number {
    if (!this.wide) return this.random.integer(-9, 9);
    return this.pick([-(2 ** 31), 2 ** 31 - 1, this.random.next() | 0, 0, -1], 0);
  }

  /** A new tensor at the end of a list, filled at random. */
  add(list: ListId, dims: readonly number[], fill: () => number): GeneratedTensor {
    const order = this.shuffled(dims.map((_, axis) => axis));
    const tensor: TensorRef = { list, index: this.lists[list].length, dims, order };
    const values = Int32Array.from({ length: elementCount(dims) }, fill);
    const added = { tensor, values };
    this.lists[list].push(added);
    return added;
  }

  anyList(): ListId {
    return this.pick(ALL_LISTS, 2);
  }

  /** A domain of at most `rank` axes and `most` elements. */
  shape(rank: number, most: number): number[] {
    const dims: number[] = [];
    const axes = this.random.integer(0, rank);
    for (let axis = 0; axis < axes; axis++) {
      const room = Math.floor(most / elementCount(dims));
      dims.push(this.random.integer(1, Math.min(room, this.pick([1, 2, 3, 5, 9, 40], 2))));
    }
    return this.shuffled(dims.map((_, axis) => axis)).map((axis) => dims[axis] ?? 1);
  }

  identity(tensor: TensorRef): TraceView {
    const factors: Factor[] = tensor.dims.map((_, axis) => ({
      kind: 'affine',
      offset: 0,
      strides: [{ axis, stride: 1 }],
    }));
    return { tensor, factors };
  }

  /** A factor over the logical axes of lengths `axes`, and the storage axes that it covers. */
  #factor(axes: readonly number[], room: number): { factor: Factor; storage: readonly number[] } {
    const axis = this.random.integer(0, axes.length - 1);
    const length = axes[axis];
    const kind = length === undefined ? 0 : this.random.integer(0, 9);
    if (length !== undefined && kind <= 3 && length <= room) {
      const factor: Factor = { kind: 'affine', offset: 0, strides: [{ axis, stride: 1 }] };
      return { factor, storage: [length] };
    }
    if (length !== undefined && (kind === 4 || kind === 5)) {
      const storage = this.random.integer(1, Math.min(room, length + 2));
      const table = this.add(LIST.constant, [length], () => this.random.integer(-1, storage));
      return { factor: { kind: 'gather', axis, table: table.tensor }, storage: [storage] };
    }
    if (kind === 6 || kind === 7) {
      const chosen = this.shuffled(axes.map((_, a) => a)).slice(0, this.random.integer(1, 3));
      let flat = elementCount(chosen.map((a) => axes[a] ?? 1));
      if (flat <= room) {
        const storage: number[] = [];
        for (let i = this.random.integer(0, 2); i > 0; i--) {
          const divisors = Array.from({ length: flat }, (_, d) => d + 1).filter(
            (d) => flat % d === 0,
          );
          const divisor = this.pick(divisors, 1);
          storage.push(divisor);
          flat /= divisor;
        }
        storage.push(flat);
        const factor: Factor = { kind: 'reshape', storageAxes: storage.length, axes: chosen };
        return { factor, storage };
      }
    }
    const strides = Array.from(
      { length: this.random.integer(0, Math.min(2, axes.length)) },
      () => ({
        axis: this.random.integer(0, axes.length - 1),
        stride: this.wide ? this.pick([2 ** 31 - 1, -(2 ** 31), 1], 1) : this.random.integer(-2, 3),
      }),
    );
    const offset = this.wide
      ? this.pick([0, 1, 2 ** 31 - 1, -(2 ** 31)], 0)
      : this.random.integer(-1, 2);
    return {
      factor: { kind: 'affine', offset, strides },
      storage: [this.random.integer(1, Math.min(room, 9))],
    };
  }

  /** A view of a new tensor over logical axes of lengths `axes`; without `fill` at times one already seen. */
  view(axes: readonly number[], fill?: () => number): TraceView {
    const key = axes.join('x');
    const seen = this.#views.filter((entry) => entry.axes === key);
    const again = seen[this.random.integer(0, Math.max(0, seen.length - 1))];
    if (again !== undefined && fill === undefined && this.chance(15)) return again.view;
    const factors: Factor[] = [];
    const dims: number[] = [];
    const wanted = this.random.integer(0, 4);
    while (factors.length < wanted) {
      const { factor, storage } = this.#factor(
        axes,
        Math.floor(MOST_ELEMENTS / elementCount(dims)),
      );
      if (dims.length + storage.length > 8) break;
      factors.push(factor);
      dims.push(...storage);
    }
    const { tensor } = this.add(this.anyList(), dims, fill ?? (() => this.element()));
    const view: TraceView = { tensor, factors };
    this.#views.push({ axes: key, view });
    return view;
  }

  /** A view of a new tensor along most of the axes, whole, shifted or reversed: it reads many elements. */
  long(axes: readonly number[], fill: () => number): TraceView {
    const factors: Factor[] = [];
    const dims: number[] = [];
    for (const axis of this.shuffled(axes.map((_, a) => a))) {
      const length = axes[axis] ?? 1;
      if (elementCount(dims) * length > MOST_ELEMENTS || dims.length === 8 || this.chance(10))
        continue;
      const strides = [{ axis, stride: this.chance(15) ? -1 : 1 }];
      const shift = this.chance(25) ? this.random.integer(-1, 1) : 0;
      const offset = strides[0]?.stride === -1 ? length - 1 + shift : shift;
      factors.push({ kind: 'affine', offset, strides });
      dims.push(length);
    }
    return { tensor: this.add(this.anyList(), dims, fill).tensor, factors };
  }

  /** Every index of a shape, row-major. */
  indices(dims: readonly number[]): readonly number[][] {
    return Array.from({ length: elementCount(dims) }, (_, flat) => unravel(flat, dims));
  }
}
