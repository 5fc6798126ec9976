import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from './base64.ts';

describe('base64', () => {
  test('is the standard encoding, and reads it back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(decodeBase64(text)).toEqual(bytes);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test.each([
    ['left-over bits', 'AB=='],
    ['left-over bits in the second byte', 'AAB='],
    ['no padding', 'AAA'],
    ['padding in the middle', 'A=AA'],
    ['padding for a whole group', 'AAAA===='],
    ['only padding', '===='],
    ['three signs of padding', 'A==='],
    ['the URL alphabet', 'AA-_'],
    ['a space', 'AA A'],
    ['a line break', 'AAA\n'],
    ['a character beyond ASCII', 'AAAé'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64(text)).toBeNull();
  });

  test('has one text for each value', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-D=+/]{0,8}$/), (text) => {
        const bytes = decodeBase64(text);
        if (bytes !== null) expect(encodeBase64(bytes)).toBe(text);
      }),
      { seed: 2, numRuns: 3000 },
    );
  });
});
