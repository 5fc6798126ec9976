import type { K } from '../field/index.ts';

/**
 * Handle of a vector over K in kernel memory: five planes of u32 words in Montgomery form.
 * Coordinate j of element i is the word at `ptr + 4·(j·stride + i)`, i < length <= stride.
 */
export interface KVec {
  readonly ptr: number;
  readonly length: number;
  readonly stride: number;
}

/** Handle of a vector of signed 32-bit integers in kernel memory (plain integers, not reduced mod p). */
export interface IntVec {
  readonly ptr: number;
  readonly length: number;
}

/** Handle of a vector of signed 16-bit integers in kernel memory. */
export interface I16Vec {
  readonly ptr: number;
  readonly length: number;
}

/** Codeword rows, `rows × wordsPerRow` canonical u32 words, row major: exactly the bytes that are hashed. */
export interface RowMatrix {
  readonly ptr: number;
  readonly rows: number;
  readonly wordsPerRow: number;
}

/** Merkle tree over `leaves` = 2^h leaves: 32-byte digests, leaf layer first, then each parent layer, root last. */
export interface TreeHandle {
  readonly ptr: number;
  readonly leaves: number;
}

/**
 * Vector operations of the prover, sharded over the executor's threads. Results do not depend on
 * the number of threads: all arithmetic is exact. Vectors are allocated on a stack: `mark`, use,
 * `release`. Allocation may grow the memory: typed-array views must be taken anew afterwards.
 * Index order everywhere: most significant index bit = first variable.
 */
export interface Engine {
  readonly threads: number;

  // memory: what is allocated holds arbitrary words until it is written
  mark(): number;
  release(mark: number): void;
  allocK(length: number): KVec;
  allocInt(length: number): IntVec;
  /** Highest number of bytes ever in use. */
  readonly peakBytes: number;
  /** Live view of the integers (invalid after the next allocation). */
  ints(v: IntVec): Int32Array;
  writeInts(v: IntVec, data: Int32Array, offset?: number): void;
  writeK(v: KVec, data: readonly K[], offset?: number): void;
  readK(v: KVec, index: number): K;
  readAllK(v: KVec): K[];
  /** Elements [from, from + length) of v; same memory. */
  slice(v: KVec, from: number, length: number): KVec;

  // K vectors
  fill(dst: KVec, value: K): void;
  copy(src: KVec, dst: KVec): void;
  /** dst[i] = scale · eq(point, i), dst.length = 2^point.length. */
  eqTable(point: readonly K[], scale: K, dst: KVec): void;
  /** dst[i] = first · z^i. */
  powers(z: K, first: K, dst: KVec): void;
  /** dst[i·b.length + j] = a[i] · b[j]. */
  outer(a: KVec, b: KVec, dst: KVec): void;
  /** y += s · x. */
  axpy(s: K, x: KVec, y: KVec): void;
  /** Σ_i a[i]·b[i]. */
  dot(a: KVec, b: KVec): K;
  /** Binds the first variable in place: v[i] += r·(v[i+h] − v[i]), h = length/2. Returns the live half. */
  bind(v: KVec, r: K): KVec;
  /** Univariate Σ_i v[i]·z^i. */
  evaluateUnivariate(v: KVec, z: K): K;

  // integers against K
  /** y += s · x. */
  axpyInt(s: K, x: IntVec, y: KVec): void;
  /** Σ_i x[i]·k[i] for each of the integer vectors (all of length k.length). */
  dotInts(xs: readonly IntVec[], k: KVec): K[];
  /** out[r] = Σ_i x[r·rowStride + i]·k[i], r < rows, i < k.length. */
  dotIntRows(x: IntVec, rows: number, rowStride: number, k: KVec, out: KVec): void;
  /** dst[y] = Σ_c coefficients[c]·columns[c][y]; a null column is zero. */
  combineInts(columns: readonly (IntVec | null)[], coefficients: readonly K[], dst: KVec): void;
  /** dst[i] = x[i] as an element of K. */
  fromInts(x: IntVec, dst: KVec): void;

  // integers against integers
  /** max |x[i]|; 0 for the empty vector. */
  maxAbs(x: IntVec): number;
  allocI16(length: number): I16Vec;
  /** dst[i] = src[i]; values outside [−2^15, 2^15) lose their high bits: see maxAbs. */
  packI16(src: IntVec, dst: I16Vec): void;
  /**
   * out[i·n + j] = Σ_{l<k} a[i·k + l]·b[j·k + l], i < m, j < n: A·Bᵀ of row-major matrices. Sums
   * wrap modulo 2^32 into [−2^31, 2^31): exact whenever the true sum lies there, in any order of
   * addition. a, b of any int32 values; int16 ones are faster. out must not overlap a or b.
   */
  matmulInts(a: IntVec, b: IntVec, out: IntVec, m: number, n: number, k: number): void;
  /** The same for packed operands: for matrices that are used more than once. */
  matmulI16(a: I16Vec, b: I16Vec, out: IntVec, m: number, n: number, k: number): void;

  // sumcheck rounds; tables of length n = 2^v >= 2, first variable is bound next; c_j = coefficient of X^j
  /** Σ over pairs of x(X)·y(X): [c0, c2]. */
  quadraticRound(x: KVec, y: KVec): readonly [K, K];
  /** Σ over pairs of e(X)·x(X)·y(X): [c0, c2, c3]. */
  cubicRound(e: KVec, x: KVec, y: KVec): readonly [K, K, K];

  // LogUp-GKR
  /** n = n0·d1 + n1·d0, d = d0·d1 over neighbours (2i, 2i+1). */
  fractionLayer(childN: KVec, childD: KVec, n: KVec, d: KVec): void;
  /** even[i] = src[2i], odd[i] = src[2i+1]. */
  deinterleave(src: KVec, even: KVec, odd: KVec): void;
  /**
   * With e over the remaining variables without the first (length n/2): the round polynomial
   * s(X) = Σ_i e[i]·(n0(X)·d1(X) + n1(X)·d0(X) + λ·d0(X)·d1(X)): [c0, c2].
   */
  fractionRound(e: KVec, n0: KVec, n1: KVec, d0: KVec, d1: KVec, lambda: K): readonly [K, K];
  /**
   * Leaf denominators of one section: dst[i] = mask[i] = 1: shift − Σ_j betas[j]·columns[j][i];
   * mask[i] = 0: 1.   (mask and columns have dst.length entries.)
   */
  fingerprints(
    columns: readonly IntVec[],
    betas: readonly K[],
    shift: K,
    mask: IntVec,
    dst: KVec,
  ): void;

  // codes and trees
  /** Encodes integer columns of length M = 2^m at H = M·2^logInverseRate points: row i = (p_c(ω_H^i))_c, ω_H of order H. */
  encodeInts(columns: readonly IntVec[], logInverseRate: number): RowMatrix;
  /** Encodes f of length 2^(m+k) as 2^k columns (contiguous blocks): row i = the 5·2^k coordinates, column major, coordinate minor. */
  encodeK(f: KVec, logColumns: number, logInverseRate: number): RowMatrix;
  /** Leaf i = keccak256(0x00 ‖ salt_i ‖ row i as LE words), node = keccak256(0x03 ‖ left ‖ right). salts: rows × saltBytes, or null. */
  merkleTree(rows: RowMatrix, salts: Uint8Array | null): TreeHandle;
  digest(tree: TreeHandle, index: number): Uint8Array;
  row(rows: RowMatrix, index: number): Uint32Array;
  /** y[j] += Σ_l coefficients[l] · xs[l]^j, xs in F (canonical words). */
  addPowers(xs: readonly number[], coefficients: readonly K[], y: KVec): void;
  /** Smallest u64 nonce with keccak256(0x04 ‖ state ‖ nonce LE) ≡ 0 mod 2^bits (digest as big-endian integer). */
  grind(state: Uint8Array, bits: number): bigint;
}
