import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { encodeModel } from '@assay/compiler/onnx';
import { randomTensor, seededRandom } from '@assay/compiler/testing';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../src/commands/compile.ts';
import { infer } from '../src/commands/infer.ts';
import { prove } from '../src/commands/prove.ts';
import { setup } from '../src/commands/setup.ts';
import { verify } from '../src/commands/verify.ts';
import { type Answer, answer } from './commands.ts';

let home: string;
let bundle: string;
let receipt: string;
let key: string;
const at = (name: string): string => join(home, name);
const quiet = true;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'assay-bad-files-'));
  bundle = at('bundle');
  receipt = at('run.receipt');
  key = join(bundle, 'verifying-key.cbor');
  const random = seededRandom(2);
  const model = encodeModel({
    inputs: [{ name: 'image', shape: [1, 1, 4, 4] }],
    outputs: ['y'],
    initializers: { w: randomTensor(random, [2, 1, 3, 3]), u: randomTensor(random, [8, 3]) },
    nodes: [
      { operator: 'Conv', inputs: ['image', 'w'], outputs: ['c'] },
      { operator: 'Relu', inputs: ['c'], outputs: ['r'] },
      { operator: 'Flatten', inputs: ['r'], outputs: ['f'] },
      { operator: 'MatMul', inputs: ['f', 'u'], outputs: ['y'] },
    ],
  });
  writeFileSync(at('model.onnx'), model);
  const samples = Array.from({ length: 6 }, () => ({ input_data: [] as number[][] }));
  for (const sample of samples) sample.input_data.push([...randomTensor(random, [16]).data]);
  const [first = { input_data: [] }] = samples;
  writeFileSync(at('good.json'), JSON.stringify(first));
  writeFileSync(
    at('samples.json'),
    JSON.stringify({ input_data: samples.flatMap(({ input_data }) => input_data) }),
  );
  for (const made of [
    await answer(() =>
      compile(at('model.onnx'), {
        samples: [at('samples.json')],
        output: bundle,
        dimension: {},
        quiet,
      }),
    ),
    await answer(() => setup(bundle, { security: 100, threads: 1, quiet })),
    await proved(bundle, 'good.json', receipt),
  ])
    expect(made.code, made.text).toBe(0);
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const proved = (
  folder: string,
  input: string,
  output: string,
  rest: { readonly strict?: boolean; readonly normalize?: string } = {},
): Promise<Answer> =>
  answer(() => prove(folder, { input: [at(input)], output, threads: 1, quiet, ...rest }));

const verified = (path: string, keyPath = key): Promise<Answer> =>
  answer(() => verify(path, { key: keyPath, quiet }));

/** A version 1.0 .npy of float32. */
function npy(shape: readonly number[], values: readonly number[], dtype = '<f4'): Uint8Array {
  const dims = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const dictionary = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${dims}, }`;
  const header = `${dictionary.padEnd(117)}\n`;
  const magic = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return Buffer.concat([magic, Buffer.from(header), data]);
}

const zeros = new Array<number>(16).fill(0);

/** A PNG whose header claims another size, checksum and all. */
function claiming(width: number, height: number): Uint8Array {
  const png = Buffer.from(encode({ width: 4, height: 4, channels: 1, data: new Uint8Array(16) }));
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

describe('inputs', () => {
  const small = encode({ width: 3, height: 4, channels: 1, data: new Uint8Array(12) });
  const fine = encode({ width: 4, height: 4, channels: 1, data: new Uint8Array(16) });
  const normalize = '{}';
  const cases: [what: string, file: string, bytes: Uint8Array | string, code: RegExp][] = [
    ['NaN', 'nan.npy', npy([1, 1, 4, 4], zeros.with(3, Number.NaN)), /VALUE$/],
    ['an infinity', 'inf.npy', npy([1, 1, 4, 4], zeros.with(15, -Infinity)), /VALUE$/],
    ['JSON beyond float64', 'inf.json', `{"inputs": {"image": [[[[1e999]]]]}}`, /INPUT/],
    ['null in JSON', 'null.json', JSON.stringify({ input_data: [zeros.with(2, NaN)] }), /INPUT/],
    ['a row too short', 'short.json', JSON.stringify({ input_data: [zeros.slice(1)] }), /SHAPE$/],
    ['another shape', 'shape.npy', npy([4, 4, 1], zeros), /SHAPE$/],
    ['ragged lists', 'ragged.json', `{"inputs": {"image": [[[[0, 0], [0]]]]}}`, /INPUT/],
    ['another name', 'name.json', `{"inputs": {"picture": [0]}}`, /INPUT/],
    ['a cut .npy', 'cut.npy', npy([1, 1, 4, 4], zeros).subarray(0, 150), /FORMAT$/],
    ['a .npy of 2^60 elements', 'huge.npy', npy([2 ** 20, 2 ** 20, 2 ** 20], []), /INPUT/],
    ['a .npy of objects', 'objects.npy', npy([1, 1, 4, 4], zeros, '|O'), /INPUT/],
    ['an image of another size', 'small.png', small, /SHAPE$/],
    ['a cut image', 'cut.png', fine.subarray(0, 40), /FORMAT$/],
    ['an image that claims 65,000 × 65,000', 'bomb.png', claiming(65_000, 65_000), /INPUT/],
    ['an image with less than its size', 'empty.png', claiming(4, 400), /INPUT/],
    ['a JPEG that is only its signature', 'cut.jpg', Uint8Array.of(0xff, 0xd8, 0xff), /INPUT/],
    ['a TensorProto that is noise', 'noise.pb', new Uint8Array(999).fill(0xff), /INPUT/],
    ['nothing at all', 'empty.json', '', /INPUT/],
    ['JSON nested 100,000 deep', 'deep.json', '['.repeat(100_000), /INPUT/],
    ['a file of no format', 'what.bin', Uint8Array.of(1, 2, 3), /INPUT/],
  ];

  test.each(cases)('%s: refused, and nothing is written', async (_, file, bytes, code) => {
    writeFileSync(at(file), bytes);
    const output = at('none.receipt');
    const since = performance.now();
    const refused = await proved(bundle, file, output, { normalize });
    expect(refused.code, refused.text).toBe(3);
    expect(refused.json.error?.code).toMatch(/^ASSAY_INPUT/);
    expect(refused.json.error?.code).toMatch(code);
    expect(existsSync(output)).toBe(false);
    expect(performance.now() - since).toBeLessThan(5000);
  });

  test('samples are held to the same', async () => {
    writeFileSync(at('nan.npy'), npy([1, 1, 4, 4], zeros.with(3, Number.NaN)));
    const options = { samples: [at('nan.npy')], output: at('none'), dimension: {}, quiet };
    const refused = await answer(() => compile(at('model.onnx'), options));
    expect(refused.json.error?.code).toBe('ASSAY_INPUT_VALUE');
    expect(refused.json.error?.message).toContain('"image"');
    const none = { ...options, samples: [] };
    expect((await answer(() => compile(at('model.onnx'), none))).json.error?.code).toBe(
      'ASSAY_COMPILE_SAMPLES',
    );
    expect(existsSync(at('none'))).toBe(false);
  });

  test('values outside the calibrated range: clamped and reported, or refused', async () => {
    writeFileSync(at('wild.npy'), npy([1, 1, 4, 4], zeros.with(5, 1e6).with(6, -7)));
    const clamped = await proved(bundle, 'wild.npy', at('wild.receipt'));
    expect(clamped.code).toBe(0);
    expect(clamped.json['clamped']).toEqual([
      expect.stringMatching(
        /^input "image": 2 of 16 values lie outside the calibrated range \[-1\.\d+, 1\.\d+\]: clamped$/,
      ),
    ]);
    expect((await verified(at('wild.receipt'))).code).toBe(0);
    const strict = await proved(bundle, 'wild.npy', at('none.receipt'), { strict: true });
    expect(strict).toMatchObject({ code: 3, json: { error: { code: 'ASSAY_INPUT_RANGE' } } });
    const run = { input: [at('wild.npy')], output: at('none.json'), strict: true, quiet };
    expect((await answer(() => infer(bundle, run))).json.error?.code).toBe('ASSAY_INPUT_RANGE');
  });
});

describe('receipts and keys', () => {
  test('cut, extended, changed, or something else', async () => {
    const good = readFileSync(receipt);
    expect((await verified(receipt)).code).toBe(0);
    const bad: Uint8Array[] = [
      new Uint8Array(),
      good.subarray(0, 1),
      good.subarray(0, good.length >> 1),
      good.subarray(0, good.length - 1),
      Buffer.concat([good, Buffer.from(' ')]),
      Buffer.concat([good, good]),
      Buffer.from(good.toString('latin1').replace('"sig":"', '"sig":"\\u0041')),
      Buffer.from('['.repeat(1_000_000)),
      Buffer.from(`{"payloadType": ${'"a"'.repeat(1000)}}`),
      readFileSync(key),
      new Uint8Array(2 ** 25 + 1).fill(0x20),
    ];
    for (const [i, bytes] of bad.entries()) {
      writeFileSync(at('bad.receipt'), bytes);
      const since = performance.now();
      const verdict = await verified(at('bad.receipt'));
      expect(verdict.code, `receipt ${i}`).toBe(1);
      expect(verdict.json).toMatchObject({ ok: false, accepted: false });
      expect(performance.now() - since).toBeLessThan(5000);
    }
  });

  test('a proof with any part changed', async () => {
    const lean = at('lean.receipt');
    const options = {
      input: [at('good.json')],
      output: lean,
      proofFile: at('p'),
      threads: 1,
      quiet,
    };
    expect((await answer(() => prove(bundle, options))).code).toBe(0);
    const proof = readFileSync(at('p'));
    for (const changed of [proof.subarray(0, 99), Buffer.concat([proof, proof.subarray(0, 4)])]) {
      writeFileSync(at('other'), changed);
      const given = { key, proof: at('other'), quiet };
      expect(await answer(() => verify(lean, given))).toMatchObject({
        code: 1,
        json: { reason: { kind: 'verdict/proof-digest' } },
      });
    }
  });

  test('verifying keys that are none: exit code 3', async () => {
    const good = readFileSync(key);
    const changed = Buffer.from(good);
    changed[good.length >> 1] = (changed[good.length >> 1] ?? 0) ^ 1;
    const bad = [
      new Uint8Array(),
      good.subarray(0, good.length - 1),
      Buffer.concat([good, Buffer.from([0])]),
      Uint8Array.of(0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      new Uint8Array(100_000).fill(0x81),
      readFileSync(receipt),
    ];
    for (const bytes of bad) {
      writeFileSync(at('bad-key.cbor'), bytes);
      const refused = await verified(receipt, at('bad-key.cbor'));
      expect(refused).toMatchObject({ code: 3, json: { error: { code: 'ASSAY_VERIFYING_KEY' } } });
    }
    writeFileSync(at('bad-key.cbor'), changed);
    // Still a key, or none: but not one that this receipt is for.
    expect([1, 3]).toContain((await verified(receipt, at('bad-key.cbor'))).code);
  });
});

describe('a bundle whose files disagree with its digests', () => {
  const files = [
    'program.cbor',
    'weights.bin',
    'report.json',
    'verifying-key.cbor',
    'commitment/rows.bin',
    'commitment/tree.bin',
  ];
  const damages: [string, (path: string) => void][] = [
    [
      'changed',
      (path) => {
        const bytes = readFileSync(path);
        // From 64 on: before that the magic would give it away.
        for (let i = 64; i < bytes.length; i += 64) bytes[i] = (bytes[i] ?? 0) ^ 0x55;
        writeFileSync(path, bytes);
      },
    ],
    ['cut', (path) => truncateSync(path, readFileSync(path).length - 1)],
    ['gone', (path) => rmSync(path)],
  ];
  test.each(
    files.flatMap((file) => damages.map(([what, damage]) => [file, what, damage] as const)),
  )('%s %s: refused', async (file, _, damage) => {
    const folder = at('damaged');
    cpSync(bundle, folder, { recursive: true });
    damage(join(folder, file));
    const refused = await proved(folder, 'good.json', at('none.receipt'));
    expect(refused.code, refused.text).toBe(3);
    expect(refused.json.error?.code).toMatch(/^ASSAY_BUNDLE_(CORRUPT|MISSING)$/);
    expect(existsSync(at('none.receipt'))).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test('files of another bundle, with a manifest that agrees', async () => {
    const folder = at('mixed');
    cpSync(bundle, folder, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
      files: Record<string, { bytes: number; sha256: string }>;
    };
    const replace = (file: string, bytes: Uint8Array): void => {
      writeFileSync(join(folder, file), bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      manifest.files[file] = { bytes: bytes.length, sha256 };
      writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    };
    const original = (file: string): Uint8Array => readFileSync(join(bundle, file));
    const refused = async (): Promise<string | undefined> =>
      (await proved(folder, 'good.json', at('none.receipt'))).json.error?.code;
    expect(await refused()).toBeUndefined();
    const weights = Buffer.from(original('weights.bin'));
    weights[weights.length - 4] = (weights[weights.length - 4] ?? 0) ^ 1;
    for (const [file, bytes] of [
      ['program.cbor', Uint8Array.of(0x80)],
      ['report.json', Buffer.from('{')],
      ['verifying-key.cbor', Uint8Array.of(0x80)],
      ['weights.bin', Uint8Array.of(1, 2, 3)],
    ] as const) {
      replace(file, bytes);
      expect(await refused(), file).toMatch(/^ASSAY_BUNDLE_(CORRUPT|FORMAT)$/);
      replace(file, original(file));
    }
    // Other weights than those that are committed: a proof is made, and rejected.
    replace('weights.bin', weights);
    const other = await proved(folder, 'good.json', at('other.receipt'));
    expect(other.code === 0 ? (await verified(at('other.receipt'))).code : other.code).not.toBe(0);
  });

  test('a manifest that is none', async () => {
    const folder = at('unlisted');
    cpSync(bundle, folder, { recursive: true });
    for (const text of ['', '{', '[]', '{"format":"assay/bundle/v9","files":{}}']) {
      writeFileSync(join(folder, 'manifest.json'), text);
      const refused = await proved(folder, 'good.json', at('none.receipt'));
      expect(refused).toMatchObject({ code: 3, json: { error: { code: 'ASSAY_BUNDLE_FORMAT' } } });
    }
  });
});
