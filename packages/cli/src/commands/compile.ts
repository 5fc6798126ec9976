import { basename, dirname, extname, resolve } from 'node:path';
import { writeCompiled } from '@assay/prover/bundle';
import type { InputReport } from '@assay/compiler';
import { EXIT } from '../exit-codes.ts';
import { oneStandardInput, readBytes, STANDARD } from '../files.ts';
import { readLinkedInputs } from '../input-from.ts';
import { publicNumberLines } from '../inspect/index.ts';
import { type Outcome, UsageError } from '../outcome.ts';
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
  readonly outputBits?: number;
  readonly margin?: number;
  /** Rounds what the program would show of weights. */
  readonly private?: boolean;
  readonly inputFrom?: readonly string[];
  readonly sourceSamples?: readonly string[];
}

/** digits/model.onnx and digits.onnx are both "digits". */
function nameOf(modelPath: string): string {
  if (modelPath === STANDARD) return 'model';
  const stem = basename(modelPath, extname(modelPath));
  const folder = basename(dirname(resolve(modelPath)));
  return stem === 'model' && folder !== '' ? folder : stem;
}

/** Says of an input that it takes another program's integers. */
function inputLine({ name, source, bits, rescaled }: InputReport): string[] {
  if (source === null) return [];
  const then = rescaled === null ? 'as they are' : `rescaled to ${rescaled.bits}`;
  return [
    `input       ${name}: the integers of output "${source.output}" of ${source.program}, ${bits} bits, ${then}`,
  ];
}

/** ONNX model and samples to a bundle with the integer program. */
export async function compile(modelPath: string, options: CompileOptions): Promise<Outcome> {
  oneStandardInput(modelPath, ...options.samples, ...(options.sourceSamples ?? []));
  const progress = progressFor(options);
  const model = readBytes(modelPath);
  const inputs = await modelInputs(model, options.dimension);
  const samples = await readSamples(options.samples, inputs, options);
  const linked = await readLinkedInputs(
    options.inputFrom ?? [],
    options.sourceSamples,
    inputs.map((input) => input.name),
    options,
  );
  if (linked.outputs !== null && linked.outputs.length !== samples.length)
    throw new UsageError(
      `--source-samples: expected one for each of the ${samples.length} samples, got ${linked.outputs.length}`,
    );
  const name = options.name ?? nameOf(modelPath);
  const { dimension: dimensions, activationBits, inputBits, outputBits, margin } = options;
  const compiled = await compileModel({
    name,
    model,
    samples,
    progress,
    dimensions,
    ...(activationBits === undefined ? {} : { activationBits }),
    ...(inputBits === undefined ? {} : { inputBits }),
    ...(outputBits === undefined ? {} : { outputBits }),
    ...(margin === undefined ? {} : { margin }),
    ...(options.private === true ? { privateWeights: true } : {}),
    inputPorts: linked.ports,
    ...(linked.outputs === null ? {} : { sourceOutputs: linked.outputs }),
  });
  writeCompiled(options.output, compiled, {
    replace: options.force === true,
    secret: options.private === true,
  });
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
      ...report.inputs.flatMap(inputLine),
      ...report.outputs.map(
        ({ name: output, cosine, sameArgmax }) =>
          `accuracy    ${output}: cosine ${cosine?.toFixed(6) ?? '–'} to the float model, same largest element in ${sameArgmax} of ${report.samples}`,
      ),
      ...(options.private === true ? publicNumberLines(report.public ?? []) : []),
      `bundle      ${options.output}`,
      `next        assay setup ${options.output}${options.private === true ? ' --private' : ''}`,
    ].join('\n'),
  };
}
