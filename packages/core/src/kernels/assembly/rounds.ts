// Rounds of sumchecks and the fraction tree. Argument lists and meaning: ../reference/rounds.ts.
import {
  addv, center, laneMask, mul0, mul1, mul2, mul3, mul4, plane, recenter, scalarLane, doubledLane, storeK,
  subCentered, subv, twice,
} from './field';
import { accumulate0, accumulate1, accumulate2, clear0, clear1, clear2, finish0, finish1, finish2 } from './sums';

export function quadraticRound(x: usize, xStride: u32, y: usize, yStride: u32, half: u32, n: i32, out: usize, outStride: u32): void {
  const xs = plane(xStride), ys = plane(yStride), h = plane(half);
  clear0();
  clear1();
  for (let i = 0; i < n; i += 4) {
    let x0 = v128.load(x), x1 = v128.load(x + xs), x2 = v128.load(x + 2 * xs), x3 = v128.load(x + 3 * xs), x4 = v128.load(x + 4 * xs);
    const y0 = v128.load(y), y1 = v128.load(y + ys), y2 = v128.load(y + 2 * ys), y3 = v128.load(y + 3 * ys), y4 = v128.load(y + 4 * ys);
    let a0 = subCentered(v128.load(x + h), x0), a1 = subCentered(v128.load(x + xs + h), x1), a2 = subCentered(v128.load(x + 2 * xs + h), x2), a3 = subCentered(v128.load(x + 3 * xs + h), x3), a4 = subCentered(v128.load(x + 4 * xs + h), x4);
    x0 = center(x0); x1 = center(x1); x2 = center(x2); x3 = center(x3); x4 = center(x4);
    if (n - i < 4) {
      const mask = laneMask(n - i);
      x0 = v128.and(x0, mask); x1 = v128.and(x1, mask); x2 = v128.and(x2, mask); x3 = v128.and(x3, mask); x4 = v128.and(x4, mask);
      a0 = v128.and(a0, mask); a1 = v128.and(a1, mask); a2 = v128.and(a2, mask); a3 = v128.and(a3, mask); a4 = v128.and(a4, mask);
    }
    accumulate0(x0, x1, x2, x3, x4, center(y0), center(y1), center(y2), center(y3), center(y4));
    accumulate1(
      a0, a1, a2, a3, a4,
      subCentered(v128.load(y + h), y0), subCentered(v128.load(y + ys + h), y1), subCentered(v128.load(y + 2 * ys + h), y2), subCentered(v128.load(y + 3 * ys + h), y3), subCentered(v128.load(y + 4 * ys + h), y4),
    );
    x += 16;
    y += 16;
  }
  const st = plane(outStride), iterations = (n + 3) >> 2;
  finish0(out, st, iterations);
  finish1(out + 4, st, iterations);
}

/**
 * With q0 = x0·y0, q2 = dx·dy, q1 = x1·y1 − q0 − q2 (so that x(X)·y(X) = q0 + q1·X + q2·X²):
 * c0 = e0·q0, c3 = de·q2, c2 = e0·q2 + de·q1.
 */
export function cubicRound(e: usize, eStride: u32, x: usize, xStride: u32, y: usize, yStride: u32, half: u32, n: i32, out: usize, outStride: u32): void {
  const es = plane(eStride), xs = plane(xStride), ys = plane(yStride), h = plane(half);
  clear0();
  clear1();
  clear2();
  for (let i = 0; i < n; i += 4) {
    const mask = n - i < 4 ? laneMask(n - i) : i32x4.splat(-1);
    // q0 and q2
    let a0 = v128.load(x), a1 = v128.load(x + xs), a2 = v128.load(x + 2 * xs), a3 = v128.load(x + 3 * xs), a4 = v128.load(x + 4 * xs);
    let b0 = v128.load(y), b1 = v128.load(y + ys), b2 = v128.load(y + 2 * ys), b3 = v128.load(y + 3 * ys), b4 = v128.load(y + 4 * ys);
    const u0 = v128.load(x + h), u1 = v128.load(x + xs + h), u2 = v128.load(x + 2 * xs + h), u3 = v128.load(x + 3 * xs + h), u4 = v128.load(x + 4 * xs + h);
    const v0 = v128.load(y + h), v1 = v128.load(y + ys + h), v2 = v128.load(y + 2 * ys + h), v3 = v128.load(y + 3 * ys + h), v4 = v128.load(y + 4 * ys + h);
    const r0 = subCentered(u0, a0), r1 = subCentered(u1, a1), r2 = subCentered(u2, a2), r3 = subCentered(u3, a3), r4 = subCentered(u4, a4);
    const s0 = subCentered(v0, b0), s1 = subCentered(v1, b1), s2 = subCentered(v2, b2), s3 = subCentered(v3, b3), s4 = subCentered(v4, b4);
    a0 = center(a0); a1 = center(a1); a2 = center(a2); a3 = center(a3); a4 = center(a4);
    b0 = center(b0); b1 = center(b1); b2 = center(b2); b3 = center(b3); b4 = center(b4);
    let d1 = twice(b1), d2 = twice(b2), d3 = twice(b3), d4 = twice(b4);
    const p0 = mul0(a0, a1, a2, a3, a4, b0, d1, d2, d3, d4);
    const p1 = mul1(a0, a1, a2, a3, a4, b0, b1, d2, d3, d4);
    const p2 = mul2(a0, a1, a2, a3, a4, b0, b1, b2, d3, d4);
    const p3 = mul3(a0, a1, a2, a3, a4, b0, b1, b2, b3, d4);
    const p4 = mul4(a0, a1, a2, a3, a4, b0, b1, b2, b3, b4);
    d1 = twice(s1); d2 = twice(s2); d3 = twice(s3); d4 = twice(s4);
    const q0 = mul0(r0, r1, r2, r3, r4, s0, d1, d2, d3, d4);
    const q1 = mul1(r0, r1, r2, r3, r4, s0, s1, d2, d3, d4);
    const q2 = mul2(r0, r1, r2, r3, r4, s0, s1, s2, d3, d4);
    const q3 = mul3(r0, r1, r2, r3, r4, s0, s1, s2, s3, d4);
    const q4 = mul4(r0, r1, r2, r3, r4, s0, s1, s2, s3, s4);
    // x1·y1
    a0 = center(u0); a1 = center(u1); a2 = center(u2); a3 = center(u3); a4 = center(u4);
    b0 = center(v0); b1 = center(v1); b2 = center(v2); b3 = center(v3); b4 = center(v4);
    d1 = twice(b1); d2 = twice(b2); d3 = twice(b3); d4 = twice(b4);
    const m0 = center(subv(subv(mul0(a0, a1, a2, a3, a4, b0, d1, d2, d3, d4), p0), q0));
    const m1 = center(subv(subv(mul1(a0, a1, a2, a3, a4, b0, b1, d2, d3, d4), p1), q1));
    const m2 = center(subv(subv(mul2(a0, a1, a2, a3, a4, b0, b1, b2, d3, d4), p2), q2));
    const m3 = center(subv(subv(mul3(a0, a1, a2, a3, a4, b0, b1, b2, b3, d4), p3), q3));
    const m4 = center(subv(subv(mul4(a0, a1, a2, a3, a4, b0, b1, b2, b3, b4), p4), q4));
    const w0 = v128.load(e), w1 = v128.load(e + es), w2 = v128.load(e + 2 * es), w3 = v128.load(e + 3 * es), w4 = v128.load(e + 4 * es);
    a0 = v128.and(mask, subCentered(v128.load(e + h), w0)); a1 = v128.and(mask, subCentered(v128.load(e + es + h), w1)); a2 = v128.and(mask, subCentered(v128.load(e + 2 * es + h), w2)); a3 = v128.and(mask, subCentered(v128.load(e + 3 * es + h), w3)); a4 = v128.and(mask, subCentered(v128.load(e + 4 * es + h), w4));
    b0 = v128.and(mask, center(w0)); b1 = v128.and(mask, center(w1)); b2 = v128.and(mask, center(w2)); b3 = v128.and(mask, center(w3)); b4 = v128.and(mask, center(w4));
    accumulate0(center(p0), center(p1), center(p2), center(p3), center(p4), b0, b1, b2, b3, b4);
    accumulate1(center(q0), center(q1), center(q2), center(q3), center(q4), b0, b1, b2, b3, b4);
    accumulate1(m0, m1, m2, m3, m4, a0, a1, a2, a3, a4);
    accumulate2(center(q0), center(q1), center(q2), center(q3), center(q4), a0, a1, a2, a3, a4);
    e += 16;
    x += 16;
    y += 16;
  }
  const st = plane(outStride), iterations = (n + 3) >> 2;
  finish0(out, st, iterations);
  finish1(out + 4, st, 2 * iterations);
  finish2(out + 8, st, iterations);
}

// @ts-ignore: decorator
@inline function evens(ptr: usize): v128 {
  return v128.shuffle<i32>(v128.load(ptr), v128.load(ptr, 16), 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline function odds(ptr: usize): v128 {
  return v128.shuffle<i32>(v128.load(ptr), v128.load(ptr, 16), 1, 3, 5, 7);
}

export function deinterleave(src: usize, srcStride: u32, even: usize, evenStride: u32, odd: usize, oddStride: u32, n: i32): void {
  const ss = plane(srcStride), es = plane(evenStride), os = plane(oddStride);
  for (let i = 0; i < n; i += 4) {
    storeK(even, es, evens(src), evens(src + ss), evens(src + 2 * ss), evens(src + 3 * ss), evens(src + 4 * ss), n - i);
    storeK(odd, os, odds(src), odds(src + ss), odds(src + 2 * ss), odds(src + 3 * ss), odds(src + 4 * ss), n - i);
    src += 32;
    even += 16;
    odd += 16;
  }
}

export function fractionLayer(childN: usize, childNStride: u32, childD: usize, childDStride: u32, n: usize, nStride: u32, d: usize, dStride: u32, count: i32): void {
  const cn = plane(childNStride), cd = plane(childDStride), ns = plane(nStride), ds = plane(dStride);
  for (let i = 0; i < count; i += 4) {
    // d = D0·D1
    const b0 = center(odds(childD)), b1 = center(odds(childD + cd)), b2 = center(odds(childD + 2 * cd)), b3 = center(odds(childD + 3 * cd)), b4 = center(odds(childD + 4 * cd));
    const f1 = twice(b1), f2 = twice(b2), f3 = twice(b3), f4 = twice(b4);
    const c0 = center(evens(childD)), c1 = center(evens(childD + cd)), c2 = center(evens(childD + 2 * cd)), c3 = center(evens(childD + 3 * cd)), c4 = center(evens(childD + 4 * cd));
    storeK(
      d, ds,
      mul0(c0, c1, c2, c3, c4, b0, f1, f2, f3, f4),
      mul1(c0, c1, c2, c3, c4, b0, b1, f2, f3, f4),
      mul2(c0, c1, c2, c3, c4, b0, b1, b2, f3, f4),
      mul3(c0, c1, c2, c3, c4, b0, b1, b2, b3, f4),
      mul4(c0, c1, c2, c3, c4, b0, b1, b2, b3, b4),
      count - i,
    );
    // n = N0·D1 + N1·D0
    const a0 = center(evens(childN)), a1 = center(evens(childN + cn)), a2 = center(evens(childN + 2 * cn)), a3 = center(evens(childN + 3 * cn)), a4 = center(evens(childN + 4 * cn));
    const m0 = mul0(a0, a1, a2, a3, a4, b0, f1, f2, f3, f4);
    const m1 = mul1(a0, a1, a2, a3, a4, b0, b1, f2, f3, f4);
    const m2 = mul2(a0, a1, a2, a3, a4, b0, b1, b2, f3, f4);
    const m3 = mul3(a0, a1, a2, a3, a4, b0, b1, b2, b3, f4);
    const m4 = mul4(a0, a1, a2, a3, a4, b0, b1, b2, b3, b4);
    const g1 = twice(c1), g2 = twice(c2), g3 = twice(c3), g4 = twice(c4);
    const e0 = center(odds(childN)), e1 = center(odds(childN + cn)), e2 = center(odds(childN + 2 * cn)), e3 = center(odds(childN + 3 * cn)), e4 = center(odds(childN + 4 * cn));
    storeK(
      n, ns,
      addv(m0, mul0(e0, e1, e2, e3, e4, c0, g1, g2, g3, g4)),
      addv(m1, mul1(e0, e1, e2, e3, e4, c0, c1, g2, g3, g4)),
      addv(m2, mul2(e0, e1, e2, e3, e4, c0, c1, c2, g3, g4)),
      addv(m3, mul3(e0, e1, e2, e3, e4, c0, c1, c2, c3, g4)),
      addv(m4, mul4(e0, e1, e2, e3, e4, c0, c1, c2, c3, c4)),
      count - i,
    );
    childN += 32;
    childD += 32;
    n += 16;
    d += 16;
  }
}

// Scalar λ of fractionRound, per instance.
let z0: v128 = i32x4.splat(0), z1: v128 = i32x4.splat(0), z2: v128 = i32x4.splat(0), z3: v128 = i32x4.splat(0), z4: v128 = i32x4.splat(0);
let y1: v128 = i32x4.splat(0), y2: v128 = i32x4.splat(0), y3: v128 = i32x4.splat(0), y4: v128 = i32x4.splat(0);

// Value of `fraction`, centered.
let f0: v128 = i32x4.splat(0), f1: v128 = i32x4.splat(0), f2: v128 = i32x4.splat(0), f3: v128 = i32x4.splat(0), f4: v128 = i32x4.splat(0);

/** f = a·d + b·c + λ·c·d = a·d + c·(b + λ·d), all centered. */
function fraction(
  a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, b2: v128, b3: v128, b4: v128,
  c0: v128, c1: v128, c2: v128, c3: v128, c4: v128, d0: v128, d1: v128, d2: v128, d3: v128, d4: v128,
  lambda: bool,
): void {
  if (lambda) {
    b0 = recenter(i32x4.add(b0, center(mul0(d0, d1, d2, d3, d4, z0, y1, y2, y3, y4))));
    b1 = recenter(i32x4.add(b1, center(mul1(d0, d1, d2, d3, d4, z0, z1, y2, y3, y4))));
    b2 = recenter(i32x4.add(b2, center(mul2(d0, d1, d2, d3, d4, z0, z1, z2, y3, y4))));
    b3 = recenter(i32x4.add(b3, center(mul3(d0, d1, d2, d3, d4, z0, z1, z2, z3, y4))));
    b4 = recenter(i32x4.add(b4, center(mul4(d0, d1, d2, d3, d4, z0, z1, z2, z3, z4))));
  }
  let x1 = twice(d1), x2 = twice(d2), x3 = twice(d3), x4 = twice(d4);
  const u0 = mul0(a0, a1, a2, a3, a4, d0, x1, x2, x3, x4);
  const u1 = mul1(a0, a1, a2, a3, a4, d0, d1, x2, x3, x4);
  const u2 = mul2(a0, a1, a2, a3, a4, d0, d1, d2, x3, x4);
  const u3 = mul3(a0, a1, a2, a3, a4, d0, d1, d2, d3, x4);
  const u4 = mul4(a0, a1, a2, a3, a4, d0, d1, d2, d3, d4);
  x1 = twice(b1); x2 = twice(b2); x3 = twice(b3); x4 = twice(b4);
  f0 = center(addv(u0, mul0(c0, c1, c2, c3, c4, b0, x1, x2, x3, x4)));
  f1 = center(addv(u1, mul1(c0, c1, c2, c3, c4, b0, b1, x2, x3, x4)));
  f2 = center(addv(u2, mul2(c0, c1, c2, c3, c4, b0, b1, b2, x3, x4)));
  f3 = center(addv(u3, mul3(c0, c1, c2, c3, c4, b0, b1, b2, b3, x4)));
  f4 = center(addv(u4, mul4(c0, c1, c2, c3, c4, b0, b1, b2, b3, b4)));
}

export function fractionRound(
  e: usize, eStride: u32, n0: usize, n0Stride: u32, n1: usize, n1Stride: u32, d0: usize, d0Stride: u32, d1: usize, d1Stride: u32,
  lambda: usize, half: u32, n: i32, out: usize, outStride: u32,
): void {
  const es = plane(eStride), as_ = plane(n0Stride), bs = plane(n1Stride), cs = plane(d0Stride), ds = plane(d1Stride), h = plane(half);
  z0 = scalarLane(lambda, 0); z1 = scalarLane(lambda, 1); z2 = scalarLane(lambda, 2); z3 = scalarLane(lambda, 3); z4 = scalarLane(lambda, 4);
  y1 = doubledLane(lambda, 1); y2 = doubledLane(lambda, 2); y3 = doubledLane(lambda, 3); y4 = doubledLane(lambda, 4);
  const scaled = v128.any_true(v128.or(v128.or(v128.or(z0, z1), v128.or(z2, z3)), z4));
  clear0();
  clear1();
  for (let i = 0; i < n; i += 4) {
    const mask = n - i < 4 ? laneMask(n - i) : i32x4.splat(-1);
    const w0 = v128.and(mask, center(v128.load(e))), w1 = v128.and(mask, center(v128.load(e + es))), w2 = v128.and(mask, center(v128.load(e + 2 * es))), w3 = v128.and(mask, center(v128.load(e + 3 * es))), w4 = v128.and(mask, center(v128.load(e + 4 * es)));
    fraction(
      center(v128.load(n0)), center(v128.load(n0 + as_)), center(v128.load(n0 + 2 * as_)), center(v128.load(n0 + 3 * as_)), center(v128.load(n0 + 4 * as_)),
      center(v128.load(n1)), center(v128.load(n1 + bs)), center(v128.load(n1 + 2 * bs)), center(v128.load(n1 + 3 * bs)), center(v128.load(n1 + 4 * bs)),
      center(v128.load(d0)), center(v128.load(d0 + cs)), center(v128.load(d0 + 2 * cs)), center(v128.load(d0 + 3 * cs)), center(v128.load(d0 + 4 * cs)),
      center(v128.load(d1)), center(v128.load(d1 + ds)), center(v128.load(d1 + 2 * ds)), center(v128.load(d1 + 3 * ds)), center(v128.load(d1 + 4 * ds)),
      scaled,
    );
    accumulate0(f0, f1, f2, f3, f4, w0, w1, w2, w3, w4);
    fraction(
      difference(n0, h), difference(n0 + as_, h), difference(n0 + 2 * as_, h), difference(n0 + 3 * as_, h), difference(n0 + 4 * as_, h),
      difference(n1, h), difference(n1 + bs, h), difference(n1 + 2 * bs, h), difference(n1 + 3 * bs, h), difference(n1 + 4 * bs, h),
      difference(d0, h), difference(d0 + cs, h), difference(d0 + 2 * cs, h), difference(d0 + 3 * cs, h), difference(d0 + 4 * cs, h),
      difference(d1, h), difference(d1 + ds, h), difference(d1 + 2 * ds, h), difference(d1 + 3 * ds, h), difference(d1 + 4 * ds, h),
      scaled,
    );
    accumulate1(f0, f1, f2, f3, f4, w0, w1, w2, w3, w4);
    e += 16;
    n0 += 16;
    n1 += 16;
    d0 += 16;
    d1 += 16;
  }
  const st = plane(outStride), iterations = (n + 3) >> 2;
  finish0(out, st, iterations);
  finish1(out + 4, st, iterations);
}

/** v[i + half] − v[i], centered. */
// @ts-ignore: decorator
@inline function difference(ptr: usize, h: usize): v128 {
  return subCentered(v128.load(ptr + h), v128.load(ptr));
}
