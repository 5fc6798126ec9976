import type { Step } from '@assay/program';
import { rowMajorStrides } from '../identity-view.ts';
import { allocate, type Produced, type StepContext } from './context.ts';

/** Step 'onehot': 1 at the first maximum along an axis, 0 elsewhere. */
export function onehot(context: StepContext, step: Extract<Step, { kind: 'onehot' }>): Produced {
  const { evaluator } = context;
  const shape = evaluator.shape(step.output);
  const node = evaluator.program.tensors[step.output]?.node ?? 0;
  const values = evaluator.evaluate(step.source, shape, node);
  const output = allocate(context, step.output);
  const length = shape[step.axis] ?? 1;
  const stride = rowMajorStrides(shape)[step.axis] ?? 1;
  for (let block = 0; block < values.length; block += length * stride) {
    for (let start = block; start < block + stride; start++) {
      let best = start;
      for (let i = 1; i < length; i++) {
        const at = start + i * stride;
        if ((values[at] as number) > (values[best] as number)) best = at;
      }
      output[best] = 1;
    }
  }
  return [[step.output, output]];
}
