/** JPEG, decoded by jpeg-js after its size and number of scans have been checked. */
import jpeg from 'jpeg-js';
import type { ImageSize, Pixels } from './image.ts';
import { badFormat, tooLarge } from './port.ts';

export const isJpeg = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/** Each scan of a progressive picture visits it whole; real ones have about ten. */
const maxScans = 64;

const startOfScan = 0xda;
const endOfImage = 0xd9;

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Markers without a length: restart markers, start and end of the image, TEM. */
const isBare = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd9) || marker === 0x01;

/** Walks the segments: size from the frame header, scans counted. */
export const jpegSize = (bytes: Uint8Array): ImageSize => {
  let size: ImageSize | null = null;
  let scans = 0;
  for (let at = 2; at + 1 < bytes.length; ) {
    // Between segments, and in a scan's data, everything up to the next marker is skipped.
    if (bytes[at] !== 0xff || bytes[at + 1] === 0x00 || bytes[at + 1] === 0xff) {
      at += 1;
      continue;
    }
    const marker = bytes[at + 1] ?? 0;
    if (marker === endOfImage) break;
    if (isBare(marker)) {
      at += 2;
      continue;
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (length < 2 || at + 2 + length > bytes.length) throw badFormat('truncated JPEG');
    if (isFrame(marker)) {
      if (size !== null) throw badFormat('JPEG of several frames');
      const height = ((bytes[at + 5] ?? 0) << 8) | (bytes[at + 6] ?? 0);
      const width = ((bytes[at + 7] ?? 0) << 8) | (bytes[at + 8] ?? 0);
      const components = bytes[at + 9] ?? 0;
      if (length < 8 + 3 * components || width === 0 || height === 0)
        throw badFormat('JPEG with an invalid frame');
      if (components !== 1 && components !== 3) throw badFormat(`JPEG of ${components} components`);
      size = { width, height };
    }
    if (marker === startOfScan) scans += 1;
    if (scans > maxScans) throw tooLarge(`JPEG of more than ${maxScans} scans`);
    at += 2 + length;
  }
  if (size === null) throw badFormat('JPEG without a frame');
  return size;
};

/** Pixels in 0 … 255. The caller has checked the size. */
export const decodeJpeg = (bytes: Uint8Array): Pixels => {
  const { width, height } = jpegSize(bytes);
  try {
    const image = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: (width * height) / 1e6 + 1,
      // Coefficients, components and pixels come to about 30 bytes a pixel; blocks are rounded up.
      maxMemoryUsageInMB: (64 * (width + 64) * (height + 64)) / 2 ** 20 + 16,
    });
    if (
      image.width !== width ||
      image.height !== height ||
      image.data.length !== 3 * width * height
    ) {
      throw new RangeError('inconsistent size');
    }
    return { width, height, channels: 3, data: Float64Array.from(image.data) };
  } catch (cause) {
    throw badFormat('the JPEG cannot be decoded', cause);
  }
};
