// keccak-256 (original padding 0x01), two messages at a time: lane 0 and lane 1 of 25 vectors.
// Argument lists and meaning: ../reference/keccak.ts.

const ROUND_CONSTANTS = memory.data<u64>([
  0x1, 0x8082, 0x800000000000808a, 0x8000000080008000, 0x808b, 0x80000001, 0x8000000080008081, 0x8000000000008009,
  0x8a, 0x88, 0x80008009, 0x8000000a, 0x8000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
  0x8000000000008002, 0x8000000000000080, 0x800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x80000001, 0x8000000080008008,
]);

/** Bytes that one permutation absorbs. */
const RATE: i32 = 136;

// The state, per instance (so per thread). Lane x + 5·y of FIPS 202.
let s0: v128 = i64x2.splat(0), s1: v128 = i64x2.splat(0), s2: v128 = i64x2.splat(0), s3: v128 = i64x2.splat(0), s4: v128 = i64x2.splat(0);
let s5: v128 = i64x2.splat(0), s6: v128 = i64x2.splat(0), s7: v128 = i64x2.splat(0), s8: v128 = i64x2.splat(0), s9: v128 = i64x2.splat(0);
let s10: v128 = i64x2.splat(0), s11: v128 = i64x2.splat(0), s12: v128 = i64x2.splat(0), s13: v128 = i64x2.splat(0), s14: v128 = i64x2.splat(0);
let s15: v128 = i64x2.splat(0), s16: v128 = i64x2.splat(0), s17: v128 = i64x2.splat(0), s18: v128 = i64x2.splat(0), s19: v128 = i64x2.splat(0);
let s20: v128 = i64x2.splat(0), s21: v128 = i64x2.splat(0), s22: v128 = i64x2.splat(0), s23: v128 = i64x2.splat(0), s24: v128 = i64x2.splat(0);

// @ts-ignore: decorator
@inline function rotl(x: v128, n: i32): v128 {
  return v128.or(i64x2.shl(x, n), i64x2.shr_u(x, 64 - n));
}

// @ts-ignore: decorator
@inline function xor5(a: v128, b: v128, c: v128, d: v128, e: v128): v128 {
  return v128.xor(v128.xor(v128.xor(a, b), v128.xor(c, d)), e);
}

/** a ^ (~b & c). */
// @ts-ignore: decorator
@inline function chi(a: v128, b: v128, c: v128): v128 {
  return v128.xor(a, v128.andnot(c, b));
}

/** keccak-f[1600] on both states. */
function permute(): void {
  let a0 = s0, a1 = s1, a2 = s2, a3 = s3, a4 = s4;
  let a5 = s5, a6 = s6, a7 = s7, a8 = s8, a9 = s9;
  let a10 = s10, a11 = s11, a12 = s12, a13 = s13, a14 = s14;
  let a15 = s15, a16 = s16, a17 = s17, a18 = s18, a19 = s19;
  let a20 = s20, a21 = s21, a22 = s22, a23 = s23, a24 = s24;
  for (let r: usize = 0; r < 24; r++) {
    // theta
    const c0 = xor5(a0, a5, a10, a15, a20);
    const c1 = xor5(a1, a6, a11, a16, a21);
    const c2 = xor5(a2, a7, a12, a17, a22);
    const c3 = xor5(a3, a8, a13, a18, a23);
    const c4 = xor5(a4, a9, a14, a19, a24);
    const d0 = v128.xor(c4, rotl(c1, 1));
    const d1 = v128.xor(c0, rotl(c2, 1));
    const d2 = v128.xor(c1, rotl(c3, 1));
    const d3 = v128.xor(c2, rotl(c4, 1));
    const d4 = v128.xor(c3, rotl(c0, 1));
    // rho and pi
    const b0 = v128.xor(a0, d0);
    const b1 = rotl(v128.xor(a6, d1), 44);
    const b2 = rotl(v128.xor(a12, d2), 43);
    const b3 = rotl(v128.xor(a18, d3), 21);
    const b4 = rotl(v128.xor(a24, d4), 14);
    const b5 = rotl(v128.xor(a3, d3), 28);
    const b6 = rotl(v128.xor(a9, d4), 20);
    const b7 = rotl(v128.xor(a10, d0), 3);
    const b8 = rotl(v128.xor(a16, d1), 45);
    const b9 = rotl(v128.xor(a22, d2), 61);
    const b10 = rotl(v128.xor(a1, d1), 1);
    const b11 = rotl(v128.xor(a7, d2), 6);
    const b12 = rotl(v128.xor(a13, d3), 25);
    const b13 = rotl(v128.xor(a19, d4), 8);
    const b14 = rotl(v128.xor(a20, d0), 18);
    const b15 = rotl(v128.xor(a4, d4), 27);
    const b16 = rotl(v128.xor(a5, d0), 36);
    const b17 = rotl(v128.xor(a11, d1), 10);
    const b18 = rotl(v128.xor(a17, d2), 15);
    const b19 = rotl(v128.xor(a23, d3), 56);
    const b20 = rotl(v128.xor(a2, d2), 62);
    const b21 = rotl(v128.xor(a8, d3), 55);
    const b22 = rotl(v128.xor(a14, d4), 39);
    const b23 = rotl(v128.xor(a15, d0), 41);
    const b24 = rotl(v128.xor(a21, d1), 2);
    // chi and iota
    a0 = v128.xor(chi(b0, b1, b2), v128.load64_splat(ROUND_CONSTANTS + (r << 3)));
    a1 = chi(b1, b2, b3);
    a2 = chi(b2, b3, b4);
    a3 = chi(b3, b4, b0);
    a4 = chi(b4, b0, b1);
    a5 = chi(b5, b6, b7);
    a6 = chi(b6, b7, b8);
    a7 = chi(b7, b8, b9);
    a8 = chi(b8, b9, b5);
    a9 = chi(b9, b5, b6);
    a10 = chi(b10, b11, b12);
    a11 = chi(b11, b12, b13);
    a12 = chi(b12, b13, b14);
    a13 = chi(b13, b14, b10);
    a14 = chi(b14, b10, b11);
    a15 = chi(b15, b16, b17);
    a16 = chi(b16, b17, b18);
    a17 = chi(b17, b18, b19);
    a18 = chi(b18, b19, b15);
    a19 = chi(b19, b15, b16);
    a20 = chi(b20, b21, b22);
    a21 = chi(b21, b22, b23);
    a22 = chi(b22, b23, b24);
    a23 = chi(b23, b24, b20);
    a24 = chi(b24, b20, b21);
  }
  s0 = a0; s1 = a1; s2 = a2; s3 = a3; s4 = a4;
  s5 = a5; s6 = a6; s7 = a7; s8 = a8; s9 = a9;
  s10 = a10; s11 = a11; s12 = a12; s13 = a13; s14 = a14;
  s15 = a15; s16 = a16; s17 = a17; s18 = a18; s19 = a19;
  s20 = a20; s21 = a21; s22 = a22; s23 = a23; s24 = a24;
}

function clear(): void {
  const zero = i64x2.splat(0);
  s0 = zero; s1 = zero; s2 = zero; s3 = zero; s4 = zero;
  s5 = zero; s6 = zero; s7 = zero; s8 = zero; s9 = zero;
  s10 = zero; s11 = zero; s12 = zero; s13 = zero; s14 = zero;
  s15 = zero; s16 = zero; s17 = zero; s18 = zero; s19 = zero;
  s20 = zero; s21 = zero; s22 = zero; s23 = zero; s24 = zero;
}

/** The eight bytes at a in lane 0, those at b in lane 1. */
// @ts-ignore: decorator
@inline function pair(a: usize, b: usize): v128 {
  return i64x2.replace_lane(v128.load64_zero(a), 1, load<i64>(b));
}

/** Absorbs 136 bytes of each message. `first`: what to keep of the first lane. */
function absorb(a: usize, b: usize, first: i64): void {
  s0 = v128.xor(s0, v128.and(pair(a, b), i64x2.splat(first)));
  s1 = v128.xor(s1, pair(a + 8, b + 8));
  s2 = v128.xor(s2, pair(a + 16, b + 16));
  s3 = v128.xor(s3, pair(a + 24, b + 24));
  s4 = v128.xor(s4, pair(a + 32, b + 32));
  s5 = v128.xor(s5, pair(a + 40, b + 40));
  s6 = v128.xor(s6, pair(a + 48, b + 48));
  s7 = v128.xor(s7, pair(a + 56, b + 56));
  s8 = v128.xor(s8, pair(a + 64, b + 64));
  s9 = v128.xor(s9, pair(a + 72, b + 72));
  s10 = v128.xor(s10, pair(a + 80, b + 80));
  s11 = v128.xor(s11, pair(a + 88, b + 88));
  s12 = v128.xor(s12, pair(a + 96, b + 96));
  s13 = v128.xor(s13, pair(a + 104, b + 104));
  s14 = v128.xor(s14, pair(a + 112, b + 112));
  s15 = v128.xor(s15, pair(a + 120, b + 120));
  s16 = v128.xor(s16, pair(a + 128, b + 128));
  permute();
}

// @ts-ignore: decorator
@inline function squeeze(out: usize, other: usize): void {
  store<i64>(out, i64x2.extract_lane(s0, 0));
  store<i64>(out, i64x2.extract_lane(s1, 0), 8);
  store<i64>(out, i64x2.extract_lane(s2, 0), 16);
  store<i64>(out, i64x2.extract_lane(s3, 0), 24);
  if (other === 0) return;
  store<i64>(other, i64x2.extract_lane(s0, 1));
  store<i64>(other, i64x2.extract_lane(s1, 1), 8);
  store<i64>(other, i64x2.extract_lane(s2, 1), 16);
  store<i64>(other, i64x2.extract_lane(s3, 1), 24);
}

/** block = the `size` < 136 bytes at src, then keccak's padding. Reads up to seven bytes too many. */
function padded(src: usize, size: i32, block: usize): void {
  let at = 0;
  for (; at + 8 <= size; at += 8) store<u64>(block + at, load<u64>(src + at));
  const rest = size - at;
  store<u64>(block + at, (load<u64>(src + at) & (((<u64>1) << (<u64>rest << 3)) - 1)) | ((<u64>1) << (<u64>rest << 3)));
  for (at += 8; at < RATE; at += 8) store<u64>(block + at, 0);
  store<u8>(block + RATE - 1, load<u8>(block + RATE - 1) ^ 0x80);
}

/** All lanes but the first byte, which is the prefix 0x00. */
const NO_PREFIX: i64 = -256;

/** Two leaves without salt: message byte j >= 1 is row byte j − 1. */
function leafPair(a: usize, b: usize, rowBytes: i32, out: usize, other: usize, scratch: usize): void {
  clear();
  let left = rowBytes + 1, from: usize = 0;
  let first = NO_PREFIX;
  for (; left >= RATE; left -= RATE) {
    absorb(a - 1 + from, b - 1 + from, first);
    first = -1;
    from += RATE;
  }
  padded(a - 1 + from, left, scratch);
  padded(b - 1 + from, left, scratch + RATE);
  absorb(scratch, scratch + RATE, first);
  squeeze(out, other);
}

/** The whole message at `to`: 0x00, salt, row. */
function saltedMessage(salt: usize, saltBytes: i32, row: usize, rowBytes: i32, to: usize): void {
  store<u8>(to, 0);
  memory.copy(to + 1, salt, saltBytes);
  memory.copy(to + 1 + saltBytes, row, rowBytes);
}

function saltedPair(scratch: usize, room: usize, size: i32, out: usize, other: usize): void {
  clear();
  let a = scratch, b = scratch + room;
  let left = size;
  for (; left >= RATE; left -= RATE) {
    absorb(a, b, -1);
    a += RATE;
    b += RATE;
  }
  padded(a, left, a);
  padded(b, left, b);
  absorb(a, b, -1);
  squeeze(out, other);
}

export function leaves(rows: usize, rowBytes: i32, salts: usize, saltBytes: i32, n: i32, out: usize, scratch: usize): void {
  const size = 1 + saltBytes + rowBytes;
  const room = <usize>((size / RATE + 1) * RATE);
  for (let i = 0; i < n; i += 2) {
    // An odd last leaf is its own partner.
    const two = i + 1 < n;
    const other = two ? out + 32 : 0;
    const next = two ? rows + rowBytes : rows;
    if (saltBytes === 0) {
      leafPair(rows, next, rowBytes, out, other, scratch);
    } else {
      saltedMessage(salts, saltBytes, rows, rowBytes, scratch);
      saltedMessage(two ? salts + saltBytes : salts, saltBytes, next, rowBytes, scratch + room);
      saltedPair(scratch, room, size, out, other);
    }
    rows += <usize>rowBytes << 1;
    salts += <usize>saltBytes << 1;
    out += 64;
  }
}

export function nodes(children: usize, n: i32, out: usize): void {
  for (let i = 0; i < n; i += 2) {
    const two = i + 1 < n;
    const a = children - 1, b = two ? children + 63 : a;
    clear();
    // 65 bytes: the prefix 0x03 takes the place of the byte before the children.
    s0 = v128.or(v128.and(pair(a, b), i64x2.splat(NO_PREFIX)), i64x2.splat(3));
    s1 = pair(a + 8, b + 8);
    s2 = pair(a + 16, b + 16);
    s3 = pair(a + 24, b + 24);
    s4 = pair(a + 32, b + 32);
    s5 = pair(a + 40, b + 40);
    s6 = pair(a + 48, b + 48);
    s7 = pair(a + 56, b + 56);
    s8 = i64x2(<i64>load<u8>(a, 64) | 0x100, <i64>load<u8>(b, 64) | 0x100);
    s16 = i64x2.splat(i64.MIN_VALUE);
    permute();
    squeeze(out, two ? out + 32 : 0);
    children += 128;
    out += 64;
  }
}

export function digests(messages: usize, size: i32, n: i32, out: usize, scratch: usize): void {
  for (let i = 0; i < n; i += 2) {
    const two = i + 1 < n;
    clear();
    padded(messages, size, scratch);
    padded(two ? messages + size : messages, size, scratch + RATE);
    absorb(scratch, scratch + RATE, -1);
    squeeze(out, two ? out + 32 : 0);
    messages += <usize>size << 1;
    out += 64;
  }
}

export function grind(state: usize, bits: i32, low: u32, high: u32, count: u32, out: usize): void {
  const mask: u64 = bits >= 64 ? u64.MAX_VALUE : (<u64>1 << <u64>bits) - 1;
  const last = <u64>load<u8>(state, 31);
  let nonce = <u64>low | (<u64>high << 32);
  store<u32>(out, 0);
  store<u32>(out, 0, 4);
  store<u32>(out, 0, 8);
  // 41 bytes: prefix 0x04, state, nonce. The nonce begins at byte 33, one byte into lane 4.
  for (let i: u32 = 0; i < count; i += 2) {
    const other = nonce + 1;
    clear();
    s0 = i64x2.splat(<i64>((load<u64>(state) << 8) | 4));
    s1 = v128.load64_splat(state + 7);
    s2 = v128.load64_splat(state + 15);
    s3 = v128.load64_splat(state + 23);
    s4 = i64x2(<i64>(last | (nonce << 8)), <i64>(last | (other << 8)));
    s5 = i64x2(<i64>((nonce >> 56) | 0x100), <i64>((other >> 56) | 0x100));
    s16 = i64x2.splat(i64.MIN_VALUE);
    permute();
    // Digest bytes 24..31 are its low 64 bits as a big-endian integer.
    const first = (bswap<u64>(<u64>i64x2.extract_lane(s3, 0)) & mask) === 0;
    if (first || (i + 1 < count && (bswap<u64>(<u64>i64x2.extract_lane(s3, 1)) & mask) === 0)) {
      const found = first ? nonce : other;
      store<u32>(out, 1);
      store<u32>(out, <u32>found, 4);
      store<u32>(out, <u32>(found >> 32), 8);
      return;
    }
    nonce += 2;
  }
}
