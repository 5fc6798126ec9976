/** How the pixels of an image become numbers: declared by the caller, never guessed. */
import { badFormat } from './port.ts';

export interface Normalization {
  /** Factor of a pixel in 0 … 255 (16-bit images are brought to that range). @default 1/255 */
  readonly scale: number;
  /** Subtracted after scaling: one for all channels, or one each. @default 0 */
  readonly mean: readonly number[];
  /** Divides after that: one for all channels, or one each. @default 1 */
  readonly std: readonly number[];
  /** Order of axes of the model's input. @default 'CHW' */
  readonly layout: 'CHW' | 'HWC';
  /** Turns colour into luminance (ITU-R BT.601), for inputs of one channel. @default false */
  readonly grayscale: boolean;
}

const defaults: Normalization = {
  scale: 1 / 255,
  mean: [0],
  std: [1],
  layout: 'CHW',
  grayscale: false,
};

const keys: readonly string[] = Object.keys(defaults);

/** Pixels to [0, 1], channels first. */
export const unitNormalization: Normalization = defaults;

const numbers = (name: string, value: unknown): readonly number[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const valid = list.every(
    (v) => typeof v === 'number' && Number.isFinite(v) && (name !== 'std' || v !== 0),
  );
  if (!valid || (list.length !== 1 && list.length !== 3)) {
    throw badFormat(
      `normalization: expected ${name} to be one number or three${name === 'std' ? ', not 0' : ''}`,
    );
  }
  return list as readonly number[];
};

/**
 * Reads a declaration, such as `{"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}`.
 *
 * @throws {AssayError} `ASSAY_INPUT_FORMAT` for unknown keys and values that make no sense.
 */
export const parseNormalization = (value: unknown): Normalization => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badFormat('normalization: expected an object');
  }
  const given = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    throw badFormat(`normalization: no such key "${unknown}", there are ${keys.join(', ')}`);
  const { scale = defaults.scale, mean = 0, std = 1, layout = 'CHW', grayscale = false } = given;
  if (typeof scale !== 'number' || !Number.isFinite(scale))
    throw badFormat('normalization: expected scale to be a number');
  if (layout !== 'CHW' && layout !== 'HWC')
    throw badFormat('normalization: expected layout to be "CHW" or "HWC"');
  if (typeof grayscale !== 'boolean')
    throw badFormat('normalization: expected grayscale to be true or false');
  return { scale, mean: numbers('mean', mean), std: numbers('std', std), layout, grayscale };
};
