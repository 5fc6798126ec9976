import type { Step } from '@assay/program';
import { executionError } from '../errors.ts';
import { planDivide } from '../step-plans.ts';
import { allocate, type Produced, requireInt32, type StepContext } from './context.ts';

/** Step 'divide': q = ⌊N/D⌋, r = N − D·q. */
export function divide(context: StepContext, step: Extract<Step, { kind: 'divide' }>): Produced {
  const { evaluator } = context;
  const { program } = evaluator;
  const { relation, rest, divisor, factor } = planDivide(program, step);
  const { dims, node } = relation;
  const numerators = evaluator.evaluate(rest, dims, node);
  const divisors = evaluator.evaluate(divisor, dims, node);
  const quotient = allocate(context, step.quotient);
  const remainder = allocate(context, step.remainder);
  for (let i = 0; i < quotient.length; i++) {
    const d = factor * (divisors[i] as number);
    if (d < 1) {
      throw executionError(
        'ASSAY_DIVISOR',
        program,
        step.quotient,
        node,
        `divisor ${d} at index ${i}`,
      );
    }
    if (!Number.isSafeInteger(d)) {
      throw executionError(
        'ASSAY_INEXACT',
        program,
        step.quotient,
        node,
        `divisor at index ${i} reaches 2^53`,
      );
    }
    const n = -(numerators[i] as number);
    const rest = n % d;
    const r = rest < 0 ? rest + d : rest;
    const q = (n - r) / d;
    requireInt32(context, node, step.quotient, i, q);
    requireInt32(context, node, step.remainder, i, r);
    quotient[i] = q;
    remainder[i] = r;
  }
  return [
    [step.quotient, quotient],
    [step.remainder, remainder],
  ];
}
