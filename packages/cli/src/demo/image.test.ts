import { describe, expect, it } from 'vitest';
import { renderPicture } from './image.ts';

const checkers = { pixels: [0, 16, 16, 0], width: 2, height: 2, maximum: 16 };
// biome-ignore format: a picture
const one = {
  pixels: [
    0, 0, 0, 16, 16, 0, 0, 0,
    0, 0, 16, 16, 16, 0, 0, 0,
    0, 0, 0, 16, 16, 0, 0, 0,
    0, 0, 0, 16, 16, 0, 0, 0,
    0, 0, 0, 16, 16, 0, 0, 0,
    0, 0, 0, 16, 16, 0, 0, 0,
    0, 0, 0, 16, 16, 0, 0, 0,
    0, 0, 16, 16, 16, 16, 0, 0,
  ],
  width: 8,
  height: 8,
  maximum: 16,
};

describe('renderPicture', () => {
  it('puts two pixels into a half block, the upper one in front', () => {
    expect(renderPicture(checkers, 2, true)).toEqual([
      '\u001b[38;5;232;48;5;255m▀\u001b[38;5;255;48;5;232m▀\u001b[0m',
    ]);
  });

  it('draws with shades where there is no colour', () => {
    expect(renderPicture(one, 8, false)).toEqual(['  ▒██   ', '   ██   ', '   ██   ', '  ▒██▒  ']);
  });

  it('enlarges and keeps the proportions', () => {
    const lines = renderPicture(one, 16, false);
    expect(lines).toHaveLength(8);
    expect(lines.every((line) => line.length === 16)).toBe(true);
  });

  it('refuses pixels that do not fill the picture', () => {
    expect(() => renderPicture({ ...one, pixels: [1] }, 8, false)).toThrow(
      new RangeError('renderPicture: expected 64 pixels, got 1'),
    );
    expect(() => renderPicture(one, 0, false)).toThrow(RangeError);
  });
});
