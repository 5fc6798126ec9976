/** 10^5 mutated files for each decoder of inputs: an answer or a typed refusal, never anything else. */
import { readFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import { encode } from 'fast-png';
import { expect, test } from 'vitest';
import { fuzz } from '../../test/fuzz.ts';
import { TensorProtoSchema } from '../onnx/proto/onnx_pb.js';
import { decodeSamples, parseNormalization, type DataFormat, type InputPort } from './index.ts';

const count = 100_000;

const filesOf = (name: string, kind: string): Uint8Array[] => {
  const all = JSON.parse(
    readFileSync(new URL(`../../test/files/${name}.json`, import.meta.url), 'utf8'),
  ) as Record<string, { file: string }>;
  return Object.entries(all).flatMap(([key, { file }]) =>
    key.startsWith(kind) ? [new Uint8Array(Buffer.from(file, 'base64'))] : [],
  );
};

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const image: InputPort[] = [{ name: 'x', shape: [1, 3, 4, 5] }];
const options = (format: DataFormat) => ({
  format,
  normalization: parseNormalization({}),
  maxElements: 10_000,
  maxBytes: 1_000_000,
});

test('JSON', () => {
  const ports: InputPort[] = [
    { name: 'x', shape: [2, 2] },
    { name: 'k', shape: [], dtype: 'int64' },
  ];
  const corpus = [
    text({
      inputs: {
        x: [
          [1, 2.5],
          [-3e-2, 4],
        ],
        k: 5,
      },
    }),
    text([
      {
        inputs: {
          x: [
            [1, 2],
            [3, 4],
          ],
          k: 5,
        },
      },
      {
        inputs: {
          x: [
            [0, 0],
            [0, 0],
          ],
          k: -1,
        },
      },
    ]),
    text({ input_data: [[1, 2, 3, 4], [5]], other: [{}] }),
  ];
  const { accepted, refused } = fuzz(corpus, count, 1, (bytes) =>
    decodeSamples(bytes, ports, options('json')),
  );
  expect(Math.min(accepted, refused)).toBeGreaterThan(1000);
});

test('.npy', () => {
  const ports: InputPort[] = [{ name: 'x', shape: [2, 3, 4] }];
  const { accepted, refused } = fuzz(
    [...filesOf('arrays', '<'), ...filesOf('arrays', '>'), ...filesOf('arrays', '|')],
    count,
    2,
    (bytes) => decodeSamples(bytes, ports, options('npy')),
  );
  expect(Math.min(accepted, refused)).toBeGreaterThan(1000);
});

test('TensorProto', () => {
  const proto = (init: Parameters<typeof create<typeof TensorProtoSchema>>[1]): Uint8Array =>
    toBinary(TensorProtoSchema, create(TensorProtoSchema, init));
  const corpus = [
    proto({ name: 'x', dims: [2n, 2n], dataType: 1, floatData: [1, 2, 3, 4] }),
    proto({ dims: [2n, 2n], dataType: 7, int64Data: [1n, -2n, 3n, 4n] }),
    proto({ dims: [2n, 2n], dataType: 11, rawData: new Uint8Array(32) }),
    proto({ dims: [2n, 2n], dataType: 10, rawData: new Uint8Array(8), docString: 'half' }),
    proto({
      dims: [2n, 2n],
      dataType: 9,
      int32Data: [0, 1, 1, 0],
      externalData: [{ key: 'location', value: 'x' }],
    }),
  ];
  const { accepted, refused } = fuzz(corpus, count, 3, (bytes) =>
    decodeSamples(bytes, [{ name: 'x', shape: [2, 2] }], options('pb')),
  );
  expect(Math.min(accepted, refused)).toBeGreaterThan(1000);
});

test('PNG', () => {
  const small = encode({
    width: 5,
    height: 4,
    channels: 3,
    data: new Uint8Array(60).map((_, i) => i * 4),
  });
  const { refused } = fuzz([small, ...filesOf('images', 'png')], count, 4, (bytes) =>
    decodeSamples(bytes, image, options('png')),
  );
  expect(refused).toBeGreaterThan(1000);
});

test('JPEG', () => {
  const ports: InputPort[] = [{ name: 'x', shape: [3, 16, 24] }];
  const { accepted, refused } = fuzz(filesOf('images', 'jpeg'), count, 5, (bytes) =>
    decodeSamples(bytes, ports, options('jpeg')),
  );
  expect(Math.min(accepted, refused)).toBeGreaterThan(1000);
});
