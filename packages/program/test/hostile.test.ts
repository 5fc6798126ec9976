import { describe, expect, test } from 'vitest';
import {
  decodeCbor,
  deriveSystem,
  encodeCbor,
  type Program,
  type View,
  validateProgram,
} from '../src/index.ts';
import { programOf, sumForm, tensorOf, wholeForm } from './programs.ts';

/** head of an array of n items */
const array = (n: number): number[] => [0x9a, n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];

describe('CBOR that asks for more than it is worth is refused before it is decoded', () => {
  const hostile: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
    ['2^24 maps', () => filled(2 ** 24, 0xa0), /not used/],
    ['2^24 empty lists', () => filled(2 ** 24, 0x80), /lists/],
    ['2^24 + 1 items', () => filled(2 ** 24 + 1, 0x00), /items/],
    ['a thousand lists in each other', () => new Uint8Array(1000).fill(0x81), /nested/],
    ['tags', () => Uint8Array.of(0xc1, 0x00), /not used/],
    ['indefinite lists', () => Uint8Array.of(0x9f, 0xff), /not used/],
    ['true', () => Uint8Array.of(0xf5), /not used/],
    ['half floats', () => Uint8Array.of(0xf9, 0x3c, 0x00), /not used/],
    ['a list longer than the bytes', () => Uint8Array.from(array(2 ** 31)), /ends inside/],
    [
      'bytes longer than the bytes',
      () => Uint8Array.of(0x5b, 255, 255, 255, 255, 255, 255, 255, 255),
      /ends inside/,
    ],
    ['a second item', () => Uint8Array.of(0x00, 0x00), /goes on/],
    ['nothing', () => new Uint8Array(0), /ends inside/],
  ];
  test.each(hostile)('%s', (_, make, reason) => {
    const decoded = decodeCbor(make());
    expect(decoded.ok ? 'decoded' : decoded.error).toMatch(reason);
  });

  test('what is ours passes', () => {
    const value = [1, -1, 2 ** 40, -(2 ** 40), 1.5, 'text', Uint8Array.of(1, 2), null, [[], [[3]]]];
    expect(decodeCbor(encodeCbor(value))).toEqual({ ok: true, value });
  });
});

function filled(items: number, byte: number): Uint8Array {
  const bytes = new Uint8Array(5 + items).fill(byte);
  bytes.set(array(items));
  return bytes;
}

describe('programs that would keep a verifier busy', () => {
  test('vectors that drive each other out of the cache are charged each time', () => {
    const n = 2 ** 22;
    const view = (offset: number): View => [
      { kind: 'affine', offset, strides: [{ axis: 0, stride: 1 }] },
    ];
    const terms = Array.from({ length: 64 }, (_, i) => ({
      tensor: 1,
      coefficient: 1,
      view: view(-(i % 2)),
      sums: [],
    }));
    const program: Program = programOf({
      tensors: [
        tensorOf('x', 'witness', [n]),
        { ...tensorOf('c', 'constant', [1], { lo: 0, hi: 0 }), data: [0] },
      ],
      relations: [
        {
          kind: 'zero',
          dims: [n],
          form: sumForm([wholeForm(0, [n]), { terms, constant: 0 }]),
          products: [],
          declared: null,
          node: 0,
        },
      ],
      steps: [{ kind: 'digits', relation: 0, outputs: [{ tensor: 0, low: 0 }] }],
    });
    expect(validateProgram(program).ok).toBe(true);
    const refused = deriveSystem(program);
    expect(refused.ok ? 'derived' : refused.error).toMatchObject({
      kind: 'program/limit',
      what: 'work of a verifier',
    });
  });
});
