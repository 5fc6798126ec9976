/** Every operator on integers of another program that range over far more than its own operands do. */
import {
  checkModel,
  deriveSystem,
  describeProgramError,
  validateProgram,
  type Range,
} from '@assay/program';
import { P } from '@assay/core/field';
import { checkRelations, dequantizeOutput, execute } from '@assay/runtime';
import { describe, expect, it } from 'vitest';
import { compileGraph } from '../compile-graph.ts';
import { RangeObserver } from '../float/observe.ts';
import { evaluateGraph } from '../graph/index.ts';
import { quantizeSample } from '../report/index.ts';
import { operatorCases, traceSearch, type OperatorCase } from '../testing/index.ts';
import type { SourcePort } from './index.ts';

const largest = (c: OperatorCase, name: string): number => {
  let most = 0;
  for (const s of c.samples)
    for (const v of s.get(name)?.data ?? []) most = Math.max(most, Math.abs(v));
  return most;
};

interface Wide {
  readonly range: Range;
  readonly zero: number;
  /** The integer, less zero, that stands for the largest number of the samples. */
  readonly used: number;
}

const portsOf = (c: OperatorCase, { range, zero, used }: Wide): Map<string, SourcePort> =>
  new Map(
    c.graph.inputs.map((name): [string, SourcePort] => {
      const shape = c.graph.values.get(name)?.shape ?? [];
      const scale = largest(c, name) / used;
      const port = { program: 'other', name: 'given', shape, storage: shape, scale, zero, range };
      return [name, { ...port, meaning: 'number' }];
    }),
  );

const compileWide = (c: OperatorCase, wide: Wide) => {
  const floats = c.samples.map((sample) => evaluateGraph(c.graph, sample));
  const observer = new RangeObserver();
  for (const values of floats) observer.add(values);
  const options = { ...c.options, inputPorts: portsOf(c, wide) };
  return { ...compileGraph(c.graph, c.samples, observer.ranges(), options), floats };
};

const symmetric = (hi: number): Range => ({ lo: -hi, hi });

/** The field's (−p, p) leaves ranges of up to p values; a rescale needs some of that for its remainder. */
const WIDEST = symmetric((P - 1) / 2 - 2 ** 16);

const WIDTHS: readonly (readonly [string, Wide])[] = [
  ['30 bits', { range: symmetric(2 ** 29), zero: 0, used: 2 ** 26 }],
  ['30 bits, all of them used', { range: symmetric(2 ** 29), zero: 0, used: 2 ** 29 }],
  ['30 bits, 10 of them used', { range: symmetric(2 ** 29), zero: 0, used: 2 ** 9 }],
  ['30 bits from 0', { range: { lo: 0, hi: 2 ** 30 }, zero: 2 ** 29, used: 2 ** 28 }],
  ['nearly the field', { range: WIDEST, zero: 0, used: 2 ** 29 }],
  ['16 bits', { range: symmetric(2 ** 15), zero: 0, used: 2000 }],
];

describe.each(WIDTHS)('integers of %s', (_width, wide) => {
  it.each(operatorCases().map((c) => [c.name, c] as const))('%s', (_name, c) => {
    const { program, weights, floats } = compileWide(c, wide);
    const valid = validateProgram(program);
    expect(valid.ok ? '' : describeProgramError(valid.error)).toBe('');
    const system = deriveSystem(program);
    expect(system.ok ? '' : describeProgramError(system.error)).toBe('');
    if (!system.ok) return;
    const hidden = deriveSystem(program, {
      inputs: program.inputs.map(() => ({ kind: 'hidden' })),
      outputs: program.outputs.map(() => ({ kind: 'hidden' })),
      weights: { kind: 'public' },
    });
    expect(hidden.ok ? '' : describeProgramError(hidden.error)).toBe('');
    const model = checkModel(program, weights, system.value.ranges);
    expect(model.ok ? '' : describeProgramError(model.error)).toBe('');
    for (const port of program.inputs)
      expect(program.tensors[port.tensor]?.range).toEqual(wide.range);
    for (const [i, sample] of c.samples.entries()) {
      const trace = execute(program, weights, quantizeSample(program, sample), null);
      if (i === 0) expect(checkRelations(program, weights, trace)).toEqual([]);
      for (const port of program.outputs) {
        const all = floats.flatMap((values) => [...(values.get(port.name)?.data ?? [])]);
        const span = all.reduce((a, v) => Math.max(a, v)) - all.reduce((a, v) => Math.min(a, v));
        const expected = floats[i]?.get(port.name)?.data ?? [];
        const worst = dequantizeOutput(port, trace.get(port.tensor) ?? []).reduce(
          (w, v, k) => Math.max(w, Math.abs(v - (expected[k] ?? Number.NaN))),
          0,
        );
        // A rescale that may only shift takes up to one bit more than one that may scale.
        expect(worst, `sample ${i}, output ${port.name}`).toBeLessThanOrEqual(2 * c.bound * span);
      }
    }
  });
});

describe('the rescale of wide integers', () => {
  const toy = operatorCases().find(({ name }) => name === 'toy rescale and relu');
  if (toy === undefined) throw new TypeError('expected the case');

  it.each([
    ['a shift', { range: { lo: -32, hi: 31 }, zero: 0, used: 20 }],
    ['a clamp', { range: { lo: -32, hi: 31 }, zero: 0, used: 2 }],
    ['another zero', { range: { lo: 0, hi: 63 }, zero: 30, used: 20 }],
  ] as const)('has one solution for each input: %s', (_name, wide) => {
    const { program, weights } = compileWide(toy, wide);
    expect(program.relations[0]?.node).toBe(0);
    const search = traceSearch(program);
    for (const sample of toy.samples) {
      const trace = execute(program, weights, quantizeSample(program, sample), null);
      expect(search(weights, trace).solutions).toBe(1);
    }
  });

  it('is refused where the field has no room for it, by the input and what to do', () => {
    const range = symmetric((P - 1) / 2);
    const compiled = (): unknown => compileWide(toy, { range, zero: 0, used: 2 ** 29 });
    expect(compiled).toThrow(/x \(Input, output x\).*fewer bits of outputs/s);
  });
});
