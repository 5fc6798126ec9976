// The yardstick of the kernel bench, in AssemblyScript (WASM SIMD): what the compiler gives for loops that do
// nothing but one operation. bench/src/kernels compiles it and times it beside the engine's kernels.
//   mulBB     BabyBear Montgomery products from memory
//   sqBB      the same in registers
//   dotSmall5 int16 weight x 5-coordinate K vector
//   dotI16    int16 multiply-adds
//   keccak2   two keccak-f[1600] at once
// BabyBear p = 15*2^27+1, Montgomery R = 2^32
const P: u32 = 2013265921;
// @ts-ignore
@inline function mulv(a: v128, b: v128): v128 {
  const lo = i64x2.extmul_low_i32x4_u(a, b);
  const hi = i64x2.extmul_high_i32x4_u(a, b);
  // low 32 bits of each product
  const l = v128.shuffle<i32>(lo, hi, 0, 2, 4, 6);
  const h = v128.shuffle<i32>(lo, hi, 1, 3, 5, 7);
  const q = i32x4.mul(l, i32x4.splat(<i32>0x88000001)); // q = l * p^{-1}
  const pv = i32x4.splat(<i32>P);
  const qlo = i64x2.extmul_low_i32x4_u(q, pv);
  const qhi = i64x2.extmul_high_i32x4_u(q, pv);
  const qh = v128.shuffle<i32>(qlo, qhi, 1, 3, 5, 7);
  const d = i32x4.sub(h, qh);
  const mask = i32x4.gt_u(qh, h);
  return i32x4.add(d, v128.and(mask, pv));
}
// @ts-ignore
@inline function addv(a: v128, b: v128): v128 {
  const pv = i32x4.splat(<i32>P);
  const s = i32x4.add(a, b);
  return i32x4.min_u(s, i32x4.sub(s, pv));
}
export function mulBB(a: usize, b: usize, c: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    v128.store(c, mulv(v128.load(a), v128.load(b)));
    a += 16; b += 16; c += 16;
  }
}
// arithmetic-bound: repeated squaring in registers
export function sqBB(a: usize, n: i32, reps: i32): void {
  for (let i = 0; i < n; i += 16) {
    let x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
    for (let r = 0; r < reps; r++) { x0 = mulv(x0, x0); x1 = mulv(x1, x1); x2 = mulv(x2, x2); x3 = mulv(x3, x3); }
    v128.store(a, x0); v128.store(a, x1, 16); v128.store(a, x2, 32); v128.store(a, x3, 48);
    a += 64;
  }
}
// small int16 weights (n) times 5-coordinate ext eq (SoA, int32 each): 5 sums in i64
export function dotSmall5(w: usize, e: usize, n: i32, out: usize): void {
  let s0 = i64x2.splat(0), s1 = i64x2.splat(0), s2 = i64x2.splat(0), s3 = i64x2.splat(0), s4 = i64x2.splat(0);
  const st: usize = <usize>n * 4;
  for (let i = 0; i < n; i += 4) {
    const x = i32x4.extend_low_i16x8_s(v128.load64_zero(w));
    const e0 = v128.load(e), e1 = v128.load(e + st), e2 = v128.load(e + 2*st), e3 = v128.load(e + 3*st), e4 = v128.load(e + 4*st);
    s0 = i64x2.add(s0, i64x2.add(i64x2.extmul_low_i32x4_s(x, e0), i64x2.extmul_high_i32x4_s(x, e0)));
    s1 = i64x2.add(s1, i64x2.add(i64x2.extmul_low_i32x4_s(x, e1), i64x2.extmul_high_i32x4_s(x, e1)));
    s2 = i64x2.add(s2, i64x2.add(i64x2.extmul_low_i32x4_s(x, e2), i64x2.extmul_high_i32x4_s(x, e2)));
    s3 = i64x2.add(s3, i64x2.add(i64x2.extmul_low_i32x4_s(x, e3), i64x2.extmul_high_i32x4_s(x, e3)));
    s4 = i64x2.add(s4, i64x2.add(i64x2.extmul_low_i32x4_s(x, e4), i64x2.extmul_high_i32x4_s(x, e4)));
    w += 8; e += 16;
  }
  v128.store(out, s0); v128.store(out, s1, 16); v128.store(out, s2, 32); v128.store(out, s3, 48); v128.store(out, s4, 64);
}
// int8 x int8 matmul inner product using i16 dot
export function dotI16(a: usize, b: usize, n: i32): i32 {
  let s0 = i32x4.splat(0), s1 = i32x4.splat(0), s2 = i32x4.splat(0), s3 = i32x4.splat(0);
  for (let i = 0; i < n; i += 32) {
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load(a), v128.load(b)));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load(a, 16), v128.load(b, 16)));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load(a, 32), v128.load(b, 32)));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load(a, 48), v128.load(b, 48)));
    a += 64; b += 64;
  }
  const s = i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3));
  return i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1) + i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3);
}
const RC = memory.data<u64>([0x1,0x8082,0x800000000000808a,0x8000000080008000,0x808b,0x80000001,0x8000000080008081,0x8000000000008009,0x8a,0x88,0x80008009,0x8000000a,0x8000808b,0x800000000000008b,0x8000000000008089,0x8000000000008003,0x8000000000008002,0x8000000000000080,0x800a,0x800000008000000a,0x8000000080008081,0x8000000000008080,0x80000001,0x8000000080008008]);
// @ts-ignore
@inline function rolv(x: v128, n: i32): v128 { return v128.or(i64x2.shl(x, n), i64x2.shr_u(x, 64 - n)); }
// 2-way keccak-f on state of 25 v128 at s
export function keccak2(s: usize): void {
  let a0=v128.load(s,0),a1=v128.load(s,16),a2=v128.load(s,32),a3=v128.load(s,48),a4=v128.load(s,64),a5=v128.load(s,80),a6=v128.load(s,96),a7=v128.load(s,112),a8=v128.load(s,128),a9=v128.load(s,144),a10=v128.load(s,160),a11=v128.load(s,176),a12=v128.load(s,192),a13=v128.load(s,208),a14=v128.load(s,224),a15=v128.load(s,240),a16=v128.load(s,256),a17=v128.load(s,272),a18=v128.load(s,288),a19=v128.load(s,304),a20=v128.load(s,320),a21=v128.load(s,336),a22=v128.load(s,352),a23=v128.load(s,368),a24=v128.load(s,384);
  for (let r = 0; r < 24; r++) {
    const c0=v128.xor(v128.xor(v128.xor(a0,a5),v128.xor(a10,a15)),a20), c1=v128.xor(v128.xor(v128.xor(a1,a6),v128.xor(a11,a16)),a21), c2=v128.xor(v128.xor(v128.xor(a2,a7),v128.xor(a12,a17)),a22), c3=v128.xor(v128.xor(v128.xor(a3,a8),v128.xor(a13,a18)),a23), c4=v128.xor(v128.xor(v128.xor(a4,a9),v128.xor(a14,a19)),a24);
    const d0=v128.xor(c4,rolv(c1,1)),d1=v128.xor(c0,rolv(c2,1)),d2=v128.xor(c1,rolv(c3,1)),d3=v128.xor(c2,rolv(c4,1)),d4=v128.xor(c3,rolv(c0,1));
    const b0=v128.xor(a0,d0),b1=rolv(v128.xor(a6,d1),44),b2=rolv(v128.xor(a12,d2),43),b3=rolv(v128.xor(a18,d3),21),b4=rolv(v128.xor(a24,d4),14);
    const b5=rolv(v128.xor(a3,d3),28),b6=rolv(v128.xor(a9,d4),20),b7=rolv(v128.xor(a10,d0),3),b8=rolv(v128.xor(a16,d1),45),b9=rolv(v128.xor(a22,d2),61);
    const b10=rolv(v128.xor(a1,d1),1),b11=rolv(v128.xor(a7,d2),6),b12=rolv(v128.xor(a13,d3),25),b13=rolv(v128.xor(a19,d4),8),b14=rolv(v128.xor(a20,d0),18);
    const b15=rolv(v128.xor(a4,d4),27),b16=rolv(v128.xor(a5,d0),36),b17=rolv(v128.xor(a11,d1),10),b18=rolv(v128.xor(a17,d2),15),b19=rolv(v128.xor(a23,d3),56);
    const b20=rolv(v128.xor(a2,d2),62),b21=rolv(v128.xor(a8,d3),55),b22=rolv(v128.xor(a14,d4),39),b23=rolv(v128.xor(a15,d0),41),b24=rolv(v128.xor(a21,d1),2);
    a0=v128.xor(v128.xor(b0,v128.andnot(b2,b1)),v128.load64_splat(RC+(<usize>r<<3)));a1=v128.xor(b1,v128.andnot(b3,b2));a2=v128.xor(b2,v128.andnot(b4,b3));a3=v128.xor(b3,v128.andnot(b0,b4));a4=v128.xor(b4,v128.andnot(b1,b0));
    a5=v128.xor(b5,v128.andnot(b7,b6));a6=v128.xor(b6,v128.andnot(b8,b7));a7=v128.xor(b7,v128.andnot(b9,b8));a8=v128.xor(b8,v128.andnot(b5,b9));a9=v128.xor(b9,v128.andnot(b6,b5));
    a10=v128.xor(b10,v128.andnot(b12,b11));a11=v128.xor(b11,v128.andnot(b13,b12));a12=v128.xor(b12,v128.andnot(b14,b13));a13=v128.xor(b13,v128.andnot(b10,b14));a14=v128.xor(b14,v128.andnot(b11,b10));
    a15=v128.xor(b15,v128.andnot(b17,b16));a16=v128.xor(b16,v128.andnot(b18,b17));a17=v128.xor(b17,v128.andnot(b19,b18));a18=v128.xor(b18,v128.andnot(b15,b19));a19=v128.xor(b19,v128.andnot(b16,b15));
    a20=v128.xor(b20,v128.andnot(b22,b21));a21=v128.xor(b21,v128.andnot(b23,b22));a22=v128.xor(b22,v128.andnot(b24,b23));a23=v128.xor(b23,v128.andnot(b20,b24));a24=v128.xor(b24,v128.andnot(b21,b20));
  }
  v128.store(s,a0,0);v128.store(s,a1,16);v128.store(s,a2,32);v128.store(s,a3,48);v128.store(s,a4,64);v128.store(s,a5,80);v128.store(s,a6,96);v128.store(s,a7,112);v128.store(s,a8,128);v128.store(s,a9,144);v128.store(s,a10,160);v128.store(s,a11,176);v128.store(s,a12,192);v128.store(s,a13,208);v128.store(s,a14,224);v128.store(s,a15,240);v128.store(s,a16,256);v128.store(s,a17,272);v128.store(s,a18,288);v128.store(s,a19,304);v128.store(s,a20,320);v128.store(s,a21,336);v128.store(s,a22,352);v128.store(s,a23,368);v128.store(s,a24,384);
}
export function keccakN(s: usize, n: i32): void { for (let i=0;i<n;i++) keccak2(s); }
