import type { Port, Program } from '@assay/program';
import { describe, expect, test } from 'vitest';
import { byPort, portsNamed, portText, splitPort } from './port-names.ts';

const port = (name: string, tensor: number): Port => ({
  name,
  tensor,
  shape: [1],
  scale: 1,
  zero: 0,
  meaning: 'number',
});
const model = (inputs: readonly string[], outputs: readonly string[]): Program => ({
  name: 'model',
  tensors: [],
  tables: [],
  relations: [],
  steps: [],
  nodes: [],
  inputs: inputs.map((name, i) => port(name, i)),
  outputs: outputs.map((name, i) => port(name, inputs.length + i)),
});
const named = (program: Program, text: string): string[] =>
  portsNamed(program, '--hide', text).map(portText);

describe('names of ports', () => {
  const two = model(['image', 'mask'], ['label', 'score']);
  test.each([
    ['image', ['input:image']],
    ['output:score', ['output:score']],
    ['input', ['input:image', 'input:mask']],
    ['output', ['output:label', 'output:score']],
  ])('%s', (text, ports) => {
    expect(named(two, text)).toEqual(ports);
  });

  test.each(['picture', 'input:label', 'inputs', ''])('%s: there is none', (text) => {
    expect(() => named(two, text)).toThrow(
      /--hide: the model has no .*\nIt has: input:image, input:mask, output:label, output:score\.$/,
    );
  });

  const twice = model(['x'], ['x', 'y']);
  test('a name that both sides have needs its side', () => {
    expect(() => named(twice, 'x')).toThrow('"x" may be input:x or output:x');
    expect(named(twice, 'input:x')).toEqual(['input:x']);
    expect(named(twice, 'output:x')).toEqual(['output:x']);
  });

  test('ports that are called like a side are told apart, or meant either way', () => {
    expect(named(model(['input'], ['output']), 'input')).toEqual(['input:input']);
    const some = model(['input', 'mask'], ['y']);
    expect(() => named(some, 'input')).toThrow('"input" may be input:input or input:mask');
    expect(named(some, 'input:input')).toEqual(['input:input']);
    // Whoever hides "output" here may mean what is an input: neither is taken.
    expect(() => named(model(['output'], ['y']), 'output')).toThrow('input:output or output:y');
    expect(() => named(model(['x', 'input:x'], ['y']), 'input:x')).toThrow(/may be/);
  });
});

describe('[NAME=]REST', () => {
  const two = model(['a', 'a=b'], ['y']);
  const split = (text: string): [string, string] => {
    const { ref, rest } = splitPort(two, 'inputs', '--input-commitment', text);
    return [ref.port.name, rest];
  };
  test('only names that the model has count', () => {
    expect(split('a=folder')).toEqual(['a', 'folder']);
    expect(split('input:a=folder=x')).toEqual(['a', 'folder=x']);
    expect(splitPort(two, 'outputs', '-', 'b=c').rest).toBe('b=c');
    expect(splitPort(two, 'outputs', '-', 'a=c').rest).toBe('a=c');
    expect(splitPort(two, 'outputs', '-', 'y=').rest).toBe('');
    expect(() => split('folder')).toThrow('the model has 2 inputs, and one has to be named');
  });

  test('each port once', () => {
    const said = byPort(two, 'inputs', '--input-name', ['a=1', 'a=b=2']);
    expect([...said].map(([name, { rest }]) => [name, rest])).toEqual([
      ['a', '1'],
      ['a=b', '2'],
    ]);
    expect(() => byPort(two, 'inputs', '--input-name', ['a=1', 'input:a=2'])).toThrow(
      'input "a" is given twice',
    );
    expect(byPort(two, 'outputs', '--output-name', undefined).size).toBe(0);
  });
});
