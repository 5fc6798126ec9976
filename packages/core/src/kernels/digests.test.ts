import { expect, test } from 'vitest';
import { keccak256Many } from '../hash/index.ts';
import { createDigests, sharedDigests } from './index.ts';

const many = createDigests();
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);

test.each([8, 64, 128])('messages of %i bytes: as the plain hash', (size) => {
  for (const count of [0, 1, 2, 3, 100, 101])
    expect(many(bytes(size * count), size)).toEqual(keccak256Many(bytes(size * count), size));
});

test('more than one batch', () => {
  const messages = bytes(128 * 8_195);
  const digests = many(messages, 128);
  for (const i of [0, 8_191, 8_192, 8_194])
    expect(digests.subarray(32 * i, 32 * (i + 1))).toEqual(
      keccak256Many(messages.subarray(128 * i, 128 * (i + 1)), 128),
    );
});

test.each([0, 4, 12, 136])('messages of %i bytes are refused', (size) => {
  expect(() => many(bytes(272), size)).toThrow(RangeError);
});

test('one for all', () => {
  expect(sharedDigests()).toBe(sharedDigests());
  expect(sharedDigests()(bytes(64), 64)).toEqual(keccak256Many(bytes(64), 64));
});

test('half a message is refused', () => {
  expect(() => many(bytes(72), 64)).toThrow(RangeError);
});
