import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiBytes, concatBytes, equalBytes, fromHex, keccak256, toHex } from './index.ts';

describe('keccak256', () => {
  // Original Keccak submission; the EVM's hash of the empty string and of "abc".
  test.each([
    ['', 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
    ['abc', '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
  ])('known answer for "%s"', (text, digest) => {
    expect(toHex(keccak256(asciiBytes(text)))).toBe(digest);
  });

  test('hashes the concatenation of its parts', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }), (parts) => {
        expect(keccak256(...parts)).toEqual(keccak256(concatBytes(...parts)));
      }),
      { seed: 1, numRuns: 50 },
    );
  });
});

describe('hex', () => {
  test('round trip, either case, optional prefix', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromHex(`0x${toHex(bytes).toUpperCase()}`)).toEqual(bytes);
      }),
      { seed: 1 },
    );
  });
  test.each(['0', 'xy', '0x0', '12 3', '0x0x', '-1', '１２'])('"%s" is not hex', (text) => {
    expect(fromHex(text)).toBeNull();
  });
});

test('equalBytes: length and every byte count', () => {
  const a = Uint8Array.of(1, 2, 3);
  expect(equalBytes(a, Uint8Array.of(1, 2, 3))).toBe(true);
  expect(equalBytes(a, Uint8Array.of(1, 2))).toBe(false);
  expect(equalBytes(Uint8Array.of(1, 2), a)).toBe(false);
  for (let i = 0; i < 3; i++) {
    const b = a.slice();
    b[i] = 9;
    expect(equalBytes(a, b)).toBe(false);
  }
});

test('asciiBytes refuses other characters', () => {
  expect(() => asciiBytes('é')).toThrow(RangeError);
});
