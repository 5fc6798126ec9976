/** Operators that move elements: shapes, axes, selections. */
import { sameShape, showShape, sizeOf } from '../../graph/shape.ts';
import type { GraphValue } from '../../graph/types.ts';
import type { Handler, NodeContext } from '../context.ts';

const flatten: Handler = (node) => {
  const x = node.input(0);
  const rank = x.shape.length;
  const given = node.attributes.int('axis', 1);
  const axis = given === rank ? rank : node.axis(given, Math.max(rank, 1));
  return node.reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
};

const reshape: Handler = (node) => {
  const x = node.input(0);
  const allowZero = node.attributes.flag('allowzero', false);
  const target = node
    .ints(1, 'the shape')
    .map((d, i) => (d === 0 && !allowZero ? (x.shape[i] ?? -2) : d));
  const holes = target.filter((d) => d === -1).length;
  const known = sizeOf(target.filter((d) => d !== -1));
  if (target.some((d) => d < -1) || holes > 1) node.fail('operand', `shape ${showShape(target)}`);
  return node.reshape(
    x,
    target.map((d) => (d === -1 ? sizeOf(x.shape) / known : d)),
  );
};

/** Axes by attribute or, from opset 13 on, by operand. */
const axesOf = (node: NodeContext): number[] | null =>
  node.opset < 13 ? node.attributes.ints('axes') : node.optionalInts(1, 'the list of axes');

const squeeze: Handler = (node) => {
  const x = node.input(0);
  const given = axesOf(node);
  const axes =
    given === null
      ? x.shape.flatMap((d, i) => (d === 1 ? [i] : []))
      : node.axes(given, x.shape.length);
  if (axes.some((a) => x.shape[a] !== 1))
    node.fail('shape', `cannot squeeze axes ${axes.join(', ')} of ${showShape(x.shape)}`);
  return node.reshape(
    x,
    x.shape.filter((_, i) => !axes.includes(i)),
  );
};

const unsqueeze: Handler = (node) => {
  const x = node.input(0);
  const given = axesOf(node) ?? node.fail('attribute', 'axes are missing');
  if (given.length > 64) node.fail('attribute', `${given.length} axes`);
  const axes = node.axes(given, x.shape.length + given.length);
  const rest = [...x.shape];
  const shape = Array.from({ length: x.shape.length + axes.length }, (_, i) =>
    axes.includes(i) ? 1 : (rest.shift() ?? 1),
  );
  return node.reshape(x, shape);
};

const transpose: Handler = (node) => {
  const x = node.input(0);
  const permutation = node.attributes.ints('perm') ?? x.shape.map((_, i) => x.shape.length - 1 - i);
  return permutation.every((axis, i) => axis === i) && permutation.length === x.shape.length
    ? x
    : node.emit('Transpose', { permutation }, [x]);
};

const concat: Handler = (node) => {
  const inputs = node.allInputs();
  const axis = node.axis(node.attributes.int('axis', 1), node.input(0).shape.length);
  return inputs.length === 1 ? node.input(0) : node.emit('Concat', { axis }, inputs);
};

const clamp = (v: number, low: number, high: number): number => Math.min(Math.max(v, low), high);

/** Reads whole axes except those given; none if all are whole. */
const sliced = (
  node: NodeContext,
  x: GraphValue,
  ranges: ReadonlyMap<
    number,
    { readonly start: number; readonly step: number; readonly size: number }
  >,
): GraphValue => {
  const starts = x.shape.map((_, a) => ranges.get(a)?.start ?? 0);
  const steps = x.shape.map((_, a) => ranges.get(a)?.step ?? 1);
  const sizes = x.shape.map((d, a) => ranges.get(a)?.size ?? d);
  const whole = sameShape(sizes, x.shape) && steps.every((s, a) => s === 1 || x.shape[a] === 1);
  return whole ? x : node.emit('Slice', { starts, steps, sizes }, [x]);
};

const slice: Handler = (node) => {
  const x = node.input(0);
  const early = node.opset < 10;
  const missing = (): never => node.fail('attribute', 'starts or ends are missing');
  const starts = early
    ? (node.attributes.ints('starts') ?? missing())
    : node.ints(1, 'the list of starts');
  const ends = early
    ? (node.attributes.ints('ends') ?? missing())
    : node.ints(2, 'the list of ends');
  const given = early ? node.attributes.ints('axes') : node.optionalInts(3, 'the list of axes');
  const steps = early ? null : node.optionalInts(4, 'the list of steps');
  const axes = (given ?? starts.map((_, i) => i)).map((a) => node.axis(a, x.shape.length));
  if (
    new Set(axes).size !== axes.length ||
    [starts, ends, steps ?? starts].some((list) => list.length !== axes.length) ||
    steps?.includes(0) === true
  ) {
    node.fail('operand', 'starts, ends, axes and steps do not fit together');
  }
  const ranges = new Map(
    axes.map((axis, i) => {
      const length = x.shape[axis] ?? 0;
      const step = steps?.[i] ?? 1;
      const fromEnd = (v: number): number => (v < 0 ? v + length : v);
      const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
      const start = clamp(fromEnd(starts[i] ?? 0), 0, high);
      const end = clamp(fromEnd(ends[i] ?? 0), low, high);
      return [axis, { start, step, size: Math.max(0, Math.ceil((end - start) / step)) }];
    }),
  );
  return sliced(node, x, ranges);
};

const split: Handler = (node) => {
  const x = node.input(0);
  const axis = node.axis(node.attributes.int('axis', 0), x.shape.length);
  const length = x.shape[axis] ?? 0;
  const given =
    node.opset < 13 ? node.attributes.ints('split') : node.optionalInts(1, 'the list of lengths');
  const parts = node.attributes.int('num_outputs', null) ?? node.usedOutputs.length;
  if (!(parts >= node.usedOutputs.length && parts <= length + node.usedOutputs.length))
    node.fail('attribute', `num_outputs ${parts}`);
  const chunk = Math.ceil(length / parts);
  const lengths =
    given ?? Array.from({ length: parts }, (_, i) => clamp(length - i * chunk, 0, chunk));
  if (
    lengths.some((d) => d < 0) ||
    lengths.reduce((a, b) => a + b, 0) !== length ||
    lengths.length < node.usedOutputs.length
  ) {
    node.fail('operand', `lengths ${lengths.join(', ')} of an axis of ${length}`);
  }
  let start = 0;
  return node.usedOutputs.map((used, i) => {
    const size = lengths[i] ?? 0;
    const range = { start, step: 1, size };
    start += size;
    return used ? sliced(node, x, new Map([[axis, range]])) : null;
  });
};

const gatherAxis = (
  node: NodeContext,
  x: GraphValue,
  axis: number,
  indices: readonly number[],
): GraphValue => node.emit('Gather', { axis, indices }, [x]);

/** Source index of padded position i (which may be negative or beyond the end). */
const padIndex: Readonly<Record<string, (i: number, length: number) => number>> = {
  edge: (i, length) => clamp(i, 0, length - 1),
  wrap: (i, length) => ((i % length) + length) % length,
  reflect: (i, length) => {
    const period = Math.max(1, 2 * (length - 1));
    const r = ((i % period) + period) % period;
    return r < length ? r : period - r;
  },
};

/** begin… and end… pads for all axes, from those of the axes given. */
const padsOf = (node: NodeContext, rank: number): readonly [number[], number[]] => {
  const pads =
    node.opset < 11 ? (node.attributes.ints('pads') ?? []) : node.ints(1, 'the list of pads');
  const axes = (
    node.optionalInts(3, 'the list of axes') ?? Array.from({ length: rank }, (_, i) => i)
  ).map((a) => node.axis(a, rank));
  if (pads.length !== 2 * axes.length || new Set(axes).size !== axes.length) {
    node.fail('operand', `${pads.length} pads for ${axes.length} axes`);
  }
  const begin = new Array<number>(rank).fill(0);
  const end = new Array<number>(rank).fill(0);
  for (const [i, axis] of axes.entries()) {
    begin[axis] = pads[i] ?? 0;
    end[axis] = pads[axes.length + i] ?? 0;
  }
  return [begin, end];
};

const pad: Handler = (node) => {
  const mode = node.attributes.string('mode', 'constant');
  const value =
    node.opset < 11 ? node.attributes.float('value', 0) : node.scalar(2, 'the padding value', 0);
  const [begin, end] = padsOf(node, node.input(0).shape.length);
  // Negative pads remove elements first.
  const x = sliced(
    node,
    node.input(0),
    new Map(
      node.input(0).shape.map((d, axis) => {
        const start = Math.max(0, -(begin[axis] ?? 0));
        return [
          axis,
          { start, step: 1, size: Math.max(0, d - start - Math.max(0, -(end[axis] ?? 0))) },
        ];
      }),
    ),
  );
  const padsBegin = begin.map((p) => Math.max(0, p));
  const padsEnd = end.map((p) => Math.max(0, p));
  if ([...padsBegin, ...padsEnd].every((p) => p === 0)) return x;
  if (mode === 'constant') return node.emit('Pad', { padsBegin, padsEnd, value }, [x]);
  const source = padIndex[mode] ?? node.fail('attribute', `mode "${mode}"`);
  return x.shape.reduce((y, length, axis) => {
    const first = padsBegin[axis] ?? 0;
    const count = first + length + (padsEnd[axis] ?? 0);
    if (count === length) return y;
    node.charge([count]);
    return gatherAxis(
      node,
      y,
      axis,
      Array.from({ length: count }, (_, i) => source(i - first, length)),
    );
  }, x);
};

const gather: Handler = (node) => {
  const x = node.input(0);
  const axis = node.axis(node.attributes.int('axis', 0), x.shape.length);
  const { data, shape } = node.constant(1, 'the list of indices');
  const length = x.shape[axis] ?? 0;
  node.charge(shape);
  const indices = Array.from(data, (i) => (i < 0 ? i + length : i));
  if (indices.some((i) => !Number.isInteger(i))) node.fail('operand', 'an index is not an integer');
  const y = gatherAxis(node, x, axis, indices);
  return node.reshape(y, [...x.shape.slice(0, axis), ...shape, ...x.shape.slice(axis + 1)]);
};

const expand: Handler = (node) => {
  const x = node.input(0);
  const target = node.ints(1, 'the shape');
  const rank = Math.max(target.length, x.shape.length);
  // Both ways: a 1 in the target keeps the operand's length.
  const shape = Array.from({ length: rank }, (_, i) => {
    const own = x.shape[i - rank + x.shape.length] ?? 1;
    const wanted = target[i - rank + target.length] ?? 1;
    return wanted === 1 ? own : wanted;
  });
  return sameShape(shape, x.shape) ? x : node.emit('Expand', { shape }, [x]);
};

const tile: Handler = (node) => {
  const x = node.input(0);
  const repeats = node.ints(1, 'the list of repeats');
  if (repeats.length !== x.shape.length || repeats.some((r) => r < 1))
    node.fail('operand', `repeats ${repeats.join(', ')}`);
  return x.shape.reduce((y, length, axis) => {
    const count = length * (repeats[axis] ?? 1);
    if (count === length) return y;
    node.charge([count]);
    return gatherAxis(
      node,
      y,
      axis,
      Array.from({ length: count }, (_, i) => i % length),
    );
  }, x);
};

const depthToSpace: Handler = (node) => {
  const x = node.input(0);
  const b = node.attributes.int('blocksize', 0);
  const mode = node.attributes.string('mode', 'DCR');
  const [n = 0, c = 0, h = 0, w = 0] = x.shape;
  if (
    x.shape.length !== 4 ||
    !(b >= 1) ||
    c % (b * b) !== 0 ||
    (mode !== 'DCR' && mode !== 'CRD')
  ) {
    node.fail('attribute', `blocksize ${b}, mode "${mode}" for ${showShape(x.shape)}`);
  }
  const depth = c / (b * b);
  const blocks = node.reshape(x, mode === 'DCR' ? [n, b, b, depth, h, w] : [n, depth, b, b, h, w]);
  const permutation = mode === 'DCR' ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  return node.reshape(node.emit('Transpose', { permutation }, [blocks]), [n, depth, h * b, w * b]);
};

const spaceToDepth: Handler = (node) => {
  const x = node.input(0);
  const b = node.attributes.int('blocksize', 0);
  const [n = 0, c = 0, h = 0, w = 0] = x.shape;
  if (x.shape.length !== 4 || !(b >= 1) || h % b !== 0 || w % b !== 0) {
    node.fail('attribute', `blocksize ${b} for ${showShape(x.shape)}`);
  }
  const blocks = node.reshape(x, [n, c, h / b, b, w / b, b]);
  return node.reshape(node.emit('Transpose', { permutation: [0, 3, 5, 1, 2, 4] }, [blocks]), [
    n,
    c * b * b,
    h / b,
    w / b,
  ]);
};

const dropout: Handler = (node) => {
  node.attributes.ignore('ratio', 'seed');
  node.optional(1); // the ratio, which means nothing outside training
  if (node.usedOutputs[1] === true) node.fail('attribute', 'its second output, the mask');
  if (node.scalar(2, 'training_mode', 0) !== 0) node.fail('attribute', 'training mode');
  return node.input(0);
};

export const viewHandlers: Readonly<Record<string, Handler>> = {
  Identity: (node) => node.input(0),
  Dropout: dropout,
  Flatten: flatten,
  Reshape: reshape,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: concat,
  Slice: slice,
  Split: split,
  Pad: pad,
  Gather: gather,
  Expand: expand,
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
