import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const model = fileURLToPath(new URL('../../examples/digits-cnn/model.onnx', import.meta.url));

describe('parseOptions', () => {
  it('takes names, or all there are', () => {
    expect(parseOptions(['digits-cnn'])?.targets).toEqual([{ kind: 'case', name: 'digits-cnn' }]);
    expect(parseOptions([])?.targets.length).toBeGreaterThanOrEqual(5);
  });

  it('takes kernels for no model', () => {
    expect(parseOptions(['kernels'])).toMatchObject({ kernels: true, targets: [] });
    expect(parseOptions(['kernels', 'mlp-2m'])?.targets).toHaveLength(1);
  });

  it('takes the market, and how many jobs it gets', () => {
    expect(parseOptions(['market'])).toMatchObject({ marketJobs: 1000, targets: [] });
    expect(parseOptions(['market', '--jobs', '20'])?.marketJobs).toBe(20);
    expect(parseOptions(['kernels'])?.marketJobs).toBeNull();
    expect(() => parseOptions(['market', '--jobs', '0'])).toThrow(TypeError);
  });

  it('takes a model with the samples beside it', () => {
    expect(parseOptions(['--model', model, '--runs', '3', '--json'])).toMatchObject({
      targets: [
        { kind: 'file', path: model, samples: model.replace('model.onnx', 'samples.json') },
      ],
      runs: 3,
      format: 'json',
    });
  });

  it('takes profiles one after the other', () => {
    expect(parseOptions([])).toMatchObject({ profiles: ['plain'], format: 'text' });
    expect(parseOptions(['--zk', '--markdown'])).toMatchObject({
      profiles: ['plain', 'zk'],
      format: 'markdown',
    });
    expect(parseOptions(['--zk-private'])?.profiles).toEqual(['plain', 'zk', 'zk-private']);
    expect(() => parseOptions(['--json', '--markdown'])).toThrow(TypeError);
  });

  it('knows when help is asked for', () => {
    expect(parseOptions(['--help'])).toBeNull();
  });

  it.each([['--runs', '0'], ['--threads', 'two'], ['--model', '/nowhere.onnx'], ['--fast']])(
    'refuses %s %s',
    (...args) => {
      expect(() => parseOptions(args.filter((arg) => arg !== undefined))).toThrow(TypeError);
    },
  );
});
