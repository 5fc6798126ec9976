import type { Sample } from '@assay/compiler/data';
import type { Bundle } from '@assay/prover/bundle';
import { readBytes } from '../files.ts';
import { runProgram } from '../pipeline.ts';
import { quantizeInputs } from '../tensors.ts';
import { largest } from './forge.ts';
import { exampleFile, type HeldOut } from './held-out.ts';

export interface DemoAccuracy {
  readonly samples: number;
  /** Samples with the label that the float model gives. */
  readonly equal: number;
  /** Samples with the right label. */
  readonly right: number;
  readonly floatRight: number;
}

export function sampleOf(input: string, { pixels }: HeldOut): Sample {
  return new Map([[input, { dims: [1, 1, 8, 8], data: Float64Array.from(pixels) }]]);
}

/** Values of the model's only output. */
export function firstOf(outputs: ReadonlyMap<string, Int32Array>): Int32Array {
  const [values = new Int32Array()] = outputs.values();
  return values;
}

/** The program and the float model (onnxruntime) on all held-out images. */
export async function measureAccuracy(
  bundle: Bundle,
  input: string,
  images: readonly HeldOut[],
): Promise<DemoAccuracy> {
  const { FloatSession } = await import('@assay/compiler/float');
  const model = readBytes(exampleFile('model.onnx'));
  const session = await FloatSession.create(model, { intermediates: false });
  const output = session.outputs[0] ?? '';
  const weights = bundle.weights();
  const count = { equal: 0, right: 0, floatRight: 0 };
  for (const image of images) {
    const sample = sampleOf(input, image);
    const { values } = quantizeInputs(bundle.program, sample, false);
    const ours = largest(firstOf(await runProgram(bundle.program, weights, values)));
    const theirs = largest((await session.run(sample)).get(output)?.data ?? []);
    count.equal += Number(ours === theirs);
    count.right += Number(ours === image.label);
    count.floatRight += Number(theirs === image.label);
  }
  await session.release();
  return { samples: images.length, ...count };
}
