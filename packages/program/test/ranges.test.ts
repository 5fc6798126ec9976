import { P } from '@assay/core/field';
import { describe, expect, test } from 'vitest';
import {
  accumulatorRange,
  checkModel,
  deriveRanges,
  formRange,
  identityView,
  type Program,
  rangeTable,
} from '../src/index.ts';
import { programOf, rescaleProgram, sumForm, tensorOf, wholeForm } from './programs.ts';

describe('enforced ranges', () => {
  test('a lookup of all elements enforces its table column', () => {
    const ranges = deriveRanges(rescaleProgram(-100, 100, 4, -7, 6));
    expect(ranges).toEqual({
      ok: true,
      value: [
        { lo: -100, hi: 100 },
        { lo: -7, hi: 6 },
        { lo: 0, hi: 15 },
        { lo: -7, hi: 6 },
      ],
    });
  });

  test('a lookup of some elements enforces nothing', () => {
    const program = rescaleProgram(-100, 100, 4, -7, 6);
    const partial: Program = {
      ...program,
      relations: program.relations.map((r, i) =>
        i === 1 && r.kind === 'lookup'
          ? {
              ...r,
              dims: [1],
              entries: [
                {
                  terms: [{ tensor: 2, coefficient: 1, view: identityView([2]), sums: [] }],
                  constant: 0,
                },
              ],
            }
          : r,
      ),
    };
    // Not the rest of the relation either: nothing else has coefficient ±1 and a known rest.
    const ranges = deriveRanges(partial);
    expect(ranges.ok ? ranges.value[2] : ranges.error.kind).not.toEqual({ lo: 0, hi: 15 });
  });

  test('a coefficient ±1 makes a tensor the rest of its relation', () => {
    const shape = [3];
    const program = programOf({
      tensors: [
        tensorOf('a', 'input', shape, { lo: -3, hi: 5 }),
        tensorOf('b', 'input', shape, { lo: 0, hi: 2 }),
        tensorOf('s', 'witness', shape),
      ],
      relations: [
        {
          kind: 'zero',
          dims: shape,
          form: sumForm(
            [wholeForm(0, shape, 2), wholeForm(1, shape, -1), wholeForm(2, shape, -1)],
            10,
          ),
          products: [],
          declared: null,
          node: 0,
        },
      ],
    });
    const ranges = deriveRanges(program);
    expect(ranges.ok && ranges.value[2]).toEqual({ lo: 2 * -3 - 2 + 10, hi: 2 * 5 + 10 });
  });

  test('a tensor without range is refused, by name', () => {
    const program = programOf({ tensors: [tensorOf('free', 'witness', [3])] });
    expect(deriveRanges(program)).toEqual({
      ok: false,
      error: { kind: 'program/unbounded', tensor: 'free', node: 'node' },
    });
  });
});

describe('no-wrap rule', () => {
  // acc + 2^(s−1) − 2^s·hi − rem stays inside (−p, p) exactly if 2^s·(hi range) + 2^s + (acc range) does.
  test('is tight: the last table row that still fits is accepted, one more is refused', () => {
    const shift = 10;
    const acc = 1000;
    const fits = (hi: number): boolean => {
      const lowest = -acc + 2 ** (shift - 1) - 2 ** shift * hi - (2 ** shift - 1);
      return lowest > -P;
    };
    let hi = Math.floor(P / 2 ** shift) - 10;
    while (fits(hi + 1)) hi++;
    expect(deriveRanges(rescaleProgram(-acc, acc, shift, 0, hi)).ok).toBe(true);
    const refused = deriveRanges(rescaleProgram(-acc, acc, shift, 0, hi + 1));
    expect(refused.ok ? null : refused.error.kind).toBe('program/wrap');
  });

  test('a refusal means a forgery exists: hi one multiple of p away has an admissible remainder', () => {
    const shift = 10;
    const hiMax = Math.floor(P / 2 ** shift) + 2;
    const refused = deriveRanges(rescaleProgram(-1000, 1000, shift, 0, hiMax));
    expect(refused.ok).toBe(false);
    let forged = 0;
    for (let acc = -1000; acc <= 1000; acc++) {
      const honest = Math.floor((acc + 512) / 1024);
      for (let hi = hiMax - 4; hi <= hiMax; hi++) {
        const rem = (((acc + 512 - 1024 * hi) % P) + P) % P;
        if (hi !== honest && rem < 1024) forged++;
      }
    }
    expect(forged).toBeGreaterThan(0);
  });

  test('a lookup entry must not reach another row by wrapping', () => {
    const shape = [1];
    const program = programOf({
      tensors: [tensorOf('a', 'input', shape, { lo: 0, hi: P - 1 })],
      tables: [rangeTable('t', { lo: -5, hi: 5 })],
      relations: [
        { kind: 'lookup', dims: shape, table: 0, entries: [wholeForm(0, shape)], node: 0 },
      ],
    });
    const refused = deriveRanges(program);
    expect(refused.ok ? null : refused.error.kind).toBe('program/wrap');
  });

  test('products: operands and their sum are bounded', () => {
    const shape = [2, 4];
    const make = (bound: number): Program =>
      programOf({
        tensors: [
          tensorOf('a', 'input', shape, { lo: -bound, hi: bound }),
          tensorOf('z', 'witness', [2]),
        ],
        relations: [
          {
            kind: 'zero',
            dims: [2],
            form: wholeForm(1, [2], -1),
            products: [
              { coefficient: 1, sums: [4], left: wholeForm(0, shape), right: wholeForm(0, shape) },
            ],
            declared: null,
            node: 0,
          },
        ],
      });
    const ok = deriveRanges(make(1000));
    expect(ok.ok && ok.value[1]).toEqual({ lo: -4e6, hi: 4e6 });
    expect(deriveRanges(make(30000)).ok).toBe(false);
  });
});

describe('formRange', () => {
  test('a concatenation is bounded piece by piece, not as a sum', () => {
    const tensors = [
      tensorOf('a', 'input', [3], { lo: -1, hi: 10 }),
      tensorOf('b', 'input', [2], { lo: 4, hi: 20 }),
    ];
    const view = (offset: number) =>
      [{ kind: 'affine', offset, strides: [{ axis: 0, stride: 1 }] }] as const;
    const form = {
      terms: [
        { tensor: 0, coefficient: 1, view: view(0), sums: [] },
        { tensor: 1, coefficient: 1, view: view(-3), sums: [] },
      ],
      constant: 0,
    };
    expect(
      formRange(
        form,
        [5],
        tensors,
        tensors.map((t) => t.range),
      ),
    ).toEqual({ lo: -1, hi: 20 });
    // one more position than both cover reads zero
    expect(
      formRange(form, [6], tensors, [
        { lo: 1, hi: 10 },
        { lo: 4, hi: 20 },
      ]),
    ).toEqual({ lo: 0, hi: 20 });
  });
});

describe('checkModel', () => {
  const shape = [3, 2];
  const program = programOf({
    tensors: [
      tensorOf('x', 'input', [3], { lo: 0, hi: 10 }),
      tensorOf('w', 'model', shape, { lo: -9, hi: 9 }),
      tensorOf('b', 'model', [2], { lo: -50, hi: 50 }),
      tensorOf('z', 'witness', [2]),
    ],
    relations: [
      {
        kind: 'zero',
        dims: [2],
        form: sumForm([wholeForm(2, [2]), wholeForm(3, [2], -1)]),
        products: [
          {
            coefficient: 1,
            sums: [3],
            left: {
              terms: [
                {
                  tensor: 0,
                  coefficient: 1,
                  view: [{ kind: 'affine', offset: 0, strides: [{ axis: 1, stride: 1 }] }],
                  sums: [],
                },
              ],
              constant: 0,
            },
            right: {
              terms: [
                {
                  tensor: 1,
                  coefficient: 1,
                  view: [
                    { kind: 'affine', offset: 0, strides: [{ axis: 1, stride: 1 }] },
                    { kind: 'affine', offset: 0, strides: [{ axis: 0, stride: 1 }] },
                  ],
                  sums: [],
                },
              ],
              constant: 0,
            },
          },
        ],
        declared: { lo: -130, hi: 70 },
        node: 0,
      },
    ],
  });
  const weights = new Map([
    [1, Int32Array.of(1, -5, 2, -3, 3, -4)],
    [2, Int32Array.of(10, -10)],
  ]);
  const ranges = deriveRanges(program);
  if (!ranges.ok) throw new Error('ranges');

  test('signed sums of the weights, exactly', () => {
    const relation = program.relations[0];
    if (relation?.kind !== 'zero') throw new Error('relation');
    expect(accumulatorRange(program, relation, weights, ranges.value)).toEqual({
      lo: -130,
      hi: 70,
    });
    expect(checkModel(program, weights, ranges.value).ok).toBe(true);
  });

  test('a weight out of range, a missing tensor, a bias that breaks the declared interval are refused', () => {
    const kind = (changed: [number, Int32Array][]): string => {
      const result = checkModel(program, new Map([...weights, ...changed]), ranges.value);
      return result.ok
        ? 'ok'
        : `${result.error.kind} ${'reason' in result.error ? result.error.reason : ''}`;
    };
    expect(kind([[1, Int32Array.of(10, 0, 0, 0, 0, 0)]])).toContain('outside the declared range');
    expect(kind([[2, Int32Array.of(11, -10)]])).toContain('accumulator reaches [-130, 71]');
    expect(kind([[2, Int32Array.of(1)]])).toContain('its shape needs 2');
    expect(checkModel(program, new Map(), ranges.value).ok).toBe(false);
  });
});
