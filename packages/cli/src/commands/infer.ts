import { openBundle } from '@assay/prover/bundle';
import { EXIT } from '../exit-codes.ts';
import { STANDARD, writeBytes } from '../files.ts';
import type { Outcome } from '../outcome.ts';
import { runProgram } from '../pipeline.ts';
import { readInput, type SampleOptions } from '../sample.ts';
import { outputDocument } from '../tensors.ts';
import { toJson } from '../outcome.ts';
import { type CommonOptions, warn } from '../terminal.ts';

export interface InferOptions extends CommonOptions, SampleOptions {
  readonly input: readonly string[];
  readonly output: string;
  readonly strict?: boolean;
}

/** Runs the integer program without proving: exactly what `prove` would state. */
export async function infer(folder: string, options: InferOptions): Promise<Outcome> {
  const bundle = openBundle(folder);
  try {
    const { program } = bundle;
    const inputs = await readInput(options.input, program, options);
    warn(options, inputs.clamped);
    const outputs = await runProgram(program, bundle.weights(), inputs.values);
    const document = outputDocument(program, outputs);
    const toFile = options.output !== STANDARD;
    if (toFile) writeBytes(options.output, new TextEncoder().encode(`${toJson(document)}\n`));
    return {
      exitCode: EXIT.ok,
      json: { ok: true, ...document, clamped: inputs.clamped },
      text: toFile ? `outputs     ${options.output}` : toJson(document),
    };
  } finally {
    bundle.close();
  }
}
