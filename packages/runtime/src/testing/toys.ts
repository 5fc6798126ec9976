import { type Program, rangeTable, type TensorId, type Weights } from '@assay/program';
import {
  affine,
  along,
  type Draw,
  drawTensor,
  form,
  functionTable,
  gather,
  product,
  ProgramBuilder,
  reluTo,
  reshape,
  term,
} from './builder.ts';

/** A program with weights and one input. */
export interface Toy {
  readonly program: Program;
  readonly weights: Weights;
  readonly inputs: ReadonlyMap<TensorId, Int32Array>;
}

/** Fills every model and input tensor inside its declared range. */
export function fill(program: Program, draw: Draw): Toy {
  const weights = new Map<TensorId, Int32Array>();
  const inputs = new Map<TensorId, Int32Array>();
  program.tensors.forEach((tensor, id) => {
    if (tensor.range === null) return;
    const target = tensor.role === 'model' ? weights : tensor.role === 'input' ? inputs : null;
    target?.set(id, drawTensor(tensor.shape, tensor.range, draw));
  });
  return { program, weights, inputs };
}

/**
 * Dense layers, relu between them, the last one linear: `widths` = [inputs, hidden, …, outputs]. Activations of
 * `bits` bits, weights in [−w, w].
 */
export function mlpToy(draw: Draw, widths: readonly number[] = [6, 5, 3], bits = 4, w = 7): Toy {
  const b = new ProgramBuilder('mlp');
  const top = 2 ** bits - 1;
  b.node('input', 'Input');
  let x = b.input('x', [1, widths[0] ?? 1], { lo: 0, hi: top });
  widths.slice(1).forEach((width, layer) => {
    const k = widths[layer] as number;
    const last = layer === widths.length - 2;
    b.node(`dense${layer}`, 'Gemm');
    const weight = b.model(`w${layer}`, [k, width], { lo: -w, hi: w });
    const bias = b.model(`b${layer}`, [width], { lo: -w * top, hi: w * top });
    const reach = k * w * top + w * top;
    const shift = Math.max(1, Math.ceil(Math.log2(w * Math.sqrt(k))));
    const output = last ? b.output('y', [1, width], { lo: -reach, hi: reach }) : undefined;
    x = b.rescale({
      dims: [1, width],
      form: form([term(bias, [along(1)])]),
      products: [
        product(form([term(x, [along(0), along(2)])]), form([term(weight, [along(2), along(1)])]), [
          k,
        ]),
      ],
      shift,
      accumulator: { lo: -reach, hi: reach },
      activation: last ? (v) => v : reluTo(top),
      ...(output === undefined ? {} : { output }),
    }).out;
  });
  return fill(b.build(), draw);
}

export interface ConvOptions {
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly size: readonly [height: number, width: number];
  readonly kernel: readonly [height: number, width: number];
  readonly stride: number;
  readonly dilation: number;
  /** Begin and end, of both axes. */
  readonly pads: readonly [begin: number, end: number];
}

/** One 2-D convolution with bias and relu: windows as views with stride, dilation and padding; groups as a batch axis. */
export function convToy(draw: Draw, options: Partial<ConvOptions> = {}): Toy {
  const { channels, filters, groups, size, kernel, stride, dilation, pads } = {
    channels: 2,
    filters: 3,
    groups: 1,
    size: [6, 5] as const,
    kernel: [3, 2] as const,
    stride: 1,
    dilation: 1,
    pads: [1, 1] as const,
    ...options,
  };
  const outputSize = (axis: 0 | 1): number =>
    Math.floor((size[axis] + pads[0] + pads[1] - dilation * (kernel[axis] - 1) - 1) / stride) + 1;
  const [oh, ow] = [outputSize(0), outputSize(1)];
  const [cg, fg] = [channels / groups, filters / groups];
  const b = new ProgramBuilder('conv');
  b.node('input', 'Input');
  const x = b.input('x', [channels, ...size], { lo: -8, hi: 7 });
  b.node('conv', 'Conv');
  const weight = b.model('w', [groups, cg, kernel[0], kernel[1], fg], { lo: -7, hi: 7 });
  const bias = b.model('b', [filters], { lo: -50, hi: 50 });
  // Output axes g, f, y, x; summed axes c, i, j.
  const dims = [groups, fg, oh, ow];
  const sums = [cg, kernel[0], kernel[1]];
  const window = form([
    term(x, [
      affine(0, [0, cg], [4, 1]),
      affine(-pads[0], [2, stride], [5, dilation]),
      affine(-pads[0], [3, stride], [6, dilation]),
    ]),
  ]);
  const weights = form([term(weight, [along(0), along(4), along(5), along(6), along(1)])]);
  const reach = cg * kernel[0] * kernel[1] * 56 + 50;
  const output = b.output('y', dims, { lo: 0, hi: 63 });
  b.rescale({
    dims,
    form: form([term(bias, [affine(0, [0, fg], [1, 1])])]),
    products: [product(window, weights, sums)],
    shift: 4,
    accumulator: { lo: -reach, hi: reach },
    activation: reluTo(63),
    output,
  });
  return fill(b.build(), draw);
}

/** MaxPool 2×2 by relu differences: max(a, b) = b + relu(a − b), along one axis after the other. */
export function maxPoolToy(draw: Draw): Toy {
  const b = new ProgramBuilder('maxpool');
  b.node('input', 'Input');
  const x = b.input('x', [2, 6, 4], { lo: -20, hi: 20 });
  const relu = functionTable('relu', { lo: -40, hi: 40 }, (v) => Math.max(v, 0));
  b.node('rows', 'MaxPool');
  const even = (t: TensorId, c: number) => term(t, [along(0), affine(0, [1, 2]), along(2)], c);
  const odd = (t: TensorId, c: number) => term(t, [along(0), affine(1, [1, 2]), along(2)], c);
  const d = b.witness('rows.d', [2, 3, 4]);
  b.apply(form([even(x, 1), odd(x, -1)]), [2, 3, 4], relu, d);
  b.node('columns', 'MaxPool');
  const left = (t: TensorId, c: number) => term(t, [along(0), along(1), affine(0, [2, 2])], c);
  const right = (t: TensorId, c: number) => term(t, [along(0), along(1), affine(1, [2, 2])], c);
  const lower = (c: number, offset: number) =>
    term(x, [along(0), affine(1, [1, 2]), affine(offset, [2, 2])], c);
  const e = b.witness('columns.d', [2, 3, 2]);
  const difference = [left(d, 1), lower(1, 0), right(d, -1), lower(-1, 1)];
  b.apply(form(difference), [2, 3, 2], relu, e);
  const y = b.output('y', [2, 3, 2], { lo: -20, hi: 20 });
  b.define(y, form([b.whole(e), right(d, 1), lower(1, 1)]));
  return fill(b.build(), draw);
}

/** Rows of length 4: one-hot maximum, differences to it, a table of exponentials, and their normalised quotients. */
export function softmaxToy(draw: Draw): Toy {
  const b = new ProgramBuilder('softmax');
  const [n, k] = [3, 4];
  b.node('input', 'Input');
  const x = b.input('x', [n, k], { lo: -15, hi: 16 });
  b.node('max', 'Softmax');
  const hot = b.witness('hot', [n, k]);
  b.onehotStep(b.wholeForm(x), 1, hot);
  b.inRange(hot, 0, 1);
  b.zero([n], form([term(hot, [along(0), along(1)], 1, [k])], -1));
  const m = b.witness('m', [n]);
  b.define(m, form([]), [
    product(form([term(hot, [along(0), along(1)])]), form([term(x, [along(0), along(1)])]), [k]),
  ]);
  // m − x_j − Σ_{l>j} b_l >= 0: the first maximum.
  const later = term(hot, [along(0), affine(1, [1, 1], [2, 1])], -1, [k]);
  const slack = b.table(rangeTable('slack', { lo: 0, hi: 31 }));
  b.lookup([n, k], slack, [form([term(m, [along(0)]), b.whole(x, -1), later])]);
  b.node('exp', 'Softmax');
  const e = b.witness('e', [n, k]);
  const exp = functionTable('exp', { lo: 0, hi: 31 }, (d) => Math.round(256 * Math.exp(-d / 4)));
  b.apply(form([term(m, [along(0)]), b.whole(x, -1)]), [n, k], exp, e);
  b.node('divide', 'Softmax');
  // 2·q·S + r − 2^(p+1)·e − S = 0: q = round(2^p·e / S)
  const q = b.output('q', [n, k], { lo: 0, hi: 64 });
  const r = b.witness('r', [n, k]);
  const total = (c: number) => term(e, [along(0), along(2)], c, [k]);
  const relation = b.zero([n, k], form([b.whole(r), b.whole(e, -128), total(-1)]), [
    product(b.wholeForm(q), form([total(1)]), [], 2),
  ]);
  b.divideStep(relation, q, r);
  b.inRange(q, 0, 64);
  b.inRange(r, 0, 2047);
  b.lookup([n, k], b.table(rangeTable('range 0 2047', { lo: 0, hi: 2047 })), [
    form([b.whole(r, -1), total(2)], -1),
  ]);
  return fill(b.build(), draw);
}

/** Views only: concatenation by offsets, constant gather, reshapes that merge and split axes, sums. */
export function viewsToy(draw: Draw): Toy {
  const b = new ProgramBuilder('views');
  b.node('input', 'Input');
  const x = b.input('x', [3, 4], { lo: -9, hi: 9 });
  const z = b.input('z', [2, 4], { lo: -9, hi: 9 });
  b.node('concat', 'Concat');
  const joined = b.output('joined', [5, 4], { lo: -9, hi: 9 });
  b.define(joined, form([term(x, [along(0), along(1)]), term(z, [affine(-3, [0, 1]), along(1)])]));
  b.node('gather', 'Gather');
  const picked = b.output('picked', [4, 3], { lo: -9, hi: 9 });
  b.define(picked, form([term(joined, [gather(0, [4, -1, 0, 3]), affine(3, [1, -1])])]));
  b.node('merge', 'Reshape');
  const merged = b.output('merged', [20], { lo: -10, hi: 8 });
  b.define(merged, form([term(joined, [reshape(2, [0])])], -1));
  b.node('split', 'Reshape');
  const split = b.output('split', [2, 5, 2], { lo: -20, hi: 16 });
  b.define(split, form([term(merged, [reshape(1, [0, 1, 2])], 2)]));
  b.node('sum', 'ReduceSum');
  const sum = b.output('sum', [2], { lo: -200, hi: 200 });
  b.define(sum, form([term(split, [along(0), along(1), along(2)], 1, [5, 2])]));
  b.node('weigh', 'Einsum');
  const weight = b.constant('weight', [5], [1, -2, 3, -4, 5]);
  const weighed = b.output('weighed', [2, 2], { lo: -300, hi: 300 });
  b.define(weighed, form([]), [
    product(
      form([term(split, [along(0), along(2), along(1)])]),
      form([term(weight, [along(2)])]),
      [5],
    ),
  ]);
  return fill(b.build(), draw);
}

/** First maximum along a row as one-hot and as an index. */
export function argMaxToy(draw: Draw): Toy {
  const b = new ProgramBuilder('argmax');
  b.node('input', 'Input');
  const x = b.input('x', [2, 3], { lo: -3, hi: 3 });
  b.node('argmax', 'ArgMax');
  const hot = b.witness('hot', [2, 3]);
  b.onehotStep(b.wholeForm(x), 1, hot);
  b.inRange(hot, 0, 1);
  b.zero([2], form([term(hot, [along(0), along(1)], 1, [3])], -1));
  const m = b.witness('m', [2]);
  b.define(m, form([]), [
    product(form([term(hot, [along(0), along(1)])]), form([term(x, [along(0), along(1)])]), [3]),
  ]);
  const later = term(hot, [along(0), affine(1, [1, 1], [2, 1])], -1, [3]);
  b.lookup([2, 3], b.table(rangeTable('slack', { lo: 0, hi: 7 })), [
    form([term(m, [along(0)]), b.whole(x, -1), later]),
  ]);
  const index = b.output('index', [2], { lo: 0, hi: 2 });
  const position = b.constant('position', [3], [0, 1, 2]);
  b.define(index, form([]), [
    product(form([term(hot, [along(0), along(1)])]), form([term(position, [along(1)])]), [3]),
  ]);
  return fill(b.build(), draw);
}

/** Clamp of a wide value by two limbs: exercises tables with several value columns and three digits. */
export function wideClampToy(draw: Draw): Toy {
  const b = new ProgramBuilder('wide clamp');
  b.node('input', 'Input');
  const x = b.input('x', [5], { lo: -2000, hi: 2000 });
  b.node('clamp', 'Clip');
  // x = 64·h1 + h0, (h1, inside, base): 0 <= x < 64 passes, the rest is clamped.
  const h1 = b.witness('h1', [5]);
  const h0 = b.witness('h0', [5]);
  const relation = b.zero([5], form([b.whole(x), b.whole(h1, -64), b.whole(h0, -1)]));
  b.digits(relation, [
    [h1, 0],
    [h0, 0],
  ]);
  b.inRange(h0, 0, 63);
  const inside = b.witness('inside', [5]);
  const base = b.witness('base', [5]);
  const keys = Array.from({ length: 64 }, (_, i) => i - 32);
  const table = b.table({
    name: 'clamp',
    rows: 64,
    keys: 1,
    columns: [
      { kind: 'segments', segments: [{ rows: 64, start: -32, slope: 1 }] },
      { kind: 'listed', values: keys.map((h) => (h === 0 ? 1 : 0)) },
      { kind: 'listed', values: keys.map((h) => (h > 0 ? 63 : 0)) },
    ],
  });
  const looked = b.lookup([5], table, [b.wholeForm(h1), b.wholeForm(inside), b.wholeForm(base)]);
  b.lookupStep(looked, [
    [1, inside],
    [2, base],
  ]);
  const y = b.output('y', [5], { lo: 0, hi: 63 });
  b.define(y, b.wholeForm(base), [product(b.wholeForm(inside), b.wholeForm(h0))]);
  return fill(b.build(), draw);
}

/** Every toy by name. */
export const TOYS: Readonly<Record<string, (draw: Draw) => Toy>> = {
  mlp: mlpToy,
  conv: convToy,
  'conv strided dilated padded': (draw) =>
    convToy(draw, { size: [9, 9], stride: 2, dilation: 2, pads: [2, 1] }),
  'conv grouped': (draw) => convToy(draw, { channels: 4, filters: 6, groups: 2 }),
  'conv depthwise': (draw) =>
    convToy(draw, { channels: 3, filters: 3, groups: 3, size: [8, 8], kernel: [3, 3] }),
  maxpool: maxPoolToy,
  softmax: softmaxToy,
  argmax: argMaxToy,
  views: viewsToy,
  'wide clamp': wideClampToy,
};
