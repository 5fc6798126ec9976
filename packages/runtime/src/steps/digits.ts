import type { Step } from '@assay/program';
import { fitsInt32 } from '../forms/interval.ts';
import { evaluateSum } from '../products/zero.ts';
import { planDigits } from '../step-plans.ts';
import { allocate, type Produced, requireInt32, type StepContext } from './context.ts';

/**
 * One digit with a power-of-two radix: d = low + ((t − low) mod radix), t ← (t − d)/ratio, in place.
 * The low 32 bits of t − low are enough for d, and (t − d)·(1/ratio) is exact.
 */
function binaryDigit(t: Float64Array, digit: Int32Array, low: number, ratio: number): void {
  const mask = Math.abs(ratio) - 1;
  const inverse = 1 / ratio;
  for (let i = 0; i < t.length; i++) {
    const value = t[i] as number;
    const d = low + ((value - low) & mask);
    digit[i] = d;
    t[i] = (value - d) * inverse;
  }
}

function anyDigit(t: Float64Array, digit: Int32Array, low: number, ratio: number): void {
  const radix = Math.abs(ratio);
  for (let i = 0; i < t.length; i++) {
    const value = t[i] as number;
    const r = (value - low) % radix;
    const d = low + (r < 0 ? r + radix : r);
    digit[i] = d;
    t[i] = (value - d) / ratio;
  }
}

/** Step 'digits': mixed-radix digits of −(rest + Σ products). */
export function digits(context: StepContext, step: Extract<Step, { kind: 'digits' }>): Produced {
  const { evaluator, engine } = context;
  const { relation, rest, sign, outputs } = planDigits(evaluator.program, step);
  const { dims, products, node } = relation;
  const known = evaluateSum(evaluator, engine, { dims, products, form: rest, node });
  const t = new Float64Array(known.length);
  for (let i = 0; i < t.length; i++) t[i] = -sign * (known[i] as number);
  const produced = outputs.map(({ tensor }) => [tensor, allocate(context, tensor)] as const);
  for (let o = outputs.length - 1; o >= 0; o--) {
    const { tensor, low, ratio } = outputs[o] as (typeof outputs)[number];
    const [, digit] = produced[o] as (typeof produced)[number];
    if (ratio === 0) {
      for (let i = 0; i < t.length; i++) {
        const value = t[i] as number;
        if ((value | 0) !== value) requireInt32(context, node, tensor, i, value);
        digit[i] = value;
      }
      continue;
    }
    const radix = Math.abs(ratio);
    if (!fitsInt32({ lo: low, hi: low + radix - 1 })) {
      for (let i = 0; i < t.length; i++) {
        const r = ((t[i] as number) - low) % radix;
        requireInt32(context, node, tensor, i, low + (r < 0 ? r + radix : r));
      }
    }
    const binary = Number.isInteger(Math.log2(radix)) && radix <= 2 ** 30;
    if (binary) binaryDigit(t, digit, low, ratio);
    else anyDigit(t, digit, low, ratio);
  }
  return produced;
}
