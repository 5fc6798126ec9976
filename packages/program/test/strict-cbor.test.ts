import { describe, expect, test } from 'vitest';
import { decodeCbor, decodeProgram, encodeCbor, encodeProgram, ValueReader } from '../src/index.ts';
import { rescaleProgram } from './programs.ts';

describe('CBOR is read as it would be written, or not at all', () => {
  test.each([
    ['a float in half precision', [0xf9, 0x3e, 0x00]],
    ['an integer as a float', [0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]],
    ['undefined', [0xf7]],
    ['NaN', [0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
    ['an integer longer than need be', [0x18, 0x01]],
    ['a list of indefinite length', [0x9f, 0x01, 0xff]],
    ['a map with a key twice', [0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2]],
    ['bytes after the value', [0x01, 0x01]],
    ['nothing', []],
    ['a list that ends early', [0x82, 0x01]],
    ['very deep lists', new Array<number>(200_000).fill(0x81)],
  ])('%s', (_name, bytes) => {
    expect(decodeCbor(Uint8Array.from(bytes)).ok).toBe(false);
  });

  test('a value that has another encoding says so', () => {
    expect(decodeCbor(Uint8Array.of(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0))).toEqual({
      ok: false,
      error: 'not the canonical encoding',
    });
    expect(decodeCbor(encodeCbor([1.5, -3, 'a', null, Uint8Array.of(1)]))).toEqual({
      ok: true,
      value: [1.5, -3, 'a', null, Uint8Array.of(1)],
    });
  });
});

describe('a reader of values keeps the first mismatch', () => {
  const cases: readonly (readonly [string, (r: ValueReader) => unknown, string])[] = [
    ['a fraction', (r) => r.integer(0.5, 'x'), 'x: expected an integer'],
    ['minus zero', (r) => r.integer(-0, 'x'), 'x: expected an integer'],
    ['a text for an integer', (r) => r.integer('1', 'x'), 'x: expected an integer'],
    ['infinity', (r) => r.number(Number.POSITIVE_INFINITY, 'x'), 'x: expected a number'],
    ['a number for a text', (r) => r.text(1, 'x'), 'x: expected text'],
    ['a text for bytes', (r) => r.bytes('1', 'x'), 'x: expected bytes'],
    ['no list', (r) => r.list({ length: 0 }, 'x', () => 0), 'x: expected a list'],
    ['a short list', (r) => r.tuple([1], 2, 'x'), 'x: expected a list of 2'],
    ['a long list', (r) => r.tuple([1, 2, 3], 2, 'x'), 'x: expected a list of 2'],
    ['another choice', (r) => r.choice('c', ['a', 'b'], 'x'), 'x: expected one of a, b'],
  ];
  test.each(cases)('%s', (_name, read, failure) => {
    const reader = new ValueReader();
    read(reader);
    expect(reader.failure).toBe(failure);
    reader.fail('later');
    expect(reader.failure).toBe(failure);
  });
});

describe('bytes that are no program', () => {
  const program = rescaleProgram(-100, 100, 4, -7, 6);
  test.each([
    ['not CBOR', Uint8Array.of(0xff)],
    ['no list', encodeCbor(7)],
    ['a list of other things', encodeCbor([1, 2, 3])],
    ['another format', encodeProgram(program).map((b, i) => (i === 8 ? b ^ 1 : b))],
  ])('%s', (_name, bytes) => {
    expect(decodeProgram(bytes)).toMatchObject({ ok: false, error: { kind: 'program/encoding' } });
  });

  test('and say what they are not', () => {
    expect(decodeProgram(Uint8Array.of(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0))).toMatchObject({
      error: { reason: 'not the canonical encoding' },
    });
  });
});
