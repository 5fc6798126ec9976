/** A greyscale picture, row major, 0 (black) to `maximum` (white). */
export interface Picture {
  readonly pixels: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly maximum: number;
}

/** Darkest to lightest, for terminals without colour. */
const SHADES = [' ', '░', '▒', '▓', '█'];
/** First of the 24 greys of the 256-colour palette. */
const FIRST_GREY = 232;
const GREYS = 24;

/**
 * A picture as lines of text: two pixels to a character, one above the other, which makes them about
 * square. Small pictures are enlarged smoothly to `columns` characters.
 *
 * @param colour - True: half blocks in 24 greys (ANSI escapes). False: shades only.
 * @throws {RangeError} when the number of pixels is not width · height, or a size is not positive
 */
export function renderPicture(picture: Picture, columns: number, colour: boolean): string[] {
  const { pixels, width, height } = picture;
  if (width < 1 || height < 1 || columns < 1) {
    throw new RangeError(
      `renderPicture: expected positive sizes, got ${width}×${height}, ${columns}`,
    );
  }
  if (pixels.length !== width * height) {
    throw new RangeError(`renderPicture: expected ${width * height} pixels, got ${pixels.length}`);
  }
  const lines = Math.max(1, Math.round((columns * height) / width / 2));
  return Array.from({ length: lines }, (_, line) => {
    let text = '';
    for (let column = 0; column < columns; column++) {
      const x = (column + 0.5) / columns;
      const upper = brightness(picture, x, (2 * line + 0.5) / (2 * lines));
      const lower = brightness(picture, x, (2 * line + 1.5) / (2 * lines));
      text += colour ? halfBlock(upper, lower) : shade((upper + lower) / 2);
    }
    return colour ? `${text}\u001b[0m` : text;
  });
}

/** Bilinear sample at (x, y) in the unit square; result in [0, 1]. */
function brightness(picture: Picture, x: number, y: number): number {
  const { pixels, width, height, maximum } = picture;
  const column = Math.min(Math.max(x * width - 0.5, 0), width - 1);
  const row = Math.min(Math.max(y * height - 0.5, 0), height - 1);
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const at = (r: number, c: number): number => pixels[r * width + c] ?? 0;
  const mix = (a: number, b: number, t: number): number => a + (b - a) * t;
  const value = mix(
    mix(at(top, left), at(top, right), column - left),
    mix(at(bottom, left), at(bottom, right), column - left),
    row - top,
  );
  return Math.min(Math.max(value / maximum, 0), 1);
}

function halfBlock(upper: number, lower: number): string {
  return `\u001b[38;5;${grey(upper)};48;5;${grey(lower)}m▀`;
}

function grey(value: number): number {
  return FIRST_GREY + Math.round(value * (GREYS - 1));
}

function shade(value: number): string {
  return SHADES[Math.round(value * (SHADES.length - 1))] ?? ' ';
}
