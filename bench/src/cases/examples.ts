import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../root.ts';
import { parseSamples } from './samples.ts';
import type { BenchCase } from './types.ts';

/** `test.json` of an example: its held-out samples. */
interface HeldOut {
  readonly input: string;
  readonly rows: readonly (readonly number[])[];
  readonly labels?: readonly number[];
  readonly targets?: readonly number[];
}

const example = (name: string): BenchCase => ({
  name,
  load() {
    const read = (file: string): Buffer => readFileSync(join(projectRoot, 'examples', name, file));
    const test = JSON.parse(read('test.json').toString()) as HeldOut;
    return {
      model: read('model.onnx'),
      calibration: parseSamples(read('samples.json').toString(), test.input),
      scored: test.rows.map((row) => ({ [test.input]: Float32Array.from(row) })),
      truth: { labels: test.labels ?? null, targets: test.targets ?? null },
    };
  },
});

export const examples: readonly BenchCase[] = [
  example('digits-cnn'),
  example('breast-cancer-mlp'),
  example('diabetes-regression'),
];
