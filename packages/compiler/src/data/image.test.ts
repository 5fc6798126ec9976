import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { decodeSamples, parseNormalization, unitNormalization, type InputPort } from './index.ts';

interface Fixture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: readonly number[];
}

const fixtures = JSON.parse(
  readFileSync(new URL('../../test/files/images.json', import.meta.url), 'utf8'),
) as Record<string, Fixture>;

const bytesOf = (fixture: Fixture | undefined): Uint8Array =>
  new Uint8Array(Buffer.from(fixture?.file ?? '', 'base64'));

const port = (...shape: number[]): InputPort => ({ name: 'image', shape });

const decode = (
  bytes: Uint8Array,
  p: InputPort,
  normalization: unknown = { scale: 1 },
): Float64Array =>
  decodeSamples(bytes, [p], { normalization: parseNormalization(normalization) })[0]?.get(p.name)
    ?.data ?? new Float64Array();

describe('files written by Pillow', () => {
  test.each(Object.entries(fixtures))('%s', (name, { file, width, height, channels, pixels }) => {
    const bytes = new Uint8Array(Buffer.from(file, 'base64'));
    const hwc = decode(bytes, port(1, height, width, channels), { scale: 1, layout: 'HWC' });
    const chw = decode(bytes, port(channels, height, width));
    // Decoders of JPEG may round differently: by 1 without subsampling, by more where chroma is enlarged.
    const tolerance = name.startsWith('png')
      ? 1e-9
      : name.includes('without') || channels === 1
        ? 2
        : 24;
    const size = width * height;
    for (const [i, expected] of pixels.entries()) {
      expect(Math.abs((hwc[i] ?? 999) - expected), `${name} at ${i}`).toBeLessThanOrEqual(
        tolerance,
      );
      expect(chw[(i % channels) * size + Math.floor(i / channels)]).toBe(hwc[i]);
    }
  });
});

const rgb = {
  width: 2,
  height: 1,
  channels: 3,
  depth: 8 as const,
  data: Uint8Array.of(255, 0, 51, 10, 20, 30),
};
const png = encode(rgb);

describe('normalization', () => {
  test('scale, mean and std by channel', () => {
    const data = decode(png, port(1, 3, 1, 2), { mean: [0.5, 0.25, 0], std: [0.5, 0.25, 0.1] });
    const expected = [1, (10 / 255 - 0.5) / 0.5, -1, (20 / 255 - 0.25) / 0.25, 2, 30 / 25.5];
    for (const [i, e] of expected.entries()) expect(data[i]).toBeCloseTo(e, 12);
  });

  test('grayscale is luminance; one mean for all; flat inputs', () => {
    const data = decode(png, port(1, 2), { scale: 1, grayscale: true, mean: 1 });
    expect(data[0]).toBeCloseTo(0.299 * 255 + 0.114 * 51 - 1, 9);
    expect([...decode(png, port(6))]).toEqual([255, 10, 0, 20, 51, 30]);
    expect([...decode(png, port(1, 2), { grayscale: true })]).toHaveLength(2);
  });

  test('a gray image fills three channels', () => {
    const gray = encode({ width: 2, height: 1, channels: 1, data: Uint8Array.of(7, 9) });
    expect([...decode(gray, port(1, 3, 1, 2))]).toEqual([7, 9, 7, 9, 7, 9]);
  });

  test('pixels to 0 … 1 is the default', () => {
    expect(parseNormalization({})).toEqual(unitNormalization);
  });

  test.each([
    [null, /an object/],
    [{ means: 1 }, /no such key "means"/],
    [{ std: 0 }, /std to be one number or three, not 0/],
    [{ mean: [1, 2] }, /mean to be one number or three/],
    [{ mean: 'x' }, /mean to be/],
    [{ scale: '1' }, /scale to be a number/],
    [{ layout: 'CWH' }, /layout to be/],
    [{ grayscale: 1 }, /grayscale to be/],
  ])('refuses %j', (value, message) => {
    expect(() => parseNormalization(value)).toThrow(message);
  });
});

describe('refusals', () => {
  const codeOf = (f: () => unknown): string => {
    try {
      f();
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
    return 'none';
  };

  test('another size, before anything is decoded', () => {
    expect(() => decode(png, port(1, 3, 2, 2))).toThrow(
      'input "image": expected shape [1, 3, 2, 2] (CHW), got an image of 2×1',
    );
    expect(codeOf(() => decode(png, port(1, 3, 2, 1)))).toBe('ASSAY_INPUT_SHAPE');
    expect(codeOf(() => decode(png, port(1, 2, 1, 2)))).toBe('ASSAY_INPUT_SHAPE');
    expect(codeOf(() => decode(bytesOf(fixtures['jpeg']), port(1, 3, 15, 24)))).toBe(
      'ASSAY_INPUT_SHAPE',
    );
  });

  test('colours for one channel, three means for one channel, no normalization', () => {
    expect(() => decode(png, port(1, 1, 1, 2))).toThrow(/declare "grayscale": true/);
    expect(() => decode(png, port(1, 1, 1, 2), { grayscale: true, mean: [1, 2, 3] })).toThrow(
      /mean has 3 numbers for 1 channel/,
    );
    expect(() => decodeSamples(png, [port(1, 3, 1, 2)])).toThrow(/declared normalization/);
  });

  const chunk = (type: string, data: Uint8Array): Buffer => {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length);
    out.write(type, 4, 'latin1');
    out.set(data, 8);
    return out;
  };

  const custom = (parts: readonly [string, Uint8Array][], header: readonly number[]): Uint8Array =>
    new Uint8Array(
      Buffer.concat([
        Buffer.from('89504e470d0a1a0a', 'hex'),
        chunk('IHDR', Uint8Array.from(header)),
        ...parts.map(([t, d]) => chunk(t, d)),
        chunk('IEND', new Uint8Array()),
      ]),
    );

  const header = (depth: number, type: number, interlace = 0): number[] => [
    0,
    0,
    0,
    2,
    0,
    0,
    0,
    1,
    depth,
    type,
    0,
    0,
    interlace,
  ];

  test('a PNG that inflates to more than its header says', () => {
    const bomb = custom([['IDAT', deflateSync(new Uint8Array(50_000_000))]], header(8, 2));
    expect(() => decode(bomb, port(1, 3, 1, 2))).toThrow(/damaged or larger/);
  });

  test('invalid headers and chunks', () => {
    const data: [string, Uint8Array][] = [['IDAT', deflateSync(new Uint8Array(7))]];
    const refused = (bytes: Uint8Array): string => codeOf(() => decode(bytes, port(1, 3, 1, 2)));
    for (const h of [
      header(4, 2),
      header(16, 3),
      header(8, 5),
      header(8, 2, 2),
      header(1, 0, 1),
      [0, 0, 0, 0, 0, 0, 0, 1, 8, 2, 0, 0, 0],
    ]) {
      expect(refused(custom(data, h))).toBe('ASSAY_INPUT_FORMAT');
    }
    expect(refused(custom([['IHDR', Uint8Array.from(header(8, 2))], ...data], header(8, 2)))).toBe(
      'ASSAY_INPUT_FORMAT',
    );
    expect(refused(custom([['IDAT', deflateSync(new Uint8Array(5))]], header(8, 2)))).toBe(
      'ASSAY_INPUT_FORMAT',
    );
    expect(refused(png.slice(0, -13))).toBe('ASSAY_INPUT_FORMAT');
    expect(refused(png.slice(0, 20))).toBe('ASSAY_INPUT_FORMAT');
    expect(refused(png.map((b, i) => (i === png.length - 14 ? b ^ 1 : b)))).toBe(
      'ASSAY_INPUT_FORMAT',
    );
  });

  test('JPEGs without a frame, with many scans, with four components', () => {
    const jpeg = bytesOf(fixtures['jpeg']);
    const p = port(1, 3, 16, 24);
    expect(codeOf(() => decode(jpeg.slice(0, 100), p))).toBe('ASSAY_INPUT_FORMAT');
    expect(codeOf(() => decode(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), p))).toBe(
      'ASSAY_INPUT_FORMAT',
    );
    const frame = jpeg.findIndex((b, i) => b === 0xff && jpeg[i + 1] === 0xc0);
    const four = jpeg.slice();
    four[frame + 9] = 4;
    expect(codeOf(() => decode(four, p))).toBe('ASSAY_INPUT_FORMAT');
    const scans = new Uint8Array([
      ...jpeg.slice(0, -2),
      ...new Array<number[]>(70).fill([0xff, 0xda, 0, 2]).flat(),
      0xff,
      0xd9,
    ]);
    expect(codeOf(() => decode(scans, p))).toBe('ASSAY_INPUT_LIMIT');
  });
});
