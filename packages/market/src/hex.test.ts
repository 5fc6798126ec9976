import { expect, test } from 'vitest';
import { bytesOf, hexOf, sameHex } from './hex.ts';

test('hex there and back, however it is written', () => {
  const bytes = Uint8Array.of(0, 0xab, 0xff);
  expect(hexOf(bytes)).toBe('0x00abff');
  for (const text of ['0x00abff', '00ABFF', '0x00ABff']) expect(bytesOf(text)).toEqual(bytes);
  for (const text of ['0x0', 'xyz', '0x00abf']) {
    expect(() => bytesOf(text)).toThrow(expect.objectContaining({ code: 'ASSAY_HEX' }));
  }
  expect([sameHex('0xAB', '0xab'), sameHex('0xab', '0xac')]).toEqual([true, false]);
});
