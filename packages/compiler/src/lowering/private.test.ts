import {
  checkPrivate,
  checkProgram,
  describeProgramError,
  registrationProgram,
  type ProgramError,
} from '@assay/program';
import type { Result } from '@assay/core/errors';
import { checkRelations, dequantizeOutput, execute, executeReference } from '@assay/runtime';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { compileGraph } from '../compile-graph.ts';
import { RangeObserver } from '../float/observe.ts';
import { evaluateGraph, type DenseTensor, type FloatGraph } from '../graph/index.ts';
import { quantizeSample } from '../report/index.ts';
import { caseOf, none } from '../testing/cases/case.ts';
import { operatorCases, randomTensor, seededRandom, type OperatorCase } from '../testing/index.ts';

const problem = (result: Result<unknown, ProgramError>): string =>
  result.ok ? '' : describeProgramError(result.error);

const compiled = ({ graph, samples, options }: OperatorCase) => {
  const floats = samples.map((sample) => evaluateGraph(graph, sample));
  const observer = new RangeObserver();
  for (const values of floats) observer.add(values);
  const observed = observer.ranges();
  const compileOther = (other: FloatGraph, privateWeights: boolean) =>
    compileGraph(other, samples, observed, { ...options, privateWeights });
  return { ...compileOther(graph, true), floats, compileOther };
};

const constantsOf = (graph: FloatGraph): string[] =>
  [...graph.values.values()].flatMap(({ name, data }) => (data === null ? [] : [name]));

const withConstant = (
  graph: FloatGraph,
  name: string,
  change: (v: number) => number,
): FloatGraph => {
  const values = new Map(graph.values);
  const value = values.get(name);
  if (value === undefined || value.data === null) throw new TypeError('expected a constant');
  values.set(name, { ...value, data: Float64Array.from(value.data, change) });
  return { ...graph, values };
};

/** The graph with slightly smaller values for one of its constants: too near for powers of two to tell. */
const nearby = (graph: FloatGraph, name: string, seed = 7): FloatGraph => {
  const random = seededRandom(seed);
  return withConstant(graph, name, (v) => v * (1 - random() / 1024));
};

const numbers = (...data: number[]): DenseTensor => ({
  dims: [data.length],
  data: Float64Array.from(data),
});

/** Constants that are single numbers or all equal, which a compiler is tempted to look at. */
const special: readonly OperatorCase[] = [
  caseOf('offset', 201, {
    operator: 'Add',
    inputs: { x: [2, 3] },
    constants: { c: { dims: [], data: Float64Array.of(0.3) } },
    nodes: [
      ['Add', none, ['x', 'c'], 's'],
      ['Relu', none, ['s'], 'y'],
    ],
  }),
  caseOf('offset of a product of values', 202, {
    operator: 'Add',
    inputs: { x: [2, 3], z: [2, 3] },
    constants: { c: numbers(0.3, 0.3, 0.3) },
    nodes: [
      ['Mul', none, ['x', 'z'], 'm'],
      ['Add', none, ['m', 'c'], 's'],
      ['Relu', none, ['s'], 'y'],
    ],
  }),
  caseOf('equal factors', 203, {
    operator: 'Mul',
    inputs: { x: [2, 3] },
    constants: { c: numbers(0.3, 0.3, 0.3) },
    nodes: [
      ['Mul', none, ['x', 'c'], 's'],
      ['Relu', none, ['s'], 'y'],
    ],
  }),
  caseOf('one slope', 204, {
    operator: 'PRelu',
    inputs: { x: [2, 3] },
    constants: { c: { dims: [1], data: Float64Array.of(0.3) } },
    nodes: [
      ['PRelu', none, ['x', 'c'], 's'],
      ['Relu', none, ['s'], 'y'],
    ],
  }),
  caseOf('equal constants among values', 205, {
    operator: 'Concat',
    inputs: { x: [3] },
    constants: { c: numbers(0.3, 0.3) },
    nodes: [
      ['Concat', { axis: 0 }, ['x', 'c'], 's'],
      ['Relu', none, ['s'], 'y'],
    ],
  }),
  caseOf('a constant as an output', 206, {
    operator: 'Transpose',
    inputs: { x: [3] },
    constants: { c: { dims: [1, 2], data: Float64Array.of(0.3, -0.2) } },
    nodes: [
      ['Transpose', { permutation: [1, 0] }, ['c'], 'k'],
      ['Relu', none, ['x'], 'y'],
    ],
    outputs: ['k', 'y'],
  }),
];

const cases = [...operatorCases(), ...special].filter((c) => constantsOf(c.graph).length > 0);

describe.each(cases.map((c) => [c.name, c] as const))('%s', (_name, c) => {
  const { program, weights, floats, publicConstants, compileOther } = compiled(c);

  it('keeps the rules of programs, of registrations, and of private weights', () => {
    expect(problem(checkProgram(program, weights))).toBe('');
    expect(problem(checkPrivate(program))).toBe('');
    expect(problem(registrationProgram(program))).toBe('');
  });

  it('is as near to the float model as with public weights', () => {
    for (const [i, sample] of c.samples.entries()) {
      const inputs = quantizeSample(program, sample);
      const trace = execute(program, weights, inputs, null);
      if (i < 3) {
        const reference = executeReference(program, weights, inputs);
        for (const [id, data] of trace) expect(reference.get(id)).toEqual(data);
        expect(checkRelations(program, weights, trace)).toEqual([]);
      }
      for (const port of program.outputs) {
        const all = floats.flatMap((values) => [...(values.get(port.name)?.data ?? [])]);
        const span = Math.max(...all) - Math.min(...all);
        const expected = floats[i]?.get(port.name)?.data ?? [];
        const actual = dequantizeOutput(port, trace.get(port.tensor) ?? []);
        const worst = Math.max(...actual.map((v, k) => Math.abs(v - (expected[k] ?? Number.NaN))));
        expect(worst).toBeLessThanOrEqual(c.bound * span);
      }
    }
  });

  it.each(constantsOf(c.graph))(
    'does not change with %s, unless that is said to be public',
    (name) => {
      const other = compileOther(nearby(c.graph, name), true);
      const users = c.graph.nodes.flatMap((node, i) => (node.inputs.includes(name) ? [i] : []));
      const shown = publicConstants?.some(({ node }) =>
        users.includes(node - c.graph.inputs.length),
      );
      if (shown !== true) expect(other.program).toEqual(program);
    },
  );
});

it.each([
  ['maximum with constants', [0.9, 0.5, -0.3], [0.7, 0.8, -0.4]],
  ['equal constants among values', [0.3, 0.3], [0.3, 0.25]],
])('%s: neither the largest one shows, nor whether all are equal', (name, ...choices) => {
  const c = cases.find((other) => other.name === name);
  if (c === undefined) throw new TypeError('expected the case');
  const { compileOther } = compiled(c);
  const [one, other] = choices.map((data) => {
    let i = 0;
    return compileOther(
      withConstant(c.graph, 'c', () => data[i++] ?? 0),
      true,
    ).program;
  });
  expect(one).toEqual(other);
});

it('tables are cut at powers of two, unless that doubles the lookup argument', () => {
  const rowsWith = (n: number): number => {
    const random = seededRandom(n);
    const c = caseOf('wide', 5, {
      operator: 'MatMul',
      inputs: { x: [1, 24] },
      constants: {
        w: randomTensor(random, [24, n], -1, 1),
        v: randomTensor(random, [n, 2], -1, 1),
      },
      nodes: [
        ['MatMul', { transposeA: false, transposeB: false }, ['x', 'w'], 'h'],
        ['Relu', none, ['h'], 'a'],
        ['MatMul', { transposeA: false, transposeB: false }, ['a', 'v'], 'y'],
      ],
      options: { clamps: 'tables', limbBits: 12 },
    });
    return compiled(c).program.tables.find(({ name }) => name.startsWith('relu'))?.rows ?? 0;
  };
  expect(rowsWith(1200)).toBe(2 ** 13 + 1);
  const fine = rowsWith(2400);
  expect(fine).toBeLessThan(2 ** 13);
  // Ends are 8 to 16 times a power of two.
  expect((fine - 1) % 2 ** 7).toBe(0);
});

it('sums whose declared interval would be wider than the field are made coarser', () => {
  const random = seededRandom(3);
  // Clamps by blocks bound what follows twice as loosely as it is: intervals of 2^30 around honest ones of 2^29.
  const c = caseOf('wide', 5, {
    operator: 'MatMul',
    inputs: { x: [1, 4] },
    constants: {
      w: randomTensor(random, [4, 400], -1, 1),
      v: randomTensor(random, [400, 3], -1, 1),
    },
    nodes: [
      ['MatMul', { transposeA: false, transposeB: false }, ['x', 'w'], 'h'],
      ['Relu', {}, ['h'], 'a'],
      ['MatMul', { transposeA: false, transposeB: false }, ['a', 'v'], 'y'],
    ],
    options: { clamps: 'blocks' },
  });
  const { program, weights } = compiled(c);
  expect(problem(checkProgram(program, weights))).toBe('');
});

it('compiled for public weights, nearly every constant changes the program', () => {
  let [changed, all] = [0, 0];
  for (const c of cases) {
    const { compileOther } = compiled(c);
    const { program } = compileOther(c.graph, false);
    for (const name of constantsOf(c.graph)) {
      all += 1;
      const other = compileOther(nearby(c.graph, name), false).program;
      if (!isDeepStrictEqual(other, program)) changed += 1;
    }
  }
  expect(changed / all).toBeGreaterThan(0.8);
});

describe('what stays public of private weights', () => {
  const shownBy = (name: string): readonly string[] => {
    const c = operatorCases().find((other) => other.name === name);
    if (c === undefined) throw new TypeError('expected the case');
    const { program, publicConstants } = compiled(c);
    return (publicConstants ?? []).map(({ node, what }) => `${program.nodes[node]?.name}: ${what}`);
  };

  it.each([
    ['matmul weights', []],
    ['batch normalization after conv', []],
    ['maximum with constants', []],
    ['prelu', []],
    ['toy sum of values', ['Mul_0: factor 0.5']],
    ['hard sigmoid of a sum', ['HardSigmoid_1: alpha 0.2', 'HardSigmoid_1: beta 0.5']],
    ['clip of a sum', ['Clip_1: min -0.5', 'Clip_1: max 0.25']],
    ['pad with a constant', ['Pad_0: value 0.5']],
    ['gather', ['Gather_0: indices']],
  ])('%s', (name, shown) => {
    expect(shownBy(name)).toEqual(shown);
  });
});
