import { elementCount, type Relation } from '@assay/program';
import { nodeLabel } from '../errors.ts';
import type { Evaluator, Ints } from '../forms/evaluator.ts';
import { addIntervals, EXACT, fitsInt32, type Interval } from '../forms/interval.ts';
import { indices, zeroAt } from '../reference/evaluate.ts';
import { exactNumbers } from '../reference/ring.ts';
import type { MatmulEngine } from './matmul.ts';
import { planProduct, type ProductPlan, wholeLayout } from './plan.ts';
import { addProduct } from './product.ts';

/** What of a zero relation is evaluated. */
export type Sum = Pick<Extract<Relation, { kind: 'zero' }>, 'dims' | 'form' | 'products' | 'node'>;

/** How form + Σ products will be computed. */
export interface SumPlan {
  readonly interval: Interval;
  readonly products: readonly ProductPlan[];
  /** No partial sum can reach 2^53. */
  readonly exact: boolean;
}

export function planSum(evaluator: Evaluator, sum: Sum): SumPlan {
  const products = sum.products.map((product) => planProduct(evaluator, product, sum.dims));
  const interval = products.reduce(
    (total, plan) => addIntervals(total, plan.interval),
    evaluator.interval(sum.form),
  );
  const exact = interval.largest < EXACT && products.every((plan) => plan.arithmetic !== 'checked');
  return { interval, products, exact };
}

/**
 * form + Σ products over dims, row major. May be a tensor's own array: do not write to it.
 *
 * @throws {AssayError} ASSAY_INEXACT when a value reaches 2^53.
 */
export function evaluateSum(
  evaluator: Evaluator,
  engine: MatmulEngine | null,
  sum: Sum,
  plan: SumPlan = planSum(evaluator, sum),
): Ints {
  const { dims, form, node } = sum;
  if (sum.products.length === 0) return evaluator.evaluate(form, dims, node);
  const count = elementCount(dims);
  if (!plan.exact) {
    const values = { program: evaluator.program, tensors: evaluator.tensors };
    const ring = exactNumbers(nodeLabel(evaluator.program, node));
    const total = new Float64Array(count);
    let at = 0;
    for (const index of indices(dims)) total[at++] = zeroAt(values, ring, sum, index);
    return total;
  }
  const doubles =
    !fitsInt32(plan.interval) || plan.products.some((p) => p.arithmetic === 'float64');
  const total = doubles ? new Float64Array(count) : new Int32Array(count);
  evaluator.arrange(
    form,
    dims,
    wholeLayout(
      dims,
      dims.map((_, axis) => axis),
    ),
    total,
  );
  for (const product of plan.products) addProduct(evaluator, engine, product, dims, total);
  return total;
}
