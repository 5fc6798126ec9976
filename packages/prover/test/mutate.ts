/** `bytes` with one to three random edits: a byte set, a bit flipped, bytes removed, repeated or overwritten from elsewhere. */
export function mutated(
  bytes: Uint8Array,
  pick: (lo: number, hi: number) => number,
  within = bytes.length,
): Uint8Array {
  let out = bytes.slice();
  const splice = (at: number, removed: number, inserted: Uint8Array): void => {
    out = Uint8Array.from([...out.subarray(0, at), ...inserted, ...out.subarray(at + removed)]);
  };
  for (let edits = pick(1, 3); edits > 0; edits--) {
    const at = pick(0, Math.max(0, Math.min(within, out.length) - 1));
    const from = pick(0, Math.max(0, out.length - 1));
    const length = 4 * pick(1, 6);
    switch (pick(0, 5)) {
      case 0:
        out[at] = pick(0, 255);
        break;
      case 1:
      case 2:
        out[at] = (out[at] ?? 0) ^ (1 << pick(0, 7));
        break;
      case 3:
        splice(at, length, new Uint8Array());
        break;
      case 4:
        splice(at, 0, out.slice(from, from + length));
        break;
      default:
        splice(at, length, out.slice(from, from + length));
    }
  }
  return pick(0, 15) === 0 ? out.slice(0, pick(0, out.length)) : out;
}

export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
