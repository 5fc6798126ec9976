/** Samples from files of any supported format. */
import { AssayError } from '@assay/core/errors';
import type { DenseTensor } from '../graph/types.ts';
import { decodeImage } from './image.ts';
import { isJpeg } from './jpeg.ts';
import { decodeJson } from './json.ts';
import type { Normalization } from './normalization.ts';
import { decodeNpy, isNpy } from './npy.ts';
import { isPng } from './png.ts';
import { badFormat, tooLarge, type InputPort, type Sample } from './port.ts';
import { decodeTensorProto } from './tensor-proto.ts';
import { samplesOfTensor } from './tensors.ts';

export type DataFormat = 'json' | 'npy' | 'pb' | 'png' | 'jpeg';

export interface DecodeOptions {
  /** Decides where the contents do not (a .pb has no signature). */
  readonly fileName?: string | undefined;
  /** Overrides detection. */
  readonly format?: DataFormat | undefined;
  /** Must be declared for images. */
  readonly normalization?: Normalization | undefined;
  /** Which input a file of one tensor is for, where the model has several. */
  readonly input?: string | undefined;
  /** Names of the inputs that a file with several may not leave out. @default all */
  readonly needed?: readonly string[] | undefined;
  /** @default 256 MiB */
  readonly maxBytes?: number | undefined;
  /** Elements of one file. @default 2^25 */
  readonly maxElements?: number | undefined;
}

const jsonStart = /^[\s\uFEFF]*[[{]/;

/** Format by signature, else by the file name's ending; null if neither tells. */
export const detectFormat = (bytes: Uint8Array, fileName = ''): DataFormat | null => {
  if (isPng(bytes)) return 'png';
  if (isJpeg(bytes)) return 'jpeg';
  if (isNpy(bytes)) return 'npy';
  const ending = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase();
  if (ending === 'pb' || ending === 'json' || ending === 'npy' || ending === 'png') return ending;
  if (ending === 'jpg' || ending === 'jpeg') return 'jpeg';
  return jsonStart.test(new TextDecoder('latin1').decode(bytes.subarray(0, 64))) ? 'json' : null;
};

const portFor = (ports: readonly InputPort[], name: string | undefined): InputPort => {
  const port =
    ports.length === 1 && name === undefined ? ports[0] : ports.find((p) => p.name === name);
  if (port !== undefined) return port;
  const inputs = ports.map((p) => `"${p.name}"`).join(', ');
  throw badFormat(
    name === undefined
      ? `a file of one tensor must name its input: the model has ${inputs}`
      : `the model has no input "${name}"; its inputs are ${inputs}`,
  );
};

/**
 * The samples in a file: each a tensor for every input of the model, or for the one that `options.input`
 * names (`joinSamples` puts such parts together).
 *
 * JSON: `{"inputs": {name: nested arrays}}`, a list of these, or EZKL's `{"input_data": …}`.
 * .npy and TensorProto: one tensor, or several samples along a first axis where the input's is 1.
 * PNG and JPEG: one image of the input's size, by the declared normalisation.
 *
 * Memory and time are bounded by `maxBytes` and `maxElements`; nothing is resized, padded or clamped.
 *
 * @throws {AssayError} `ASSAY_INPUT_FORMAT`, `ASSAY_INPUT_SHAPE`, `ASSAY_INPUT_VALUE`, `ASSAY_INPUT_LIMIT`.
 */
export const decodeSamples = (
  bytes: Uint8Array,
  ports: readonly InputPort[],
  options: DecodeOptions = {},
): Sample[] => {
  const maxBytes = options.maxBytes ?? 2 ** 28;
  const maxElements = options.maxElements ?? 2 ** 25;
  if (bytes.length > maxBytes)
    throw tooLarge(`the file has ${bytes.length} bytes, the limit is ${maxBytes}`);
  const format = options.format ?? detectFormat(bytes, options.fileName);
  if (format === null) throw badFormat('none of JSON, .npy, TensorProto (.pb), PNG and JPEG');
  if (format === 'json') {
    const needed = ports.filter(({ name }) => options.needed?.includes(name) ?? true);
    return checkedCount(decodeJson(bytes, ports, needed));
  }
  const port = portFor(ports, options.input);
  const named = (tensors: readonly DenseTensor[]): Sample[] =>
    tensors.map((tensor) => new Map([[port.name, tensor]]));
  if (format === 'npy')
    return checkedCount(named(samplesOfTensor(decodeNpy(bytes, maxElements), port)));
  if (format === 'pb')
    return checkedCount(named(samplesOfTensor(decodeTensorProto(bytes, maxElements), port)));
  if (options.normalization === undefined) {
    throw badFormat('an image needs a declared normalization: how its pixels become numbers');
  }
  return named([decodeImage(bytes, port, options.normalization)]);
};

const checkedCount = (samples: Sample[]): Sample[] => {
  if (samples.length === 0) throw badFormat('the file holds no samples');
  return samples;
};

/**
 * Samples whose inputs came in separate files: the i-th of each part together.
 *
 * @param needed - Inputs that may not be missing.
 * @throws {AssayError} `ASSAY_INPUT_SHAPE` when the parts have different numbers of samples or an input is missing or twice.
 */
export const joinSamples = (
  parts: readonly (readonly Sample[])[],
  needed: readonly Pick<InputPort, 'name'>[],
): Sample[] => {
  const counts = new Set(parts.map((p) => p.length));
  const fail = (shortMessage: string): never => {
    throw new AssayError({ code: 'ASSAY_INPUT_SHAPE', shortMessage });
  };
  if (counts.size !== 1)
    fail(`the files hold different numbers of samples: ${[...counts].join(', ')}`);
  return Array.from({ length: parts[0]?.length ?? 0 }, (_, i) => {
    const joined = new Map(parts.flatMap((part) => [...(part[i] ?? [])]));
    const total = parts.reduce((n, part) => n + (part[i]?.size ?? 0), 0);
    const missing = needed.find((p) => !joined.has(p.name));
    if (missing !== undefined) fail(`input "${missing.name}" is missing`);
    if (total !== joined.size) fail('two files are for the same input');
    return joined;
  });
};
