import { readFileSync, writeFileSync } from 'node:fs';
import { keccak256 } from '@assay/core/hash';
import { encodeProgram, type Program, programDigest, type Weights } from '@assay/program';
import type { VerifyingKey } from '@assay/verifier';
import { expect } from 'vitest';
import { key as keyFixture } from '../../verifier/test/fixtures.ts';
import type { CommitmentSource } from '../src/bundle/index.ts';

const model = (name: string, shape: number[]): Program['tensors'][number] => ({
  name,
  role: 'model',
  shape,
  range: { lo: -100_000, hi: 100_000 },
  data: null,
  node: 0,
});
export const program: Program = {
  ...keyFixture.program,
  tensors: [
    ...keyFixture.program.tensors,
    model('bytes', [2, 2]),
    model('shorts', [3]),
    model('ints', [2]),
  ],
};
export const weights: Weights = new Map([
  [3, Int32Array.of(-128, 127, 0, 1)],
  [4, Int32Array.of(-129, 32767, -32768)],
  [5, Int32Array.of(-100_000, 40_000)],
]);
export const report: unknown = { layers: [{ node: 'add', cosine: 0.99 }] };

/** A codeword of 2^height rows and its tree, over salted leaves if there are salts. */
export function commit(height: number, wordsPerRow: number, salts?: Uint8Array): CommitmentSource {
  const rows = 2 ** height;
  const salt = (i: number) => salts?.subarray(32 * i, 32 * (i + 1)) ?? new Uint8Array();
  const words = Uint32Array.from({ length: rows * wordsPerRow }, (_, i) => (i * 2654435761) >>> 1);
  const rowBytes = (from: number, to: number) =>
    new Uint8Array(words.buffer, 4 * wordsPerRow * from, 4 * wordsPerRow * (to - from));
  const digests: Uint8Array[] = Array.from({ length: rows }, (_, i) =>
    keccak256(Uint8Array.of(0), salt(i), rowBytes(i, i + 1)),
  );
  for (let at = 0; digests.length < 2 * rows - 1; at += 2) {
    digests.push(
      keccak256(Uint8Array.of(3), digests[at] as Uint8Array, digests[at + 1] as Uint8Array),
    );
  }
  const tree = Buffer.concat(digests);
  return {
    root: digests.at(-1) as Uint8Array,
    rows,
    wordsPerRow,
    rowBytes,
    digestBytes: (from, to) => tree.subarray(32 * from, 32 * to),
  };
}

export const keyOf = (root: Uint8Array, p: Program = program): VerifyingKey => ({
  ...keyFixture,
  program: p,
  programDigest: programDigest(encodeProgram(p)),
  model: { ...keyFixture.model, root },
});

/** An AssayError of this code. */
export const code = (value: string): unknown => expect.objectContaining({ code: value });
/** Changes one bit of a file. */
export const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};
