import type { NodeOf } from '../../graph/index.ts';
import { broadcastShapes } from '../../graph/shape.ts';
import type { Lowering } from '../context.ts';
import { addForms } from '../builder.ts';
import { addLinear, linearOf, scaleLinear } from '../linear.ts';
import { holdMaximum, isSimple, maximum, negated } from '../maximum.ts';
import { clampOfValue } from '../rescale/index.ts';
import { alignValues, expandValue } from '../rearrange.ts';
import { plainDims, type Value } from '../value.ts';
import { addValue, constantAxes } from './add.ts';
import { timesValues, timesWeights } from './mul.ts';
import { atOneScale } from './view.ts';

const pair = (ctx: Lowering, names: readonly string[], output: string): [Value, Value] => {
  const shape = broadcastShapes(...names.map((name) => ctx.shape(name))) ?? [];
  const values = atOneScale(ctx, names, output).map((v) => expandValue(ctx.builder, v, shape));
  const [a, b] = alignValues(ctx.builder, values);
  if (a === undefined || b === undefined) throw new TypeError('pair: expected two operands');
  return [a, b];
};

const held = (ctx: Lowering, value: Value): Value =>
  isSimple(value) ? value : holdMaximum(ctx.builder, value);

export const lowerMax = (node: NodeOf<'Max'>, ctx: Lowering): void => {
  const [a, b] = pair(ctx, node.inputs, node.output);
  ctx.set(node.output, held(ctx, maximum(ctx.builder, a, b)));
};

export const lowerMin = (node: NodeOf<'Min'>, ctx: Lowering): void => {
  const [a, b] = pair(ctx, node.inputs, node.output);
  ctx.set(node.output, negated(held(ctx, maximum(ctx.builder, negated(a), negated(b)))));
};

/** x where x >= 0, else slope·x:  slope ⊙ x + (1 − slope) ⊙ relu(x). */
export const lowerPRelu = (node: NodeOf<'PRelu'>, ctx: Lowering): void => {
  const [xName = '', slopeName = ''] = node.inputs;
  const slope = ctx.constant(slopeName);
  const x = ctx.value(xName);
  let top = 1;
  while (top - 1 < Math.max(x.range.hi, 1)) top *= 2;
  const positive =
    x.range.lo >= 0 ? x : clampOfValue(ctx.builder, x, { lo: 0, hi: top - 1 }, false);
  const shape = ctx.shape(xName);
  if (slope === null) {
    // relu(x) + slope ⊙ (x − relu(x))
    const [whole, above] = alignValues(ctx.builder, [x, positive]);
    if (whole === undefined || above === undefined)
      throw new TypeError('lowerPRelu: expected two values');
    const below: Value = {
      ...whole,
      form: addForms(whole.form, above.form, -1),
      range: { lo: Math.min(0, x.range.lo), hi: 0 },
    };
    const product = timesValues(ctx, below, ctx.value(slopeName), shape);
    ctx.setLinear(node.output, addValue(ctx, product, above, node.output));
    return;
  }
  const first = slope.data[0] ?? 0;
  if (!ctx.isPrivate && constantAxes(slope.shape, plainDims(shape)).length === 0) {
    ctx.setLinear(
      node.output,
      addLinear(scaleLinear(linearOf(x), first), scaleLinear(linearOf(positive), 1 - first)),
    );
    return;
  }
  const [a, b] = alignValues(ctx.builder, [x, positive]);
  if (a === undefined || b === undefined) throw new TypeError('lowerPRelu: expected two values');
  const below = timesWeights(ctx, a, slope, shape);
  const above = timesWeights(
    ctx,
    b,
    { shape: slope.shape, data: Float64Array.from(slope.data, (v) => 1 - v) },
    shape,
  );
  ctx.setLinear(node.output, addLinear(below, above));
};
