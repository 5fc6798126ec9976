import type { Program } from '@assay/program';
import { encodeProgram, programDigest, publicVisibility } from '@assay/program';
import { keccak256 } from '@assay/core/hash';
import { parametersDigest, SUITE_NAME, type VerifyingKey } from '../src/key/index.ts';
import { keyFromSeed, type SigningKey } from '../src/receipt/dsse.ts';
import type { ReceiptBody } from '../src/receipt/types.ts';

/** y = x + 1 on two ports: enough of a program for everything that is not the proof. */
export const program: Program = {
  name: 'increment é',
  tensors: [
    { name: 'x', role: 'input', shape: [2, 2], range: { lo: -128, hi: 127 }, data: null, node: 0 },
    { name: 'z', role: 'input', shape: [1], range: { lo: 0, hi: 9 }, data: null, node: 0 },
    { name: 'y', role: 'output', shape: [2, 2], range: { lo: -127, hi: 128 }, data: null, node: 0 },
  ],
  tables: [],
  relations: [
    {
      kind: 'zero',
      dims: [2, 2],
      form: {
        terms: [
          { tensor: 2, coefficient: 1, view: identity(2), sums: [] },
          { tensor: 0, coefficient: -1, view: identity(2), sums: [] },
        ],
        constant: -1,
      },
      products: [],
      declared: null,
      node: 0,
    },
  ],
  steps: [{ kind: 'digits', relation: 0, outputs: [{ tensor: 2, low: -127 }] }],
  inputs: [
    { name: 'x', tensor: 0, shape: [4], scale: 0.5, zero: 0, meaning: 'number' },
    { name: 'z', tensor: 1, shape: [1], scale: 1, zero: 0, meaning: 'label' },
  ],
  outputs: [{ name: 'y', tensor: 2, shape: [4], scale: 0.5, zero: 0, meaning: 'number' }],
  nodes: [{ name: 'add', operator: 'Add' }],
};

export function identity(
  axes: number,
): { kind: 'affine'; offset: number; strides: { axis: number; stride: number }[] }[] {
  return Array.from({ length: axes }, (_, axis) => ({
    kind: 'affine' as const,
    offset: 0,
    strides: [{ axis, stride: 1 }],
  }));
}

export const key: VerifyingKey = {
  program,
  programDigest: programDigest(encodeProgram(program)),
  parameters: {
    targetBits: 128,
    registeredSamples: 2,
    lookupPowBits: 4,
    batchPowBits: 6,
    tailRows: 0,
    whir: {
      logRows: 6,
      columns: 9,
      foldings: [4, 3],
      logInverseRates: [2, 4],
      queries: [60, 30],
      oodSamples: [1, 1],
      foldPowBits: [0, 3],
      queryPowBits: [16, 14],
      blinding: null,
    },
  },
  model: {
    root: keccak256(Uint8Array.of(1)),
    yReg: [
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 2013265920],
    ],
  },
  visibility: publicVisibility(program),
  registration: null,
};

export const signer: SigningKey = keyFromSeed(new Uint8Array(32).fill(7));
export const proof: Uint8Array = Uint8Array.from({ length: 300 }, (_, i) => (i * 37) & 255);

export const inputs: ReadonlyMap<string, Int32Array> = new Map([
  ['x', Int32Array.of(0, -128, 5, 127)],
  ['z', Int32Array.of(3)],
]);
export const outputs: ReadonlyMap<string, Int32Array> = new Map([
  ['y', Int32Array.of(1, -127, 6, 128)],
]);

const ports = (values: ReadonlyMap<string, Int32Array>): ReceiptBody['inputs'] =>
  [...values].map(([name, v]) => ({ kind: 'values', name, values: v }));

/** What an honest prover signs for `key`, `inputs`, `outputs` and `proof`. */
export const body: ReceiptBody = {
  model: {
    title: program.name,
    weights: 'public',
    root: key.model.root,
    yReg: key.model.yReg,
  },
  program: key.programDigest,
  suite: { name: SUITE_NAME, securityBits: 128, parameters: parametersDigest(key.parameters) },
  inputs: ports(inputs),
  outputs: ports(outputs),
  nonce: Uint8Array.of(0xde, 0xad),
  proof: {
    digest: keccak256(proof),
    sizeBytes: proof.length,
    location: { kind: 'embedded', data: proof },
  },
  proverKey: signer.publicKey,
  time: '2026-11-20T08:00:00Z',
};

/** A deterministic stream of integers in [0, bound): xorshift32. */
export function random(seed: number): (bound: number) => number {
  let state = seed | 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** `bytes` with one to four random edits: a byte set, a bit flipped, a range removed or overwritten or inserted from elsewhere. */
export function mutate(bytes: Uint8Array, next: (bound: number) => number): Uint8Array {
  let out = bytes.slice();
  const splice = (at: number, removed: number, inserted: Uint8Array): void => {
    const tail = Math.min(out.length, at + removed);
    const grown = new Uint8Array(at + inserted.length + out.length - tail);
    grown.set(out.subarray(0, at));
    grown.set(inserted, at);
    grown.set(out.subarray(tail), at + inserted.length);
    out = grown;
  };
  for (let edits = 1 + next(4); edits > 0; edits--) {
    const at = next(out.length + 1);
    const from = next(out.length + 1);
    const length = next(4) === 0 ? next(64) : 1 + next(3);
    switch (next(5)) {
      case 0:
        if (at < out.length) out[at] = next(256);
        break;
      case 1:
        if (at < out.length) out[at] = (out[at] ?? 0) ^ (1 << next(8));
        break;
      case 2:
        splice(at, length, new Uint8Array());
        break;
      case 3:
        splice(at, 0, out.slice(from, from + length));
        break;
      default:
        splice(at, length, out.slice(from, from + length));
    }
  }
  return next(64) === 0 ? out.slice(0, next(out.length + 1)) : out;
}
