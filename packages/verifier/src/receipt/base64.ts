const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Characters per piece of text: keeps the number of string concatenations low. */
const PIECE = 8192;

const VALUES: Uint8Array = new Uint8Array(128).fill(255);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** ASCII bytes as text. The caller has checked that every byte is below 128. */
export function textOf(ascii: Uint8Array): string {
  let text = '';
  for (let i = 0; i < ascii.length; i += PIECE) {
    // Reflect.apply takes the bytes as they are; spreading them would go through an iterator.
    text += Reflect.apply(String.fromCharCode, null, ascii.subarray(i, i + PIECE));
  }
  return text;
}

/** RFC 4648 §4, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const characters = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  for (let i = 0, o = 0; i < bytes.length; i += 3, o += 4) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const missing = i + 3 - bytes.length;
    characters[o] = ALPHABET.charCodeAt(word >>> 18);
    characters[o + 1] = ALPHABET.charCodeAt((word >>> 12) & 63);
    characters[o + 2] = missing >= 2 ? 61 : ALPHABET.charCodeAt((word >>> 6) & 63);
    characters[o + 3] = missing >= 1 ? 61 : ALPHABET.charCodeAt(word & 63);
  }
  return textOf(characters);
}

/** Bytes of a base64 text; null unless it is the one text that `encodeBase64` writes for them. */
export function decodeBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let buffer = 0;
  let bits = 0;
  let written = 0;
  for (let i = 0; i < digits; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? 255;
    if (value === 255) return null;
    buffer = ((buffer << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[written++] = (buffer >>> bits) & 255;
    }
  }
  // Left-over bits must be zero, or several texts would stand for the same bytes.
  return (buffer & ((1 << bits) - 1)) === 0 ? bytes : null;
}
