import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, type ModelSpec } from '@assay/compiler/onnx';
import { openBundle } from '@assay/prover/bundle';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, type CompileOptions } from '../src/commands/compile.ts';
import { parseInputFrom } from '../src/input-from.ts';
import { type Answer, answer } from './commands.ts';

/** Two models in a row, by the command: `--input-from`, `--source-samples`, `--output-bits`. */
let home: string;
const at = (name: string): string => join(home, name);

const samplesOf = (name: string, rows: readonly (readonly number[])[]): string => {
  const path = at(`${name}.json`);
  writeFileSync(path, JSON.stringify(rows.map((row) => ({ inputs: { [name]: [row] } }))));
  return path;
};

async function compiled(
  name: string,
  spec: ModelSpec,
  samples: string,
  options: Partial<CompileOptions> = {},
): Promise<Answer> {
  const model = at(`${name}.onnx`);
  writeFileSync(model, encodeModel(spec));
  const fixed = { output: at(name), dimension: {}, quiet: true, force: true };
  return answer(() => compile(model, { ...fixed, samples: [samples], ...options }));
}

/** e:0 = x·w: names of outputs may hold what separates them. */
const first: ModelSpec = {
  inputs: [{ name: 'x', shape: [1, 2] }],
  outputs: ['e:0'],
  initializers: { w: { dims: [2, 3], data: [0.5, -1.25, 2, 1.5, 0.75, -0.3] } },
  nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['e:0'] }],
};
const second: ModelSpec = {
  inputs: [{ name: 'e', shape: [1, 3] }],
  outputs: ['y'],
  nodes: [{ operator: 'Relu', inputs: ['e'], outputs: ['y'] }],
};
const rows = [
  [0.9, -0.4],
  [-0.7, 0.3],
  [0.2, 0.8],
];
const embedded = rows.map(([a = 0, b = 0]) => [
  0.5 * a + 1.5 * b,
  -1.25 * a + 0.75 * b,
  2 * a - 0.3 * b,
]);

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'assay-input-from-'));
  expect((await compiled('first', first, samplesOf('x', rows))).code).toBe(0);
  samplesOf('e', embedded);
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

describe('an input that takes the output of a compiled model', () => {
  test.each(['', ':e:0', '=e', ':e:0=e'])('given as DIR%s', async (rest) => {
    const inputFrom = [`${at('first')}${rest}`];
    const { code, json, text } = await compiled('second', second, at('e.json'), { inputFrom });
    expect(code, text).toBe(0);
    expect(text).toMatch(
      /input {7}e: the integers of output "e:0" of first, \d+ bits, rescaled to/,
    );
    expect(json).toMatchObject({ report: { inputs: [{ source: { program: 'first' } }] } });
    const [source, target] = ['first', 'second'].map((name) => openBundle(at(name)));
    const given = source?.program.outputs[0];
    const taken = target?.program.inputs[0];
    const { name, tensor, ...port } = given ?? { name: '', tensor: -1 };
    expect(taken).toMatchObject(port);
    const { shape, range } = source?.program.tensors[tensor] ?? {};
    expect(target?.program.tensors[taken?.tensor ?? -1]).toMatchObject({ shape, range });
    expect(name).toBe('e:0');
    source?.close();
    target?.close();
  });

  test('with fewer bits it is read as it comes', async () => {
    const narrow = await compiled('narrow', first, at('x.json'), { outputBits: 12 });
    expect(narrow.code).toBe(0);
    const inputFrom = [at('narrow')];
    const { text } = await compiled('second', second, at('e.json'), { inputFrom });
    expect(text).toMatch(/of narrow, 12 bits, as they are/);
  });

  test('with samples of the other model, accuracy is that of both', async () => {
    const inputFrom = [at('first')];
    const own = await compiled('second', second, at('e.json'), { inputFrom });
    const options = { inputFrom, sourceSamples: [at('x.json')] };
    const both = await compiled('second', second, at('e.json'), options);
    const errorOf = ({ json }: Answer): number =>
      (json['report'] as { inputs: { accuracy: { maxError: number } }[] }).inputs[0]?.accuracy
        .maxError ?? Number.NaN;
    // The samples are the first model's exact answers: what is off is its quantization.
    expect(errorOf(own)).toBeLessThan(1e-6);
    expect(errorOf(both)).toBeGreaterThan(1e-5);
    expect(errorOf(both)).toBeLessThan(0.01);
  });
});

describe('is refused where it does not fit', () => {
  const two: ModelSpec = {
    ...second,
    inputs: [...second.inputs, { name: 'f', shape: [1, 3] }],
    nodes: [{ operator: 'Add', inputs: ['e', 'f'], outputs: ['y'] }],
  };
  const cases: [string, ModelSpec, Partial<CompileOptions>, string, RegExp][] = [
    ['no bundle', second, { inputFrom: ['nowhere'] }, 'ASSAY_BUNDLE_MISSING', /nowhere/],
    ['no output', second, { inputFrom: ['DIR:z'] }, 'ASSAY_COMPILE_PORT', /no output "z".*e:0/s],
    ['no input', second, { inputFrom: ['DIR=z'] }, 'ASSAY_COMPILE_PORT', /no input "z"/],
    [
      'another shape',
      { ...second, inputs: [{ name: 'e', shape: [1, 4] }] },
      { inputFrom: ['DIR'] },
      'ASSAY_COMPILE_PORT',
      /\[1, 4\].*\[1, 3\]/s,
    ],
    ['several inputs', two, { inputFrom: ['DIR'] }, 'ASSAY_USAGE', /2 inputs.*e, f/s],
    ['one twice', second, { inputFrom: ['DIR', 'DIR'] }, 'ASSAY_USAGE', /"e" is given twice/],
    ['samples of nothing', second, { sourceSamples: ['x'] }, 'ASSAY_USAGE', /of one bundle/],
    [
      'fewer samples',
      second,
      { inputFrom: ['DIR'], sourceSamples: ['ONE'] },
      'ASSAY_USAGE',
      /each of the 3 samples, got 1/,
    ],
    ['no key', second, { inputFrom: ['FILE'] }, 'ASSAY_VERIFYING_KEY', /x\.json/],
  ];
  test.each(cases)('%s', async (_name, spec, options, expected, message) => {
    const one = at('one.json');
    writeFileSync(one, JSON.stringify([{ inputs: { x: [rows[0]] } }]));
    writeFileSync(
      at('ef.json'),
      JSON.stringify(embedded.map((row) => ({ inputs: { e: [row], f: [row] } }))),
    );
    writeFileSync(
      at('wide.json'),
      JSON.stringify(embedded.map((row) => ({ inputs: { e: [[...row, 0]] } }))),
    );
    const path = (text: string): string =>
      text.replace('DIR', at('first')).replace('ONE', one).replace('FILE', at('x.json'));
    const placed = {
      ...(options.inputFrom === undefined ? {} : { inputFrom: options.inputFrom.map(path) }),
      ...(options.sourceSamples === undefined
        ? {}
        : { sourceSamples: options.sourceSamples.map(path) }),
    };
    const wide = spec.inputs[0]?.shape[1] === 4;
    const samples = at(spec === two ? 'ef.json' : wide ? 'wide.json' : 'e.json');
    const { json, text } = await compiled('refused', spec, samples, placed);
    expect(json.error?.code, text).toBe(expected);
    expect(`${json.error?.message} ${json.error?.details ?? ''}`).toMatch(message);
  });
});

test('a path is the longest part that exists', () => {
  const odd = at('a:b=c');
  mkdirSync(odd);
  mkdirSync(at('a'));
  const none = { output: undefined, input: undefined };
  expect(parseInputFrom(odd)).toEqual({ path: odd, ...none });
  expect(parseInputFrom(`${odd}:out=in`)).toEqual({ path: odd, output: 'out', input: 'in' });
  expect(parseInputFrom(at('a:b'))).toEqual({ path: at('a'), output: 'b', input: undefined });
  expect(parseInputFrom(at('a=b'))).toEqual({ path: at('a'), output: undefined, input: 'b' });
  expect(parseInputFrom('nowhere:x')).toEqual({ path: 'nowhere:x', ...none });
  expect(readFileSync(at('first/manifest.json'), 'utf8')).toContain('program.cbor');
});
