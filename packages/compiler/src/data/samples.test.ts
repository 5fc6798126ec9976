import { readFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { casePath, casesReason, hasCases } from '../../test/cases.ts';
import { importModel } from '../onnx/index.ts';
import { TensorProtoSchema } from '../onnx/proto/onnx_pb.js';
import { decodeSamples, detectFormat, inputPorts, joinSamples, type InputPort } from './index.ts';

const x: InputPort = { name: 'x', shape: [1, 2, 3] };
const k: InputPort = { name: 'k', shape: [2], dtype: 'int64' };
const flag: InputPort = { name: 'flag', shape: [], dtype: 'bool' };

const json = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const grid = [
  [
    [1, 2, 3],
    [4, 5, 6.5],
  ],
];

/** Code and sentence of the refusal. */
const refusal = (bytes: Uint8Array, ports: readonly InputPort[], options = {}): string => {
  try {
    decodeSamples(bytes, ports, options);
  } catch (error) {
    const { code, shortMessage } = error as { code?: string; shortMessage?: string };
    return `${code}: ${shortMessage}`;
  }
  return 'accepted';
};

describe('JSON by name', () => {
  test('one sample, and a list of samples', () => {
    const one = decodeSamples(json({ inputs: { x: grid, k: [3, -4], flag: true } }), [x, k, flag]);
    expect(one).toHaveLength(1);
    expect(one[0]?.get('x')).toEqual({
      dims: [1, 2, 3],
      data: Float64Array.of(1, 2, 3, 4, 5, 6.5),
    });
    expect(one[0]?.get('k')?.data).toEqual(Float64Array.of(3, -4));
    expect(one[0]?.get('flag')).toEqual({ dims: [], data: Float64Array.of(1) });
    expect(
      decodeSamples(json([{ inputs: { x: grid } }, { inputs: { x: grid } }]), [x]),
    ).toHaveLength(2);
  });

  test.each([
    [
      'ragged',
      {
        inputs: {
          x: [
            [
              [1, 2, 3],
              [4, 5],
            ],
          ],
        },
      },
      'ASSAY_INPUT_SHAPE: sample 0, input "x" at [0, 1]: expected a list of 3 (shape [1, 2, 3]), got a list of 2',
    ],
    [
      'too shallow',
      { inputs: { x: [[1, 2, 3]] } },
      'ASSAY_INPUT_SHAPE: sample 0, input "x" at [0]: expected a list of 2 (shape [1, 2, 3]), got a list of 3',
    ],
    [
      'too deep',
      {
        inputs: {
          x: [
            [
              [1, 2, [3]],
              [4, 5, 6],
            ],
          ],
        },
      },
      'ASSAY_INPUT_VALUE: sample 0, input "x" at [0, 0, 2]: expected a number, got a list of 1',
    ],
    [
      'text',
      {
        inputs: {
          x: [
            [
              [1, 2, '3'],
              [4, 5, 6],
            ],
          ],
        },
      },
      'ASSAY_INPUT_VALUE: sample 0, input "x" at [0, 0, 2]: expected a number, got string',
    ],
    [
      'null',
      [
        { inputs: { x: grid } },
        {
          inputs: {
            x: [
              [
                [1, 2, 3],
                [4, null, 6],
              ],
            ],
          },
        },
      ],
      'ASSAY_INPUT_VALUE: sample 1, input "x" at [0, 1, 1]: expected a number, got null',
    ],
    [
      'infinite',
      '{"inputs":{"x":[[[1,2,3],[4,5,1e999]]]}}',
      'ASSAY_INPUT_VALUE: sample 0, input "x": expected a finite number at [0, 1, 2], got Infinity',
    ],
    ['missing', { inputs: {} }, 'ASSAY_INPUT_FORMAT: sample 0: input "x" is missing'],
    [
      'unknown',
      { inputs: { x: grid, y: 1 } },
      'ASSAY_INPUT_FORMAT: sample 0: the model has no input "y"; its inputs are "x"',
    ],
    [
      'prototype',
      '{"inputs":{"x":[[[1,2,3],[4,5,6]]],"__proto__":1}}',
      'ASSAY_INPUT_FORMAT: sample 0: the model has no input "__proto__"; its inputs are "x"',
    ],
    [
      'other object',
      { x: grid },
      'ASSAY_INPUT_FORMAT: sample 0: expected {"inputs": …} or {"input_data": …}, got an object',
    ],
    [
      'list as inputs',
      { inputs: [1] },
      'ASSAY_INPUT_FORMAT: sample 0: expected an object of inputs by name, got a list of 1',
    ],
    ['empty list', [], 'ASSAY_INPUT_FORMAT: the file holds no samples'],
    ['not JSON', '{"inputs"', 'ASSAY_INPUT_FORMAT: the samples are not valid JSON'],
    ['deep nesting', '['.repeat(200_000), 'ASSAY_INPUT_FORMAT: the samples are not valid JSON'],
  ])('%s', (_, value, expected) => {
    expect(refusal(json(value), [x])).toBe(expected);
  });

  test('integers and booleans', () => {
    expect(refusal(json({ inputs: { k: [1, 2.5] } }), [k])).toBe(
      'ASSAY_INPUT_VALUE: sample 0, input "k": expected an integer at [1], got 2.5',
    );
    expect(refusal(json({ inputs: { flag: 2 } }), [flag])).toBe(
      'ASSAY_INPUT_VALUE: sample 0, input "flag": expected 0 or 1 at [], got 2',
    );
    expect(refusal(json({ inputs: { k: [true, 1] } }), [k])).toMatch(
      'expected a number, got boolean',
    );
  });
});

describe('EZKL’s JSON', () => {
  test('one input: one list per sample; other keys mean nothing', () => {
    const samples = decodeSamples(
      json({
        input_data: [
          [1, 2, 3, 4, 5, 6],
          [6, 5, 4, 3, 2, 1],
        ],
        output_data: [[0]],
        x: 1,
      }),
      [x],
    );
    expect(samples.map((s) => [...(s.get('x')?.data ?? [])])).toEqual([
      [1, 2, 3, 4, 5, 6],
      [6, 5, 4, 3, 2, 1],
    ]);
  });

  test('several inputs: one list each', () => {
    const [sample, ...more] = decodeSamples(
      json({
        input_data: [
          [1, 2, 3, 4, 5, 6],
          [7, 8],
        ],
      }),
      [x, k],
    );
    expect(more).toEqual([]);
    expect(sample?.get('k')?.data).toEqual(Float64Array.of(7, 8));
  });

  test('refusals', () => {
    expect(refusal(json({ input_data: [[1, 2]] }), [x])).toBe(
      'ASSAY_INPUT_SHAPE: sample 0, input "x": expected a flat list of 6 (shape [1, 2, 3]), got a list of 2',
    );
    expect(
      refusal(
        json({
          input_data: [
            [1, 2, 3, 4, 5, 6],
            [1, 2, 3, 4, [5], 6],
          ],
        }),
        [x],
      ),
    ).toBe('ASSAY_INPUT_VALUE: sample 1, input "x" at 4: expected a number, got a list of 1');
    expect(refusal(json({ input_data: [[1, 2, 3, 4, 5, 6]] }), [x, k])).toBe(
      'ASSAY_INPUT_SHAPE: input_data: expected 2 lists, one for each input, got 1',
    );
    expect(refusal(json({ input_data: 3 }), [x])).toBe(
      'ASSAY_INPUT_FORMAT: input_data: expected a list of lists, got number',
    );
    expect(refusal(json({ input_data: [] }), [x])).toBe(
      'ASSAY_INPUT_FORMAT: the file holds no samples',
    );
  });
});

describe('inputs that may be left out', () => {
  const only = (name: string) => ({ needed: [name] });
  test('by name: those that are needed have to be there, others may', () => {
    const inputs = {
      x: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      k: [7, 8],
    };
    const both = decodeSamples(json({ inputs }), [x, k], only('k'));
    expect([...(both[0]?.keys() ?? [])]).toEqual(['x', 'k']);
    const one = decodeSamples(json({ inputs: { k: inputs.k } }), [x, k], only('k'));
    expect([...(one[0]?.keys() ?? [])]).toEqual(['k']);
    expect(decodeSamples(json({ inputs: {} }), [x, k], { needed: [] })).toEqual([new Map()]);
    expect(() => decodeSamples(json({ inputs: { x: inputs.x } }), [x, k], only('k'))).toThrow(
      'input "k" is missing',
    );
    expect(() => decodeSamples(json({ inputs: { z: [1] } }), [x, k], only('k'))).toThrow(
      'the model has no input "z"',
    );
  });

  test('EZKL’s lists are all inputs, or those that are needed', () => {
    const lists = [
      [1, 2, 3, 4, 5, 6],
      [7, 8],
    ];
    const both = decodeSamples(json({ input_data: lists }), [x, k], only('k'));
    expect([...(both[0]?.keys() ?? [])]).toEqual(['x', 'k']);
    const one = decodeSamples(json({ input_data: lists.slice(1) }), [x, k], only('k'));
    expect(one).toEqual([new Map([['k', both[0]?.get('k')]])]);
  });
});

interface Array_ {
  readonly file: string;
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

const arrays = JSON.parse(
  readFileSync(new URL('../../test/files/arrays.json', import.meta.url), 'utf8'),
) as Record<string, Array_>;
const fileOf = (name: string): Uint8Array =>
  new Uint8Array(Buffer.from(arrays[name]?.file ?? '', 'base64'));

describe('.npy', () => {
  test.each(Object.entries(arrays).filter(([, a]) => a.data.length > 0))(
    '%s',
    (_, { file, dims, data }) => {
      const samples = decodeSamples(new Uint8Array(Buffer.from(file, 'base64')), [
        { name: 'x', shape: dims },
      ]);
      expect([...(samples[0]?.get('x')?.data ?? [])]).toEqual(data);
    },
  );

  test('several samples along the first axis, or none of it', () => {
    const samples = decodeSamples(fileOf('<f4 C'), [{ name: 'x', shape: [1, 3, 4] }]);
    expect(samples.map((s) => [...(s.get('x')?.data ?? [])]).flat()).toEqual(arrays['<f4 C']?.data);
    expect(decodeSamples(fileOf('<f4 C'), [{ name: 'x', shape: [1, 2, 3, 4] }])).toHaveLength(1);
  });

  test('refusals', () => {
    const f4 = fileOf('<f4 C');
    expect(refusal(f4, [{ name: 'x', shape: [2, 12] }])).toBe(
      'ASSAY_INPUT_SHAPE: input "x": expected shape [2, 12], got [2, 3, 4]',
    );
    expect(refusal(f4, [{ name: 'x', shape: [1, 4] }])).toBe(
      'ASSAY_INPUT_SHAPE: input "x": expected shape [1, 4] or [4] or [n, …], got [2, 3, 4]',
    );
    expect(refusal(f4.slice(0, -1), [x])).toMatch(/^ASSAY_INPUT_FORMAT: \.npy file of/);
    expect(refusal(f4.slice(0, 9), [x])).toMatch(/^ASSAY_INPUT_FORMAT: truncated/);
    const edited = (from: string, to: string): Uint8Array =>
      new Uint8Array(Buffer.from(Buffer.from(f4).toString('latin1').replace(from, to), 'latin1'));
    expect(refusal(edited("'<f4'", "'<c8'"), [x])).toMatch(/is not supported$/);
    expect(refusal(edited("'<f4'", "'|O'"), [x])).toMatch(/is not supported$/);
    expect(refusal(edited('(2, 3, 4)', '(2, 3, 99999999999)'), [x])).toMatch(
      /is not supported$|INPUT_LIMIT/,
    );
    expect(refusal(f4, [{ name: 'x', shape: [2, 3, 4] }], { maxElements: 23 })).toMatch(
      /^ASSAY_INPUT_LIMIT/,
    );
    expect(refusal(f4, [{ name: 'x', shape: [2, 3, 4] }], { maxBytes: 23 })).toMatch(
      /^ASSAY_INPUT_LIMIT/,
    );
    expect(refusal(fileOf('shape (0, 2)'), [{ name: 'x', shape: [1, 2] }])).toBe(
      'ASSAY_INPUT_FORMAT: the file holds no samples',
    );
    expect(refusal(f4, [x, k])).toBe(
      'ASSAY_INPUT_FORMAT: a file of one tensor must name its input: the model has "x", "k"',
    );
    expect(refusal(f4, [x], { input: 'z' })).toBe(
      'ASSAY_INPUT_FORMAT: the model has no input "z"; its inputs are "x"',
    );
    const nan = f4.slice();
    nan.fill(0xff, -4);
    expect(refusal(nan, [{ name: 'x', shape: [2, 3, 4] }])).toBe(
      'ASSAY_INPUT_VALUE: sample 0, input "x": expected a finite number at [1, 2, 3], got NaN',
    );
  });
});

describe('TensorProto', () => {
  const proto = (init: Parameters<typeof create<typeof TensorProtoSchema>>[1]): Uint8Array =>
    toBinary(TensorProtoSchema, create(TensorProtoSchema, init));

  test('one tensor for the named input; parts are joined', () => {
    const bytes = proto({ dims: [2n], dataType: 7, int64Data: [5n, -6n] });
    const parts = [
      decodeSamples(bytes, [x, k], { fileName: 'a.pb', input: 'k' }),
      decodeSamples(json({ input_data: [[1, 2, 3, 4, 5, 6]] }), [x]),
    ];
    const [sample] = joinSamples(parts, [x, k]);
    expect([...(sample?.keys() ?? [])].toSorted()).toEqual(['k', 'x']);
    expect(sample?.get('k')?.data).toEqual(Float64Array.of(5, -6));
    expect(() => joinSamples([parts[0] ?? []], [x, k])).toThrow('input "x" is missing');
    expect(() => joinSamples([parts[0] ?? [], parts[0] ?? []], [k])).toThrow(
      'two files are for the same input',
    );
    expect(() => joinSamples([parts[0] ?? [], []], [k])).toThrow('different numbers of samples');
  });

  test('refusals', () => {
    const pb = { format: 'pb' };
    expect(refusal(Uint8Array.of(1, 2, 3), [k], pb)).toMatch(
      /^ASSAY_INPUT_FORMAT: not a usable TensorProto/,
    );
    expect(refusal(proto({ dims: [2n], dataType: 2, int32Data: [1, 2] }), [k], pb)).toBe(
      'ASSAY_INPUT_FORMAT: the TensorProto cannot be used: element type uint8',
    );
    expect(refusal(proto({ dims: [3n], dataType: 7, int64Data: [1n] }), [k], pb)).toMatch(
      /1 elements for shape \[3\]/,
    );
    expect(refusal(proto({ dims: [2n, 2n ** 40n], dataType: 7 }), [k], pb)).toMatch(/more than/);
    expect(refusal(proto({ dims: [3n], dataType: 7, int64Data: [1n, 2n, 3n] }), [k], pb)).toMatch(
      /^ASSAY_INPUT_SHAPE/,
    );
    expect(
      refusal(proto({ dims: [2n], dataType: 1, floatData: [1, Number.NaN] }), [k], pb),
    ).toMatch(/^ASSAY_INPUT_VALUE/);
    expect(
      refusal(
        proto({ dims: [2n], dataType: 7, int64Data: new Array<bigint>(2000).fill(1n) }),
        [k],
        { ...pb, maxElements: 10 },
      ),
    ).toMatch(/^ASSAY_INPUT_LIMIT/);
  });
});

test('formats are told by their contents, then by the file’s name', () => {
  expect(detectFormat(json('  [1]'))).toBe('json');
  expect(detectFormat(json('hello'))).toBeNull();
  expect(detectFormat(json('hello'), 'x.pb')).toBe('pb');
  expect(detectFormat(json('hello'), 'x.JPG')).toBe('jpeg');
  expect(detectFormat(fileOf('<f4 C'), 'x.pb')).toBe('npy');
  expect(refusal(json('hello'), [x])).toMatch(/none of JSON/);
});

describe.skipIf(!hasCases)(`EZKL's files${casesReason}`, () => {
  test.each([
    ['cnn-cifar', 'samples.json', 30],
    ['mlp-iris', 'samples.json', 30],
  ])('%s', (name, file, count) => {
    const ports = inputPorts(importModel(readFileSync(casePath(`models/${name}/model.onnx`))));
    expect(decodeSamples(readFileSync(casePath(`models/${name}/${file}`)), ports)).toHaveLength(
      count,
    );
  });
});
