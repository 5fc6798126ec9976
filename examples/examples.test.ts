import { readFileSync, statSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';

interface HeldOut {
  input: string;
  shape: number[];
  rows: number[][];
  labels?: number[];
  targets?: number[];
}

const folder = (name: string): URL => new URL(`./${name}/`, import.meta.url);

async function floatOutputs(name: string, test: HeldOut): Promise<number[][]> {
  const session = await InferenceSession.create(readFileSync(new URL('model.onnx', folder(name))));
  const shape = [test.rows.length, ...test.shape.slice(1)];
  const feed = { [test.input]: new Tensor('float32', test.rows.flat(), shape) };
  const [output] = Object.values(await session.run(feed));
  const values = [...((output?.data ?? []) as Float32Array)];
  const width = values.length / test.rows.length;
  return test.rows.map((_, index) => values.slice(index * width, (index + 1) * width));
}

const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

function accuracy(outputs: number[][], labels: number[]): number {
  return mean(
    outputs.map((logits, i) => (logits.indexOf(Math.max(...logits)) === labels[i] ? 1 : 0)),
  );
}

function determination(outputs: number[][], targets: number[]): number {
  const center = mean(targets);
  const residual = mean(outputs.map(([value = 0], i) => ((targets[i] ?? 0) - value) ** 2));
  return 1 - residual / mean(targets.map((target) => (target - center) ** 2));
}

describe.each([
  ['digits-cnn', 360, 'accuracy 99.44 %'],
  ['breast-cancer-mlp', 171, 'accuracy 96.49 %'],
  ['diabetes-regression', 110, 'R² 0.490'],
])('%s', (name, samples, figure) => {
  const test = JSON.parse(readFileSync(new URL('test.json', folder(name)), 'utf8')) as HeldOut;

  it('has the result on its held-out samples that its README states', async () => {
    const outputs = await floatOutputs(name, test);
    expect(outputs).toHaveLength(samples);
    const measured =
      test.labels === undefined
        ? `R² ${determination(outputs, test.targets ?? []).toFixed(3)}`
        : `accuracy ${(100 * accuracy(outputs, test.labels)).toFixed(2)} %`;
    expect(measured).toBe(figure);
    const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`| ${samples} | ${figure} |`);
  });

  it('shares no sample between calibration and held-out split', () => {
    const samples = JSON.parse(readFileSync(new URL('samples.json', folder(name)), 'utf8')) as {
      inputs: Record<string, unknown[]>;
    }[];
    const held = new Set(test.rows.map(String));
    const calibration = samples.map(({ inputs }) => String((inputs[test.input] ?? []).flat(3)));
    expect(calibration.length).toBeGreaterThanOrEqual(12);
    expect(calibration.filter((sample) => held.has(sample))).toEqual([]);
  });

  it('stays small', () => {
    const size = ['model.onnx', 'samples.json', 'test.json']
      .map((file) => statSync(new URL(file, folder(name))).size)
      .reduce((sum, bytes) => sum + bytes, 0);
    expect(size).toBeLessThan(2 ** 20);
  });
});
