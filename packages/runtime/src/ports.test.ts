import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dequantizeOutput, quantizeInput } from './index.ts';
import { form, ProgramBuilder } from './testing/index.ts';

function inputPort(scale: number, zero: number, lo: number, hi: number, size: number) {
  const b = new ProgramBuilder();
  b.input('x', [size], { lo, hi }, scale, zero);
  const program = b.build();
  const [port] = program.inputs;
  if (port === undefined) throw new Error('no port');
  return { program, port };
}

describe('quantizeInput', () => {
  it('rounds halves away from zero, then adds the zero point', () => {
    const { program, port } = inputPort(0.5, 3, -100, 100, 6);
    const { values, clamped } = quantizeInput(program, port, [0.25, -0.25, 0.24, 0.75, -0.75, 1]);
    expect([...values]).toEqual([4, 2, 3, 5, 1, 5]);
    expect(clamped).toBe(0);
  });

  it('rounds the largest double below one half to zero', () => {
    const { program, port } = inputPort(1, 0, -100, 100, 2);
    expect([
      ...quantizeInput(program, port, [0.49999999999999994, -0.49999999999999994]).values,
    ]).toEqual([0, 0]);
  });

  it('clamps to the declared range and counts', () => {
    const { program, port } = inputPort(1, 0, -2, 2, 4);
    const found = quantizeInput(program, port, Float64Array.of(-1e300, -2, 2.4, 2.5));
    expect([...found.values]).toEqual([-2, -2, 2, 2]);
    expect(found.clamped).toBe(2);
  });

  it.each([NaN, Infinity, -Infinity])('refuses %s', (x) => {
    const { program, port } = inputPort(1, 0, -2, 2, 2);
    expect(() => quantizeInput(program, port, [0, x])).toThrow(
      expect.objectContaining({
        code: 'ASSAY_INPUT',
        shortMessage: expect.stringContaining('input "x"'),
      }),
    );
  });

  it('refuses a wrong number of values', () => {
    const { program, port } = inputPort(1, 0, -2, 2, 3);
    expect(() => quantizeInput(program, port, [1, 2])).toThrow(
      expect.objectContaining({ code: 'ASSAY_INPUT' }),
    );
  });

  it('refuses a port of a tensor without a declared range', () => {
    const b = new ProgramBuilder();
    const w = b.witness('w', [1]);
    b.define(w, form([], 1));
    const port = {
      name: 'w',
      tensor: w,
      shape: [1],
      scale: 1,
      zero: 0,
      meaning: 'number' as const,
    };
    expect(() => quantizeInput(b.build(), port, [1])).toThrow(TypeError);
  });

  it('undoes dequantizeOutput', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: -9, max: 9 }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        (v, zero, scale) => {
          const { program, port } = inputPort(scale, zero, -2000, 2000, 1);
          expect([...quantizeInput(program, port, dequantizeOutput(port, [v])).values]).toEqual([
            v,
          ]);
        },
      ),
      { seed: 7 },
    );
  });
});
