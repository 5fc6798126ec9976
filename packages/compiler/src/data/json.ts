/** JSON samples: nested arrays by input name, or EZKL's flat arrays. */
import { showShape, sizeOf } from '../graph/shape.ts';
import type { DenseTensor } from '../graph/types.ts';
import {
  badFormat,
  badShape,
  badValue,
  checkTensor,
  placeOf,
  type InputPort,
  type Sample,
} from './port.ts';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const describe = (value: unknown): string => {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `${typeof value}`;
};

const element = (value: unknown, port: InputPort, where: () => string): number => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean' && port.dtype === 'bool') return value ? 1 : 0;
  throw badValue(`${where()}: expected a number, got ${describe(value)}`);
};

/** Nested arrays of exactly the port's shape; recursion is as deep as the shape is long. */
const nested = (value: unknown, port: InputPort, sample: number): DenseTensor => {
  const { shape } = port;
  const data = new Float64Array(sizeOf(shape));
  let at = 0;
  const path: number[] = [];
  const fill = (part: unknown, axis: number): void => {
    const where = (): string => `${placeOf(sample, port)} at ${showShape(path)}`;
    if (axis === shape.length) {
      data[at] = element(part, port, where);
      at += 1;
      return;
    }
    if (!Array.isArray(part) || part.length !== shape[axis]) {
      throw badShape(
        `${where()}: expected a list of ${shape[axis]} (shape ${showShape(shape)}), got ${describe(part)}`,
      );
    }
    for (const [i, inner] of part.entries()) {
      path[axis] = i;
      fill(inner, axis + 1);
    }
    path.length = axis;
  };
  fill(value, 0);
  return checkTensor({ dims: shape, data }, port, sample);
};

/** A flat array of all elements. */
const flat = (value: unknown, port: InputPort, sample: number): DenseTensor => {
  const size = sizeOf(port.shape);
  const place = placeOf(sample, port);
  if (!Array.isArray(value) || value.length !== size) {
    throw badShape(
      `${place}: expected a flat list of ${size} (shape ${showShape(port.shape)}), got ${describe(value)}`,
    );
  }
  const data = Float64Array.from(value, (v: unknown, i) =>
    element(v, port, () => `${place} at ${i}`),
  );
  return checkTensor({ dims: port.shape, data }, port, sample);
};

const named = (
  inputs: unknown,
  ports: readonly InputPort[],
  needed: readonly InputPort[],
  sample: number,
): Sample => {
  if (!isObject(inputs))
    throw badFormat(
      `sample ${sample}: expected an object of inputs by name, got ${describe(inputs)}`,
    );
  const unknown = Object.keys(inputs).find((name) => !ports.some((p) => p.name === name));
  if (unknown !== undefined) {
    throw badFormat(
      `sample ${sample}: the model has no input "${unknown.slice(0, 100)}"; its inputs are ${ports.map((p) => `"${p.name}"`).join(', ')}`,
    );
  }
  const missing = needed.find((port) => !Object.hasOwn(inputs, port.name));
  if (missing !== undefined)
    throw badFormat(`sample ${sample}: input "${missing.name}" is missing`);
  return new Map(
    ports
      .filter((port) => Object.hasOwn(inputs, port.name))
      .map((port) => [port.name, nested(inputs[port.name], port, sample)]),
  );
};

/**
 * EZKL: one flat array per input, or with one input one per sample. Its other keys mean nothing here.
 * Arrays have no names: they are all inputs, or else those that are needed.
 */
const ezkl = (
  arrays: unknown,
  all: readonly InputPort[],
  needed: readonly InputPort[],
): Sample[] => {
  if (!Array.isArray(arrays))
    throw badFormat(`input_data: expected a list of lists, got ${describe(arrays)}`);
  const ports =
    arrays.length === needed.length && needed.length < all.length && needed.length > 0
      ? needed
      : all;
  const [only] = ports;
  if (ports.length === 1 && only !== undefined) {
    return arrays.map((array, sample) => new Map([[only.name, flat(array, only, sample)]]));
  }
  if (arrays.length !== ports.length) {
    throw badShape(
      `input_data: expected ${ports.length} lists, one for each input, got ${arrays.length}`,
    );
  }
  return [new Map(ports.map((port, i) => [port.name, flat(arrays[i], port, 0)]))];
};

/**
 * `{"inputs": {name: nested arrays}}`, a list of these, or `{"input_data": [[…], …]}`.
 *
 * @param needed - Inputs that may not be missing. @default all
 * @throws {AssayError} `ASSAY_INPUT_FORMAT`, `ASSAY_INPUT_SHAPE`, `ASSAY_INPUT_VALUE` naming sample, input and index.
 */
export const decodeJson = (
  bytes: Uint8Array,
  ports: readonly InputPort[],
  needed: readonly InputPort[] = ports,
): Sample[] => {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badFormat('the samples are not valid JSON', cause);
  }
  if (isObject(value) && Object.hasOwn(value, 'input_data'))
    return ezkl(value['input_data'], ports, needed);
  return (Array.isArray(value) ? value : [value]).map((sample, i) => {
    if (!isObject(sample) || !Object.hasOwn(sample, 'inputs')) {
      throw badFormat(
        `sample ${i}: expected {"inputs": …} or {"input_data": …}, got ${describe(sample)}`,
      );
    }
    return named(sample['inputs'], ports, needed, i);
  });
};
