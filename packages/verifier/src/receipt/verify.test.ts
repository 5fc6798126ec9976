import { err, ok } from '@assay/core/errors';
import { keccak256, toHex } from '@assay/core/hash';
import { describe, expect, test } from 'vitest';
import { body, inputs, key, outputs, proof, signer } from '../../test/fixtures.ts';
import { parametersDigest, type VerifyingKey } from '../key/index.ts';
import type { Statement } from '../statement.ts';
import { modelName, valuesDigest } from './digests.ts';
import { keyFromSeed, signPayload } from './dsse.ts';
import { encodeEnvelope, encodeReceipt, encodeStatement } from './encode.ts';
import { describeReason, explainVerdict } from './explain.ts';
import type { ReceiptBody } from './types.ts';
import type { OwnValues, Verdict } from './verdict.ts';
import { judgeReceipt } from './verify.ts';

type ProofError = { readonly kind: 'proof/false' };

/** Stands in for the verification of a proof: accepts the fixture's statement and nothing else. */
function checkProof(k: VerifyingKey, statement: Statement, bytes: Uint8Array) {
  const same =
    toHex(k.model.root) === toHex(key.model.root) &&
    JSON.stringify([...statement.inputs]) === JSON.stringify([...inputs]) &&
    JSON.stringify([...statement.outputs]) === JSON.stringify([...outputs]) &&
    toHex(statement.nonce) === 'dead' &&
    toHex(bytes) === toHex(proof);
  return same ? ok(null) : err<ProofError>({ kind: 'proof/false' });
}

const judge = (receipt: Uint8Array, own: OwnValues = {}, k = key): Verdict<ProofError> =>
  judgeReceipt(receipt, k, own, checkProof);
const sign = (changes: Partial<ReceiptBody>): Uint8Array =>
  encodeReceipt({ ...body, ...changes }, signer);
const words = (verdict: Verdict<ProofError>): string =>
  explainVerdict(verdict, (error) => error.kind).join('\n');

const receipt = sign({});
const name = toHex(modelName(key.model.root, key.model.yReg));
const all: OwnValues = {
  modelName: name,
  program: toHex(key.programDigest),
  securityBits: 128,
  inputs,
  outputs,
  nonce: body.nonce,
  proverKey: signer.publicKey,
};
const side = (values: ReadonlyMap<string, Int32Array>, port: string, data: number[]) =>
  new Map([...values, [port, Int32Array.from(data)] as const]);

describe('an honest receipt', () => {
  test('is accepted; every own value was checked', () => {
    const verdict = judge(receipt, all);
    expect(verdict).toMatchObject({
      accepted: true,
      reason: null,
      securityBits: 128,
      modelName: name,
    });
    expect(verdict.checked).toEqual({
      signature: 'checked',
      proverKey: 'checked',
      modelName: 'checked',
      program: 'checked',
      suite: 'from key',
      input: 'checked',
      output: 'checked',
      nonce: 'checked',
      proof: 'checked',
    });
    expect(words(verdict)).toMatch(/^VERIFIED at 128 bits/);
  });

  test('another program over the same weights has the same model name, and is refused by its own', () => {
    const other = 'ab'.repeat(32);
    expect(judge(receipt, { ...all, program: other }).reason).toEqual({
      kind: 'verdict/program',
      expected: other,
      actual: toHex(key.programDigest),
    });
  });

  test('a key that promises less than is asked for is refused', () => {
    expect(judge(receipt, { ...all, securityBits: 129 }).reason).toEqual({
      kind: 'verdict/security',
      expected: 129,
      actual: 128,
    });
  });

  test('without a word from the verifier, a key of 99 bits is refused and one of 100 accepted', () => {
    const weak = (targetBits: number): VerifyingKey => ({
      ...key,
      parameters: { ...key.parameters, targetBits },
    });
    const of = (k: VerifyingKey): Uint8Array =>
      sign({
        suite: {
          ...body.suite,
          securityBits: k.parameters.targetBits,
          parameters: parametersDigest(k.parameters),
        },
      });
    expect(judge(of(weak(99)), {}, weak(99)).reason).toMatchObject({ kind: 'verdict/security' });
    expect(judge(of(weak(99)), { securityBits: 99 }, weak(99)).accepted).toBe(true);
    expect(judge(of(weak(100)), {}, weak(100)).accepted).toBe(true);
  });

  test('is accepted without own values, and the verdict says so', () => {
    const verdict = judge(receipt);
    expect(verdict.accepted).toBe(true);
    expect(verdict.checked).toMatchObject({
      proverKey: 'from receipt',
      modelName: 'from key',
      input: 'from receipt',
      output: 'from receipt',
      nonce: 'from receipt',
      proof: 'checked',
    });
    expect(words(verdict)).toMatch(/input +taken from the receipt, not compared/);
  });

  test('may hold digests where the verifier has the values, and its proof beside', () => {
    const lean = sign({
      inputs: body.inputs.map((port) => ({
        kind: 'digest',
        name: port.name,
        elements: inputs.get(port.name)?.length ?? 0,
        digest: valuesDigest(inputs.get(port.name) ?? new Int32Array()),
      })),
      proof: { ...body.proof, location: { kind: 'beside', file: 'run.proof' } },
    });
    expect(judge(lean, { inputs, proof }).accepted).toBe(true);
    expect(judge(lean, { inputs }).reason).toEqual({
      kind: 'verdict/proof-needed',
      file: 'run.proof',
    });
    expect(judge(lean, { proof }).reason).toEqual({
      kind: 'verdict/values-needed',
      side: 'input',
      port: 'x',
    });
    const other = side(inputs, 'z', [4]);
    expect(judge(lean, { inputs: other, proof }).reason).toEqual({
      kind: 'verdict/input',
      port: 'z',
      index: null,
    });
    expect(judge(lean, { inputs, proof: proof.subarray(1) }).reason).toEqual({
      kind: 'verdict/proof-digest',
    });
  });

  test('that carries no nonce says that none was given', () => {
    const verdict = judge(sign({ nonce: new Uint8Array() }));
    expect(verdict.checked.nonce).toBe('not given');
    expect(verdict.reason).toMatchObject({ kind: 'verdict/proof' });
  });
});

describe('rejected', () => {
  const differing = (port: string, index: number) => ({ port, index });
  const rejections: [
    string,
    () => Verdict<ProofError>,
    object,
    keyof Verdict<ProofError>['checked'] | null,
  ][] = [
    [
      'bytes that are no receipt',
      () => judge(receipt.subarray(1)),
      { kind: 'verdict/receipt', error: { kind: 'receipt/not-json', path: 'envelope' } },
      null,
    ],
    [
      'a signature by somebody else',
      () => {
        const payload = encodeStatement(body);
        return judge(
          encodeEnvelope(
            payload,
            signer.publicKey,
            signPayload(payload, keyFromSeed(new Uint8Array(32))),
          ),
        );
      },
      { kind: 'verdict/signature' },
      'signature',
    ],
    [
      'a statement changed after it was signed',
      () => {
        const signature = signPayload(encodeStatement(body), signer);
        const changed = encodeStatement({ ...body, time: '2026-11-20T08:00:01Z' });
        return judge(encodeEnvelope(changed, signer.publicKey, signature));
      },
      { kind: 'verdict/signature' },
      'signature',
    ],
    [
      'another prover',
      () => judge(receipt, { proverKey: new Uint8Array(32) }),
      { kind: 'verdict/prover-key', expected: '00'.repeat(32), actual: toHex(signer.publicKey) },
      'proverKey',
    ],
    [
      'another model than the one meant',
      () => judge(receipt, { modelName: '00'.repeat(32) }),
      { kind: 'verdict/model-name', expected: '00'.repeat(32), actual: name },
      'modelName',
    ],
    [
      'another root',
      () => judge(sign({ model: { ...body.model, root: new Uint8Array(32) } })),
      { kind: 'verdict/model', field: 'root' },
      'modelName',
    ],
    [
      'another registered answer',
      () => judge(sign({ model: { ...body.model, yReg: [...key.model.yReg].reverse() } })),
      { kind: 'verdict/model', field: 'yReg' },
      'modelName',
    ],
    [
      'a registered answer left out',
      () => judge(sign({ model: { ...body.model, yReg: key.model.yReg.slice(1) } })),
      { kind: 'verdict/model', field: 'yReg' },
      'modelName',
    ],
    [
      'another title',
      () => judge(sign({ model: { ...body.model, title: 'x' } })),
      { kind: 'verdict/model', field: 'title' },
      'modelName',
    ],
    [
      'weights shown otherwise',
      () => judge(sign({ model: { ...body.model, weights: 'hidden' } })),
      { kind: 'verdict/model', field: 'weights' },
      'modelName',
    ],
    [
      'another program',
      () => judge(sign({ program: new Uint8Array(32) })),
      { kind: 'verdict/program', expected: toHex(key.programDigest), actual: '00'.repeat(32) },
      'program',
    ],
    [
      'another suite',
      () => judge(sign({ suite: { ...body.suite, name: 'x' } })),
      { kind: 'verdict/suite', field: 'name' },
      'suite',
    ],
    [
      'other security',
      () => judge(sign({ suite: { ...body.suite, securityBits: 256 } })),
      { kind: 'verdict/suite', field: 'securityBits' },
      'suite',
    ],
    [
      'other parameters',
      () =>
        judge(
          sign({
            suite: {
              ...body.suite,
              parameters: parametersDigest({ ...key.parameters, batchPowBits: 0 }),
            },
          }),
        ),
      { kind: 'verdict/suite', field: 'parameters' },
      'suite',
    ],
    [
      'a port left out',
      () => judge(sign({ inputs: body.inputs.slice(1) })),
      { kind: 'verdict/ports', side: 'input', of: 'receipt', expected: ['x', 'z'] },
      'input',
    ],
    [
      'ports in another order',
      () => judge(sign({ inputs: [...body.inputs].reverse() })),
      { kind: 'verdict/ports', side: 'input', of: 'receipt', expected: ['x', 'z'] },
      'input',
    ],
    [
      'an output port of another name',
      () => judge(sign({ outputs: [{ kind: 'values', name: 'w', values: Int32Array.of(1) }] })),
      { kind: 'verdict/ports', side: 'output', of: 'receipt', expected: ['y'] },
      'output',
    ],
    [
      'own inputs without a port',
      () => judge(receipt, { inputs: new Map([['x', Int32Array.of(0)]]) }),
      { kind: 'verdict/ports', side: 'input', of: 'own', expected: ['x', 'z'] },
      'input',
    ],
    [
      'own inputs with a port of another name',
      () => judge(receipt, { inputs: new Map([...inputs].map(([n, v]) => [`${n}2`, v])) }),
      { kind: 'verdict/ports', side: 'input', of: 'own', expected: ['x', 'z'] },
      'input',
    ],
    [
      'too few values',
      () => judge(sign({ outputs: [{ kind: 'values', name: 'y', values: Int32Array.of(1) }] })),
      {
        kind: 'verdict/port-length',
        side: 'output',
        of: 'receipt',
        port: 'y',
        expected: 4,
        actual: 1,
      },
      'output',
    ],
    [
      'a digest of too many values',
      () =>
        judge(
          sign({
            outputs: [{ kind: 'digest', name: 'y', elements: 5, digest: new Uint8Array(32) }],
          }),
        ),
      {
        kind: 'verdict/port-length',
        side: 'output',
        of: 'receipt',
        port: 'y',
        expected: 4,
        actual: 5,
      },
      'output',
    ],
    [
      'own values of another length',
      () => judge(receipt, { outputs: side(outputs, 'y', [1]) }),
      { kind: 'verdict/port-length', side: 'output', of: 'own', port: 'y', expected: 4, actual: 1 },
      'output',
    ],
    [
      'another input',
      () => judge(receipt, { inputs: side(inputs, 'x', [0, -128, 6, 127]) }),
      { kind: 'verdict/input', ...differing('x', 2) },
      'input',
    ],
    [
      'another output',
      () => judge(receipt, { outputs: side(outputs, 'y', [1, -127, 6, 127]) }),
      { kind: 'verdict/output', ...differing('y', 3) },
      'output',
    ],
    [
      'another nonce',
      () => judge(receipt, { nonce: Uint8Array.of(1) }),
      { kind: 'verdict/nonce', expected: '01', actual: 'dead' },
      'nonce',
    ],
    [
      'no nonce where one was asked for',
      () => judge(sign({ nonce: new Uint8Array() }), { nonce: Uint8Array.of(1) }),
      { kind: 'verdict/nonce', expected: '01', actual: '' },
      'nonce',
    ],
    [
      'a nonce where none must be',
      () => judge(receipt, { nonce: new Uint8Array() }),
      { kind: 'verdict/nonce', expected: '', actual: 'dead' },
      'nonce',
    ],
    [
      'values missing from the receipt',
      () =>
        judge(
          sign({
            outputs: [{ kind: 'digest', name: 'y', elements: 4, digest: new Uint8Array(32) }],
          }),
        ),
      { kind: 'verdict/values-needed', side: 'output', port: 'y' },
      'output',
    ],
    [
      'a proof missing from the receipt',
      () => judge(sign({ proof: { ...body.proof, location: { kind: 'beside', file: 'a' } } })),
      { kind: 'verdict/proof-needed', file: 'a' },
      'proof',
    ],
    [
      'another proof than the one named',
      () => judge(sign({ proof: { ...body.proof, digest: keccak256() } })),
      { kind: 'verdict/proof-digest' },
      'proof',
    ],
    [
      'a proof of another output',
      () =>
        judge(
          sign({
            outputs: [{ kind: 'values', name: 'y', values: Int32Array.of(1, -127, 6, 127) }],
          }),
        ),
      { kind: 'verdict/proof', error: { kind: 'proof/false' } },
      'proof',
    ],
    [
      'a proof of another input',
      () =>
        judge(
          sign({
            inputs: [
              ...body.inputs.slice(0, 1),
              { kind: 'values', name: 'z', values: Int32Array.of(2) },
            ],
          }),
        ),
      { kind: 'verdict/proof', error: { kind: 'proof/false' } },
      'proof',
    ],
    [
      'a proof under another nonce',
      () => judge(sign({ nonce: Uint8Array.of(1) })),
      { kind: 'verdict/proof', error: { kind: 'proof/false' } },
      'proof',
    ],
  ];

  test.each(rejections)('%s', (_, run, reason, part) => {
    const verdict = run();
    expect(verdict).toMatchObject({ accepted: false, reason });
    expect(verdict.reason).toEqual(reason);
    const failed = Object.entries(verdict.checked).filter(([, state]) => state === 'failed');
    expect(failed.map(([check]) => check)).toEqual(part === null ? [] : [part]);
    // Nothing after the failing check is said to have been checked.
    const states = Object.values(verdict.checked);
    const at = states.indexOf('failed');
    expect(states.slice(at + 1).every((state) => state === 'not reached')).toBe(true);
    expect(words(verdict)).toMatch(/^REJECTED: \S/);
    expect(words(verdict)).not.toContain('undefined');
  });

  test('what the columns of the model cannot hide', () => {
    const verdict = judge(
      sign({ inputs: [{ kind: 'hidden', name: 'x' }, ...body.inputs.slice(1)] }),
    );
    expect(verdict.reason).toMatchObject({
      kind: 'verdict/visibility',
      error: { kind: 'argument/infeasible' },
    });
    expect(verdict.checked).toMatchObject({ suite: 'failed', input: 'not reached' });
  });

  test('own values decide even where proof and receipt agree on others', () => {
    const verdict = judge(receipt, { ...all, outputs: side(outputs, 'y', [2, -127, 6, 128]) });
    expect(verdict.reason).toEqual({ kind: 'verdict/output', port: 'y', index: 0 });
  });

  test('a key for the model that the receipt is not about', () => {
    const other = { ...key, model: { ...key.model, root: new Uint8Array(32).fill(9) } };
    expect(judge(receipt, {}, other).reason).toEqual({ kind: 'verdict/model', field: 'root' });
    expect(judge(receipt, { modelName: name }, other).reason).toMatchObject({
      kind: 'verdict/model-name',
    });
  });

  test('a program with two ports of one name', () => {
    const twice = {
      ...key,
      program: {
        ...key.program,
        inputs: key.program.inputs.map((p) => ({ ...p, name: 'x', shape: [4] })),
      },
    };
    const values = body.inputs.map(() => ({
      kind: 'values' as const,
      name: 'x',
      values: new Int32Array(4),
    }));
    expect(judge(sign({ inputs: values }), {}, twice).reason).toMatchObject({
      kind: 'verdict/ports',
    });
  });
});

test('a reason without index names the port alone', () => {
  expect(describeReason({ kind: 'verdict/input', port: 'z', index: null }, String)).toContain(
    '"z" differs',
  );
});
