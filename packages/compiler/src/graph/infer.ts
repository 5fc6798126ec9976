/** Output shapes of the canonical operators, which also checks operands against attributes. */
import type { Operator, OperatorAttributes, Reduction, Windows } from './operators.ts';
import { operatorSpecs } from './operators.ts';
import { broadcastShapes, broadcastsTo, sameShape, showShape, sizeOf } from './shape.ts';
import type { NodeOf } from './types.ts';

type Shape = readonly number[];
type Rule<O extends Operator> = (
  attributes: OperatorAttributes[O],
  inputs: readonly Shape[],
) => Shape;
type Rules = { readonly [O in Operator]?: Rule<O> };

const fail = (message: string): never => {
  throw new RangeError(message);
};

const expect = (condition: boolean, message: () => string): void => {
  if (!condition) fail(message());
};

const at = (inputs: readonly Shape[], i: number): Shape =>
  inputs[i] ?? fail('an operand is missing');

const broadcast = (inputs: readonly Shape[]): Shape =>
  broadcastShapes(...inputs) ??
  fail(`shapes ${inputs.map(showShape).join(' and ')} do not broadcast`);

/** Output lengths of sliding windows over the spatial axes of x. */
const windowed = (w: Windows, x: Shape): number[] => {
  const spatial = x.slice(2);
  expect(
    [w.kernel, w.strides, w.dilations, w.padsBegin, w.padsEnd].every(
      (a) => a.length === spatial.length,
    ),
    () => `attributes for ${w.kernel.length} spatial axes, input ${showShape(x)}`,
  );
  return spatial.map((length, i) => {
    const reach = ((w.kernel[i] ?? 0) - 1) * (w.dilations[i] ?? 0) + 1;
    const padded = length + (w.padsBegin[i] ?? 0) + (w.padsEnd[i] ?? 0);
    const count = Math.floor((padded - reach) / (w.strides[i] ?? 1)) + 1;
    expect(count >= 1, () => `window of ${reach} is larger than the padded length ${padded}`);
    return count;
  });
};

const reduced = ({ axes, keepDims }: Reduction, x: Shape): Shape => {
  expect(
    axes.length > 0 &&
      axes.every((a, i) => a >= 0 && a < x.length && (i === 0 || a > (axes[i - 1] ?? 0))),
    () => `axes ${showShape(axes)} of ${showShape(x)}`,
  );
  return x.flatMap((d, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [d]));
};

const reduction = (attributes: Reduction, inputs: readonly Shape[]): Shape =>
  reduced(attributes, at(inputs, 0));

const row = (_: unknown, inputs: readonly Shape[]): Shape => {
  const x = at(inputs, 0);
  expect(x.length > 0, () => 'the operand is a scalar');
  return x;
};

const rules: Rules = {
  MatMul: ({ transposeA, transposeB }, inputs) => {
    const a = at(inputs, 0);
    const b = at(inputs, 1);
    expect(a.length >= 2 && b.length >= 2, () => `operands ${showShape(a)} and ${showShape(b)}`);
    const m = a.at(transposeA ? -1 : -2) ?? 0;
    const ka = a.at(transposeA ? -2 : -1);
    const kb = b.at(transposeB ? -1 : -2);
    const n = b.at(transposeB ? -2 : -1) ?? 0;
    expect(ka === kb, () => `inner lengths ${ka} and ${kb} of ${showShape(a)} and ${showShape(b)}`);
    const y = [...broadcast([a.slice(0, -2), b.slice(0, -2)]), m, n];
    const c = inputs[2];
    expect(
      c === undefined || broadcastsTo(c, y),
      () => `addend ${showShape(c ?? [])} does not broadcast to ${showShape(y)}`,
    );
    return y;
  },
  Conv: (attributes, inputs) => {
    const x = at(inputs, 0);
    const w = at(inputs, 1);
    const bias = inputs[2];
    const { group, kernel } = attributes;
    expect(
      x.length >= 3 && x.length <= 5 && w.length === x.length,
      () => `input ${showShape(x)}, weight ${showShape(w)}: 1 to 3 spatial axes are supported`,
    );
    const [m = 0, perGroup = 0] = w;
    expect(
      perGroup * group === x[1] && m % group === 0 && sameShape(w.slice(2), kernel),
      () =>
        `input ${showShape(x)}, weight ${showShape(w)}, group ${group}, kernel ${showShape(kernel)}`,
    );
    expect(
      bias === undefined || sameShape(bias, [m]),
      () => `bias ${showShape(bias ?? [])} for ${m} channels`,
    );
    return [x[0] ?? 0, m, ...windowed(attributes, x)];
  },
  PRelu: (_, inputs) => {
    const x = at(inputs, 0);
    expect(
      broadcastsTo(at(inputs, 1), x),
      () => `slope ${showShape(at(inputs, 1))} does not broadcast to ${showShape(x)}`,
    );
    return x;
  },
  MaxPool: (attributes, inputs) => pooled(attributes, at(inputs, 0)),
  AveragePool: (attributes, inputs) => {
    const y = pooled(attributes, at(inputs, 0));
    expect(
      sameShape(
        attributes.divisors.map((d) => d.length),
        y.slice(2),
      ),
      () => `divisors for output ${showShape(y)}`,
    );
    return y;
  },
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ArgMax: ({ axis, keepDims }, inputs) => reduced({ axes: [axis], keepDims }, at(inputs, 0)),
  Softmax: row,
  LogSoftmax: row,
  Reshape: ({ shape }, inputs) => {
    const x = at(inputs, 0);
    expect(
      sizeOf(shape) === sizeOf(x),
      () => `cannot reshape ${showShape(x)} to ${showShape(shape)}`,
    );
    return shape;
  },
  Transpose: ({ permutation }, inputs) => {
    const x = at(inputs, 0);
    expect(
      permutation.length === x.length && x.every((_, axis) => permutation.includes(axis)),
      () => `permutation ${showShape(permutation)} of ${showShape(x)}`,
    );
    return permutation.map((axis) => x[axis] ?? 0);
  },
  Concat: ({ axis }, inputs) => {
    const first = at(inputs, 0);
    expect(axis >= 0 && axis < first.length, () => `axis ${axis} of ${showShape(first)}`);
    for (const shape of inputs) {
      expect(
        shape.length === first.length && shape.every((d, i) => i === axis || d === first[i]),
        () => `shapes ${inputs.map(showShape).join(', ')} along axis ${axis}`,
      );
    }
    return first.map((d, i) => (i === axis ? inputs.reduce((n, s) => n + (s[axis] ?? 0), 0) : d));
  },
  Slice: ({ starts, steps, sizes }, inputs) => {
    const x = at(inputs, 0);
    expect(
      [starts, steps, sizes].every((a) => a.length === x.length),
      () => `attributes for ${starts.length} axes of ${showShape(x)}`,
    );
    for (const [axis, length] of x.entries()) {
      const first = starts[axis] ?? 0;
      const count = sizes[axis] ?? 0;
      const last = first + (count - 1) * (steps[axis] ?? 0);
      expect(
        count === 0 || (Math.min(first, last) >= 0 && Math.max(first, last) < length),
        () => `elements ${first} to ${last} of axis ${axis} of ${showShape(x)}`,
      );
    }
    return sizes;
  },
  Pad: ({ padsBegin, padsEnd }, inputs) => {
    const x = at(inputs, 0);
    expect(
      [padsBegin, padsEnd].every((p) => p.length === x.length && p.every((n) => n >= 0)),
      () => `pads ${showShape(padsBegin)}, ${showShape(padsEnd)} of ${showShape(x)}`,
    );
    return x.map((d, axis) => d + (padsBegin[axis] ?? 0) + (padsEnd[axis] ?? 0));
  },
  Gather: ({ axis, indices }, inputs) => {
    const x = at(inputs, 0);
    const length = x[axis];
    expect(
      length !== undefined && indices.every((i) => i >= 0 && i < length),
      () => `indices outside axis ${axis} of ${showShape(x)}`,
    );
    return x.map((d, i) => (i === axis ? indices.length : d));
  },
  Expand: ({ shape }, inputs) => {
    const x = at(inputs, 0);
    expect(
      broadcastsTo(x, shape),
      () => `${showShape(x)} does not broadcast to ${showShape(shape)}`,
    );
    return shape;
  },
};

/**
 * A pool's windows must each see the input, or their maximum and mean would be undefined. While a window's
 * steps are no longer than the input, none can step over it, and the outermost windows decide.
 */
const pooled = (w: Windows, x: Shape): Shape => {
  const lengths = windowed(w, x);
  for (const [i, count] of lengths.entries()) {
    const length = x[i + 2] ?? 0;
    const dilation = w.dilations[i] ?? 1;
    const size = w.kernel[i] ?? 1;
    const outermost =
      dilation <= length
        ? [0, count - 1]
        : Array.from({ length: Math.min(count, maxStraddling + 1) }, (_, o) => o);
    expect(outermost.length <= maxStraddling, () => `dilation ${dilation} over ${length} elements`);
    for (const o of outermost) {
      const first = o * (w.strides[i] ?? 1) - (w.padsBegin[i] ?? 0);
      const k = Math.max(0, Math.ceil(-first / dilation));
      expect(
        k < size && first + k * dilation < length,
        () => `window ${o} of spatial axis ${i} lies wholly in the padding`,
      );
    }
  }
  return [...x.slice(0, 2), ...lengths];
};

/** Windows looked at one by one, for dilations that step over the whole input. */
const maxStraddling = 4096;

/**
 * Shape of a node's output; by default the broadcast shape of its operands.
 *
 * @throws {RangeError} when operands and attributes do not fit together: one sentence without the node's name.
 */
export const inferShape = <O extends Operator>(
  node: Pick<NodeOf<O>, 'operator' | 'attributes'>,
  inputs: readonly Shape[],
): Shape => {
  const { minInputs, maxInputs } = operatorSpecs[node.operator];
  expect(
    inputs.length >= minInputs && inputs.length <= maxInputs,
    () => `${node.operator} of ${inputs.length} operands`,
  );
  const rule: Rule<O> | undefined = rules[node.operator];
  return rule === undefined ? broadcast(inputs) : rule(node.attributes, inputs);
};
