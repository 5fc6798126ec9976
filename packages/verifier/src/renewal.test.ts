import { describe, expect, test } from 'vitest';
import { key } from '../test/fixtures.ts';
import type { PortCommitment } from './commitment/index.ts';
import type { VerifyingKey } from './key/index.ts';
import { prepareRenewal, type Renewal, verifyRenewal } from './renewal.ts';
import type { VerifyError } from './stages/errors.ts';

const { yReg } = key.model;
const rootOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** What no proof at all is refused for: `NO_PROOF` if nothing else is wrong. */
function refusal(renewal: Renewal): VerifyError {
  const verified = verifyRenewal(renewal, new Uint8Array());
  if (verified.ok) throw new Error('accepted');
  const prepared = prepareRenewal(renewal);
  if (!prepared.ok) expect(verified.error).toEqual(prepared.error);
  return verified.error;
}
const NO_PROOF = { kind: 'proof/format', reason: 'magic' };

describe('a committed tensor', () => {
  const earlier: PortCommitment = {
    root: rootOf(1),
    yReg,
    tailRows: 300,
    shape: [5, 1],
    logRows: 12,
    logInverseRate: 3,
  };
  const of = (
    change: Partial<PortCommitment>,
    before: Partial<PortCommitment> = {},
    targetBits = 60,
  ): VerifyError =>
    refusal({
      of: 'tensor',
      earlier: { ...earlier, ...before },
      renewed: { ...earlier, root: rootOf(2), ...change },
      targetBits,
    });

  test('has another root, and may have another tail', () => {
    expect(of({})).toEqual(NO_PROOF);
    expect(of({ tailRows: 500 })).toEqual(NO_PROOF);
  });

  test.each<[string, Partial<PortCommitment>]>([
    ['another column length', { logRows: 13 }],
    ['another rate', { logInverseRate: 4 }],
    ['another shape', { shape: [1, 5] }],
    ['an axis less', { shape: [5] }],
    ['an axis more', { shape: [5, 1, 1] }],
  ])('has no root of %s', (_, change) => {
    expect(of(change)).toEqual({ kind: 'proof/renewal' });
    expect(of({}, change)).toEqual({ kind: 'proof/renewal' });
  });

  test('has names of as many answers', () => {
    expect(of({}, { yReg: yReg.slice(1) })).toEqual({ kind: 'statement/earlier' });
    expect(of({ yReg: yReg.slice(1) })).toMatchObject({
      kind: 'argument/layout',
      field: 'registered answers',
    });
  });

  test('has names that are those of one shape and size', () => {
    const constant = yReg.map(() => yReg[0] ?? [0, 0, 0, 0, 0]);
    expect(of({ yReg: constant })).toEqual({ kind: 'proof/renewal' });
    expect(of({}, { yReg: constant })).toEqual({ kind: 'proof/renewal' });
  });

  test('is opened no more than tails have room for', () => {
    const refused = { kind: 'argument/layout', field: 'static tail rows' };
    expect(of({ tailRows: 10 })).toMatchObject(refused);
    expect(of({}, { tailRows: 10 })).toMatchObject(refused);
  });

  test('counts the claims of both roots', () => {
    const renewal: Renewal = {
      of: 'tensor',
      earlier,
      renewed: { ...earlier, root: rootOf(2) },
      targetBits: 60,
    };
    const prepared = prepareRenewal(renewal);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.error));
    const { sizes, key: own } = prepared.value.argument;
    const { registeredSamples, whir } = own.parameters;
    // One relation, the checks of S6, and room for C and LogUp's two.
    const expected = 2 * registeredSamples + (whir.oodSamples[0] ?? 0) + 1 + 1 + 3;
    expect(sizes.claims).toBe(expected);
  });

  test('is in columns that can hide it', () => {
    const short = { logRows: 4, tailRows: 10 };
    expect(of(short, short, 128)).toMatchObject({ kind: 'argument/infeasible' });
  });
});

describe('a private model', () => {
  const hidden = (byte: number, change: Partial<VerifyingKey> = {}): VerifyingKey => ({
    ...key,
    model: { root: rootOf(byte), yReg },
    visibility: { ...key.visibility, weights: { kind: 'hidden', tailRows: 300 } },
    ...change,
  });
  const whir = (change: Partial<VerifyingKey['parameters']['whir']>): Partial<VerifyingKey> => ({
    parameters: { ...key.parameters, whir: { ...key.parameters.whir, ...change } },
  });

  test.each<[string, Partial<VerifyingKey>]>([
    ['of another program', { programDigest: rootOf(3) }],
    ['whose weights are public', { visibility: key.visibility }],
    ['of another column length', whir({ logRows: 7 })],
    ['of another rate', whir({ logInverseRates: [3, 4] })],
  ])('has no root %s', (_, change) => {
    const refused = { kind: 'proof/renewal' };
    expect(refusal({ of: 'model', earlier: hidden(1), renewed: hidden(2, change) })).toEqual(
      refused,
    );
    expect(refusal({ of: 'model', earlier: hidden(1, change), renewed: hidden(2) })).toEqual(
      refused,
    );
  });
});
