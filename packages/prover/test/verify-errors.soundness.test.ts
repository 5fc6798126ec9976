import { seededDraw } from '@assay/runtime/testing';
import {
  describeVerifyError,
  prepareArgument,
  type Statement,
  type VerifyError,
  type VerifyingKey,
  verifyProof,
} from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { batchToy } from './programs.ts';
import { changedAt } from './rows.ts';
import { proveToy, toyEngine, toyKey } from './toy-key.ts';

/** Each kind of `VerifyError`, by what produces it. What proofs are rejected for is in the other files. */

const engine = toyEngine();
const toy = batchToy(seededDraw(61));
const { argument } = toyKey(engine, toy.program, toy.weights, { powBits: 4, logRows: 4 });
const key = argument.key;
const provingKey = toyKey(engine, toy.program, toy.weights, { powBits: 4, logRows: 4 });
const { proof, statement } = proveToy(engine, provingKey, toy);
const { whir } = key.parameters;

const kinds = new Set<string>();
function error(
  change: { key?: VerifyingKey; statement?: Statement; proof?: Uint8Array } = {},
): VerifyError {
  const found = verifyProof(
    change.key ?? key,
    change.statement ?? statement,
    change.proof ?? proof,
  );
  if (found.ok) throw new Error('accepted');
  kinds.add(found.error.kind);
  expect(describeVerifyError(found.error).length).toBeGreaterThan(10);
  return found.error;
}
const withParameters = (change: Partial<VerifyingKey['parameters']>): VerifyingKey => ({
  ...key,
  parameters: { ...key.parameters, ...change },
});
const x = statement.inputs.get('x') ?? new Int32Array();
const y = statement.outputs.get('y') ?? new Int32Array();
const ports = (name: string, values: Int32Array) => new Map([[name, values]]);
const firstElement = 12 + 32;
const changed = (at: number, byte: number): Uint8Array => {
  const bytes = proof.slice();
  bytes[at] = byte;
  return bytes;
};

test('control', () => expect(verifyProof(key, statement, proof).ok).toBe(true));

describe('argument', () => {
  test('argument/program', () => {
    const relations = key.program.relations.filter((r) => r.kind === 'zero');
    expect(error({ key: { ...key, program: { ...key.program, relations } } })).toMatchObject({
      kind: 'argument/program',
      error: { kind: 'program/unbounded' },
    });
  });

  test.each([
    ['columns', withParameters({ whir: { ...whir, columns: whir.columns + 1 } })],
    ['columns', withParameters({ whir: { ...whir, columns: whir.columns - 1 } })],
    ['variables', withParameters({ whir: { ...whir, foldings: [(whir.foldings[0] ?? 0) + 1] } })],
    ['tailRows', withParameters({ tailRows: 1 })],
    ['registered answers', withParameters({ registeredSamples: 1 })],
    ['registered answers', { ...key, model: { ...key.model, yReg: key.model.yReg.slice(1) } }],
  ])('argument/layout: %s', (field, changedKey) => {
    expect(error({ key: changedKey })).toMatchObject({ kind: 'argument/layout', field });
    expect(prepareArgument(changedKey).ok).toBe(false);
  });

  test.each([
    ['a promise of more bits', withParameters({ targetBits: 100 })],
    ['fewer queries', withParameters({ whir: { ...whir, queries: whir.queries.map(() => 1) } })],
    ['bits that are no number', withParameters({ targetBits: Number.NaN })],
  ])('argument/security: %s', (_name, changedKey) => {
    expect(error({ key: changedKey }).kind).toBe('argument/security');
  });
});

describe('statement', () => {
  test('statement/missing', () => {
    expect(error({ statement: { ...statement, inputs: new Map() } })).toEqual({
      kind: 'statement/missing',
      port: 'x',
    });
    expect(error({ statement: { ...statement, outputs: new Map() } })).toEqual({
      kind: 'statement/missing',
      port: 'y',
    });
  });

  test('statement/unknown', () => {
    const inputs = new Map([...statement.inputs, ['y', y] as const]);
    expect(error({ statement: { ...statement, inputs } })).toEqual({
      kind: 'statement/unknown',
      port: 'y',
    });
  });

  test('statement/length', () => {
    for (const values of [x.slice(1), Int32Array.of(...x, 0), new Int32Array()]) {
      expect(error({ statement: { ...statement, inputs: ports('x', values) } })).toEqual({
        kind: 'statement/length',
        port: 'x',
        expected: x.length,
        actual: values.length,
      });
    }
  });

  test('statement/range', () => {
    for (const [index, value] of [
      [0, -1],
      [x.length - 1, 8],
      [2, 2 ** 31 - 1],
    ] as const) {
      const inputs = ports('x', changedAt(x, index, value));
      expect(error({ statement: { ...statement, inputs } })).toEqual({
        kind: 'statement/range',
        port: 'x',
        index,
        value,
      });
    }
    const outputs = ports('y', changedAt(y, 1, 16));
    expect(error({ statement: { ...statement, outputs } })).toMatchObject({
      kind: 'statement/range',
      port: 'y',
    });
  });

  test('statement/nonce', () => {
    expect(error({ statement: { ...statement, nonce: new Uint8Array(65) } })).toEqual({
      kind: 'statement/nonce',
      limit: 64,
      actual: 65,
    });
    // 64 bytes are a nonce, though not this proof's.
    expect(error({ statement: { ...statement, nonce: new Uint8Array(64) } }).kind).toMatch(
      /^proof/,
    );
  });
});

describe('proof', () => {
  test.each([
    ['magic', changed(0, 0)],
    ['magic', new Uint8Array()],
    ['version', changed(8, 2)],
    ['version', changed(11, 1)],
    ['too-large', new Uint8Array(16 * 2 ** 20 + 1)],
    ['truncated', proof.slice(0, 10)],
    ['truncated', proof.slice(0, firstElement + 3)],
    ['non-canonical', changed(firstElement + 3, 0xff)],
    ['trailing-bytes', Uint8Array.of(...proof, 0)],
  ])('proof/format: %s', (reason, bytes) => {
    expect(error({ proof: bytes })).toEqual({ kind: 'proof/format', reason });
  });

  // The witness root, two out-of-domain answers, and the nonce.
  const s3 = firstElement + 40;
  const { lookups, einsums } = argument.system;
  const layers = (lookups.variables * (lookups.variables - 1)) / 2 - 10;
  const logup = 64 + 2 * layers + 4 * (lookups.variables - 5);
  const s5 = s3 + 8 + 20 * logup;
  const operands = s5 + 20 * (1 + einsums.degree * einsums.innerVariables);
  const s7 = operands + 20 * 2 * einsums.instances.length;

  test('proof/pow', () => {
    const failing = (at: number): VerifyError => {
      for (let byte = 0; byte < 256; byte++) {
        const found = verifyProof(key, statement, changed(at + 1, byte));
        if (!found.ok && found.error.kind === 'proof/pow')
          return error({ proof: changed(at + 1, byte) });
      }
      throw new Error('every nonce passes');
    };
    expect(failing(s3)).toEqual({ kind: 'proof/pow', step: 'S3' });
    expect(failing(s7)).toEqual({ kind: 'proof/pow', step: 'S7' });
  });

  test('a nonce that is cut off is cut off, not wrong', () => {
    for (const at of [s3, s7])
      expect(error({ proof: proof.slice(0, at + 7) })).toEqual({
        kind: 'proof/format',
        reason: 'truncated',
      });
  });

  test('proof/lookup', () => {
    expect(error({ proof: changed(s3 + 8, (proof[s3 + 8] ?? 0) ^ 1) })).toEqual({
      kind: 'proof/lookup',
      error: { kind: 'logup/sum' },
    });
    expect(error({ proof: proof.slice(0, s5 - 1) })).toMatchObject({
      kind: 'proof/lookup',
      error: { kind: 'logup/encoding', part: 'children', failure: 'truncated' },
    });
  });

  test('proof/sumcheck', () => {
    expect(error({ proof: changed(s5 + 20 + 3, 0xff) })).toEqual({
      kind: 'proof/sumcheck',
      error: { kind: 'sumcheck/encoding', round: 0, failure: 'non-canonical' },
    });
    expect(error({ proof: proof.slice(0, operands - 1) })).toMatchObject({
      kind: 'proof/sumcheck',
    });
  });

  test('proof/format in the operands', () => {
    expect(error({ proof: changed(operands + 3, 0xff) })).toEqual({
      kind: 'proof/format',
      reason: 'non-canonical',
    });
  });

  test('proof/operands', () => {
    expect(error({ proof: changed(operands, (proof[operands] ?? 0) ^ 1) })).toEqual({
      kind: 'proof/operands',
    });
    expect(error({ proof: changed(s5, (proof[s5] ?? 0) ^ 1) })).toEqual({ kind: 'proof/operands' });
  });

  test('proof/opening', () => {
    expect(error({ proof: changed(s7 + 8, (proof[s7 + 8] ?? 0) ^ 1) })).toMatchObject({
      kind: 'proof/opening',
    });
    expect(error({ proof: proof.slice(0, -1) })).toMatchObject({
      kind: 'proof/opening',
      error: { kind: 'whir/encoding', failure: 'truncated' },
    });
  });
});

test('these are all kinds', () => {
  expect([...kinds].sort()).toEqual([
    'argument/layout',
    'argument/program',
    'argument/security',
    'proof/format',
    'proof/lookup',
    'proof/opening',
    'proof/operands',
    'proof/pow',
    'proof/sumcheck',
    'statement/length',
    'statement/missing',
    'statement/nonce',
    'statement/range',
    'statement/unknown',
  ] satisfies VerifyError['kind'][]);
});
