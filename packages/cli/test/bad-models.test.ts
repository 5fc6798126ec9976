import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeModel, type ModelSpec, type NodeSpec } from '@assay/compiler/onnx';
import { randomTensor, seededRandom } from '@assay/compiler/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../src/commands/compile.ts';
import { type Answer, answer } from './commands.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'assay-bad-models-'));
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});
const at = (name: string): string => join(home, name);

/** Compiles a file with samples; whatever happens, no bundle of a refused model is left. */
async function compiled(
  model: Uint8Array,
  samples: unknown,
  dimension: Record<string, number> = {},
): Promise<Answer> {
  writeFileSync(at('model.onnx'), model);
  writeFileSync(at('samples.json'), JSON.stringify(samples));
  const output = at('bundle');
  const options = { samples: [at('samples.json')], output, dimension, quiet: true };
  const result = await answer(() => compile(at('model.onnx'), options));
  expect(existsSync(output)).toBe(result.code === 0);
  rmSync(output, { recursive: true, force: true });
  return result;
}

const op = (
  operator: string,
  inputs: readonly string[],
  output: string,
  rest: Partial<NodeSpec> = {},
): NodeSpec => ({ operator, inputs, outputs: [output], name: `the_${output}`, ...rest });

const vectorModel = (nodes: readonly NodeSpec[], rest: Partial<ModelSpec> = {}): Uint8Array =>
  encodeModel({ inputs: [{ name: 'x', shape: [1, 4] }], outputs: ['y'], nodes, ...rest });

const vectors = [{ inputs: { x: [[1, -2, 3, 0.5]] } }, { inputs: { x: [[0, 1, 2, -1]] } }];

describe('a model that cannot be imported is refused with all offending nodes', () => {
  test('operators, attributes, element types, outputs, each with node, operator, opset and reason', async () => {
    const { code, json, text } = await compiled(
      vectorModel(
        [
          op('Bernoulli', ['x'], 'a'),
          op('Relu', ['x'], 'b'),
          op('Cast', ['b'], 'c', { attributes: { to: { int: 2 } } }),
          op('FusedThing', ['b'], 'd', { domain: 'com.example' }),
          op('Softmax', ['b'], 'e', { attributes: { axis: { int: 7 } } }),
          { operator: 'Dropout', inputs: ['b'], outputs: ['y', 'mask'], name: 'the_y' },
          op('Not', ['mask'], 'z'),
        ],
        { opset: 16, outputs: ['a', 'c', 'd', 'e', 'y', 'z'] },
      ),
      vectors,
    );
    expect(code).toBe(3);
    expect(json.error?.code).toBe('ASSAY_MODEL_UNSUPPORTED');
    expect(json.error?.problems).toMatchObject([
      { node: 'the_a', operator: 'Bernoulli', opset: 16 },
      { node: 'the_c', operator: 'Cast', opset: 16, reason: 'cast to uint8' },
      { node: 'the_d', operator: 'com.example.FusedThing', opset: null },
      { node: 'the_e', operator: 'Softmax', opset: 16 },
      { node: 'the_y', operator: 'Dropout', opset: 16, reason: 'its second output, the mask' },
    ]);
    for (const node of ['the_a', 'the_c', 'the_d', 'the_e', 'the_y']) expect(text).toContain(node);
  });

  test('dynamic shapes name the axis, and compile once it is bound', async () => {
    const model = vectorModel([op('Relu', ['x'], 'y')], {
      inputs: [{ name: 'x', shape: ['batch', 'length'] }],
    });
    const refused = await compiled(model, vectors);
    expect(refused.code).toBe(3);
    expect(refused.json.error?.problems).toMatchObject([
      { operator: 'input', node: 'x', reason: expect.stringContaining('length') },
    ]);
    expect((await compiled(model, vectors, { length: 4 })).code).toBe(0);
  });

  test.each([6, 25])('opset %i', async (opset) => {
    const { code, json } = await compiled(
      vectorModel([op('Relu', ['x'], 'y')], { opset }),
      vectors,
    );
    expect(code).toBe(3);
    expect(json.error?.problems?.[0]?.reason).toBe(`opset ${opset}: 7 to 24 are supported`);
  });

  const models = fileURLToPath(new URL('../../../../shared/cases/models/', import.meta.url));
  test.runIf(existsSync(models) || process.env['CI'] === 'true').each([
    ['xgboost', 5],
    ['linear-svc', 2],
    ['nanogpt-untrained', 2],
  ])('%s, which needs what is not there yet', async (name, least) => {
    const { code, json } = await compiled(readFileSync(`${models}${name}/model.onnx`), []);
    expect(code).toBe(3);
    expect(json.error?.code).toMatch(/^ASSAY_MODEL_UNSUPPORTED$/);
    expect(json.error?.problems?.length).toBeGreaterThanOrEqual(least);
    for (const { node, operator, reason } of json.error?.problems ?? [])
      expect([node, operator, reason]).not.toContain('');
  });
});

describe('a model that has no integers is refused by node', () => {
  test('quotients of values, all of them', async () => {
    const { code, json } = await compiled(
      vectorModel([
        op('Exp', ['x'], 'e'),
        op('Div', ['x', 'e'], 'a'),
        op('Div', ['e', 'a'], 'b'),
        op('Div', ['a', 'e'], 'y'),
      ]),
      [{ inputs: { x: [[1, 2, 3, 4]] } }],
    );
    expect(code).toBe(3);
    expect(json.error?.code).toBe('ASSAY_COMPILE_UNSUPPORTED');
    // What depends on a refused node is not judged.
    expect(json.error?.details).toMatch(/the_a \(Div, output a\): division by a tensor/);
  });

  test('a sum that leaves the field, with its bound', async () => {
    const model = encodeModel({
      inputs: [{ name: 'x', shape: [1, 40_000] }],
      outputs: ['y'],
      nodes: [op('Transpose', ['x'], 't'), op('MatMul', ['x', 't'], 'm'), op('Relu', ['m'], 'y')],
    });
    const sample = randomTensor(seededRandom(3), [1, 40_000]);
    const { code, json } = await compiled(model, [{ inputs: { x: [[...sample.data]] } }]);
    expect(code).toBe(3);
    expect(json.error?.code).toBe('ASSAY_COMPILE_UNBOUNDED');
    expect(json.error?.details).toMatch(
      /the_[my] \((MatMul|Relu), output y\): the sum reaches \[-?\d+, \d+\] .*more than the field holds/,
    );
  });

  test('infinities that samples reach', async () => {
    const { code, json } = await compiled(
      vectorModel([op('Exp', ['x'], 'e'), op('Neg', ['e'], 'y')]),
      [{ inputs: { x: [[1, 2, 3, 1000]] } }],
    );
    expect(code).toBe(3);
    expect(json.error?.code).toBe('ASSAY_COMPILE_UNBOUNDED');
    expect(json.error?.details).toContain('the_e (Exp, output e)');
    expect(json.error?.details).toContain('infinity');
  });

  test('NaN that the float model gives', async () => {
    const { code, json } = await compiled(vectorModel([op('Log', ['x'], 'y')]), vectors);
    expect(code).toBe(3);
    expect(json.error).toMatchObject({
      code: 'ASSAY_FLOAT_VALUE',
      message: 'tensor "y" is NaN at index 1 for sample 0',
    });
  });

  test('tensors without elements', async () => {
    const attributes = { start: { int: 1 }, end: { int: 1 } };
    const { code, json } = await compiled(
      vectorModel([op('Relu', ['x'], 'y'), op('Shape', ['x'], 's', { attributes })], {
        outputs: ['y', 's'],
      }),
      vectors,
    );
    expect(code).toBe(3);
    expect(json.error?.code).toBe('ASSAY_COMPILE_UNSUPPORTED');
    expect(json.error?.details).toBe('s (Output, output s): a tensor without elements (0)');
  });
});

describe('files that are no models', () => {
  const model = vectorModel([op('MatMul', ['x', 'w'], 'y')], {
    initializers: { w: randomTensor(seededRandom(1), [4, 3]) },
  });
  const started = (): number => performance.now();

  test.each([0, 1, 10, 50, model.length - 1])('cut after %i bytes', async (length) => {
    const { code, json } = await compiled(model.subarray(0, length), vectors);
    expect(code).toBe(3);
    expect(json.error?.code).toMatch(/^ASSAY_MODEL_(MALFORMED|UNSUPPORTED)$/);
  });

  test('lengths that promise more than there is, nesting, noise: refused at once', async () => {
    const varint = (n: bigint): number[] =>
      n < 128n ? [Number(n)] : [Number(n & 127n) | 128, ...varint(n >> 7n)];
    const hostile: Uint8Array[] = [
      Uint8Array.of(0x3a, ...varint(2n ** 62n)),
      Uint8Array.of(0x3a, ...varint(2n ** 31n), 1, 2, 3),
      Uint8Array.from({ length: 1 << 16 }, (_, i) => (i % 2 === 0 ? 0x3a : 0xff)),
      new Uint8Array(1 << 20).fill(0xff),
      new Uint8Array(1 << 20),
      new TextEncoder().encode('{"not": "protobuf"}'),
    ];
    for (const bytes of hostile) {
      const since = started();
      const { code, json } = await compiled(bytes, vectors);
      expect(code).toBe(3);
      expect(json.error?.code).toMatch(/^ASSAY_MODEL_/);
      expect(performance.now() - since).toBeLessThan(5000);
    }
  });

  test('a model that declares a tensor of 2^60 elements', async () => {
    const large = [2 ** 20, 2 ** 20, 2 ** 20];
    const bytes = vectorModel([op('Add', ['x', 'w'], 'y')], {
      initializers: { w: { dims: large, data: [1] } },
    });
    const refused = await compiled(bytes, vectors);
    expect(refused.json.error?.code).toMatch(/^ASSAY_MODEL_/);
    const asks = vectorModel([op('Expand', ['x', 's'], 'y')], {
      initializers: { s: { dims: [3], data: large, dtype: 'int64' } },
    });
    expect((await compiled(asks, vectors)).json.error?.code).toMatch(/^ASSAY_MODEL_/);
  });
});
