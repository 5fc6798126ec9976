import { basename } from 'node:path';
import type { InputPort, Normalization, Sample } from '@assay/compiler/data';
import { AssayError } from '@assay/core/errors';
import type { Program } from '@assay/program';
import { oneStandardInput, readBytes, STANDARD } from './files.ts';
import { UsageError } from './outcome.ts';
import { quantizeInputs, type QuantizedInputs } from './tensors.ts';

/** How files become inputs of a model. */
export interface SampleOptions {
  /** Declared normalisation of images: JSON, or a file with it. */
  readonly normalize?: string;
}

/** Inputs that files may not leave out, by name. */
interface Needed {
  /** @default all */
  readonly needed?: readonly string[] | undefined;
}

/** `[NAME=]FILE`: a file of one tensor says for which input it is. Only a name that the model has counts. */
function splitName(
  argument: string,
  ports: readonly InputPort[],
): { readonly path: string; readonly name: string | undefined } {
  const at = argument.indexOf('=');
  const name = argument.slice(0, Math.max(0, at));
  return ports.some((port) => port.name === name)
    ? { path: argument.slice(at + 1), name }
    : { path: argument, name: undefined };
}

async function readNormalization(text: string | undefined): Promise<Normalization | undefined> {
  if (text === undefined) return undefined;
  const { parseNormalization } = await import('@assay/compiler/data');
  const json = text.trimStart().startsWith('{')
    ? text
    : new TextDecoder().decode(readBytes(text, 2 ** 16));
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new UsageError(
      `--normalize: expected JSON or a file with it, got "${text.slice(0, 200)}"`,
    );
  }
  return parseNormalization(value);
}

/**
 * The samples of some files. Files that name their input are put together, the i-th sample of each;
 * the others follow one another.
 * @throws {AssayError} ASSAY_FILE_READ, ASSAY_USAGE, and what `decodeSamples` throws
 */
export async function readSamples(
  files: readonly string[],
  ports: readonly InputPort[],
  options: SampleOptions & Needed,
): Promise<readonly Sample[]> {
  const { decodeSamples, joinSamples } = await import('@assay/compiler/data');
  const normalization = await readNormalization(options.normalize);
  const { needed } = options;
  const parts = files.map((file) => splitName(file, ports));
  oneStandardInput(...parts.map((part) => part.path));
  const decoded = parts.map(({ path, name }) => {
    const fileName = path === STANDARD ? undefined : basename(path);
    return {
      name,
      samples: decodeSamples(readBytes(path), ports, {
        fileName,
        normalization,
        input: name,
        needed,
      }),
    };
  });
  const named = decoded.filter((part) => part.name !== undefined).map((part) => part.samples);
  const whole = decoded.filter((part) => part.name === undefined).flatMap((part) => part.samples);
  const all = ports.filter(({ name }) => needed?.includes(name) ?? true);
  return named.length === 0 ? whole : [...whole, ...joinSamples(named, all)];
}

/**
 * The one input that some files give, as integers.
 * @throws {AssayError} ASSAY_INPUT, ASSAY_INPUT_RANGE, and what `readSamples` throws
 */
export async function readInput(
  files: readonly string[],
  program: Program,
  options: SampleOptions & Needed & { readonly strict?: boolean },
): Promise<QuantizedInputs> {
  const samples = await readSamples(files, program.inputs, options);
  const [sample] = samples;
  if (sample === undefined || samples.length !== 1) {
    throw new AssayError({
      code: 'ASSAY_INPUT',
      shortMessage: `${files.join(', ')}: ${samples.length} inputs, and one run takes one`,
    });
  }
  return quantizeInputs(program, sample, options.strict === true, options.needed);
}
