/** PNG, decoded by fast-png after its size has been checked. */
import { inflateSync } from 'node:zlib';
import { convertIndexedToRgb, decode } from 'fast-png';
import { badFormat } from './port.ts';
import type { ImageSize, Pixels } from './image.ts';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export const isPng = (bytes: Uint8Array): boolean => signature.every((b, i) => bytes[i] === b);

interface Layout extends ImageSize {
  readonly depth: number;
  /** Bytes of the uncompressed picture, filter bytes included. */
  readonly inflated: number;
  /** The file without what is not needed: colour profiles and texts (which may be compressed bombs), alpha. */
  readonly clean: Uint8Array;
  readonly compressed: Uint8Array;
}

const indexed = 3;
const samplesPerPixel: Readonly<Record<number, number>> = { 0: 1, 2: 3, [indexed]: 1, 4: 2, 6: 4 };

/** Bit depths that the standard allows for a colour type. */
const validDepth = (type: number, depth: number): boolean =>
  depth === 8 ||
  (depth === 16 && type !== indexed) ||
  ([1, 2, 4].includes(depth) && (type === 0 || type === indexed));

/** First column and row, and steps, of Adam7's passes. */
const passes: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

const inflatedSize = (width: number, height: number, bits: number, interlaced: boolean): number => {
  const picture = (w: number, h: number): number =>
    w === 0 ? 0 : h * (Math.ceil((w * bits) / 8) + 1);
  if (!interlaced) return picture(width, height);
  return passes.reduce(
    (n, [x, y, dx, dy]) =>
      n +
      picture(Math.max(0, Math.ceil((width - x) / dx)), Math.max(0, Math.ceil((height - y) / dy))),
    0,
  );
};

const join = (parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

/** Walks the chunks without decoding them. */
const readLayout = (bytes: Uint8Array): Layout => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452)
    throw badFormat('PNG without a header');
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const [depth = 0, type = 0, , , interlace = 0] = bytes.subarray(24, 29);
  const samples = samplesPerPixel[type];
  if (
    samples === undefined ||
    !validDepth(type, depth) ||
    interlace > 1 ||
    width === 0 ||
    height === 0
  ) {
    throw badFormat('PNG with an invalid header');
  }
  if (interlace === 1 && depth < 8)
    throw badFormat(`interlaced PNG of ${depth} bits per sample: not supported`);
  const chunks = [bytes.subarray(0, 33)];
  const data: Uint8Array[] = [];
  for (let at = 33, name = ''; name !== 'IEND'; ) {
    if (at + 12 > bytes.length) throw badFormat('truncated PNG');
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) throw badFormat('truncated PNG');
    name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (name === 'IHDR') throw badFormat('PNG of two headers');
    if (name === 'IDAT') data.push(bytes.subarray(at + 8, end - 4));
    if (name === 'IDAT' || name === 'IEND' || (name === 'PLTE' && type === indexed))
      chunks.push(bytes.subarray(at, end));
    at = end;
  }
  const inflated = inflatedSize(width, height, samples * depth, interlace === 1);
  return { width, height, depth, inflated, clean: join(chunks), compressed: join(data) };
};

/** Width and height from the header. */
export const pngSize = (bytes: Uint8Array): ImageSize => {
  const { width, height } = readLayout(bytes);
  return { width, height };
};

/** Pixels in 0 … 255, without alpha. The caller has checked the size. */
export const decodePng = (bytes: Uint8Array): Pixels => {
  const { width, height, depth, inflated, clean, compressed } = readLayout(bytes);
  let size = 0;
  try {
    size = inflateSync(compressed, { maxOutputLength: inflated }).length;
  } catch (cause) {
    throw badFormat('the PNG’s data are damaged or larger than its header says', cause);
  }
  if (size !== inflated) throw badFormat('the PNG’s data are smaller than its header says');
  try {
    const image = decode(clean, { checkCrc: true });
    if (image.palette !== undefined) {
      return { width, height, ...dropAlpha(convertIndexedToRgb(image), 3, 1) };
    }
    const unpacked = depth < 8 ? unpack(image.data, width, height, depth) : image.data;
    const unit = depth === 16 ? 1 / 257 : depth < 8 ? 255 / (2 ** depth - 1) : 1;
    return { width, height, ...dropAlpha(unpacked, image.channels, unit) };
  } catch (cause) {
    throw badFormat('the PNG cannot be decoded', cause);
  }
};

/** Samples of 1, 2 or 4 bits, each row from a byte of its own. */
const unpack = (
  data: ArrayLike<number>,
  width: number,
  height: number,
  depth: number,
): Uint8Array => {
  const perByte = 8 / depth;
  const row = Math.ceil(width / perByte);
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const x = i % width;
    const byte = data[Math.floor(i / width) * row + Math.floor(x / perByte)] ?? 0;
    return (byte >> (8 - depth * ((x % perByte) + 1))) & (2 ** depth - 1);
  });
};

const dropAlpha = (
  data: ArrayLike<number>,
  channels: number,
  unit: number,
): { readonly channels: 1 | 3; readonly data: Float64Array } => {
  const kept = channels <= 2 ? 1 : 3;
  const pixels = Math.floor(data.length / channels);
  return {
    channels: kept,
    data: Float64Array.from(
      { length: pixels * kept },
      (_, i) => (data[Math.floor(i / kept) * channels + (i % kept)] ?? 0) * unit,
    ),
  };
};
