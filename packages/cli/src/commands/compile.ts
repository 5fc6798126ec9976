import { basename, dirname, extname, resolve } from 'node:path';
import { writeCompiled } from '@assay/prover/bundle';
import { EXIT } from '../exit-codes.ts';
import { oneStandardInput, readBytes, STANDARD } from '../files.ts';
import type { Outcome } from '../outcome.ts';
import { compileModel, modelInputs } from '../pipeline.ts';
import { readSamples, type SampleOptions } from '../sample.ts';
import { type CommonOptions, progressFor } from '../terminal.ts';

export interface CompileOptions extends CommonOptions, SampleOptions {
  readonly samples: readonly string[];
  readonly output: string;
  readonly name?: string;
  readonly force?: boolean;
  readonly dimension: Readonly<Record<string, number>>;
  readonly activationBits?: number;
  readonly inputBits?: number;
  readonly margin?: number;
}

/** digits/model.onnx and digits.onnx are both "digits". */
function nameOf(modelPath: string): string {
  if (modelPath === STANDARD) return 'model';
  const stem = basename(modelPath, extname(modelPath));
  const folder = basename(dirname(resolve(modelPath)));
  return stem === 'model' && folder !== '' ? folder : stem;
}

/** ONNX model and samples to a bundle with the integer program. */
export async function compile(modelPath: string, options: CompileOptions): Promise<Outcome> {
  oneStandardInput(modelPath, ...options.samples);
  const progress = progressFor(options);
  const model = readBytes(modelPath);
  const inputs = await modelInputs(model, options.dimension);
  const samples = await readSamples(options.samples, inputs, options);
  const name = options.name ?? nameOf(modelPath);
  const { dimension: dimensions, activationBits, inputBits, margin } = options;
  const compiled = await compileModel({
    name,
    model,
    samples,
    progress,
    dimensions,
    ...(activationBits === undefined ? {} : { activationBits }),
    ...(inputBits === undefined ? {} : { inputBits }),
    ...(margin === undefined ? {} : { margin }),
  });
  writeCompiled(options.output, compiled, { replace: options.force === true });
  const { program, report } = compiled;
  return {
    exitCode: EXIT.ok,
    json: {
      ok: true,
      folder: options.output,
      name,
      samples: samples.length,
      report: compiled.report,
    },
    text: [
      `compiled    ${name}: ${program.nodes.length} nodes, ${program.relations.length} relations, ${samples.length} samples`,
      ...report.outputs.map(
        ({ name: output, cosine, sameArgmax }) =>
          `accuracy    ${output}: cosine ${cosine?.toFixed(6) ?? '–'} to the float model, same largest element in ${sameArgmax} of ${report.samples}`,
      ),
      `bundle      ${options.output}`,
      `next        assay setup ${options.output}`,
    ].join('\n'),
  };
}
