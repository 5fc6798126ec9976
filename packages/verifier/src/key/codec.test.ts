import { encodeCbor, encodeProgram } from '@assay/program';
import { describe, expect, test } from 'vitest';
import { key, mutate, program, random } from '../../test/fixtures.ts';
import { decodeVerifyingKey, encodeVerifyingKey, parametersDigest } from './codec.ts';
import { describeKeyError } from './errors.ts';
import { SUITE_NAME } from './types.ts';

const encoded = encodeVerifyingKey(key);

const whir = (changes: Partial<typeof key.parameters.whir>) => ({
  ...key.parameters,
  whir: { ...key.parameters.whir, ...changes },
});
const kindOf = (bytes: Uint8Array): object | null => {
  const result = decodeVerifyingKey(bytes);
  if (result.ok) return null;
  expect(describeKeyError(result.error)).toMatch(/^verifying key: \S/);
  return result.error;
};

/** A verifying key as a list, with some items replaced: what `encodeVerifyingKey` would not write. */
function raw(changes: Record<number, unknown>): Uint8Array {
  const w = key.parameters.whir;
  const list: unknown[] = [
    'assay/verifying-key/v1',
    encodeProgram(program),
    [
      SUITE_NAME,
      128,
      2,
      4,
      6,
      key.parameters.tailRows,
      [
        w.logRows,
        w.columns,
        w.foldings,
        w.logInverseRates,
        w.queries,
        w.oodSamples,
        w.foldPowBits,
        w.queryPowBits,
        null,
      ],
    ],
    key.model.root,
    encodedAnswers,
    [
      ['public', 0],
      [
        ['public', 0],
        ['public', 0],
      ],
      [['public', 0]],
    ],
    null,
  ];
  for (const [i, value] of Object.entries(changes)) list[Number(i)] = value;
  return encodeCbor(list);
}
const encodedAnswers = new Uint8Array(new Uint32Array(key.model.yReg.flat()).buffer);

describe('a verifying key', () => {
  test('is read back as it was written', () => {
    expect(decodeVerifyingKey(encoded)).toEqual({ ok: true, value: key });
    expect(raw({})).toEqual(encoded);
  });

  test('has the bytes it has always had', async () => {
    // Written by `npx vitest run packages/verifier -u`, after a reviewed change of the format only.
    const hex = `${Buffer.from(encoded).toString('hex')}\n`;
    await expect(hex).toMatchFileSnapshot('../../../../vectors/receipt/verifying-key_v1.hex');
  });

  test('is read back with everything hidden, registration and all', () => {
    const hidden = {
      ...key,
      parameters: { ...whir({ blinding: { powBits: 7 }, queries: [20, 30] }), tailRows: 40 },
      visibility: {
        weights: { kind: 'hidden' as const, tailRows: 20 },
        inputs: [{ kind: 'hidden' as const }, { kind: 'committed' as const, tailRows: 21 }],
        outputs: [{ kind: 'committed' as const, tailRows: 22 }],
      },
      registration: Uint8Array.of(1, 2, 3),
    };
    expect(decodeVerifyingKey(encodeVerifyingKey(hidden))).toEqual({ ok: true, value: hidden });
  });

  test('has another digest of its parameters for every change of one', () => {
    const digests = [
      key.parameters,
      { ...key.parameters, targetBits: 100 },
      { ...key.parameters, registeredSamples: 1 },
      { ...key.parameters, lookupPowBits: 5 },
      { ...key.parameters, batchPowBits: 5 },
      { ...key.parameters, tailRows: 4 },
      whir({ queries: [61, 30] }),
      whir({ queries: [60, 31] }),
      whir({ foldPowBits: [1, 3] }),
      whir({ blinding: { powBits: 0 } }),
      whir({ blinding: { powBits: 1 } }),
    ].map((p) => parametersDigest(p).join());
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('the decoder refuses', () => {
  test.each([
    ['another format', { 0: 'assay/verifying-key/v2' }, 'format'],
    ['a program that is text', { 1: 'program' }, 'program'],
    ['another suite', { 2: ['assay/v2', 128, 2, 4, 6, 5, []] }, 'suite'],
    ['parameters left out', { 2: [SUITE_NAME, 128] }, 'parameters'],
    ['a root that is text', { 3: 'root' }, 'root'],
    ['weights neither public nor hidden', { 5: [['shown', 0], [], []] }, 'weights visibility'],
    ['a port of no visibility', { 5: [['public', 0], [['shown', 0]], []] }, 'port visibility'],
    ['a visibility without outputs', { 5: [['public', 0], []] }, 'visibility'],
    ['a tail of public weights', { 5: [['public', 9], [], []] }, 'tail rows'],
    ['hidden weights without a tail', { 5: [['hidden', 0], [], []] }, 'tail rows'],
    [
      'a committed port without a tail',
      { 5: [['public', 0], [['committed', 0]], []] },
      'tail rows',
    ],
    ['a tail of a hidden port', { 5: [['public', 0], [['hidden', 9]], []] }, 'tail rows'],
    ['a registration that is text', { 6: 'proof' }, 'registration'],
  ])('%s', (_, changes, where) => {
    expect(kindOf(raw(changes))).toMatchObject({
      kind: 'key/encoding',
      reason: expect.stringContaining(where),
    });
  });

  test('trailing bytes, truncation, other encodings of the same value', () => {
    expect(kindOf(Uint8Array.of(...encoded, 0))).toMatchObject({ kind: 'key/encoding' });
    expect(kindOf(encoded.subarray(0, -1))).toMatchObject({ kind: 'key/encoding' });
    expect(kindOf(new Uint8Array())).toMatchObject({ kind: 'key/encoding' });
    // [0x87 …] as a list of 7 with its length in one more byte.
    expect(kindOf(Uint8Array.of(0x98, 7, ...encoded.subarray(1)))).toMatchObject({
      kind: 'key/encoding',
    });
    expect(kindOf(Uint8Array.of(0x9f, ...encoded.subarray(1), 0xff))).toMatchObject({
      kind: 'key/encoding',
    });
    expect(kindOf(new Uint8Array(100_000).fill(0x81))).toMatchObject({ kind: 'key/encoding' });
  });

  test('a registration proof of public weights', () => {
    expect(kindOf(raw({ 6: Uint8Array.of(1) }))).toEqual({
      kind: 'key/model',
      field: 'registration',
    });
  });

  test('a root or answers of another length, an answer outside the field', () => {
    expect(kindOf(raw({ 3: new Uint8Array(31) }))).toEqual({ kind: 'key/model', field: 'root' });
    expect(kindOf(raw({ 4: encodedAnswers.subarray(20) }))).toEqual({
      kind: 'key/model',
      field: 'yReg',
    });
    expect(kindOf(raw({ 4: Uint8Array.of(...encodedAnswers, 0) }))).toEqual({
      kind: 'key/model',
      field: 'yReg',
    });
    const large = encodedAnswers.slice().fill(255, 0, 4);
    expect(kindOf(raw({ 4: large }))).toEqual({ kind: 'key/model', field: 'yReg' });
  });

  test.each([
    ['targetBits', { ...key.parameters, targetBits: 0 }],
    ['targetBits', { ...key.parameters, targetBits: 129 }],
    ['registeredSamples', { ...key.parameters, registeredSamples: 0 }],
    ['registeredSamples', { ...key.parameters, registeredSamples: 9 }],
    ['lookupPowBits', { ...key.parameters, lookupPowBits: -1 }],
    ['batchPowBits', { ...key.parameters, batchPowBits: 1000 }],
    ['tailRows', { ...key.parameters, tailRows: 64 }],
    ['whir.columns', whir({ columns: 17 })],
    ['whir.queries', whir({ queries: [60] })],
    ['whir.queries', whir({ queries: [60, 1e9] })],
    ['whir.logRows', whir({ logRows: 28 })],
  ])('%s out of bounds', (field, parameters) => {
    const bytes = encodeVerifyingKey({ ...key, parameters });
    expect(kindOf(bytes)).toMatchObject({ kind: 'key/parameters', field });
  });

  test('a program that is none', () => {
    expect(kindOf(raw({ 1: Uint8Array.of(1, 2) }))).toMatchObject({ kind: 'key/program' });
    const invalid = encodeProgram({ ...program, outputs: [] });
    expect(kindOf(raw({ 1: invalid }))).toMatchObject({
      kind: 'key/program',
      error: { kind: 'program/structure' },
    });
  });

  test('what is not CBOR, as such', () => {
    expect(kindOf(Uint8Array.of(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0))).toEqual({
      kind: 'key/encoding',
      reason: 'not the canonical encoding',
    });
  });

  test('too many bytes, before it looks at them', () => {
    expect(kindOf(new Uint8Array(80 * 2 ** 20 + 2 ** 16 + 1))).toMatchObject({
      kind: 'key/too-large',
    });
  });
});

test('fuzz: 10^5 mutated keys are answered, never thrown at', () => {
  const seed = 20261121;
  const next = random(seed);
  const kinds = new Set<string>();
  for (let i = 0; i < 100_000; i++) {
    const candidate = mutate(encoded, next);
    const result = decodeVerifyingKey(candidate);
    if (!result.ok) kinds.add(result.error.kind);
    else if (Buffer.compare(encodeVerifyingKey(result.value), candidate) !== 0) {
      expect.fail(`seed ${seed}, case ${i}: two encodings`);
    }
  }
  for (const kind of ['encoding', 'program', 'parameters', 'model']) {
    expect(kinds, `seed ${seed}`).toContain(`key/${kind}`);
  }
});
