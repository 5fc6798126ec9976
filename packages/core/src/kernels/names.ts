/**
 * Every kernel, in the order of its number in worker pools. A kernel takes byte pointers and counts
 * (unsigned 32-bit numbers) and works on kernel memory only. Conventions of the argument lists:
 *
 *   vector over K: `ptr, stride`: coordinate j of element i is the word at ptr + 4·(j·stride + i),
 *   Montgomery form, canonical; `k` (one scalar): five such words in a row; `n`: elements of this shard;
 *   `out, outStride`: results of a reduction as a K vector.
 *
 * The reference kernel of the same name (`reference/`) is the definition.
 */
export const KERNEL_NAMES = [
  'fill',
  'copy',
  'axpy',
  'outer',
  'eqStep',
  'powers',
  'bind',
  'dotRows',
  'axpyInt',
  'fromInts',
  'dotIntRows',
  'dotInts',
  'combineInts',
  'fingerprints',
  'quadraticRound',
  'cubicRound',
  'fractionLayer',
  'deinterleave',
  'fractionRound',
  'twiddles',
  'encode',
  'addPowers',
  'leaves',
  'nodes',
  'grind',
  'digests',
  'maxAbs',
  'packI16',
  'matmulI32',
  'matmulI16',
] as const;

export type KernelName = (typeof KERNEL_NAMES)[number];
