// The kernels of `../names.ts`. Meaning of each: the reference kernel of the same name.
export { addPowers, encode, twiddles } from './code';
export { axpyInt, combineInts, dotIntRows, dotInts, fingerprints, fromInts, maxAbs } from './integer';
export { digests, grind, leaves, nodes } from './keccak';
export { matmulI16, matmulI32, packI16 } from './matmul';
export { cubicRound, deinterleave, fractionLayer, fractionRound, quadraticRound } from './rounds';
export { axpy, bind, copy, dotRows, eqStep, fill, outer, powers } from './vector';
