import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { importSpec, randomInputs } from '../../test/graphs.ts';
import { list, op, scalar, tensor } from '../../test/models.ts';
import { evaluateGraph, type FloatGraph } from '../graph/index.ts';
import { encodeModel, importModel, UnsupportedModelError, type ModelSpec } from './index.ts';
import { ModelProtoSchema, TensorProto_DataLocation, type ModelProto } from './proto/onnx_pb.js';

const x = [{ name: 'x', shape: [2, 3] }];

const edited = (spec: ModelSpec, edit: (model: ModelProto) => void): Uint8Array => {
  const model = fromBinary(ModelProtoSchema, encodeModel(spec));
  edit(model);
  return toBinary(ModelProtoSchema, model);
};

const problemsOf = (bytes: Uint8Array, options = {}): readonly string[] => {
  try {
    importModel(bytes, options);
  } catch (error) {
    if (!(error instanceof UnsupportedModelError)) throw error;
    return error.problems.map((p) => `${p.kind} ${p.operator} ${p.node} ${p.opset}: ${p.reason}`);
  }
  return [];
};

const codeOf = (bytes: Uint8Array, options = {}): string => {
  try {
    importModel(bytes, options);
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'accepted';
};

const relu: ModelSpec = { inputs: x, outputs: ['y'], nodes: [op('Relu', ['x'], 'y')] };

describe('unsupported models', () => {
  const spec: ModelSpec = {
    opset: 13,
    inputs: [
      { name: 'x', shape: [2, 3] },
      { name: 'z', shape: ['n', 'm'] },
    ],
    outputs: ['y'],
    initializers: { nan: { dims: [3], data: [1, Number.NaN, 2] } },
    nodes: [
      op('LSTM', ['x'], 'a'),
      { ...op('Gelu', ['x'], 'b'), domain: 'com.example' },
      { ...op('LeakyRelu', ['x'], 'c', { slope: { float: 1 }, more: { int: 1 } }), name: 'leaky' },
      op('Softmax', ['x'], 'd', { axis: { int: 5 } }),
      op('Add', ['x', 'nan'], 'e'),
      op('Tanh', ['a'], 'f'),
      op('Loop', ['f'], 'g'),
      op('Sum', ['c', 'd', 'e', 'g', 'b', 'z'], 'y'),
    ],
  };

  test('lists all offending nodes, with node, operator, opset and reason', () => {
    expect(problemsOf(encodeModel(spec))).toEqual([
      'shape input z 13: dynamic shape: no length for axis 1 ("m"); give one by the option dimensions',
      'operator LSTM LSTM_0 13: unsupported operator',
      'operator com.example.Gelu Gelu_1 null: unsupported operator',
      'attribute LeakyRelu leaky 13: unsupported attributes "slope", "more"',
      'attribute Softmax Softmax_3 13: axis 5 of a tensor with 2 axes',
      'operator Loop Loop_6 13: unsupported operator',
      'operand Add Add_4 13: constant "nan" has the element NaN at index 1',
    ]);
  });

  test('the message lists them too', () => {
    expect(() => importModel(encodeModel(spec))).toThrow(
      'the model has 7 unsupported parts\n  input "z" (opset 13): dynamic shape',
    );
    expect(() => importModel(encodeModel(spec))).toThrow(
      '\n  com.example.Gelu "Gelu_1": unsupported operator',
    );
    const many = {
      ...relu,
      outputs: ['y0'],
      nodes: Array.from({ length: 150 }, (_, i) => op('LSTM', ['x'], `y${i}`)),
    };
    expect(() => importModel(encodeModel(many))).toThrow(
      /has 150 unsupported parts[^]*and 50 more$/,
    );
  });

  test('looks behind an unsupported node where the file declares shapes', () => {
    const bytes = edited(
      { ...relu, nodes: [op('LSTM', ['x'], 'a'), op('Softmax', ['a'], 'y', { axis: { int: 7 } })] },
      (model) => {
        const input = model.graph?.input[0];
        if (input) model.graph?.valueInfo.push({ ...input, name: 'a' });
      },
    );
    expect(problemsOf(bytes)).toEqual([
      'operator LSTM LSTM_0 17: unsupported operator',
      'attribute Softmax Softmax_1 17: axis 7 of a tensor with 2 axes',
    ]);
  });

  test.each([
    ['opset', { ...relu, opset: 6 }, 'operator model model 6: opset 6: 7 to 24 are supported'],
    [
      'training',
      {
        ...relu,
        initializers: { t: { dims: [], data: [1], dtype: 'bool' as const } },
        nodes: [op('Dropout', ['x', '', 't'], 'y')],
      },
      'attribute Dropout Dropout_0 17: training mode',
    ],
    [
      'dtype',
      { ...relu, nodes: [op('Cast', ['x'], 'y', { to: { int: 16 } })] },
      'dtype Cast Cast_0 17: cast to bfloat16',
    ],
    [
      'variable shape',
      {
        ...relu,
        inputs: [...x, { name: 's', shape: [2], dtype: 'int64' as const }],
        nodes: [op('Reshape', ['x', 's'], 'y')],
      },
      'operand Reshape Reshape_0 17: the shape (operand 1) must be constant',
    ],
    [
      'operand',
      { ...relu, nodes: [op('Relu', ['x', 'x'], 'y')] },
      'operand Relu Relu_0 17: operand 1 is not supported',
    ],
    [
      'missing operand',
      { ...relu, nodes: [op('Add', ['x', ''], 'y')] },
      'operand Add Add_0 17: operand 1 is missing',
    ],
    [
      'shapes',
      { ...relu, initializers: { w: tensor(1, 4, 5) }, nodes: [op('MatMul', ['x', 'w'], 'y')] },
      'shape MatMul MatMul_0 17: inner lengths 3 and 4 of [2, 3] and [4, 5]',
    ],
    [
      'attribute type',
      { ...relu, nodes: [op('Softmax', ['x'], 'y', { axis: { float: 1 } })] },
      'attribute Softmax Softmax_0 17: attribute "axis" is not of type INT',
    ],
    [
      'division by zero',
      { ...relu, initializers: { z: scalar(0) }, nodes: [op('Div', ['x', 'z'], 'y')] },
      'operand Div Div_0 17: it divides by zero',
    ],
    [
      'integer division',
      {
        ...relu,
        inputs: [{ name: 'x', shape: [2], dtype: 'int64' as const }],
        initializers: { z: list(2) },
        nodes: [op('Div', ['x', 'z'], 'y')],
      },
      'dtype Div Div_0 17: integer division of a value that is not constant',
    ],
    [
      'empty tensor',
      {
        ...relu,
        initializers: { s: list(3), e: list(3), a: list(1) },
        nodes: [op('Slice', ['x', 's', 'e', 'a'], 'y')],
      },
      'shape Slice Slice_0 17: a tensor of shape [2, 0] has no elements',
    ],
    [
      'input as output',
      { ...relu, outputs: ['y', 'x'] },
      'operator output x null: it is an input of the model',
    ],
    [
      'window in the padding',
      {
        ...relu,
        inputs: [{ name: 'x', shape: [1, 1, 4] }],
        nodes: [op('MaxPool', ['x'], 'y', { kernel_shape: { ints: [2] }, pads: { ints: [3, 0] } })],
      },
      'shape MaxPool MaxPool_0 17: window 0 of spatial axis 0 lies wholly in the padding',
    ],
  ])('%s', (_, model, problem) => {
    expect(problemsOf(encodeModel(model))).toEqual([problem]);
  });

  test('tensors stored elsewhere, sparsely, in pieces, or of other types', () => {
    const spec_ = {
      ...relu,
      initializers: { w: tensor(1, 3) },
      nodes: [op('Add', ['x', 'w'], 'y')],
    };
    const reasons = [
      edited(spec_, (m) => {
        for (const t of m.graph?.initializer ?? [])
          t.dataLocation = TensorProto_DataLocation.EXTERNAL;
      }),
      edited(spec_, (m) => {
        for (const t of m.graph?.initializer ?? []) t.dataType = 2;
      }),
      edited(spec_, (m) => {
        for (const t of m.graph?.initializer ?? []) t.dims = [4n];
      }),
      edited(spec_, (m) => {
        const proto = create(ModelProtoSchema, {
          graph: { sparseInitializer: [{ values: { name: 'w' } }] },
        });
        m.graph?.sparseInitializer.push(...(proto.graph?.sparseInitializer ?? []));
        m.graph?.initializer.pop();
      }),
    ].map((bytes) => problemsOf(bytes));
    expect(reasons).toEqual([
      ['dtype initializer w 17: its data lie in another file: save the model with its data inside'],
      ['dtype initializer w 17: element type uint8'],
      ['dtype initializer w 17: 12 bytes of data for shape [4] of float32'],
      ['dtype initializer w null: sparse tensors are not supported'],
    ]);
  });
});

describe('dimensions', () => {
  const model = encodeModel({
    inputs: [
      { name: 'a', shape: ['batch', 3, 'time'] },
      { name: 'b', shape: ['batch', 'time'] },
    ],
    outputs: ['y'],
    nodes: [op('Relu', ['a'], 'y'), op('Relu', ['b'], 'z')],
  });

  test('the batch is 1 unless bound, other symbols must be bound', () => {
    const shapes = (g: FloatGraph) => g.inputs.map((name) => g.values.get(name)?.shape);
    expect(problemsOf(model)).toHaveLength(2);
    expect(shapes(importModel(model, { dimensions: { time: 5 } }))).toEqual([
      [1, 3, 5],
      [1, 5],
    ]);
    expect(shapes(importModel(model, { dimensions: { time: 5, batch: 4 } }))).toEqual([
      [4, 3, 5],
      [4, 5],
    ]);
    expect(shapes(importModel(model, { dimensions: { 'a:2': 6, 'b:1': 7, 'b:0': 2 } }))).toEqual([
      [1, 3, 6],
      [2, 7],
    ]);
  });

  test('a batch symbol on another axis is the same length', () => {
    const square = encodeModel({
      inputs: [{ name: 'a', shape: ['n', 'n'] }],
      outputs: ['y'],
      nodes: [op('Relu', ['a'], 'y')],
    });
    expect(importModel(square).values.get('a')?.shape).toEqual([1, 1]);
  });

  test('lengths must be positive integers', () => {
    expect(() => importModel(model, { dimensions: { time: 0 } })).toThrow(RangeError);
  });
});

describe('malformed models', () => {
  test.each([
    [
      'a cycle',
      {
        ...relu,
        nodes: [op('Add', ['x', 'b'], 'a'), op('Relu', ['a'], 'b'), op('Relu', ['b'], 'y')],
      },
    ],
    ['a node that reads itself', { ...relu, nodes: [op('Add', ['x', 'y'], 'y')] }],
    [
      'two sources of a value',
      { ...relu, nodes: [op('Relu', ['x'], 'y'), op('Tanh', ['x'], 'y')] },
    ],
    [
      'an output that is an initializer too',
      {
        ...relu,
        initializers: { y: scalar(1) },
        nodes: [op('Add', ['x', 'y'], 'z'), op('Tanh', ['z'], 'y')],
      },
    ],
    ['an unknown value', { ...relu, nodes: [op('Add', ['x', 'nothing'], 'y')] }],
    ['an unknown output', { ...relu, outputs: ['nothing'] }],
    ['equal outputs', { ...relu, outputs: ['y', 'y'] }],
    ['no outputs', { ...relu, outputs: [] }],
    ['equal inputs', { ...relu, inputs: [...x, ...x] }],
  ])('%s', (_, spec) => {
    expect(codeOf(encodeModel(spec))).toBe('ASSAY_MODEL_MALFORMED');
  });

  test('no graph, no opset', () => {
    expect(codeOf(new Uint8Array())).toBe('ASSAY_MODEL_MALFORMED');
    expect(codeOf(edited(relu, (m) => void m.opsetImport.pop()))).toBe('ASSAY_MODEL_MALFORMED');
  });

  test('nodes may come in any order', () => {
    const graph = importSpec({
      ...relu,
      nodes: [op('Relu', ['b'], 'y'), op('Tanh', ['a'], 'b'), op('Erf', ['x'], 'a')],
    });
    expect(graph.nodes.map((n) => n.operator)).toEqual(['Erf', 'Tanh', 'Relu']);
  });

  test('20,000 nodes in a row do not exhaust the stack', () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) =>
      op('Relu', [i === 0 ? 'x' : `v${i}`], `v${i + 1}`),
    ).reverse();
    expect(importSpec({ ...relu, outputs: ['v20000'], nodes }).nodes).toHaveLength(20_000);
  });
});

describe('limits', () => {
  const limited = (spec: ModelSpec, limits: object): string =>
    codeOf(encodeModel(spec), { limits });
  const weights = {
    ...relu,
    initializers: { w: tensor(1, 3), big: list(1000, 1000) },
    nodes: [op('Add', ['x', 'w'], 'y')],
  };

  test('of the file', () => {
    expect(limited(weights, { maxBytes: 100 })).toBe('ASSAY_MODEL_LIMIT');
    expect(limited(weights, { maxObjects: 10 })).toBe('ASSAY_MODEL_LIMIT');
    expect(limited(weights, { maxScalars: 5 })).toBe('ASSAY_MODEL_LIMIT');
    expect(limited(weights, { maxDepth: 3 })).toBe('ASSAY_MODEL_LIMIT');
    expect(
      limited({ ...relu, nodes: [...relu.nodes, op('Tanh', ['x'], 'z')] }, { maxNodes: 1 }),
    ).toBe('ASSAY_MODEL_LIMIT');
    expect(limited(weights, {})).toBe('accepted');
  });

  test('of what it asks for', () => {
    const zeros = (...nodes: ModelSpec['nodes']): ModelSpec => ({
      ...weights,
      nodes: [op('ConstantOfShape', ['big'], 'c'), ...nodes],
    });
    expect(
      limited(zeros(op('Gemm', ['c', 'c', 'c'], 'd'), op('Add', ['d', 'x'], 'y')), {
        maxFoldingWork: 10 ** 8,
      }),
    ).toBe('ASSAY_MODEL_LIMIT');
    expect(
      limited(zeros(op('ReduceSum', ['c'], 'd'), op('Add', ['d', 'x'], 'y')), {
        maxFoldedElements: 1000,
      }),
    ).toBe('ASSAY_MODEL_LIMIT');
    expect(limited(zeros(op('ReduceSum', ['c'], 'd'), op('Add', ['d', 'x'], 'y')), {})).toBe(
      'accepted',
    );
    const expanded = {
      ...weights,
      initializers: { s: list(100_000, 100_000, 1, 1) },
      nodes: [op('Expand', ['x', 's'], 'y')],
    };
    expect(limited(expanded, {})).toBe('ASSAY_MODEL_UNSUPPORTED');
    expect(limited(relu, { maxVariableElements: 11 })).toBe('ASSAY_MODEL_LIMIT');
    expect(limited(relu, { maxRank: 1 })).toBe('ASSAY_MODEL_UNSUPPORTED');
    const tiled = {
      ...weights,
      initializers: { s: list(1, 2 ** 40) },
      nodes: [op('Tile', ['x', 's'], 'y')],
    };
    expect(limited(tiled, {})).toBe('ASSAY_MODEL_LIMIT');
  });
});

describe('one form for every opset', () => {
  const forms = (spec: ModelSpec): unknown[] =>
    importSpec(spec).nodes.map((n) => [n.operator, n.attributes]);
  const image = [{ name: 'x', shape: [1, 2, 5, 5] }];

  test('Clip, Squeeze, Slice, Pad and ReduceSum by attribute or operand', () => {
    const values = {
      min: scalar(-1),
      max: scalar(2),
      axes: list(0),
      starts: list(-2),
      ends: list(1000),
      pads: list(0, 1, 0, -1),
      value: scalar(3),
      one: list(1),
    };
    const early = forms({
      opset: 9,
      inputs: [{ name: 'x', shape: [1, 4] }],
      outputs: ['y'],
      nodes: [
        op('Clip', ['x'], 'a', { min: { float: -1 }, max: { float: 2 } }),
        op('Slice', ['a'], 'b', {
          starts: { ints: [-2] },
          ends: { ints: [1000] },
          axes: { ints: [1] },
        }),
        op('Pad', ['b'], 'c', { pads: { ints: [0, 1, 0, -1] }, value: { float: 3 } }),
        op('ReduceSum', ['c'], 'd', { axes: { ints: [-1] } }),
        op('Squeeze', ['d'], 'e', { axes: { ints: [0] } }),
        op('Unsqueeze', ['e'], 'y', { axes: { ints: [1] } }),
      ],
    });
    const late = forms({
      opset: 18,
      inputs: [{ name: 'x', shape: [1, 4] }],
      outputs: ['y'],
      initializers: values,
      nodes: [
        op('Clip', ['x', 'min', 'max'], 'a'),
        op('Slice', ['a', 'starts', 'ends', 'one'], 'b'),
        op('Pad', ['b', 'pads', 'value'], 'c'),
        op('ReduceSum', ['c', 'one'], 'd'),
        op('Squeeze', ['d', 'axes'], 'e'),
        op('Unsqueeze', ['e', 'one'], 'y'),
      ],
    });
    expect(late).toEqual(early);
    expect(late).toEqual([
      ['Clip', { min: -1, max: 2 }],
      ['Slice', { starts: [0, 2], steps: [1, 1], sizes: [1, 2] }],
      ['Slice', { starts: [0, 0], steps: [1, 1], sizes: [1, 1] }],
      ['Pad', { padsBegin: [0, 1], padsEnd: [0, 0], value: 3 }],
      ['ReduceSum', { axes: [1], keepDims: true }],
      ['Reshape', { shape: [1] }],
      ['Reshape', { shape: [1, 1] }],
    ]);
  });

  test('Softmax over several axes before opset 13, over one since', () => {
    const nodes = [op('Softmax', ['x'], 'y', { axis: { int: 2 } })];
    expect(forms({ opset: 12, inputs: image, outputs: ['y'], nodes })).toEqual([
      ['Reshape', { shape: [2, 25] }],
      ['Softmax', {}],
      ['Reshape', { shape: [1, 2, 5, 5] }],
    ]);
    expect(forms({ opset: 13, inputs: image, outputs: ['y'], nodes })).toEqual([
      ['Transpose', { permutation: [0, 1, 3, 2] }],
      ['Softmax', {}],
      ['Transpose', { permutation: [0, 1, 3, 2] }],
    ]);
  });

  test('pads of convolutions and pools are explicit', () => {
    const windows = (
      operator: string,
      attributes: ModelSpec['nodes'][number]['attributes'],
    ): unknown => {
      const spec = {
        inputs: image,
        outputs: ['y'],
        initializers: { w: tensor(1, 2, 2, 2, 2) },
        nodes: [op(operator, operator === 'Conv' ? ['x', 'w'] : ['x'], 'y', attributes)],
      };
      return importSpec(spec).nodes[0]?.attributes;
    };
    const base = { kernel: [2, 2], strides: [1, 1], dilations: [1, 1] };
    expect(windows('Conv', { auto_pad: { string: 'SAME_UPPER' } })).toEqual({
      ...base,
      padsBegin: [0, 0],
      padsEnd: [1, 1],
      group: 1,
    });
    expect(windows('Conv', { auto_pad: { string: 'SAME_LOWER' } })).toEqual({
      ...base,
      padsBegin: [1, 1],
      padsEnd: [0, 0],
      group: 1,
    });
    expect(windows('Conv', { auto_pad: { string: 'VALID' } })).toEqual({
      ...base,
      padsBegin: [0, 0],
      padsEnd: [0, 0],
      group: 1,
    });
    const strided = {
      kernel_shape: { ints: [2, 2] },
      strides: { ints: [2, 2] },
      ceil_mode: { int: 1 },
    };
    expect(windows('MaxPool', strided)).toEqual({
      ...base,
      strides: [2, 2],
      padsBegin: [0, 0],
      padsEnd: [1, 1],
    });
    expect(windows('AveragePool', { ...strided, pads: { ints: [1, 0, 0, 0] } })).toEqual({
      ...base,
      strides: [2, 2],
      padsBegin: [1, 0],
      padsEnd: [0, 1],
      divisors: [
        [1, 2, 2],
        [2, 2, 1],
      ],
    });
    expect(
      windows('AveragePool', {
        ...strided,
        pads: { ints: [1, 0, 0, 0] },
        count_include_pad: { int: 1 },
      }),
    ).toMatchObject({
      divisors: [
        [2, 2, 2],
        [2, 2, 1],
      ],
    });
  });

  test('copies and casts disappear; their outputs keep their names', () => {
    const graph = importSpec({
      inputs: x,
      outputs: ['y', 'z', 'c'],
      initializers: { k: scalar(5) },
      nodes: [
        op('Cast', ['x'], 'a', { to: { int: 11 } }),
        op('Dropout', ['a'], 'b'),
        op('Relu', ['b'], 'r'),
        op('Identity', ['r'], 'y'),
        op('Identity', ['x'], 'z'),
        op('Identity', ['k'], 'c'),
      ],
    });
    expect(graph.nodes.map((n) => [n.operator, n.inputs, n.output])).toEqual([
      ['Relu', ['x'], 'r'],
      ['Identity', ['r'], 'y'],
      ['Identity', ['x'], 'z'],
    ]);
    expect([...(graph.values.get('c')?.data ?? [])]).toEqual([5]);
  });

  test('sums, means and constants are in one order', () => {
    expect(
      importSpec({
        inputs: x,
        outputs: ['y'],
        initializers: { k: scalar(5), two: scalar(2) },
        nodes: [
          op('Mean', ['k', 'x', 'two', 'x'], 'm'),
          op('Sub', ['m', 'k'], 's'),
          op('Sub', ['k', 's'], 't'),
          op('Mul', ['k', 't'], 'u'),
          op('Max', ['two', 'u'], 'y'),
        ],
      }).nodes.map((n) => [n.operator, n.inputs.length]),
    ).toEqual([
      ['Add', 3],
      ['Mul', 2],
      ['Add', 2],
      ['Sub', 2],
      ['Mul', 2],
      ['Clip', 1],
    ]);
  });

  test('shape arithmetic is constant', () => {
    const graph = importSpec({
      inputs: [{ name: 'x', shape: ['n', 4, 6] }],
      outputs: ['y'],
      initializers: { i: list(1), two: list(2), minus: list(-1) },
      nodes: [
        op('Shape', ['x'], 's'),
        op('Gather', ['s', 'i'], 'c'),
        op('Div', ['c', 'two'], 'h'),
        op('Concat', ['h', 'two', 'minus'], 't', { axis: { int: 0 } }),
        op('Cast', ['t'], 'u', { to: { int: 7 } }),
        op('Reshape', ['x', 'u'], 'y'),
      ],
    });
    expect(graph.nodes.map((n) => [n.operator, n.attributes])).toEqual([
      ['Reshape', { shape: [2, 2, 6] }],
    ]);
  });

  test('made-up names avoid the model’s own', () => {
    const graph = importSpec({
      inputs: x,
      outputs: ['y', 'y/neg'],
      initializers: { k: scalar(5) },
      nodes: [op('ArgMin', ['x'], 'y', { axis: { int: 1 } }), op('Add', ['x', 'k'], 'y/neg')],
    });
    expect(graph.nodes.map((n) => n.output)).toEqual(['y/neg.1', 'y', 'y/neg']);
    expect(new Set(graph.nodes.map((n) => n.name)).size).toBe(3);
    const values = evaluateGraph(graph, randomInputs(graph, 1));
    expect(values.get('y')?.dims).toEqual([2, 1]);
  });
});
