import { encodeProgram, type Program, programDigest, type Range } from '@assay/program';
import { describe, expect, test } from 'vitest';
import { key, program } from '../test/fixtures.ts';
import { prepareArgument } from './argument/argument.ts';
import { rederive } from './argument/derive.ts';
import type { VerifyingKey } from './key/index.ts';
import { prepareVerification, verifyRegistration } from './registration.ts';
import type { VerifyError } from './stages/errors.ts';
import { verifyPrepared } from './verify.ts';

/** y = x + 1 beside weights that nothing reads. */
function weighted(range: Range): Program {
  return {
    ...program,
    tensors: [
      ...program.tensors,
      { name: 'w', role: 'model', shape: [4], range, data: null, node: 0 },
    ],
  };
}

const NO_PROOF = Uint8Array.of(1, 2, 3);

/** A key that anybody could make up: root and answers of nothing, and a registration proof that is none. */
function madeUp(range: Range, tailRows: number, targetBits = 40): VerifyingKey {
  const own = weighted(range);
  const bare: VerifyingKey = {
    ...key,
    program: own,
    programDigest: programDigest(encodeProgram(own)),
    parameters: {
      ...key.parameters,
      targetBits,
      whir: { ...key.parameters.whir, logRows: 12 },
    },
    registration: NO_PROOF,
  };
  const derived = rederive(bare, {
    ...key.visibility,
    weights: { kind: 'hidden', tailRows },
  });
  if (!derived.ok) throw new Error(JSON.stringify(derived.error));
  return derived.value;
}
const BYTE: Range = { lo: -128, hi: 127 };
const own = madeUp(BYTE, 400);

const registered = (k: VerifyingKey): VerifyError => {
  const found = verifyRegistration(k);
  if (found.ok) throw new Error('registered');
  return found.error;
};

describe('hidden weights', () => {
  test('of a key that is well formed otherwise', () => {
    expect(prepareArgument(own)).toMatchObject({ ok: true, value: { registered: false } });
  });

  test('are not registered without a registration proof', () => {
    expect(registered({ ...own, registration: null })).toEqual({ kind: 'proof/unregistered' });
  });

  test('are not registered by something else', () => {
    const error = { kind: 'proof/registration', error: { kind: 'proof/format', reason: 'magic' } };
    expect(registered(own)).toEqual(error);
    expect(prepareVerification(own)).toEqual({ ok: false, error });
  });

  test('have no proofs before they are registered', () => {
    const argument = prepareArgument(own);
    if (!argument.ok) throw new Error('no argument');
    const statement = { inputs: new Map(), outputs: new Map(), nonce: new Uint8Array() };
    expect(verifyPrepared(argument.value, statement, NO_PROOF)).toEqual({
      ok: false,
      error: { kind: 'proof/unregistered' },
    });
  });

  test('whose ranges nothing can show have no registration', () => {
    expect(registered(madeUp({ lo: -1_006_632_960, hi: 1_006_632_960 }, 400))).toMatchObject({
      kind: 'argument/program',
    });
  });

  test('whose tail is too short for one more proof have none', () => {
    const weights = { kind: 'hidden', tailRows: 30 } as const;
    const short = { ...own, visibility: { ...own.visibility, weights } };
    expect(registered(short)).toMatchObject({
      kind: 'argument/layout',
      field: 'static tail rows',
    });
  });

  test('in columns that cannot hide them have none', () => {
    const { parameters } = own;
    const whir = { ...parameters.whir, logRows: 5 };
    const weights = { kind: 'hidden', tailRows: 20 } as const;
    const narrow = {
      ...own,
      parameters: { ...parameters, targetBits: 128, whir },
      visibility: { ...own.visibility, weights },
    };
    expect(registered(narrow)).toMatchObject({ kind: 'argument/infeasible' });
  });
});

test('public weights need no registration', () => {
  const open = rederive({ ...own, registration: null }, key.visibility);
  if (!open.ok) throw new Error(JSON.stringify(open.error));
  expect(prepareVerification(open.value)).toMatchObject({ ok: true });
});
