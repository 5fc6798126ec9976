import { keccak256 } from '@assay/core/hash';
import { encodeCbor } from '@assay/program';
import { describe, expect, test } from 'vitest';
import { mutate, random } from '../../test/fixtures.ts';
import { modelName } from '../receipt/index.ts';
import {
  type CommitmentError,
  commitmentBinding,
  commitmentName,
  decodeCommitment,
  describeCommitmentError,
  encodeCommitment,
  type PortCommitment,
} from './index.ts';

const commitment: PortCommitment = {
  root: keccak256(Uint8Array.of(9)),
  yReg: [
    [1, 2, 3, 4, 5],
    [6, 7, 8, 9, 2013265920],
  ],
  tailRows: 850,
  shape: [1, 28, 28],
  logRows: 12,
  logInverseRate: 2,
};
const encoded = encodeCommitment(commitment);

/** The encoding with one item of its list replaced. */
function edited(item: number, value: unknown): Uint8Array {
  const c = commitment;
  const words = c.yReg
    .flat()
    .flatMap((w) => [w & 255, (w >>> 8) & 255, (w >>> 16) & 255, w >>> 24]);
  const list: unknown[] = [
    'assay/commitment/v1',
    c.root,
    Uint8Array.from(words),
    c.tailRows,
    c.shape,
    c.logRows,
    c.logInverseRate,
  ];
  list[item] = value;
  return encodeCbor(list);
}
function refusal(bytes: Uint8Array): CommitmentError {
  const result = decodeCommitment(bytes);
  if (result.ok) throw new Error('accepted');
  expect(describeCommitmentError(result.error)).toMatch(/^commitment: /);
  return result.error;
}

describe('a commitment', () => {
  test('is read back as it was written', () => {
    expect(decodeCommitment(encoded)).toEqual({ ok: true, value: commitment });
    expect(edited(4, commitment.shape)).toEqual(encoded);
    const scalar = { ...commitment, shape: [], yReg: commitment.yReg.slice(1) };
    expect(decodeCommitment(encodeCommitment(scalar))).toEqual({ ok: true, value: scalar });
  });

  test('has a name that is not that of a model with the same root and answers', () => {
    const { root, yReg } = commitment;
    const name = commitmentName(root, yReg);
    expect(name).not.toEqual(modelName(root, yReg));
    expect(name).not.toEqual(commitmentName(root, yReg.toReversed()));
    expect(name).not.toEqual(commitmentName(keccak256(root), yReg));
  });

  test('binds its tail and its dimensions', () => {
    expect(commitmentBinding(commitment)).toEqual([850, 1, 28, 28]);
  });
});

describe('refused', () => {
  test.each([
    ['root', 1, new Uint8Array(31)],
    ['yReg', 2, new Uint8Array(0)],
    ['yReg', 2, new Uint8Array(19)],
    ['yReg', 2, new Uint8Array(41)],
    ['yReg', 2, new Uint8Array(20).fill(255)],
    ['yReg', 2, new Uint8Array(20 * 9)],
    ['tailRows', 3, 0],
    ['tailRows', 3, 4096],
    ['shape', 4, [0]],
    ['shape', 4, [-1, -1]],
    ['shape', 4, [2 ** 14, 2 ** 15]],
    ['shape', 4, [2 ** 50, 2 ** 50]],
    ['shape', 4, Array(13).fill(1)],
    ['logRows', 5, 0],
    ['logRows', 5, 27],
    ['logInverseRate', 6, 0],
    ['logInverseRate', 6, 16],
  ])('%s out of bounds (item %i: %j)', (field, item, value) => {
    expect(refusal(edited(item, value))).toEqual({ kind: 'commitment/field', field });
  });

  test.each([
    [0, 'assay/commitment/v2'],
    [1, 'root'],
    [3, 1.5],
    [4, 784],
    [4, ['28']],
    [5, null],
  ])('another type or format (item %i: %j)', (item, value) => {
    expect(refusal(edited(item, value)).kind).toBe('commitment/encoding');
  });

  test('what is not CBOR, as such', () => {
    expect(refusal(Uint8Array.of(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0))).toEqual({
      kind: 'commitment/encoding',
      reason: 'not the canonical encoding',
    });
  });

  test('bytes before, after, or too many', () => {
    expect(refusal(encoded.subarray(1)).kind).toBe('commitment/encoding');
    expect(refusal(Uint8Array.of(...encoded, 0)).kind).toBe('commitment/encoding');
    expect(refusal(new Uint8Array(1025)).kind).toBe('commitment/too-large');
  });
});

test('fuzz: 2·10^4 mutated commitments are answered, never thrown at', () => {
  const seed = 20270111;
  const next = random(seed);
  const kinds = new Set<string>();
  for (let i = 0; i < 20_000; i++) {
    const candidate = mutate(encoded, next);
    const result = decodeCommitment(candidate);
    if (!result.ok) kinds.add(result.error.kind);
    else if (Buffer.compare(encodeCommitment(result.value), candidate) !== 0) {
      expect.fail(`seed ${seed}, case ${i}: two encodings`);
    }
  }
  expect([...kinds].sort(), `seed ${seed}`).toEqual(['commitment/encoding', 'commitment/field']);
});
