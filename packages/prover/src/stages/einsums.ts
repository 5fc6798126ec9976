import type { Engine, KVec } from '@assay/core/engine';
import { addK, type K, mulK, ONE, ZERO } from '@assay/core/field';
import { constantValue } from '@assay/core/linear';
import type { Sender } from '@assay/core/sender';
import { proveSumcheck } from '@assay/core/sumcheck/prover';
import { TAG_BATCHED_CLAIM, TAG_OPERANDS, type Transcript } from '@assay/core/transcript';
import { axisBits, axisOffsets, type EinsumInstance, sharedPoint } from '@assay/program';
import type { Evaluator } from '@assay/runtime';
import {
  type Argument,
  instanceCoefficients,
  secretOperands,
  type Transcribed,
} from '@assay/verifier';

/** Indices of a padded row-major box at which the real elements of `lengths` begin, run by run of the last axis. */
function runs(lengths: readonly number[]): { readonly offsets: number[]; readonly run: number } {
  let offsets = [0];
  for (const length of lengths.slice(0, -1)) {
    const stride = 2 ** axisBits(length);
    offsets = offsets.flatMap((offset) => Array.from({ length }, (_, i) => offset * stride + i));
  }
  const last = lengths.at(-1);
  if (last === undefined) return { offsets: [0], run: 1 };
  return { offsets: offsets.map((offset) => offset * 2 ** axisBits(last)), run: last };
}

/**
 * An operand with its own output axes bound at τ: X'(v) = Σ_o eq(τ, o)·X(o, v) over the sumcheck's
 * variables v (shared axes, then sum axes), zero outside the real box. The integers are laid out
 * with v outermost, so that the sums are dot products of rows with one vector.
 */
function bindOperand(
  engine: Engine,
  evaluator: Evaluator,
  instance: EinsumInstance,
  side: 'left' | 'right',
  outer: readonly K[],
): KVec {
  const lengths = instance.lengths;
  const form = instance.product[side];
  const sums = [...lengths.keys()].slice(instance.outputAxes);
  const free = [...instance.shared, ...sums];
  const bound = instance[side];
  const axes = [...free, ...bound];
  const lengthOf = (axis: number): number => lengths[axis] ?? 1;
  const out = engine.allocK(2 ** instance.variables);
  engine.fill(out, ZERO);

  const mark = engine.mark();
  const offsets = axisOffsets(lengths.slice(0, instance.outputAxes), outer.length);
  let weights: KVec = engine.allocK(1);
  engine.writeK(weights, [ONE]);
  for (const axis of bound) {
    const from = offsets[axis] ?? 0;
    const point = outer.slice(from, from + axisBits(lengthOf(axis)));
    const table = engine.allocK(2 ** point.length);
    engine.eqTable(point, ONE, table);
    const next = engine.allocK(weights.length * lengthOf(axis));
    engine.outer(weights, engine.slice(table, 0, lengthOf(axis)), next);
    weights = next;
  }
  const width = weights.length;
  const rows = free.reduce((product, axis) => product * lengthOf(axis), 1);
  const values = engine.allocInt(rows * width);
  const other = lengths.map((length, axis) => (axes.includes(axis) ? length : 1));
  evaluator.arrange(
    form,
    lengths,
    { axes, from: axes.map(() => 0), to: axes.map((axis) => other[axis] ?? 1) },
    engine.ints(values),
  );
  const { offsets: places, run } = runs(free.map(lengthOf));
  for (const [i, place] of places.entries()) {
    const part = { ptr: values.ptr + 4 * i * run * width, length: run * width };
    engine.dotIntRows(part, run, width, weights, engine.slice(out, place, run));
  }
  engine.release(mark);
  return out;
}

/** eq(τ, ·) of the shared axes over all variables of an instance, constant along the sum axes; null without shared axes. */
function sharedEq(
  argument: Argument,
  engine: Engine,
  instance: EinsumInstance,
  outer: readonly K[],
): KVec | null {
  if (instance.degree === 2) return null;
  const table = engine.allocK(2 ** instance.variables);
  const shared = engine.allocK(2 ** instance.sharedVariables);
  engine.eqTable(sharedPoint(argument.system, instance, outer), ONE, shared);
  const ones = engine.allocK(2 ** (instance.variables - instance.sharedVariables));
  engine.fill(ones, ONE);
  engine.outer(shared, ones, table);
  return table;
}

/** The same table with its halves exchanged. */
function swapped(engine: Engine, v: KVec): KVec {
  const half = v.length / 2;
  const out = engine.allocK(v.length);
  engine.copy(engine.slice(v, half, half), engine.slice(out, 0, half));
  engine.copy(engine.slice(v, 0, half), engine.slice(out, half, half));
  return out;
}

/** Σ_v eq(v)·x(v)·y(v) before any round. */
function instanceSum(engine: Engine, eq: KVec | null, x: KVec, y: KVec): K {
  if (eq === null) return engine.dot(x, y);
  // h(0) + h(1), and h(1) is h(0) of the tables with their halves exchanged.
  const mark = engine.mark();
  const [low] = engine.cubicRound(eq, x, y);
  const [high] = engine.cubicRound(swapped(engine, eq), swapped(engine, x), swapped(engine, y));
  engine.release(mark);
  return addK(low, high);
}

/** S5: mirrors the verifier's `verifyEinsums`. */
export function proveEinsums(
  argument: Argument,
  engine: Engine,
  transcript: Transcript,
  sender: Sender,
  evaluator: Evaluator,
): Pick<Transcribed, 'outer' | 'inner' | 'lambda' | 'batched' | 'operands'> {
  const { einsums } = argument.system;
  const outer = Array.from({ length: einsums.outerVariables }, () => transcript.sampleK());
  const lambda = transcript.sampleK();
  if (einsums.instances.length === 0) {
    return { outer, inner: [], lambda, batched: constantValue(ZERO), operands: [] };
  }
  const mark = engine.mark();
  const coefficients = instanceCoefficients(argument, lambda);
  let claim: K = ZERO;
  const instances = einsums.instances.map((instance, i) => {
    const coefficient = coefficients[i] ?? ZERO;
    const x = bindOperand(engine, evaluator, instance, 'left', outer);
    const y = bindOperand(engine, evaluator, instance, 'right', outer);
    const eq = sharedEq(argument, engine, instance, outer);
    claim = addK(claim, mulK(coefficient, instanceSum(engine, eq, x, y)));
    return { coefficient, eq, x, y };
  });
  sender.send(TAG_BATCHED_CLAIM, [claim]);
  const { point, operands } = proveSumcheck(engine, transcript, sender, instances, claim);
  engine.release(mark);
  const secret = einsums.instances.flatMap((instance) => secretOperands(argument.system, instance));
  sender.send(
    TAG_OPERANDS,
    operands.flatMap(({ x, y }) => [x, y]),
    (i) => secret[i] ?? true,
  );
  return {
    outer,
    inner: point,
    lambda,
    batched: constantValue(claim),
    operands: operands.map(({ x, y }) => ({ left: constantValue(x), right: constantValue(y) })),
  };
}
