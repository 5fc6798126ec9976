import {
  accumulatorRange,
  type Form,
  type Product,
  type Program,
  type Range,
  type TensorId,
  type Term,
  type Weights,
  type ZeroRelation,
} from '@assay/program';
import { type Draw, drawTensor, form, ProgramBuilder, product, term } from './builder.ts';
import { randomView } from './random-program.ts';

/** A program with one relation whose accumulator interval is declared, and weights that reach both of its ends. */
export interface DeclaredProgram {
  readonly program: Program;
  readonly weights: Weights;
}

const pick = <T>(draw: Draw, items: readonly T[]): T => items[draw(0, items.length - 1)] as T;

const axes = (draw: Draw, most: number): number[] =>
  Array.from({ length: draw(0, most) }, () => draw(1, 3));

/** Ranges of weights: of both signs or one, powers of two or not, longer than any table or not. */
const WEIGHTS: readonly Range[] = [
  { lo: -1, hi: 1 },
  { lo: -4, hi: 3 },
  { lo: -3, hi: 5 },
  { lo: 0, hi: 6 },
  { lo: 2, hi: 5 },
  { lo: -5, hi: 0 },
  { lo: -7, hi: -2 },
  { lo: 3, hi: 3 },
  { lo: -512, hi: 511 },
  { lo: -1000, hi: 1700 },
  { lo: -(2 ** 17), hi: 2 ** 17 - 1 },
  { lo: -(2 ** 27), hi: 2 ** 27 - 1 },
];

/** Weights are drawn from this part of their range where it has one: sums of the longest ranges would not fit. */
const DRAWN: Range = { lo: -3000, hi: 3000 };

/** Ranges of what they are multiplied with. */
const VALUES: readonly Range[] = [
  { lo: 0, hi: 1 },
  { lo: 0, hi: 255 },
  { lo: -8, hi: 7 },
  { lo: -3, hi: -1 },
  { lo: 4, hi: 4 },
  { lo: 0, hi: 0 },
  { lo: 0, hi: 2 ** 20 },
  { lo: -(2 ** 24), hi: 2 ** 24 - 1 },
  { lo: 2 ** 24, hi: 2 ** 24 + 3 },
];

class DeclaredBuilder {
  readonly b = new ProgramBuilder('declared');
  readonly draw: Draw;
  /** Only short ranges: few enough weights to try them all. */
  readonly isShort: boolean;
  #inputs = 0;

  constructor(draw: Draw, isShort: boolean) {
    this.draw = draw;
    this.isShort = isShort;
    this.b.node('declared', 'Test');
  }

  model(shape: readonly number[]): TensorId {
    const range = pick(this.draw, this.isShort ? WEIGHTS.slice(0, 2) : WEIGHTS);
    return this.b.model('w', shape, range);
  }

  read(tensor: TensorId, lengths: readonly number[], coefficient: number): Term {
    return term(tensor, randomView(this.draw, this.b.shape(tensor), lengths), coefficient);
  }

  /** An operand of weights in one of the ways in which it can be written. */
  fixed(lengths: readonly number[]): Form {
    const { b, draw } = this;
    const coefficient = pick(draw, [1, 1, 1, -1, 3]);
    const plain = (): Term => this.read(this.model(axes(draw, 2)), lengths, coefficient);
    switch (this.isShort ? 0 : draw(0, 7)) {
      case 0:
      case 1:
      case 2:
        return form([plain()]);
      case 3: {
        const shape = lengths.filter(() => draw(0, 1) === 1);
        const values = drawTensor(shape, { lo: -4, hi: 4 }, draw);
        return form([this.read(b.constant('c', shape, [...values]), lengths, coefficient)]);
      }
      case 4:
        return form([], draw(-3, 3));
      case 5:
        return form([plain()], draw(-2, 2));
      case 6:
        return form([plain(), plain()]);
      default: {
        const tensor = this.model([draw(1, 3), draw(1, 3)]);
        const view = randomView(draw, b.shape(tensor), [...lengths, 2]);
        return form([term(tensor, view, coefficient, [2])]);
      }
    }
  }

  product(dims: readonly number[]): Product {
    const { b, draw } = this;
    const sums = axes(draw, 2);
    const lengths = [...dims, ...sums];
    const x = b.input(
      `x${this.#inputs++}`,
      lengths,
      pick(draw, this.isShort ? VALUES.slice(0, 4) : VALUES),
    );
    const fixed = this.fixed(lengths);
    const operands = [b.wholeForm(x), fixed] as const;
    const [left, right] = draw(0, 1) === 0 ? operands : [operands[1], operands[0]];
    return product(left, right, sums, pick(draw, [1, 1, -1, 2]));
  }
}

const common = (a: Range, b: Range): Range => ({
  lo: Math.max(a.lo, b.lo),
  hi: Math.min(a.hi, b.hi),
});

/** The program with another declared interval: y is what the interval is about. */
export function withDeclared(program: Program, declared: Range): Program {
  return {
    ...program,
    tensors: program.tensors.map((t) => (t.role === 'output' ? { ...t, range: declared } : t)),
    relations: program.relations.map((r) => (r.kind === 'zero' ? { ...r, declared } : r)),
  };
}

/**
 * y = Σ products + bias with products of inputs and weights of every kind that a declared interval may have, and the
 * exact interval of the weights drawn declared.
 *
 * @returns null where sums of the draw are too large to have an interval.
 */
export function declaredProgram(draw: Draw, isShort = false): DeclaredProgram | null {
  const g = new DeclaredBuilder(draw, isShort);
  const { b } = g;
  const dims = axes(draw, isShort ? 1 : 2);
  const products = Array.from({ length: draw(isShort ? 1 : 0, isShort ? 1 : 2) }, () =>
    g.product(dims),
  );
  const least = products.length === 0 ? 1 : 0;
  const biases = Array.from({ length: draw(least, isShort ? 1 : 2) }, () =>
    g.read(g.model(axes(draw, 1)), dims, pick(draw, [1, 1, -2])),
  );
  const y = b.output('y', dims, { lo: 0, hi: 0 });
  const relation = b.zero(dims, form([...biases, b.whole(y, -1)]), products, { lo: 0, hi: 0 });
  b.digits(relation, [[y, 0]]);
  const program = b.build();
  const weights = new Map<TensorId, Int32Array>();
  for (const [id, { role, shape, range }] of program.tensors.entries())
    if (role === 'model' && range !== null)
      weights.set(id, drawTensor(shape, common(range, DRAWN), draw));
  const declared = intervalOf(program, weights);
  return declared === null ? null : { program: withDeclared(program, declared), weights };
}

/** The exact interval of the accumulator of a `declaredProgram`. */
export function intervalOf(program: Program, weights: Weights): Range | null {
  const ranges = program.tensors.map(({ range }) => range);
  const relation = program.relations.find((r): r is ZeroRelation => r.kind === 'zero');
  return relation === undefined ? null : accumulatorRange(program, relation, weights, ranges);
}
