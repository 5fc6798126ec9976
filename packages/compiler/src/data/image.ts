/** Images as tensors. */
import { showShape, sizeOf } from '../graph/shape.ts';
import type { DenseTensor } from '../graph/types.ts';
import { decodeJpeg, isJpeg, jpegSize } from './jpeg.ts';
import type { Normalization } from './normalization.ts';
import { decodePng, isPng, pngSize } from './png.ts';
import { badFormat, badShape, checkTensor, type InputPort } from './port.ts';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Rows from the top, pixels from the left, channels together; 0 … 255. */
export interface Pixels extends ImageSize {
  readonly channels: 1 | 3;
  readonly data: Float64Array;
}

/** What the model's input expects: lengths of channels, rows and columns; null where the shape does not tell. */
interface Expected {
  readonly channels: number | null;
  readonly height: number | null;
  readonly width: number | null;
}

const expectedOf = (port: InputPort, layout: Normalization['layout']): Expected => {
  const shape = port.shape.length === 4 && port.shape[0] === 1 ? port.shape.slice(1) : port.shape;
  const [a = null, b = null, c = null] = shape;
  if (shape.length === 3) {
    return layout === 'CHW'
      ? { channels: a, height: b, width: c }
      : { channels: c, height: a, width: b };
  }
  if (shape.length === 2 && a !== 1) return { channels: 1, height: a, width: b };
  return { channels: null, height: null, width: null };
};

/** Luminance by ITU-R BT.601. */
const toGray = (image: Pixels): Pixels => {
  if (image.channels === 1) return image;
  const { data } = image;
  const gray = Float64Array.from(
    { length: image.width * image.height },
    (_, i) =>
      0.299 * (data[3 * i] ?? 0) + 0.587 * (data[3 * i + 1] ?? 0) + 0.114 * (data[3 * i + 2] ?? 0),
  );
  return { ...image, channels: 1, data: gray };
};

/** An image's pixels, scaled and ordered as declared. */
const tensorOf = (image: Pixels, channels: number, n: Normalization): Float64Array => {
  const pixels = image.width * image.height;
  const out = new Float64Array(pixels * channels);
  for (let c = 0; c < channels; c += 1) {
    const mean = n.mean[n.mean.length === 1 ? 0 : c] ?? 0;
    const std = n.std[n.std.length === 1 ? 0 : c] ?? 1;
    for (let i = 0; i < pixels; i += 1) {
      const pixel = image.data[i * image.channels + (image.channels === 1 ? 0 : c)] ?? 0;
      out[n.layout === 'CHW' ? c * pixels + i : i * channels + c] = (pixel * n.scale - mean) / std;
    }
  }
  return out;
};

/**
 * A PNG or JPEG of exactly the size that the input has. Alpha is dropped; a gray image fills three channels;
 * a colour image fills one only if `grayscale` is declared.
 *
 * @throws {AssayError} `ASSAY_INPUT_FORMAT`, `ASSAY_INPUT_SHAPE` (before anything is decoded), `ASSAY_INPUT_LIMIT`.
 */
export const decodeImage = (
  bytes: Uint8Array,
  port: InputPort,
  normalization: Normalization,
): DenseTensor => {
  const png = isPng(bytes);
  if (!png && !isJpeg(bytes)) throw badFormat('neither a PNG nor a JPEG');
  const { width, height } = png ? pngSize(bytes) : jpegSize(bytes);
  const expected = expectedOf(port, normalization.layout);
  const elements = sizeOf(port.shape);
  const channels = expected.channels ?? (elements === width * height ? 1 : 3);
  const fits =
    (expected.width ?? width) === width &&
    (expected.height ?? height) === height &&
    channels * width * height === elements &&
    (channels === 1 || channels === 3);
  if (!fits) {
    throw badShape(
      `input "${port.name}": expected shape ${showShape(port.shape)} (${normalization.layout}), got an image of ${width}×${height}`,
    );
  }
  const decoded = png ? decodePng(bytes) : decodeJpeg(bytes);
  const image = normalization.grayscale || isGray(decoded) ? toGray(decoded) : decoded;
  if (channels === 1 && image.channels !== 1) {
    throw badShape(
      `input "${port.name}" has one channel, the image has colours: declare "grayscale": true`,
    );
  }
  for (const [name, list] of [
    ['mean', normalization.mean],
    ['std', normalization.std],
  ] as const) {
    if (list.length !== 1 && list.length !== channels) {
      throw badFormat(`normalization: ${name} has ${list.length} numbers for ${channels} channel`);
    }
  }
  return checkTensor({ dims: port.shape, data: tensorOf(image, channels, normalization) }, port, 0);
};

/** JPEG decoding always gives three channels; a gray picture has them equal. */
const isGray = ({ channels, data }: Pixels): boolean =>
  channels === 1 || data.every((v, i) => i % 3 === 0 || v === data[i - (i % 3)]);
