import { describe, expect, it } from 'vitest';
import { graphOf } from '../testing/index.ts';
import { quantizeInterval, roundAway, roundInterval } from './ranges.ts';
import { planTargets, type TargetOptions } from './targets.ts';

const options: TargetOptions = {
  activationBits: 10,
  fineBits: 12,
  inputBits: 10,
  outputBits: null,
  linked: new Set(),
  margin: 1,
};

describe('ranges', () => {
  it('are rounded away from zero to 8 significant bits', () => {
    expect(roundAway(1)).toBe(1);
    expect(roundAway(1.0001)).toBe(1 + 2 ** -7);
    expect(roundAway(-255.5)).toBe(-256);
    expect(roundAway(3e-5)).toBeGreaterThanOrEqual(3e-5);
    expect(roundAway(0)).toBe(0);
  });

  it('can be rounded to fewer bits', () => {
    expect(roundAway(1.01, 4)).toBe(1.125);
    expect(roundAway(-15.5, 4)).toBe(-16);
    expect(roundInterval({ lo: -0.7, hi: 33 }, 4)).toEqual({ lo: -0.75, hi: 36 });
  });

  it('do not depend on the last bits of a float', () => {
    expect(roundAway(0.7000000001)).toBe(roundAway(0.6999999999));
  });

  it('always hold zero', () => {
    expect(roundInterval({ lo: 2, hi: 3 })).toEqual({ lo: 0, hi: 3 });
    expect(roundInterval({ lo: -3, hi: -2 })).toEqual({ lo: -3, hi: 0 });
  });

  it.each([
    [
      { lo: 0, hi: 2 },
      { lo: 0, hi: 1023 },
    ],
    [
      { lo: -2, hi: 0 },
      { lo: -1023, hi: 0 },
    ],
    [
      { lo: -2, hi: 1 },
      { lo: -512, hi: 511 },
    ],
    [
      { lo: -1, hi: 2 },
      { lo: -512, hi: 511 },
    ],
  ])('%o fits its integers', (interval, range) => {
    const q = quantizeInterval(interval, 10);
    expect(q.range).toEqual(range);
    expect(q.scale * range.hi).toBeGreaterThanOrEqual(interval.hi);
    expect(q.scale * range.lo).toBeLessThanOrEqual(interval.lo);
  });
});

describe('targets', () => {
  const joined = graphOf('joined', {
    inputs: { a: [2, 2], b: [2, 2] },
    nodes: [
      ['Sigmoid', {}, ['a'], 's'],
      ['Concat', { axis: 1 }, ['s', 'b'], 'c'],
      ['Relu', {}, ['c'], 'y'],
    ],
  });
  const observed = new Map([
    ['a', { lo: -4, hi: 4 }],
    ['b', { lo: 0, hi: 3 }],
    ['s', { lo: 0, hi: 1 }],
    ['c', { lo: 0, hi: 3 }],
    ['y', { lo: 0, hi: 3 }],
  ]);

  it('follow from ranges of as many bits as are asked for', () => {
    const graph = graphOf('one', { inputs: { x: [3] }, nodes: [['Relu', {}, ['x'], 'y']] });
    const scaleOf = (hi: number): number | undefined =>
      planTargets(graph, new Map([['x', { lo: 0, hi }]]), new Set(), { ...options, rangeBits: 4 })(
        'x',
      )?.scale;
    expect(scaleOf(2.13)).toBe(2.25 / 1023);
    expect(scaleOf(2.13)).toBe(scaleOf(2.2));
  });

  it('give tensors that share elements one scale', () => {
    const target = planTargets(joined, observed, new Set(), options);
    expect(target('s')).toEqual(target('c'));
    expect(target('b')?.scale).toBe(3 / 1023);
    expect(target('c')?.flexible).toBe(false);
    expect(target('a')?.scale).not.toBe(target('b')?.scale);
  });

  it('do not round what a function puts among integers', () => {
    const target = planTargets(joined, observed, new Set(['a', 'b']), options);
    expect(target('b')?.scale).toBe(3 / 1023);
    expect(target('a')).toEqual({ scale: 1, range: { lo: -15, hi: 15 }, flexible: false });
  });

  it('keep indicators and counts as they are', () => {
    const graph = graphOf('counts', { inputs: { x: [3] }, nodes: [['Relu', {}, ['x'], 'y']] });
    const of = (hi: number): unknown =>
      planTargets(graph, new Map([['x', { lo: 0, hi }]]), new Set(['x']), {
        ...options,
        margin: 1.25,
      })('x')?.range;
    expect(of(1)).toEqual({ lo: 0, hi: 1 });
    expect(of(9)).toEqual({ lo: 0, hi: 31 });
  });

  it('hold the constants that they are padded or compared with', () => {
    const graph = graphOf('padded', {
      inputs: { x: [3] },
      nodes: [['Pad', { padsBegin: [1], padsEnd: [0], value: -7.5 }, ['x'], 'y']],
    });
    const target = planTargets(
      graph,
      new Map([['x', { lo: 0, hi: 1 }]]),
      new Set(['x']),
      options,
    )('y');
    expect((target?.range.lo ?? 0) * (target?.scale ?? 0)).toBeLessThanOrEqual(-7.5);
    expect(target?.scale).not.toBe(1);
  });

  it('are finer where only a softmax or the reader looks', () => {
    const graph = graphOf('fine', {
      inputs: { x: [1, 3] },
      constants: { w: { dims: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) } },
      nodes: [
        ['MatMul', { transposeA: false, transposeB: false }, ['x', 'w'], 'h'],
        ['Softmax', {}, ['h'], 'y'],
      ],
    });
    const seen = new Map([
      ['x', { lo: 0, hi: 1 }],
      ['h', { lo: -4, hi: 4 }],
      ['y', { lo: 0, hi: 1 }],
    ]);
    const target = planTargets(graph, seen, new Set(), options);
    expect(target('h')?.range.hi).toBe(2047);
    expect(target('x')?.range.hi).toBe(1023);
  });
});
