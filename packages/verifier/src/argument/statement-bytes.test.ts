import { toHex } from '@assay/core/hash';
import { describe, expect, test } from 'vitest';
import { inputs, key, outputs } from '../../test/fixtures.ts';
import type { VerifyingKey } from '../key/index.ts';
import type { CommittedValues, Statement } from '../statement.ts';
import { publicValues, statementBytes } from './statement-bytes.ts';

const { root, yReg } = key.model;
const other = new Uint8Array(32).fill(5);
const name: CommittedValues = { root: new Uint8Array(32).fill(9), yReg };
const earlier: CommittedValues = { root: new Uint8Array(32).fill(8), yReg };
const none = new Map<string, CommittedValues>();

/** x committed, z public, y hidden, weights hidden, and a renewal at that. */
const own: VerifyingKey = {
  ...key,
  visibility: {
    weights: { kind: 'hidden', tailRows: 20 },
    inputs: [{ kind: 'committed', tailRows: 21 }, { kind: 'public' }],
    outputs: [{ kind: 'hidden' }],
    renews: { of: 'model', tailRows: 22 },
  },
  registration: Uint8Array.of(1, 2, 3),
};
const statement: Statement = {
  inputs: new Map([['z', Int32Array.of(3)]]),
  outputs: new Map(),
  committed: { inputs: new Map([['x', name]]), outputs: none },
  earlier,
  nonce: Uint8Array.of(7),
};
const named = (x: CommittedValues): Statement => ({
  ...statement,
  committed: { inputs: new Map([['x', x]]), outputs: none },
});
const showing = (change: Partial<VerifyingKey['visibility']>): VerifyingKey => ({
  ...own,
  visibility: { ...own.visibility, ...change },
});

describe('S0 absorbs', () => {
  const text = toHex(statementBytes(own, statement));

  test('the same for equal statements', () => {
    expect(toHex(statementBytes(structuredClone(own), structuredClone(statement)))).toBe(text);
    expect(publicValues(own, statement).ok).toBe(true);
  });

  test.each<[string, VerifyingKey, Statement]>([
    ['the parameters', { ...own, parameters: { ...own.parameters, targetBits: 100 } }, statement],
    ['the program', { ...own, programDigest: other }, statement],
    ['the tail of the weights', showing({ weights: { kind: 'hidden', tailRows: 19 } }), statement],
    [
      'the tail of a committed port',
      showing({ inputs: [{ kind: 'committed', tailRows: 23 }, { kind: 'public' }] }),
      statement,
    ],
    [
      'how an output is shown',
      showing({ outputs: [{ kind: 'committed', tailRows: 1 }] }),
      statement,
    ],
    ["the model's root", { ...own, model: { root: other, yReg } }, statement],
    ["the model's answers", { ...own, model: { root, yReg: yReg.toReversed() } }, statement],
    ['the registration', { ...own, registration: Uint8Array.of(1, 2, 4) }, statement],
    ['that there is a registration', { ...own, registration: null }, statement],
    ['public values', own, { ...statement, inputs: new Map([['z', Int32Array.of(4)]]) }],
    ['the root of a committed port', own, named({ ...name, root: other })],
    ['the answers of a committed port', own, named({ ...name, yReg: yReg.toReversed() })],
    ['the root that is renewed', own, { ...statement, earlier: { ...earlier, root: other } }],
    [
      'the answers of the root that is renewed',
      own,
      { ...statement, earlier: { ...earlier, yReg: yReg.toReversed() } },
    ],
    [
      'the tail of the root that is renewed',
      showing({ renews: { of: 'model', tailRows: 24 } }),
      statement,
    ],
    ['what is renewed', showing({ renews: { of: 'tensor', tailRows: 22 } }), statement],
    ['the nonce', own, { ...statement, nonce: Uint8Array.of(8) }],
  ])('%s', (_part, changedKey, changed) => {
    expect(toHex(statementBytes(changedKey, changed))).not.toBe(text);
  });
});

describe('a statement', () => {
  const refusal = (k: VerifyingKey, s: Statement): unknown => {
    const known = publicValues(k, s);
    return known.ok ? 'accepted' : known.error;
  };
  const plain: Statement = { inputs, outputs, nonce: new Uint8Array() };

  test('that fits its key gives the public tensors', () => {
    expect(publicValues(key, plain)).toEqual({
      ok: true,
      value: new Map([
        [0, inputs.get('x')],
        [1, inputs.get('z')],
        [2, outputs.get('y')],
      ]),
    });
    expect(publicValues(own, statement)).toEqual({
      ok: true,
      value: new Map([[1, Int32Array.of(3)]]),
    });
  });

  test('statement/earlier: a root that is renewed, where one is, and nowhere else', () => {
    const refused = { kind: 'statement/earlier' };
    expect(refusal(key, { ...plain, earlier })).toEqual(refused);
    const { earlier: _, ...without } = statement;
    expect(refusal(own, without)).toEqual(refused);
  });

  test.each([
    ['a short root', { ...earlier, root: other.slice(1) }],
    ['a long root', { ...earlier, root: new Uint8Array(33) }],
    ['too few answers', { ...earlier, yReg: yReg.slice(1) }],
    ['too many answers', { ...earlier, yReg: [...yReg, ...yReg] }],
    ['answers of every shape', { ...earlier, yReg: yReg.map(() => yReg[0] ?? [0, 0, 0, 0, 0]) }],
  ])('statement/earlier, statement/commitment: %s', (_, wrong) => {
    expect(refusal(own, { ...statement, earlier: wrong })).toEqual({ kind: 'statement/earlier' });
    expect(refusal(own, named(wrong))).toEqual({ kind: 'statement/commitment', port: 'x' });
  });

  test.each<[string, Statement, unknown]>([
    [
      'values of no port',
      { ...statement, inputs: new Map([...statement.inputs, ['w', Int32Array.of(1)]]) },
      { kind: 'statement/unknown', port: 'w' },
    ],
    [
      'a name of no port',
      {
        ...statement,
        committed: {
          inputs: new Map([
            ['x', name],
            ['w', name],
          ]),
          outputs: none,
        },
      },
      { kind: 'statement/unknown', port: 'w' },
    ],
    [
      'a committed port in the clear as well',
      { ...statement, inputs: new Map([...statement.inputs, ['x', Int32Array.of(0, 0, 0, 0)]]) },
      { kind: 'statement/visibility', port: 'x', visibility: 'committed' },
    ],
    [
      'a public port by name as well',
      {
        ...statement,
        committed: {
          inputs: new Map([
            ['x', name],
            ['z', name],
          ]),
          outputs: none,
        },
      },
      { kind: 'statement/visibility', port: 'z', visibility: 'public' },
    ],
    [
      'a hidden port in the clear',
      { ...statement, outputs: new Map([['y', Int32Array.of(1, 1, 1, 1)]]) },
      { kind: 'statement/visibility', port: 'y', visibility: 'hidden' },
    ],
    [
      'a committed port without its name',
      { ...statement, committed: { inputs: none, outputs: none } },
      { kind: 'statement/missing', port: 'x' },
    ],
    [
      'a public port without values',
      { ...statement, inputs: new Map() },
      { kind: 'statement/missing', port: 'z' },
    ],
  ])('%s', (_, wrong, error) => {
    expect(refusal(own, wrong)).toEqual(error);
  });
});
