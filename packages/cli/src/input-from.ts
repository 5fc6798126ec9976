import { existsSync, statSync } from 'node:fs';
import type { SourcePort } from '@assay/compiler';
import type { Program } from '@assay/program';
import { type Bundle, openBundle } from '@assay/prover/bundle';
import { readVerifyingKey } from './commands/verify.ts';
import { UsageError } from './outcome.ts';
import { runProgram } from './pipeline.ts';
import { readSamples, type SampleOptions } from './sample.ts';
import { quantizeInputs } from './tensors.ts';

/** What `--input-from` says: an output of a bundle, or of a verifying key, for an input. */
interface InputFrom {
  readonly path: string;
  readonly output: string | undefined;
  readonly input: string | undefined;
}

/** `PATH[:OUTPUT][=INPUT]`: the path is the longest part that exists, names may hold any character. */
export function parseInputFrom(text: string): InputFrom {
  const cuts = Array.from(text.matchAll(/[:=]/g), (match) => match.index).toReversed();
  const end = [text.length, ...cuts].find((at) => existsSync(text.slice(0, at)));
  if (end === undefined || end === text.length)
    return { path: text, output: undefined, input: undefined };
  const path = text.slice(0, end);
  const rest = text.slice(end + 1);
  if (text[end] === '=') return { path, output: undefined, input: rest };
  const at = rest.lastIndexOf('=');
  return at < 0
    ? { path, output: rest, input: undefined }
    : { path, output: rest.slice(0, at), input: rest.slice(at + 1) };
}

/** The inputs of a model that take outputs of compiled ones. */
export interface LinkedInputs {
  readonly ports: ReadonlyMap<string, SourcePort>;
  /** For each sample of the other model, what its program gives, by input name here; null without such samples. */
  readonly outputs: readonly ReadonlyMap<string, Int32Array>[] | null;
}

/** The program of a bundle, and the bundle, or of a verifying key. */
function openSource(path: string): { readonly program: Program; readonly bundle: Bundle | null } {
  if (existsSync(path) && statSync(path).isFile())
    return { program: readVerifyingKey(path).program, bundle: null };
  const bundle = openBundle(path);
  return { program: bundle.program, bundle };
}

/**
 * Opens what `--input-from` names. With `--source-samples` the other model runs on them, in integers.
 * @throws {AssayError} ASSAY_USAGE, ASSAY_COMPILE_PORT, and what opening bundles and reading samples throws
 */
export async function readLinkedInputs(
  sources: readonly string[],
  samples: readonly string[] | undefined,
  names: readonly string[],
  options: SampleOptions,
): Promise<LinkedInputs> {
  const { sourcePort } = await import('@assay/compiler');
  const ports = new Map<string, SourcePort>();
  const parsed = sources.map(parseInputFrom);
  const [first] = parsed;
  if (samples !== undefined && (first === undefined || parsed.some((p) => p.path !== first.path)))
    throw new UsageError('--source-samples: expected --input-from of one bundle');
  let outputs: readonly ReadonlyMap<string, Int32Array>[] | null = null;
  for (const { path, output, input } of parsed) {
    const name = input ?? (names.length === 1 ? names[0] : undefined);
    if (name === undefined)
      throw new UsageError(
        `--input-from: the model has ${names.length} inputs, and one has to be named: ${path}=NAME`,
        `Its inputs: ${names.join(', ')}.`,
      );
    if (ports.has(name)) throw new UsageError(`--input-from: input "${name}" is given twice`);
    const { program, bundle } = openSource(path);
    try {
      ports.set(name, sourcePort(program, output));
      if (samples === undefined || outputs !== null) continue;
      if (bundle === null)
        throw new UsageError('--source-samples: a verifying key has no weights to run');
      outputs = await runSamples(bundle, samples, options);
    } finally {
      bundle?.close();
    }
  }
  return {
    ports,
    outputs:
      outputs?.map(
        (byOutput) =>
          new Map([...ports].map(([name, port]) => [name, byOutput.get(port.name) ?? none])),
      ) ?? null,
  };
}

const none = new Int32Array();

async function runSamples(
  bundle: Bundle,
  files: readonly string[],
  options: SampleOptions,
): Promise<readonly ReadonlyMap<string, Int32Array>[]> {
  const { program } = bundle;
  const weights = bundle.weights();
  const outputs: ReadonlyMap<string, Int32Array>[] = [];
  for (const sample of await readSamples(files, program.inputs, options)) {
    outputs.push(await runProgram(program, weights, quantizeInputs(program, sample, false).values));
  }
  return outputs;
}
