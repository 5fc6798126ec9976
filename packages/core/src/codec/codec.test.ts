import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type K, P, ZERO } from '../field/index.ts';
import { toHex } from '../hash/index.ts';
import { bytesOfK, bytesOfWords, ProofReader, ProofWriter } from './index.ts';

const word = fc.integer({ min: 0, max: P - 1 });
const element = fc.tuple(word, word, word, word, word);
type Item =
  | { is: 'k'; value: K }
  | { is: 'ks'; value: K[] }
  | { is: 'u64'; value: bigint }
  | { is: 'bytes'; value: Uint8Array }
  | { is: 'words'; value: number[] };
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ is: fc.constant('k' as const), value: element }),
  fc.record({ is: fc.constant('ks' as const), value: fc.array(element, { maxLength: 4 }) }),
  fc.record({
    is: fc.constant('u64' as const),
    value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  }),
  fc.record({ is: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({ is: fc.constant('words' as const), value: fc.array(word, { maxLength: 6 }) }),
);

const write = (items: Item[]): Uint8Array => {
  const writer = new ProofWriter();
  for (const { is, value } of items) {
    if (is === 'k') writer.k(value);
    else if (is === 'ks') writer.ks(value);
    else if (is === 'u64') writer.u64(value);
    else if (is === 'bytes') writer.bytes(value);
    else writer.words(value);
  }
  const bytes = writer.finish();
  expect(writer.length).toBe(bytes.length);
  return bytes;
};

/** Reads as many items of the same shapes. */
const read = (reader: ProofReader, items: Item[]): unknown[] =>
  items.map(({ is, value }) => {
    if (is === 'k') return reader.k();
    if (is === 'ks') return reader.ks(value.length);
    if (is === 'u64') return reader.u64();
    if (is === 'bytes') return reader.bytes(value.length);
    return [...reader.words(value.length)];
  });

const zeros = (items: Item[]): unknown[] =>
  items.map(({ is, value }) => {
    if (is === 'k') return ZERO;
    if (is === 'ks') return value.map(() => ZERO);
    if (is === 'u64') return 0n;
    if (is === 'bytes') return new Uint8Array(value.length);
    return value.map(() => 0);
  });

test('round trip', () => {
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const reader = new ProofReader(write(items));
      expect(read(reader, items)).toEqual(items.map(({ value }) => value));
      expect(reader.failed).toBeNull();
      expect(reader.atEnd).toBe(true);
    }),
    { seed: 1 },
  );
});

test('reads a subarray of a larger buffer', () => {
  const bytes = write([{ is: 'k', value: [1, 2, 3, 4, P - 1] }]);
  const padded = new Uint8Array(bytes.length + 10).fill(255);
  padded.set(bytes, 3);
  const reader = new ProofReader(padded.subarray(3, 3 + bytes.length));
  expect(reader.k()).toEqual([1, 2, 3, 4, P - 1]);
  expect(reader.atEnd).toBe(true);
});

test('wire format: u32 LE coordinates, u64 LE', () => {
  const writer = new ProofWriter();
  writer.k([1, 256, 0, 0, P - 1]);
  writer.u64(0x0102030405060708n);
  writer.word(5);
  expect(toHex(writer.finish())).toBe(
    '01000000000100000000000000000000000000780807060504030201' + '05000000',
  );
  expect(toHex(bytesOfK([[1, 2, 3, 4, 5]]))).toBe(toHex(bytesOfWords([1, 2, 3, 4, 5])));
});

describe('failures stick', () => {
  test('truncation: every later read gives zeros', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1 }), item, fc.nat(), (items, tail, cut) => {
        const bytes = write(items);
        fc.pre(bytes.length > 0);
        const reader = new ProofReader(bytes.subarray(0, cut % bytes.length));
        read(reader, items);
        expect(reader.failed).toBe('truncated');
        expect(reader.atEnd).toBe(false);
        expect(read(reader, [tail])).toEqual(zeros([tail]));
      }),
      { seed: 2 },
    );
  });

  test.each([0, 1, 2, 3, 4])('coordinate %i >= p', (coordinate) => {
    for (const value of [P, P + 1, 2 ** 31, 2 ** 32 - 1]) {
      const words = [1, 1, 1, 1, 1, 7, 7];
      words[coordinate] = value;
      const reader = new ProofReader(bytesOfWords(words));
      expect(reader.k()).toEqual(ZERO);
      expect(reader.failed).toBe('non-canonical');
      expect(reader.word()).toBe(0);
      expect([...reader.words(1)]).toEqual([0]);
      expect(reader.atEnd).toBe(false);
    }
  });

  test('one bad element zeroes the whole message', () => {
    const reader = new ProofReader(bytesOfWords([1, 2, 3, 4, 5, 1, 2, P, 4, 5]));
    expect(reader.ks(2)).toEqual([ZERO, ZERO]);
    const words = new ProofReader(bytesOfWords([1, P, 3]));
    expect([...words.words(3)]).toEqual([0, 0, 0]);
  });

  test('the first failure is the one reported', () => {
    const reader = new ProofReader(bytesOfWords([P]));
    reader.word();
    reader.bytes(100);
    expect(reader.failed).toBe('non-canonical');
  });
});

test('trailing bytes: not at the end', () => {
  const reader = new ProofReader(new Uint8Array(21));
  reader.k();
  expect(reader.failed).toBeNull();
  expect(reader.atEnd).toBe(false);
});

test('arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.array(item), (bytes, items) => {
      const reader = new ProofReader(bytes);
      const values = read(reader, items);
      if (reader.failed === null)
        expect(write(items.map((it, i) => ({ ...it, value: values[i] }) as Item))).toEqual(
          bytes.subarray(0, reader.offset),
        );
    }),
    { seed: 4, numRuns: 2000 },
  );
});

test('u64 out of range is misuse', () => {
  expect(() => new ProofWriter().u64(2n ** 64n)).toThrow(RangeError);
  expect(() => new ProofWriter().u64(-1n)).toThrow(RangeError);
});
