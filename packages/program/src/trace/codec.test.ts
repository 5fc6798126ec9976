import { concatBytes, fromHex, keccak256, toHex } from '@assay/core/hash';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../testing/random.ts';
import { decodeRelation, encodeRelation, RELATION_KINDS, relationHash } from './codec.ts';
import type { TraceError } from './errors.ts';
import { checkRelation, mentions } from './structure.ts';
import { RandomTensors, randomRelation } from './testing/index.ts';
import type { Factor, TensorRef, TraceForm, TraceRelation, TraceView } from './types.ts';

type Linear = Extract<TraceRelation, { kind: 'linear' }>;
type Einsum = Extract<TraceRelation, { kind: 'einsum' }>;
type Lookup = Extract<TraceRelation, { kind: 'lookup' }>;

const tensor = (dims: readonly number[], more: Partial<TensorRef> = {}): TensorRef => ({
  list: 2,
  index: 7,
  dims,
  order: dims.map((_, axis) => axis),
  ...more,
});
const along = (...axes: number[]): Factor[] =>
  axes.map((axis) => ({ kind: 'affine', offset: 0, strides: [{ axis, stride: 1 }] }));
const form = (...views: TraceView[]): TraceForm => ({
  bias: 0,
  terms: views.map((view) => ({ coefficient: 1, view })),
});
const linear = (domain: readonly number[], view: TraceView): Linear => ({
  kind: 'linear',
  domain,
  form: form(view),
});
const plain = linear([2, 3], { tensor: tensor([2, 3]), factors: along(0, 1) });
const einsum: Einsum = {
  kind: 'einsum',
  domain: [2],
  sum: [6],
  chunk: 4,
  scale: 1,
  x: { tensor: tensor([2, 6], { index: 0 }), factors: along(0, 1) },
  y: { tensor: tensor([6], { list: 0, index: 1 }), factors: along(1) },
  partials: tensor([1, 2], { index: 2 }),
  claim: form({ tensor: tensor([2], { index: 3 }), factors: along(0) }),
};
const lookup: Lookup = {
  kind: 'lookup',
  domain: [2],
  value: form({ tensor: tensor([2], { index: 0 }), factors: along(0) }),
  table: tensor([5, 2], { list: 0, index: 3 }),
  coordinates: [
    { kind: 'keyed', base: -1, form: form({ tensor: tensor([2]), factors: along(0) }) },
    { kind: 'affine', offset: 0, strides: [{ axis: 0, stride: 1 }] },
  ],
};

const failure = (relation: TraceRelation): TraceError | null => {
  const result = checkRelation(relation);
  return result.ok ? null : result.error;
};

describe('bodies', () => {
  test.each([
    [
      'linear',
      plain,
      // domain; bias, 1 term; coefficient; tref; two affine factors
      '02 00000002 00000003  0000000000000000 01  0000000000000001  02 00000007 02 00000002 00000003 00 01  02  00 00000000 01 00 00000001  00 00000000 01 01 00000001',
    ],
    [
      'einsum',
      { ...einsum, scale: -2 },
      '01 00000002  01 00000006  00000004  fffffffffffffffe' +
        '02 00000000 02 00000002 00000006 00 01  02  00 00000000 01 00 00000001  00 00000000 01 01 00000001' +
        '00 00000001 01 00000006 00  01  00 00000000 01 01 00000001' +
        '01  02 00000002 02 00000001 00000002 00 01' +
        '0000000000000000 01  0000000000000001  02 00000003 01 00000002 00  01  00 00000000 01 00 00000001',
    ],
    [
      'range',
      {
        kind: 'range',
        domain: [4],
        lo: -128,
        hi: 2 ** 40,
        form: {
          bias: -(2 ** 53 - 1),
          terms: [
            {
              coefficient: 2 ** 53 - 1,
              view: {
                tensor: tensor([9, 2, 2], { order: [2, 0, 1] }),
                factors: [
                  { kind: 'gather', axis: 0, table: tensor([4], { list: 0, index: 255 }) },
                  { kind: 'reshape', storageAxes: 2, axes: [0] },
                ],
              },
            },
          ],
        },
      },
      '01 00000004  ffffffffffffff80 0000010000000000  ffe0000000000001 01  001fffffffffffff' +
        '02 00000007 03 00000009 00000002 00000002 02 00 01  02  01 00 00 000000ff 01 00000004 00  02 02 01 00',
    ],
    [
      'lookup',
      lookup,
      '01 00000002  0000000000000000 01  0000000000000001  02 00000000 01 00000002 00  01  00 00000000 01 00 00000001' +
        '00 00000003 02 00000005 00000002 00 01' +
        '01 ffffffff 0000000000000000 01  0000000000000001  02 00000007 01 00000002 00  01  00 00000000 01 00 00000001' +
        '00 00000000 01 00 00000001',
    ],
  ] satisfies [string, TraceRelation, string][])('%s', (kind, relation, hex) => {
    const body = fromHex(hex.replaceAll(' ', '')) ?? new Uint8Array();
    expect(toHex(encodeRelation(relation))).toBe(toHex(body));
    expect(decodeRelation(relation.kind, body)).toEqual({ ok: true, value: relation });
    const tagged = concatBytes(
      Uint8Array.of(1, ['linear', 'einsum', 'range', 'lookup'].indexOf(kind)),
      body,
    );
    expect(relationHash(relation.kind, body)).toEqual(keccak256(tagged));
  });

  test('decode(encode(r)) = r', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.boolean(), (seed, wide) => {
        const relation = randomRelation(new RandomTensors(new SeededRandom(seed), wide));
        const decoded = decodeRelation(relation.kind, encodeRelation(relation));
        expect(decoded).toEqual({ ok: true, value: relation });
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  test('no bytes make it throw, and a relation has one body', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1 }),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 3, 8, 16, 127, 128, 255)), {
          maxLength: 3,
        }),
        fc.constantFrom(...RELATION_KINDS),
        (seed, changes, kind) => {
          const relation = randomRelation(new RandomTensors(new SeededRandom(seed), false));
          const body = encodeRelation(relation);
          for (const [at, value] of changes) body[at % body.length] = value;
          for (const as of [relation.kind, kind]) {
            const decoded = decodeRelation(as, body);
            if (decoded.ok) expect(encodeRelation(decoded.value)).toEqual(body);
          }
        },
      ),
      { seed: 2, numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...RELATION_KINDS), (b, k) => {
        const decoded = decodeRelation(k, b);
        if (decoded.ok) expect(encodeRelation(decoded.value)).toEqual(b);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  test('every length but the right one is refused', () => {
    for (const relation of [plain, einsum, lookup]) {
      const body = encodeRelation(relation);
      for (let length = 0; length < body.length; length++) {
        expect(decodeRelation(relation.kind, body.subarray(0, length))).toMatchObject({
          error: { kind: 'trace/encoding', reason: 'truncated' },
        });
      }
      expect(decodeRelation(relation.kind, concatBytes(body, Uint8Array.of(0)))).toMatchObject({
        error: { kind: 'trace/encoding', reason: 'trailing', offset: body.length },
      });
    }
  });

  // Offsets into the bodies above.
  test.each([
    ['rank 9', plain, 0, 9, 'count'],
    ['a bias of 2^53', plain, 10, 0x20, 'integer'],
    ['17 terms', plain, 17, 17, 'count'],
    ['a fifth list', plain, 26, 4, 'tag'],
    ['9 factors', plain, 42, 9, 'count'],
    ['a fourth kind of factor', plain, 43, 3, 'tag'],
    ['13 strides', plain, 48, 13, 'count'],
    ['partials: 2', einsum, 84, 2, 'tag'],
    ['a third kind of coordinate', lookup, 61, 2, 'tag'],
  ])('%s', (_, relation, at, value, reason) => {
    const body = encodeRelation(relation);
    body[at] = value;
    expect(decodeRelation(relation.kind, body)).toMatchObject({
      error: { kind: 'trace/encoding', reason },
    });
  });

  test('13 axes of a reshape', () => {
    const view = { tensor: tensor([1]), factors: [{ kind: 'reshape', storageAxes: 1, axes: [0] }] };
    const body = encodeRelation(linear([1], view as TraceView));
    body[body.length - 2] = 13;
    expect(decodeRelation('linear', body)).toMatchObject({
      error: { kind: 'trace/encoding', reason: 'count' },
    });
  });

  test('nothing is read beyond the first failure, whatever counts follow', () => {
    // 16 terms of 8 factors of 12 strides would follow if lists went on after a failure.
    const started = process.cpuUsage().user;
    for (let i = 0; i < 100; i++) decodeRelation('lookup', new Uint8Array(3).fill(8));
    expect(process.cpuUsage().user - started).toBeLessThan(1e6);
  });
});

describe('structure', () => {
  test('what the others are changed from is sound', () => {
    for (const relation of [plain, einsum, lookup]) expect(failure(relation)).toBeNull();
  });

  const view = (dims: readonly number[], factors: readonly Factor[]): TraceView => ({
    tensor: tensor(dims),
    factors,
  });
  const gather = (axis: number, table: TensorRef): TraceView =>
    view([9], [{ kind: 'gather', axis, table }]);
  const table = tensor([3], { list: 0, index: 1 });
  const reshape = (
    dims: readonly number[],
    storageAxes: number,
    axes: readonly number[],
  ): TraceView => view(dims, [{ kind: 'reshape', storageAxes, axes }]);
  const terms = (count: number): Linear => ({
    ...plain,
    form: form(...new Array<TraceView>(count).fill({ tensor: tensor([]), factors: [] })),
  });

  const cases: [string, TraceRelation, string | null][] = [
    ['rank 8', { ...plain, domain: new Array<number>(8).fill(2) }, null],
    ['rank 9', { ...plain, domain: new Array<number>(9).fill(1) }, 'more than 8 axes'],
    ['no length', { ...plain, domain: [2, 0, 3] }, 'no length'],
    ['2^31 - 1 elements', linear([2 ** 31 - 1], view([2 ** 31 - 1], along(0))), null],
    ['2^31 elements', { ...plain, domain: [2 ** 16, 2 ** 15] }, '2^31'],
    ['2^31 elements of a tensor', linear([2], view([2 ** 16, 2 ** 15], along(0, 0))), '2^31'],
    [
      'order too short',
      linear([2], { tensor: tensor([2], { order: [] }), factors: along(0) }),
      'permutation',
    ],
    [
      'order too long',
      linear([2], { tensor: tensor([2], { order: [0, 0] }), factors: along(0) }),
      'permutation',
    ],
    [
      'order repeats',
      linear([2, 2], { tensor: tensor([2, 2], { order: [1, 1] }), factors: along(0, 1) }),
      'permutation',
    ],
    [
      'order outside',
      linear([2], { tensor: tensor([2], { order: [1] }), factors: along(0) }),
      'permutation',
    ],
    ['index', linear([2], { tensor: tensor([2], { index: 2 ** 32 }), factors: along(0) }), 'index'],
    ['list', linear([2], { tensor: tensor([2], { list: 4 as 3 }), factors: along(0) }), 'list'],
    ['axis of a stride', linear([2], view([2], along(1))), 'no such axis'],
    ['too few factors', linear([2], view([2, 2], along(0))), 'cover'],
    ['too many factors', linear([2], view([2], along(0, 0))), 'cover'],
    [
      'offset',
      linear([2], view([2], [{ kind: 'affine', offset: 2 ** 31, strides: [] }])),
      'offset',
    ],
    [
      'stride',
      linear(
        [2],
        view([2], [{ kind: 'affine', offset: 0, strides: [{ axis: 0, stride: -(2 ** 31) - 1 }] }]),
      ),
      'stride',
    ],
    [
      '13 strides',
      linear(
        [2],
        view(
          [2],
          [{ kind: 'affine', offset: 0, strides: new Array(13).fill({ axis: 0, stride: 1 }) }],
        ),
      ),
      '12 strides',
    ],
    ['gather', linear([3], gather(0, table)), null],
    ['gather: axis', linear([3], gather(1, table)), 'no such axis'],
    ['gather: list', linear([3], gather(0, { ...table, list: 2 })), 'Constant'],
    [
      'gather: rank',
      linear([3], gather(0, { ...table, dims: [3, 1], order: [0, 1] })),
      'gather table',
    ],
    ['gather: length', linear([4], gather(0, table)), 'gather table'],
    ['reshape', linear([6], reshape([2, 3], 2, [0])), null],
    ['reshape: no storage axis', linear([1], reshape([], 0, [0])), 'no storage axis'],
    ['reshape: axes that are not there', linear([6], reshape([6], 2, [0])), 'number of elements'],
    ['reshape: axis', linear([6], reshape([6], 1, [1])), 'no such axis'],
    ['reshape: elements', linear([6], reshape([2, 4], 2, [0])), 'number of elements'],
    ['reshape: 13 axes', linear([1], reshape([1], 1, new Array<number>(13).fill(0))), '12 axes'],
    ['16 terms', terms(16), null],
    ['17 terms', terms(17), '16 terms'],
    ['bias', { ...plain, form: { ...plain.form, bias: 2 ** 53 } }, '2^53'],
    [
      'coefficient',
      {
        ...plain,
        form: { ...plain.form, terms: plain.form.terms.map((t) => ({ ...t, coefficient: 0.5 })) },
      },
      '2^53',
    ],
    ['lo', { kind: 'range', domain: [], lo: -(2 ** 53), hi: 0, form: form() }, '2^53'],
    ['hi', { kind: 'range', domain: [], lo: 0, hi: 2 ** 53, form: form() }, '2^53'],
    [
      'two mentions that differ in shape',
      { ...plain, form: form(view([2, 3], along(0, 1)), view([3, 2], along(0, 1))) },
      'two mentions',
    ],
    [
      'two mentions that differ in order',
      {
        ...plain,
        form: form(view([2, 3], along(0, 1)), {
          tensor: tensor([2, 3], { order: [1, 0] }),
          factors: along(0, 1),
        }),
      },
      'two mentions',
    ],
    [
      '12 axes',
      {
        ...einsum,
        domain: [2, 1, 1, 1, 1, 1],
        sum: [6, 1, 1, 1, 1, 1],
        chunk: 8,
        partials: null,
        y: { ...einsum.y, factors: along(6) },
        x: { ...einsum.x, factors: along(0, 6) },
      },
      null,
    ],
    [
      '13 axes',
      {
        ...einsum,
        domain: [2, 1, 1, 1, 1, 1],
        sum: [6, 1, 1, 1, 1, 1, 1],
        chunk: 8,
        partials: null,
      },
      '12 axes',
    ],
    ['sum', { ...einsum, sum: [0] }, 'no length'],
    ['chunk 0', { ...einsum, chunk: 0 }, 'power of two'],
    ['chunk 3', { ...einsum, chunk: 3 }, 'power of two'],
    ['chunk 2048', { ...einsum, chunk: 2_048, partials: null }, 'power of two'],
    ['chunk 1024', { ...einsum, chunk: 1_024, partials: null }, null],
    ['scale', { ...einsum, scale: 2 ** 53 }, '2^53'],
    ['x', { ...einsum, x: { ...einsum.x, factors: along(0) } }, 'cover'],
    ['y', { ...einsum, y: { ...einsum.y, factors: along(2) } }, 'no such axis'],
    ['claim', { ...einsum, claim: form(einsum.y) }, 'no such axis'],
    ['partials missing', { ...einsum, partials: null }, 'iff'],
    ['partials with one chunk', { ...einsum, chunk: 8 }, 'iff'],
    [
      'partials of one more chunk',
      { ...einsum, partials: tensor([2, 2], { index: 2 }) },
      'chunks - 1',
    ],
    [
      'partials of another rank',
      { ...einsum, partials: tensor([1, 2, 1], { index: 2 }) },
      'chunks - 1',
    ],
    ['table', { ...lookup, table: { ...lookup.table, list: 1 } }, 'Constant'],
    [
      'a coordinate too few',
      { ...lookup, coordinates: lookup.coordinates.slice(1) },
      'one for each axis',
    ],
    [
      'a coordinate too many',
      { ...lookup, coordinates: [...lookup.coordinates, ...lookup.coordinates] },
      'one for each axis',
    ],
    [
      'axis of a coordinate',
      {
        ...lookup,
        coordinates: [
          ...lookup.coordinates.slice(0, 1),
          { kind: 'affine', offset: 0, strides: [{ axis: 1, stride: 1 }] },
        ],
      },
      'no such axis',
    ],
    [
      'base',
      {
        ...lookup,
        coordinates: [
          { kind: 'keyed', base: 2 ** 31, form: form() },
          ...lookup.coordinates.slice(1),
        ],
      },
      'base',
    ],
    [
      'key',
      {
        ...lookup,
        coordinates: [
          { kind: 'keyed', base: 0, form: form(view([2], along(1))) },
          ...lookup.coordinates.slice(1),
        ],
      },
      'no such axis',
    ],
    ['value', { ...lookup, value: form(view([2], along(1))) }, 'no such axis'],
  ];
  test.each(cases)('%s', (_, relation, reason) => {
    if (reason === null) {
      expect(failure(relation)).toBeNull();
      return;
    }
    expect(failure(relation)).toMatchObject({
      kind: 'trace/structure',
      reason: expect.stringContaining(reason),
    });
    expect(() => encodeRelation(relation)).toThrow(RangeError);
  });

  test('mentions come in the order of the body, repeated', () => {
    const indices = (relation: TraceRelation): number[] =>
      mentions(relation).map(({ index }) => index);
    expect(indices(einsum)).toEqual([0, 1, 2, 3]);
    expect(indices(lookup)).toEqual([0, 3, 7]);
    const twice = { ...plain, form: form(gather(0, table), gather(0, table)) };
    expect(indices(twice)).toEqual([7, 1, 7, 1]);
  });
});
