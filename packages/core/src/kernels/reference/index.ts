import type { KernelName } from '../names.ts';
import { addPowers, encode, twiddles } from './code.ts';
import {
  axpyInt,
  combineInts,
  dotIntRows,
  dotInts,
  fingerprints,
  fromInts,
  matmulI16,
  matmulI32,
  maxAbs,
  packI16,
} from './integer.ts';
import { digests, grind, leaves, nodes } from './keccak.ts';
import type { ReferenceKernel } from './memory.ts';
import {
  cubicRound,
  deinterleave,
  fractionLayer,
  fractionRound,
  quadraticRound,
} from './rounds.ts';
import { axpy, bind, copy, dotRows, eqStep, fill, outer, powers } from './vector.ts';

/** Slow and obvious: what each kernel means, in plain field arithmetic. */
export const referenceKernels: Readonly<Record<KernelName, ReferenceKernel>> = {
  fill,
  copy,
  axpy,
  outer,
  eqStep,
  powers,
  bind,
  dotRows,
  axpyInt,
  fromInts,
  dotIntRows,
  dotInts,
  combineInts,
  fingerprints,
  quadraticRound,
  cubicRound,
  fractionLayer,
  deinterleave,
  fractionRound,
  twiddles,
  encode,
  addPowers,
  leaves,
  nodes,
  grind,
  digests,
  maxAbs,
  packI16,
  matmulI32,
  matmulI16,
};

export {
  fromMontgomery,
  type Memory,
  MONTGOMERY,
  type ReferenceKernel,
  toMontgomery,
} from './memory.ts';
