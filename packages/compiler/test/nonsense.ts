/** Valid files of models that make little sense, made from those of `models.ts`. */
import { sizeOf } from '../src/graph/index.ts';
import {
  encodeModel,
  supportedOperators,
  type AttributeSpec,
  type ModelSpec,
  type NodeSpec,
} from '../src/onnx/index.ts';
import { smallModels } from './models.ts';

const numbers = [0, 1, 2, 3, -1, -2, 4, 7, 1000, 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER];
const words = ['SAME_UPPER', 'VALID', 'reflect', 'wrap', 'edge', 'tanh', 'constant', 'CRD', ''];
const names = [
  'axis',
  'axes',
  'pads',
  'strides',
  'dilations',
  'kernel_shape',
  'group',
  'keepdims',
  'perm',
  'auto_pad',
  'mode',
  'ceil_mode',
  'blocksize',
  'to',
  'split',
  'starts',
  'ends',
  'transA',
  'alpha',
  'approximate',
  'count_include_pad',
  'value_ints',
  'num_outputs',
  'allowzero',
];

/** Operators, operands, attributes, shapes and constants exchanged. */
export const nonsense = (next: () => number): Uint8Array => {
  const pick = <T>(from: readonly T[]): T => from[next() % from.length] as T;
  const spec = pick(smallModels);
  const values = [
    ...spec.inputs.map((i) => i.name),
    ...Object.keys(spec.initializers ?? {}),
    ...spec.nodes.flatMap((n) => n.outputs),
  ];
  const attribute = (): AttributeSpec =>
    pick<() => AttributeSpec>([
      () => ({ int: pick(numbers) }),
      () => ({ ints: Array.from({ length: next() % 5 }, () => pick(numbers)) }),
      () => ({ float: pick(numbers) }),
      () => ({ string: pick(words) }),
    ])();
  const changed = (node: NodeSpec): NodeSpec => {
    if (next() % 10 > 0) return node;
    const attributes = {
      ...node.attributes,
      ...(next() % 2 === 0 ? { [pick(names)]: attribute() } : {}),
    };
    const operator = next() % 2 === 0 ? pick(supportedOperators) : node.operator;
    const inputs = node.inputs.map((name) => (next() % 8 === 0 ? pick([...values, '']) : name));
    return { ...node, attributes, operator, inputs };
  };
  const initializers = Object.fromEntries(
    Object.entries(spec.initializers ?? {}).map(([name, t]) => {
      if (next() % 16 > 0) return [name, t];
      const dims = t.dims.map((d) => (next() % 3 === 0 ? next() % 4 : d));
      const data = Array.from({ length: sizeOf(dims) }, (_, i) =>
        next() % 3 === 0 ? pick(numbers) : (t.data[i] ?? 0),
      );
      return [name, { dims, data, dtype: t.dtype }];
    }),
  );
  const inputs = spec.inputs.map((i) => ({
    ...i,
    shape: i.shape.map((d) => (next() % 24 === 0 ? pick([1, 2, 3, 5, 'open']) : d)),
  }));
  const model: ModelSpec = {
    ...spec,
    opset: next() % 2 === 0 ? 7 + (next() % 18) : spec.opset,
    inputs,
    initializers,
    nodes: spec.nodes.map(changed),
  };
  return encodeModel(model);
};
