import { P } from '@assay/core/field';
import { describe, expect, test } from 'vitest';
import {
  checkModel,
  deriveRanges,
  elementCount,
  type Form,
  formRange,
  type Program,
  type Range,
  rangeTable,
  type Tensor,
  type View,
  viewIndexer,
} from '../src/index.ts';
import { SeededRandom } from '../src/testing/random.ts';
import { programOf, sumForm, tensorOf, wholeForm } from './programs.ts';

/** Programs that look bounded and are not: what a hostile program would use to let a prover wrap around. */

const along = (axis: number) =>
  ({ kind: 'affine', offset: 0, strides: [{ axis, stride: 1 }] }) as const;

describe('a definition bounds nothing by itself', () => {
  // t = w·t + b: with w = 1, b = 0 every t in the field satisfies it, whatever interval is declared.
  const program = programOf({
    tensors: [
      tensorOf('w', 'model', [2], { lo: -1, hi: 1 }),
      tensorOf('t', 'witness', [2]),
      tensorOf('y', 'output', [2], { lo: -10, hi: 10 }),
    ],
    relations: [
      {
        kind: 'zero',
        dims: [2],
        form: wholeForm(1, [2], -1),
        products: [{ coefficient: 1, sums: [], left: wholeForm(0, [2]), right: wholeForm(1, [2]) }],
        declared: { lo: -10, hi: 10 },
        node: 0,
      },
    ],
  });

  test('a tensor that is an operand of its own declared interval has no range', () => {
    expect(deriveRanges(program)).toEqual({
      ok: false,
      error: { kind: 'program/unbounded', tensor: 't', node: 'node' },
    });
  });

  test('the check of the model alone would not have noticed', () => {
    const weights = new Map([[0, Int32Array.of(1, 1)]]);
    const claimed: Range[] = [
      { lo: -1, hi: 1 },
      { lo: -10, hi: 10 },
      { lo: -10, hi: 10 },
    ];
    expect(checkModel(program, weights, claimed).ok).toBe(true);
  });

  test('two tensors without range in one relation bound neither', () => {
    const pair = programOf({
      tensors: [tensorOf('a', 'witness', [1]), tensorOf('b', 'witness', [1])],
      relations: [
        {
          kind: 'zero',
          dims: [1],
          form: sumForm([wholeForm(0, [1]), wholeForm(1, [1], -1)]),
          products: [],
          declared: null,
          node: 0,
        },
      ],
    });
    expect(deriveRanges(pair)).toMatchObject({ error: { kind: 'program/unbounded' } });
  });

  test.each([
    ['a coefficient other than ±1', 2, [along(0)]],
    ['a view that leaves elements out', 1, [{ ...along(0), offset: 1 }]],
    ['a gather', 1, [{ kind: 'gather', axis: 0, indices: [0, 1] }]],
  ] as const)('%s defines nothing', (_name, coefficient, view) => {
    const loose = programOf({
      tensors: [tensorOf('a', 'input', [2], { lo: 0, hi: 9 }), tensorOf('t', 'witness', [2])],
      relations: [
        {
          kind: 'zero',
          dims: [2],
          form: {
            terms: [
              { tensor: 0, coefficient: 1, view: [along(0)], sums: [] },
              { tensor: 1, coefficient, view, sums: [] },
            ],
            constant: 0,
          },
          products: [],
          declared: null,
          node: 0,
        },
      ],
    });
    expect(deriveRanges(loose)).toMatchObject({
      error: { kind: 'program/unbounded', tensor: 't' },
    });
  });
});

describe('the interval that weights give is exact', () => {
  const wide: Range = { lo: -(2 ** 30), hi: 2 ** 30 };
  const program = (coefficient: number): Program =>
    programOf({
      tensors: [
        tensorOf('a', 'model', [1], wide),
        tensorOf('b', 'model', [1], wide),
        tensorOf('y', 'output', [1], { lo: -10, hi: 10 }),
      ],
      relations: [
        {
          kind: 'zero',
          dims: [1],
          form: sumForm([
            wholeForm(0, [1], coefficient),
            wholeForm(1, [1], -coefficient),
            wholeForm(2, [1], -1),
          ]),
          products: [],
          declared: { lo: -(2 ** 30), hi: 2 ** 30 },
          node: 0,
        },
      ],
    });
  const check = (coefficient: number, a: number, b: number): unknown => {
    const p = program(coefficient);
    const ranges = deriveRanges(p);
    if (!ranges.ok) return ranges.error;
    const weights = new Map([
      [0, Int32Array.of(a)],
      [1, Int32Array.of(b)],
    ]);
    const checked = checkModel(p, weights, ranges.value);
    return checked.ok ? 'ok' : checked.error;
  };

  test('small sums are', () => {
    expect(check(3, 5, 4)).toBe('ok');
    expect(check(3, 2 ** 29, 0)).toMatchObject({ kind: 'program/weights' });
  });

  test('biases whose multiples are beyond 2^53 are refused, not rounded', () => {
    expect(check(2 ** 30 + 1, 2 ** 30, 2 ** 30)).toMatchObject({ kind: 'program/weights' });
  });

  test('weights whose multiples are beyond 2^53 are refused, not rounded', () => {
    const product = (coefficient: number, w: number) => ({
      coefficient,
      sums: [],
      left: wholeForm(w, [1]),
      right: wholeForm(3, [1]),
    });
    const base = program(1);
    const p: Program = {
      ...base,
      tensors: [...base.tensors, tensorOf('x', 'input', [1], { lo: 100, hi: 100 })],
      relations: base.relations.map((r) =>
        r.kind === 'zero'
          ? {
              ...r,
              form: wholeForm(2, [1], -1),
              products: [product(2 ** 30, 0), product(-(2 ** 30), 1)],
            }
          : r,
      ),
    };
    const ranges = deriveRanges(p);
    if (!ranges.ok) throw new Error(JSON.stringify(ranges.error));
    const same = Int32Array.of(2 ** 30 - 1);
    const weights = new Map([
      [0, same],
      [1, same],
    ]);
    expect(checkModel(p, weights, ranges.value)).toMatchObject({
      error: { kind: 'program/weights' },
    });
  });
});

test('an operand beyond p is refused, even if its product is nothing', () => {
  const wide: Range = { lo: -(P - 1) / 2, hi: (P - 1) / 2 };
  const make = (coefficient: number): Program =>
    programOf({
      tensors: [tensorOf('x', 'input', [1], wide), tensorOf('y', 'output', [1], { lo: 0, hi: 1 })],
      relations: [
        {
          kind: 'zero',
          dims: [1],
          form: wholeForm(1, [1]),
          products: [
            {
              coefficient: 1,
              sums: [],
              left: wholeForm(0, [1], coefficient),
              right: { terms: [], constant: 0 },
            },
          ],
          declared: null,
          node: 0,
        },
      ],
    });
  expect(deriveRanges(make(1)).ok).toBe(true);
  expect(deriveRanges(make(3))).toMatchObject({ error: { kind: 'program/wrap' } });
});

describe('a lookup bounds what it holds, and no more', () => {
  const shape = [3];
  const looked = (entry: Form, table: Range): Program =>
    programOf({
      tensors: [tensorOf('t', 'witness', shape)],
      tables: [rangeTable('r', table)],
      relations: [{ kind: 'lookup', dims: shape, table: 0, entries: [entry], node: 0 }],
    });

  test.each([
    ['twice the tensor', wholeForm(0, shape, 2)],
    ['the tensor and a constant', { ...wholeForm(0, shape), constant: 1 }],
    ['the negated tensor', wholeForm(0, shape, -1)],
    [
      'a sum over the tensor',
      { terms: [{ tensor: 0, coefficient: 1, view: [along(0)], sums: [2] }], constant: 0 },
    ],
  ] as const)('%s does not bound it', (_name, entry) => {
    expect(deriveRanges(looked(entry, { lo: 0, hi: 7 }))).toMatchObject({
      error: { kind: 'program/unbounded' },
    });
  });

  test('a table as wide as the field names no integer', () => {
    const wide = looked(wholeForm(0, shape), { lo: 0, hi: 1 });
    const tables = [
      {
        name: 'wide',
        rows: 2,
        keys: 1,
        columns: [{ kind: 'listed', values: [-(P - 1) / 2, (P + 1) / 2] }] as const,
      },
    ];
    expect(deriveRanges({ ...wide, tables })).toMatchObject({ error: { kind: 'program/wrap' } });
  });

  test('an output that only a one-hot step produces is free', () => {
    const free = programOf({
      tensors: [tensorOf('y', 'output', shape, { lo: 0, hi: 1 })],
      steps: [{ kind: 'onehot', source: { terms: [], constant: 0 }, axis: 0, output: 0 }],
    });
    expect(deriveRanges(free)).toEqual({
      ok: false,
      error: { kind: 'program/unbounded', tensor: 'y', node: 'node' },
    });
  });
});

describe('formRange holds every value', () => {
  test('a zero read behind a reshape counts', () => {
    // a has five of ten positions along axis 1, b the last two: a reads zero at [5, 8) without b.
    const tensors = [
      tensorOf('a', 'input', [4, 5], { lo: 100, hi: 200 }),
      tensorOf('b', 'input', [4, 2], { lo: 5, hi: 6 }),
    ];
    const view = (first: View[number], offset: number): View => [
      first,
      { kind: 'affine', offset, strides: [{ axis: 1, stride: 1 }] },
    ];
    const form: Form = {
      terms: [
        {
          tensor: 0,
          coefficient: 1,
          view: view({ kind: 'reshape', storageAxes: 1, axes: [0] }, 0),
          sums: [],
        },
        { tensor: 1, coefficient: 1, view: view(along(0), -8), sums: [] },
      ],
      constant: 0,
    };
    const found = formRange(
      form,
      [4, 10],
      tensors,
      tensors.map((t) => t.range),
    );
    expect(found?.lo).toBeLessThanOrEqual(0);
    expect(found?.hi).toBeGreaterThanOrEqual(200);
  });

  function indices(dims: readonly number[]): number[][] {
    let out: number[][] = [[]];
    for (const length of dims)
      out = out.flatMap((h) => Array.from({ length }, (_, i) => [...h, i]));
    return out;
  }

  function randomView(
    random: SeededRandom,
    shape: readonly number[],
    dims: readonly number[],
  ): View {
    const unused = [...dims.keys()];
    const take = (): number | undefined =>
      unused.length === 0 ? undefined : unused.splice(random.integer(0, unused.length - 1), 1)[0];
    return shape.map((length) => {
      const kind = random.integer(0, 5);
      const axis = take();
      if (axis === undefined || kind === 0)
        return { kind: 'affine', offset: random.integer(-1, length), strides: [] };
      if (kind === 1) {
        const indices = Array.from({ length: dims[axis] ?? 1 }, () =>
          random.integer(-1, length - 1),
        );
        return { kind: 'gather', axis, indices };
      }
      if (kind === 2) {
        if (dims[axis] === length) return { kind: 'reshape', storageAxes: 1, axes: [axis] };
        return { kind: 'affine', offset: 0, strides: [{ axis, stride: random.integer(-2, 2) }] };
      }
      if (kind === 3) {
        const second = take();
        const strides = [axis, ...(second === undefined ? [] : [second])].map((a) => ({
          axis: a,
          stride: random.integer(-1, 2),
        }));
        return { kind: 'affine', offset: random.integer(-2, length), strides };
      }
      return {
        kind: 'affine',
        offset: random.integer(-length, 1),
        strides: [{ axis, stride: 1 }],
      };
    });
  }

  test('20,000 random sums of views, at their extremes', () => {
    const seed = 20261122;
    const random = new SeededRandom(seed);
    for (let round = 0; round < 20_000; round++) {
      const dims = Array.from({ length: random.integer(1, 3) }, () => random.integer(1, 5));
      const tensors: Tensor[] = [];
      const terms = Array.from({ length: random.integer(1, 3) }, (_, tensor) => {
        const shape = Array.from({ length: random.integer(0, 3) }, () => random.integer(1, 5));
        const lo = random.integer(-9, 9);
        tensors.push(tensorOf('t', 'input', shape, { lo, hi: lo + random.integer(0, 9) }));
        const sums = random.integer(0, 3) === 0 ? [random.integer(1, 3)] : [];
        const coefficient = random.integer(0, 1) === 0 ? 3 : -2;
        return { tensor, coefficient, view: randomView(random, shape, [...dims, ...sums]), sums };
      });
      const form: Form = { terms, constant: random.integer(-3, 3) };
      const found = formRange(
        form,
        dims,
        tensors,
        tensors.map((t) => t.range),
      );
      for (const upper of [true, false]) {
        // Every element at the end of its range that makes the form largest, or smallest.
        const values = terms.map(({ tensor, coefficient }) => {
          const { lo, hi } = tensors[tensor]?.range ?? { lo: 0, hi: 0 };
          return coefficient > 0 === upper ? hi : lo;
        });
        const readers = terms.map(({ tensor, view, sums }) =>
          viewIndexer(view, tensors[tensor]?.shape ?? [], [...dims, ...sums]),
        );
        for (const index of indices(dims)) {
          let value = form.constant;
          for (const [i, { coefficient, sums }] of terms.entries()) {
            for (const tail of indices(sums))
              if ((readers[i]?.([...index, ...tail]) ?? -1) >= 0)
                value += coefficient * (values[i] ?? 0);
          }
          const inside = found !== null && value >= found.lo && value <= found.hi;
          if (!inside) {
            expect.fail(
              `seed ${seed}, round ${round}: ${value} at ${index.join()} is outside ${JSON.stringify(found)} of ${JSON.stringify({ form, dims, tensors })}`,
            );
          }
        }
      }
      expect(elementCount(dims)).toBeGreaterThan(0);
    }
  });
});
