import { elementCount, type Form, type Program, type Range, type TensorId } from '@assay/program';
import { executionError, nodeLabel } from '../errors.ts';
import { wholeTensor } from '../identity-view.ts';
import { formAt, indices } from '../reference/evaluate.ts';
import { exactNumbers } from '../reference/ring.ts';
import { arrangeForm, type Layout } from './arrange.ts';
import { EXACT, fitsInt32, formInterval, type Interval, rangeOf } from './interval.ts';

/** Exact integers: int32 where the values are known to fit, else doubles below 2^53. */
export type Ints = Int32Array | Float64Array;

/**
 * Evaluates forms on the tensors found so far. Ranges of tensors are measured once and remembered: an array must
 * not change after the evaluator has seen it.
 */
export class Evaluator {
  readonly program: Program;
  readonly tensors: ReadonlyMap<TensorId, Int32Array>;
  readonly #ranges = new Map<TensorId, Range>();

  constructor(program: Program, tensors: ReadonlyMap<TensorId, Int32Array>) {
    this.program = program;
    this.tensors = tensors;
  }

  readonly shape = (tensor: TensorId): readonly number[] =>
    this.program.tensors[tensor]?.shape ?? [];

  readonly data = (tensor: TensorId): Int32Array => {
    const found = this.tensors.get(tensor);
    if (found !== undefined) return found;
    const node = this.program.tensors[tensor]?.node ?? 0;
    throw executionError(
      'ASSAY_PROGRAM_STEP',
      this.program,
      tensor,
      node,
      'is read before it has a value',
    );
  };

  readonly range = (tensor: TensorId): Range => {
    let range = this.#ranges.get(tensor);
    if (range === undefined) {
      range = rangeOf(this.data(tensor));
      this.#ranges.set(tensor, range);
    }
    return range;
  };

  interval(form: Form): Interval {
    return formInterval(form, this.range);
  }

  /**
   * The form's values over `dims`, row major. A form that is a whole tensor gives the tensor's own array: do not write to it.
   *
   * @throws {AssayError} ASSAY_INEXACT when a value reaches 2^53.
   */
  evaluate(form: Form, dims: readonly number[], node = 0): Ints {
    const whole = wholeTensor(form, this.shape, dims);
    if (whole !== null) return this.data(whole);
    const interval = this.interval(form);
    if (interval.largest >= EXACT) return this.#evaluateChecked(form, dims, node);
    const count = elementCount(dims);
    const target = fitsInt32(interval) ? new Int32Array(count) : new Float64Array(count);
    this.arrange(
      form,
      dims,
      { axes: dims.map((_, axis) => axis), from: dims.map(() => 0), to: dims },
      target,
    );
    return target;
  }

  /** Writes the form's values into `target` in the order of a layout. The caller has checked that they fit. */
  arrange(form: Form, dims: readonly number[], layout: Layout, target: Ints | Int16Array): void {
    arrangeForm(this, form, dims, layout, target);
  }

  #evaluateChecked(form: Form, dims: readonly number[], node: number): Float64Array {
    const ring = exactNumbers(nodeLabel(this.program, node));
    const values = { program: this.program, tensors: this.tensors };
    const target = new Float64Array(elementCount(dims));
    let at = 0;
    for (const index of indices(dims)) target[at++] = formAt(values, ring, form, dims, index);
    return target;
  }
}
