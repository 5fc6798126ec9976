import { rangeTable, type TensorId } from '@assay/program';
import {
  affine,
  along,
  argMaxToy,
  clampTo,
  convToy,
  type Draw,
  fill,
  form,
  gather,
  listedTable,
  maxPoolToy,
  mlpToy,
  product,
  ProgramBuilder,
  reluTo,
  reshape,
  softmaxToy,
  term,
  type Toy,
  viewsToy,
  wideClampToy,
} from '@assay/runtime/testing';

/** y[b, o] = clamp(Σ_k x[b, k]·w[k, o] + c[o]): the weights are opened once for the whole batch. */
export function batchToy(draw: Draw): Toy {
  const [batch, n, m] = [3, 5, 3];
  const b = new ProgramBuilder('batch');
  b.node('dense', 'Gemm');
  const x = b.input('x', [batch, n], { lo: 0, hi: 7 });
  const w = b.model('w', [n, m], { lo: -7, hi: 7 });
  const bias = b.model('c', [m], { lo: -20, hi: 20 });
  const reach = n * 49 + 20;
  b.rescale({
    dims: [batch, m],
    form: form([term(bias, [along(1)])]),
    products: [
      product(form([term(x, [along(0), along(2)])]), form([term(w, [along(2), along(1)])]), [n]),
    ],
    shift: 3,
    accumulator: { lo: -reach, hi: reach },
    activation: reluTo(15),
    output: b.output('y', [batch, m], { lo: 0, hi: 15 }),
  });
  return fill(b.build(), draw);
}

/**
 * G3 at toy size: Σ_k x_k·y_k of 8-bit values by limbs of 4 bits, three lines with carries; the middle
 * one has two products.
 */
export function limbsToy(draw: Draw): Toy {
  const [k, n] = [4, 2];
  const b = new ProgramBuilder('limbs');
  b.node('limbs', 'MatMul');
  const byte = { lo: -128, hi: 127 };
  const split = (name: string, shape: readonly number[]): [TensorId, TensorId] => {
    const whole = b.input(name, shape, byte);
    const [high, low] = [b.witness(`${name}1`, shape), b.witness(`${name}0`, shape)];
    const terms = [b.whole(whole), b.whole(high, -16), b.whole(low, -1)];
    b.digits(b.zero(shape, form(terms)), [
      [high, 0],
      [low, 0],
    ]);
    b.inRange(high, -8, 7);
    b.inRange(low, 0, 15);
    return [high, low];
  };
  const [x1, x0] = split('x', [k]);
  const [y1, y0] = split('y', [k, n]);
  const dot = (x: TensorId, y: TensorId) =>
    product(form([term(x, [along(1)])]), form([term(y, [along(1), along(0)])]), [k]);
  const carried = (
    name: string,
    products: readonly ReturnType<typeof dot>[],
    carry: TensorId | null,
    range: { lo: number; hi: number },
  ): TensorId => {
    const [c, digit] = [b.witness(`carry ${name}`, [n]), b.witness(`digit ${name}`, [n])];
    const terms = [
      ...(carry === null ? [] : [b.whole(carry)]),
      b.whole(digit, -1),
      b.whole(c, -16),
    ];
    b.digits(b.zero([n], form(terms), products), [
      [c, 0],
      [digit, 0],
    ]);
    b.inRange(digit, 0, 15);
    b.inRange(c, range.lo, range.hi);
    return c;
  };
  const c0 = carried('0', [dot(x0, y0)], null, { lo: 0, hi: 63 });
  const c1 = carried('1', [dot(x1, y0), dot(x0, y1)], c0, { lo: -64, hi: 63 });
  b.rescale({
    dims: [n],
    form: form([b.whole(c1)]),
    products: [dot(x1, y1)],
    shift: 2,
    accumulator: { lo: -4 * 64 - 64, hi: 4 * 64 + 63 },
    activation: clampTo(-50, 50),
    output: b.output('z', [n], { lo: -50, hi: 50 }),
  });
  return fill(b.build(), draw);
}

/** Views of committed tensors: a reshape that no power of two divides, gathers, shifts, concatenation, sums. */
export function hiddenViewsToy(draw: Draw): Toy {
  const b = new ProgramBuilder('hidden views');
  b.node('views', 'Reshape');
  const x = b.input('x', [3, 7], { lo: -60, hi: 60 });
  const w = b.model('w', [3, 7], { lo: -2, hi: 2 });
  const { out: h } = b.rescale({
    dims: [3, 7],
    products: [product(b.wholeForm(x), b.wholeForm(w))],
    shift: 2,
    accumulator: { lo: -120, hi: 120 },
    activation: clampTo(-12, 12),
  });
  const v = b.witness('v', [7, 3]);
  b.define(v, form([term(h, [reshape(2, [0, 1])])], 1));
  const g = b.witness('g', [5, 3]);
  b.define(g, form([term(v, [gather(0, [4, -1, 0, 3, 6]), affine(2, [1, -1])])]));
  const joined = b.witness('joined', [12, 3]);
  b.define(joined, form([term(v, [along(0), along(1)]), term(g, [affine(-7, [0, 1]), along(1)])]));
  const y = b.output('y', [3], { lo: -(2 ** 20), hi: 2 ** 20 });
  b.define(y, form([term(joined, [along(1), along(0)], 2, [12])], 3), [
    product(
      form([term(joined, [affine(1, [1, 2]), along(0)])]),
      form([term(g, [along(1), along(0)])]),
      [5],
    ),
    product(
      form([term(h, [reshape(2, [0, 1])])], 1),
      form([term(v, [along(1), along(0)])]),
      [7],
      -1,
    ),
  ]);
  return fill(b.build(), draw);
}

/** A listed table with two keys, and one looked up without values. */
export function listedToy(draw: Draw): Toy {
  const b = new ProgramBuilder('listed');
  b.node('table', 'Lookup');
  const x = b.input('x', [6], { lo: 0, hi: 4 });
  const y = b.input('y', [6], { lo: 0, hi: 3 });
  const rows = Array.from({ length: 20 }, (_, i) => {
    const [p, q] = [Math.floor(i / 4), i % 4];
    return [p, q, (p * p + 3 * q) % 11, p - q];
  });
  const table = b.table(listedTable('pairs', 2, rows));
  const [s, t] = [b.witness('s', [6]), b.witness('t', [6])];
  const lookup = b.lookup(
    [6],
    table,
    [x, y, s, t].map((id) => b.wholeForm(id)),
  );
  b.lookupStep(lookup, [
    [2, s],
    [3, t],
  ]);
  const z = b.output('z', [6], { lo: -20, hi: 50 });
  b.define(z, form([b.whole(s, 3), b.whole(t, 2)]));
  return fill(b.build(), draw);
}

/** Relations without products and without lookups: what LogUp and sumcheck have nothing to do for. */
export function linearToy(draw: Draw): Toy {
  const b = new ProgramBuilder('linear');
  b.node('sum', 'Add');
  const x = b.input('x', [2, 3], { lo: -9, hi: 9 });
  const c = b.model('c', [3], { lo: -9, hi: 9 });
  const s = b.witness('s', [2, 3]);
  b.define(s, form([b.whole(x, 5), term(c, [along(1)], -2)], 7));
  const y = b.output('y', [3, 2], { lo: -500, hi: 500 });
  b.define(y, form([term(s, [along(1), along(0)]), term(s, [along(1), affine(1, [0, -1])], 2)]));
  return fill(b.build(), draw);
}

/** One lookup and nothing else. */
export function lookupToy(draw: Draw): Toy {
  const b = new ProgramBuilder('lookup');
  b.node('table', 'Lookup');
  const x = b.input('x', [5], { lo: -4, hi: 4 });
  const y = b.output('y', [5], { lo: 0, hi: 16 });
  const keys = Array.from({ length: 9 }, (_, i) => i - 4);
  b.apply(
    b.wholeForm(x),
    [5],
    listedTable(
      'square',
      1,
      keys.map((v) => [v, v * v]),
    ),
    y,
  );
  return fill(b.build(), draw);
}

/** Scalars: relations over no axes at all. */
export function scalarToy(draw: Draw): Toy {
  const b = new ProgramBuilder('scalar');
  b.node('square', 'Mul');
  const x = b.input('x', [], { lo: -9, hi: 9 });
  const square = b.witness('square', []);
  b.define(square, form([]), [product(b.wholeForm(x), b.wholeForm(x))]);
  const even = b.witness('half', []);
  const odd = b.output('odd', [], { lo: 0, hi: 1 });
  b.digits(b.zero([], form([b.whole(square), b.whole(even, -2), b.whole(odd, -1)])), [
    [even, 0],
    [odd, 0],
  ]);
  b.lookup([], b.table(rangeTable('half', { lo: 0, hi: 40 })), [b.wholeForm(even)]);
  return fill(b.build(), draw);
}

/** Every kind of relation, view and gadget, each in a program that takes milliseconds to prove. */
export const PROGRAMS: Readonly<Record<string, (draw: Draw) => Toy>> = {
  'two dense layers': (draw) => mlpToy(draw, [4, 3, 2], 3, 3),
  batch: batchToy,
  convolution: (draw) => convToy(draw, { size: [4, 3], kernel: [2, 2], channels: 1, filters: 2 }),
  'maximum by relu differences': maxPoolToy,
  'softmax (quotient, shared axes)': softmaxToy,
  'first maximum': argMaxToy,
  'wide clamp (limbs, several value columns)': wideClampToy,
  'limbs and carries': limbsToy,
  'views of public tensors': viewsToy,
  'views of committed tensors': hiddenViewsToy,
  'listed table with two keys': listedToy,
  'linear relations alone': linearToy,
  'one lookup alone': lookupToy,
  scalars: scalarToy,
};
