import { keccak_256 } from '@noble/hashes/sha3.js';
import { type Memory, setWord } from './memory.ts';

/**
 * out[32·i …] = keccak256(0x00 ‖ salt_i ‖ row_i), i < n; rows and salts are contiguous.
 * scratch: room for two padded messages, 2·136·(floor((1 + saltBytes + rowBytes)/136) + 1) bytes.
 */
export function leaves(
  m: Memory,
  rows: number,
  rowBytes: number,
  salts: number,
  saltBytes: number,
  n: number,
  out: number,
  _scratch: number,
): void {
  const message = new Uint8Array(1 + saltBytes + rowBytes);
  for (let i = 0; i < n; i++) {
    message.set(m.bytes.subarray(salts + i * saltBytes, salts + (i + 1) * saltBytes), 1);
    message.set(m.bytes.subarray(rows + i * rowBytes, rows + (i + 1) * rowBytes), 1 + saltBytes);
    m.bytes.set(keccak_256(message), out + 32 * i);
  }
}

/** out[32·i …] = keccak256(0x03 ‖ children[64·i …]), i < n. */
export function nodes(m: Memory, children: number, n: number, out: number): void {
  const message = new Uint8Array(65);
  message[0] = 3;
  for (let i = 0; i < n; i++) {
    message.set(m.bytes.subarray(children + 64 * i, children + 64 * (i + 1)), 1);
    m.bytes.set(keccak_256(message), out + 32 * i);
  }
}

/**
 * out[32·i …] = keccak256(messages[size·i …]), i < n; size < 136, a multiple of 8.
 * Reads up to eight bytes beyond the messages. scratch: 2·136 bytes.
 */
export function digests(
  m: Memory,
  messages: number,
  size: number,
  n: number,
  out: number,
  _scratch: number,
): void {
  for (let i = 0; i < n; i++) {
    const message = m.bytes.slice(messages + size * i, messages + size * (i + 1));
    m.bytes.set(keccak_256(message), out + 32 * i);
  }
}

/**
 * The first nonce in [from, from + count), from = low + 2^32·high, with
 * keccak256(0x04 ‖ state ‖ nonce LE) ≡ 0 mod 2^bits (digest as big-endian integer), bits <= 64.
 * out = found (0 or 1), nonce low, nonce high.
 */
export function grind(
  m: Memory,
  state: number,
  bits: number,
  low: number,
  high: number,
  count: number,
  out: number,
): void {
  const message = new Uint8Array(41);
  message[0] = 4;
  message.set(m.bytes.subarray(state, state + 32), 1);
  const view = new DataView(message.buffer);
  const mask = 2n ** BigInt(bits) - 1n;
  for (let i = 0; i < count; i++) {
    const nonce = BigInt(low) + 2n ** 32n * BigInt(high) + BigInt(i);
    view.setBigUint64(33, nonce, true);
    const digest = keccak_256(message);
    const tail = new DataView(digest.buffer, digest.byteOffset).getBigUint64(24, false);
    if ((tail & mask) !== 0n) continue;
    setWord(m, out, 1);
    setWord(m, out + 4, Number(nonce % 2n ** 32n));
    setWord(m, out + 8, Number(nonce / 2n ** 32n));
    return;
  }
  setWord(m, out, 0);
  setWord(m, out + 4, 0);
  setWord(m, out + 8, 0);
}
