import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases } from '../../../bench/src/cases/index.ts';
import { assay, bundleCli, type Ended } from './assay.ts';

let script: string;
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'assay-models-'));
  script = await bundleCli(join(home, 'bin'));
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const at = (...path: string[]): string => join(home, ...path);

const good = (...args: string[]): Ended['json'] => {
  const ended = assay(script, [...args, '--json', '--quiet']);
  if (ended.code !== 0) throw new Error(`assay ${args.join(' ')}: ${ended.out}\n${ended.err}`);
  return ended.json;
};

/** Flat rows of a model with one input, as EZKL's users have them. */
const rows = (samples: readonly Readonly<Record<string, Float32Array>>[]): string =>
  JSON.stringify({
    input_data: samples.map((sample) => [...(Object.values(sample)[0] ?? [])]),
  });

test('models from elsewhere are here', () => {
  if (process.env['CI'] !== 'true') return;
  expect(cases.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['cnn-cifar', 'mlp-iris', 'article-classification', 'authorization']),
  );
});

describe('model to verdict through the command', () => {
  test.each(cases.map((entry) => [entry.name, entry] as const))('%s', (name, entry) => {
    const { model, calibration, scored } = entry.load();
    const folder = at(name);
    const [model_, samples, input] = ['onnx', 'samples.json', 'input.json'].map((ending) =>
      at(`${name}.${ending}`),
    ) as [string, string, string];
    writeFileSync(model_, model);
    writeFileSync(samples, rows(calibration));
    writeFileSync(input, rows(scored.slice(0, 1)));
    good('compile', model_, '--samples', samples, '-o', folder);
    const { modelName } = good('setup', folder);
    const receipt = at(`${name}.receipt`);
    const output = at(`${name}.output.json`);
    good('prove', folder, '--input', input, '-o', receipt, '--nonce', 'a5');
    good('infer', folder, '--input', input, '-o', output);
    const own = ['--input', input, '--nonce', 'a5', '--model-name', String(modelName)];
    const key = ['--key', join(folder, 'verifying-key.cbor')];
    expect(good('verify', receipt, ...key, ...own, '--output', output)).toMatchObject({
      accepted: true,
      securityBits: 128,
    });
    const changed = JSON.parse(readFileSync(output, 'utf8')) as {
      integers: Record<string, number[]>;
    };
    const [values] = Object.values(changed.integers);
    if (values === undefined) throw new Error('expected an output');
    values[0] = (values[0] ?? 0) + 1;
    writeFileSync(output, JSON.stringify(changed));
    expect(assay(script, ['verify', receipt, ...key, '--output', output, '--json'])).toMatchObject({
      code: 1,
      json: { accepted: false, reason: { kind: 'verdict/output' } },
    });
  });
});
