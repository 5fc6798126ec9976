import { seededDraw } from '@assay/runtime/testing';
import {
  describeVerifyError,
  freshTail,
  keyFor,
  prepareArgument,
  type Statement,
  type VerifyError,
  type VerifyingKey,
  verifyPrepared,
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

describe('what is hidden', () => {
  const [inputs, outputs] = [new Map<string, Int32Array>(), new Map<string, Int32Array>()];
  const hiding = toyKey(engine, toy.program, toy.weights, {
    profile: ['committed', 'hidden', 'hidden'],
  });
  const own = hiding.argument.key;
  const { whir: opening } = own.parameters;
  const made = proveToy(engine, hiding, toy);
  const name = made.statement.committed?.inputs.get('x') ?? { root: new Uint8Array(), yReg: [] };
  const none = new Map<string, typeof name>();
  const hidden = (change: { key?: VerifyingKey; statement?: Statement; proof?: Uint8Array }) =>
    error({ key: own, statement: made.statement, proof: made.proof, ...change });
  const stating = (
    change: Partial<Statement>,
    committed: Partial<NonNullable<Statement['committed']>> = {},
  ) =>
    hidden({
      statement: {
        ...made.statement,
        ...change,
        committed: { inputs: new Map([['x', name]]), outputs: none, ...committed },
      },
    });
  const showing = (change: Partial<VerifyingKey['visibility']>): VerifyingKey => ({
    ...own,
    visibility: { ...own.visibility, ...change },
  });
  const sized = (change: Partial<VerifyingKey['parameters']>): VerifyingKey => ({
    ...own,
    parameters: { ...own.parameters, ...change },
  });

  test('control', () => expect(verifyProof(own, made.statement, made.proof).ok).toBe(true));

  test('statement/visibility: shown otherwise than the key says', () => {
    const visibility = (port: string, kind: string) => ({
      kind: 'statement/visibility',
      port,
      visibility: kind,
    });
    expect(stating({ inputs: ports('x', x) })).toEqual(visibility('x', 'committed'));
    expect(stating({ inputs: ports('x', x) }, { inputs: none })).toEqual(
      visibility('x', 'committed'),
    );
    expect(stating({ outputs: ports('y', y) })).toEqual(visibility('y', 'hidden'));
    expect(stating({}, { outputs: new Map([['y', name]]) })).toEqual(visibility('y', 'hidden'));
    // A public port that is given by name.
    const committed = { inputs: new Map([['x', name]]), outputs: none };
    const named = { ...statement, inputs, committed };
    expect(error({ statement: named })).toEqual(visibility('x', 'public'));
    expect(error({ statement: { ...statement, committed } })).toEqual(visibility('x', 'public'));
  });

  test('statement/missing: a committed port without its name', () => {
    const missing = { kind: 'statement/missing', port: 'x' };
    expect(stating({}, { inputs: none })).toEqual(missing);
    expect(hidden({ statement: { inputs, outputs, nonce: new Uint8Array() } })).toEqual(missing);
  });

  test('statement/unknown: the name of a port that is not there', () => {
    const more = new Map([
      ['x', name],
      ['z', name],
    ]);
    expect(stating({}, { inputs: more })).toEqual({ kind: 'statement/unknown', port: 'z' });
  });

  test.each([
    ['root', { ...name, root: name.root.slice(1) }],
    ['root', { ...name, root: new Uint8Array(33) }],
    ['yReg', { ...name, yReg: name.yReg.slice(1) }],
    ['yReg', { ...name, yReg: [...name.yReg, ...name.yReg] }],
  ] as const)('statement/commitment: %s', (_field, wrong) => {
    expect(stating({}, { inputs: new Map([['x', wrong]]) })).toEqual({
      kind: 'statement/commitment',
      port: 'x',
    });
  });

  test('statement/earlier: a root that is renewed, where none is', () => {
    expect(stating({ earlier: name })).toEqual({ kind: 'statement/earlier' });
  });

  test('argument/ports: one tensor under two ports', () => {
    const [port] = own.program.inputs;
    if (port === undefined) throw new Error('no port');
    const program = { ...own.program, inputs: [port, { ...port, name: 'again' }] };
    const committed = own.visibility.inputs[0] ?? { kind: 'public' };
    for (const second of [committed, { kind: 'public' }, { kind: 'hidden' }] as const) {
      const twice = { ...showing({ inputs: [committed, second] }), program };
      expect(hidden({ key: twice })).toEqual({ kind: 'argument/ports', port: 'again' });
      const other = { ...showing({ inputs: [second, committed] }), program };
      expect(hidden({ key: other })).toEqual({ kind: 'argument/ports', port: 'again' });
    }
    // Hidden twice is hidden.
    const alike = { ...showing({ inputs: [{ kind: 'hidden' }, { kind: 'hidden' }] }), program };
    expect(hidden({ key: alike }).kind).not.toBe('argument/ports');
  });

  test('argument/program: a visibility of other ports', () => {
    expect(hidden({ key: showing({ inputs: [] }) })).toMatchObject({
      kind: 'argument/program',
      error: { kind: 'program/structure', where: 'visibility' },
    });
  });

  const rows = 2 ** opening.logRows;
  const tailed = (tailRows: number): VerifyingKey =>
    showing({ inputs: [{ kind: 'committed', tailRows }] });
  test.each([
    ['tail rows', sized({ tailRows: rows })],
    ['tail rows', tailed(rows)],
    ['blinding', sized({ whir: { ...opening, blinding: null } })],
    [
      'blinding',
      { ...key, parameters: { ...key.parameters, whir: { ...whir, blinding: { powBits: 0 } } } },
    ],
    ['tailRows', sized({ tailRows: freshTail(opening) - 1 })],
    ['tailRows', sized({ tailRows: 0 })],
    ['static tail rows', tailed((opening.queries[0] ?? 0) + 9)],
    [
      'static tail rows',
      showing({ weights: { kind: 'hidden', tailRows: (opening.queries[0] ?? 0) + 9 } }),
    ],
  ] as const)('argument/layout: %s', (field, changedKey) => {
    expect(hidden({ key: changedKey })).toMatchObject({ kind: 'argument/layout', field });
  });

  test('argument/visibility, argument/infeasible: other profiles of a key', () => {
    const other = (visibility: VerifyingKey['visibility'], of = own): VerifyError => {
      const found = keyFor(of, visibility);
      if (found.ok) throw new Error('accepted');
      kinds.add(found.error.kind);
      expect(describeVerifyError(found.error).length).toBeGreaterThan(10);
      return found.error;
    };
    const weights = { kind: 'public' } as const;
    expect(other({ ...own.visibility, weights })).toEqual({ kind: 'argument/visibility' });
    const longer = { kind: 'hidden', tailRows: 40 } as const;
    expect(other({ ...own.visibility, weights: longer })).toEqual({ kind: 'argument/visibility' });
    const hide = { ...key.visibility, inputs: [{ kind: 'hidden' }] } as const;
    expect(other(hide, key)).toMatchObject({ kind: 'argument/infeasible' });
    expect(keyFor(own, own.visibility)).toEqual({ ok: true, value: own });
  });

  test('proof/unregistered', () => {
    expect(hidden({ key: { ...own, registration: null } })).toEqual({ kind: 'proof/unregistered' });
    const bare = prepareArgument(own);
    if (!bare.ok) throw new Error('no argument');
    expect(verifyPrepared(bare.value, made.statement, made.proof)).toEqual({
      ok: false,
      error: { kind: 'proof/unregistered' },
    });
  });

  test('proof/registration', () => {
    const registration = own.registration?.slice() ?? new Uint8Array();
    const of = (bytes: Uint8Array): VerifyError => hidden({ key: { ...own, registration: bytes } });
    const wrong = registration.slice();
    wrong[60] = (wrong[60] ?? 0) ^ 1;
    expect(of(wrong)).toMatchObject({
      kind: 'proof/registration',
      error: { kind: 'proof/opening' },
    });
    expect(of(registration.slice(0, -1))).toMatchObject({
      kind: 'proof/registration',
      error: { kind: 'proof/opening', error: { failure: 'truncated' } },
    });
    expect(of(Uint8Array.of(...registration, 0))).toMatchObject({
      kind: 'proof/registration',
      error: { kind: 'proof/format', reason: 'trailing-bytes' },
    });
    expect(of(new Uint8Array())).toMatchObject({ error: { kind: 'proof/format' } });
  });

  test('proof/format in the products', () => {
    const { pads, system } = hiding.argument;
    const { instances } = system.einsums;
    // x is secret, and so are the weights; D_root and every message but the products are before them.
    expect(instances.length).toBe(1);
    const products = firstElement + 40 + 20 * (1 + pads.messages);
    const opened = products + 20 * pads.products;
    const cut = (at: number): VerifyError => hidden({ proof: made.proof.slice(0, at) });
    const truncated = { kind: 'proof/format', reason: 'truncated' };
    for (const at of [products, opened - 1, opened, opened + 40 * pads.products - 1])
      expect(cut(at)).toEqual(truncated);
    expect(cut(opened + 40 * pads.products)).toMatchObject({ kind: 'proof/opening' });
    for (const at of [products, opened, opened + 20 * pads.products]) {
      const bytes = made.proof.slice();
      bytes[at + 3] = 0xff;
      expect(hidden({ proof: bytes })).toEqual({ kind: 'proof/format', reason: 'non-canonical' });
    }
  });
});

// `proof/renewal` is of renewals alone.
test('these are all kinds', () => {
  expect([...kinds].sort()).toEqual([
    'argument/infeasible',
    'argument/layout',
    'argument/ports',
    'argument/program',
    'argument/security',
    'argument/visibility',
    'proof/format',
    'proof/lookup',
    'proof/opening',
    'proof/operands',
    'proof/pow',
    'proof/registration',
    'proof/sumcheck',
    'proof/unregistered',
    'statement/commitment',
    'statement/earlier',
    'statement/length',
    'statement/missing',
    'statement/nonce',
    'statement/range',
    'statement/unknown',
    'statement/visibility',
  ] satisfies VerifyError['kind'][]);
});
