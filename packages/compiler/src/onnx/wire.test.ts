import { describe, expect, test } from 'vitest';
import { smallModels } from '../../test/models.ts';
import { encodeModel } from './index.ts';
import { defaultModelLimits } from './limits.ts';
import { ModelProtoSchema } from './proto/onnx_pb.js';
import { decodeMessage } from './wire.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

const refusal = (file: Uint8Array, limits = {}): string => {
  try {
    decodeMessage(ModelProtoSchema, file, { ...defaultModelLimits, ...limits });
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as { shortMessage?: string }).shortMessage}`;
  }
  return 'accepted';
};

/** Field 7 of a model: its graph, of these bytes. */
const graph = (...content: number[]): Uint8Array => bytes(0x3a, content.length, ...content);

describe('what does not fit the schema', () => {
  test.each([
    ['an unfinished tag', bytes(0x80), 'truncated at byte 1'],
    ['an unfinished number', bytes(0x08, 0xff), 'truncated at byte 2'],
    [
      'a number of more than 64 bits',
      bytes(0x08, ...new Array<number>(11).fill(0xff)),
      'number of more than 64 bits at byte 11',
    ],
    ['a string longer than the file', bytes(0x12, 5, 65), 'truncated at byte 2: 5 bytes announced'],
    [
      'a message longer than its parent',
      graph(0x0a, 9, 0, 0),
      'truncated at byte 4: 9 bytes announced',
    ],
    ['field number 0', bytes(0x00, 0x00), 'illegal tag at byte 1'],
    ['a group', bytes(0x0b, 0x0c), 'field 1 of onnx.ModelProto has wire type 3'],
    ['an unknown group', bytes(0xfb, 0x07, 0xfc, 0x07), 'wire type 3 at byte 2'],
    [
      'a number where a message belongs',
      bytes(0x38, 0x02),
      'field 7 of onnx.ModelProto has wire type 0',
    ],
    [
      'a message where a number belongs',
      bytes(0x0a, 0x00),
      'field 1 of onnx.ModelProto has wire type 2',
    ],
    [
      'a partial packed float',
      graph(0x2a, 5, 0x22, 3, 0, 0, 0),
      'packed numbers of partial size at byte 6',
    ],
    ['a partial fixed32', graph(0x2a, 3, 0x25, 0, 0), 'truncated at byte 7'],
  ])('%s', (_, file, message) => {
    expect(refusal(file)).toBe(`ASSAY_MODEL_MALFORMED: ${message}`);
  });
});

describe('what would cost too much', () => {
  test('a million empty messages in two megabytes', () => {
    const file = new Uint8Array(2_000_010).fill(0);
    for (let i = 0; i < file.length; i += 2) file[i] = 0x42; // opset_import of length 0
    expect(refusal(file)).toMatch(/^ASSAY_MODEL_LIMIT: the file has more than 1000000 messages/);
  });

  test('many small packed numbers', () => {
    const file = new Uint8Array(9_000_020).fill(1);
    // graph { initializer { int64_data: packed } }, with lengths of five bytes.
    const length = (n: number): number[] => [
      (n & 0x7f) | 0x80,
      ((n >> 7) & 0x7f) | 0x80,
      ((n >> 14) & 0x7f) | 0x80,
      ((n >> 21) & 0x7f) | 0x80,
      0,
    ];
    file.set([
      0x3a,
      ...length(file.length - 6),
      0x2a,
      ...length(file.length - 12),
      0x3a,
      ...length(file.length - 18),
    ]);
    expect(refusal(file)).toMatch(/^ASSAY_MODEL_LIMIT: the file has more than 8000000 numbers/);
  });

  test('nesting', () => {
    // graph { node { attribute { g { node { attribute { g … } } } } } }: three levels each.
    let content: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      for (const tag of [0x32, 0x2a, 0x0a])
        content = [
          tag,
          ...(content.length < 128
            ? [content.length]
            : [(content.length & 0x7f) | 0x80, content.length >> 7]),
          ...content,
        ];
    }
    expect(
      refusal(bytes(0x3a, (content.length & 0x7f) | 0x80, content.length >> 7, ...content)),
    ).toBe('ASSAY_MODEL_LIMIT: messages nest deeper than 32');
  });

  test('unknown fields count', () => {
    const file = bytes(...new Array<number[]>(20).fill([0xf8, 0x07, 0x00]).flat());
    expect(refusal(file)).toBe('accepted');
    expect(refusal(file, { maxObjects: 19 })).toMatch(/^ASSAY_MODEL_LIMIT/);
  });
});

test('every truncation of a model is refused', () => {
  const [spec] = smallModels;
  if (spec === undefined) throw new Error('no model');
  const file = encodeModel(spec);
  let accepted = 0;
  for (let length = 0; length < file.length; length += 1) {
    // A cut between two fields of the model is a valid message, without what follows.
    if (refusal(file.slice(0, length)) === 'accepted') accepted += 1;
  }
  expect(accepted).toBeLessThan(5);
  expect(refusal(file)).toBe('accepted');
});
