import { invF, type K, mulF, P } from '../../field/index.ts';

/** Kernel memory as the reference kernels see it. */
export interface Memory {
  readonly view: DataView;
  readonly bytes: Uint8Array;
}

export type ReferenceKernel = (memory: Memory, ...args: number[]) => void;

/** R = 2^32 mod p: the Montgomery form of x is x·R. */
export const MONTGOMERY: number = 2 ** 32 % P;
const INVERSE_MONTGOMERY = invF(MONTGOMERY);

export function toMontgomery(x: number): number {
  return mulF(x, MONTGOMERY);
}

export function fromMontgomery(word: number): number {
  return mulF(word, INVERSE_MONTGOMERY);
}

export function word(m: Memory, ptr: number): number {
  return m.view.getUint32(ptr, true);
}

export function setWord(m: Memory, ptr: number, value: number): void {
  m.view.setUint32(ptr, value, true);
}

export function int(m: Memory, ptr: number): number {
  return m.view.getInt32(ptr, true);
}

/** Element i of a K vector, canonical. */
export function getK(m: Memory, ptr: number, stride: number, i: number): K {
  const at = (j: number): number => fromMontgomery(word(m, ptr + 4 * (j * stride + i)));
  return [at(0), at(1), at(2), at(3), at(4)];
}

export function setK(m: Memory, ptr: number, stride: number, i: number, value: K): void {
  for (const [j, coordinate] of value.entries()) {
    setWord(m, ptr + 4 * (j * stride + i), toMontgomery(coordinate));
  }
}

/** A scalar: a K vector of length and stride one. */
export function getScalar(m: Memory, ptr: number): K {
  return getK(m, ptr, 1, 0);
}
