import { toHex } from '@assay/core/hash';
import { describe, expect, test } from 'vitest';
import { body, inputs, key, program, signer } from '../../test/fixtures.ts';
import { commitmentName } from '../commitment/index.ts';
import { decodeReceipt } from './decode.ts';
import { portDigest } from './digests.ts';
import { encodeReceipt } from './encode.ts';
import { explainVerdict } from './explain.ts';
import { resolvePorts } from './ports.ts';
import type { PortValue } from './types.ts';
import type { ShownPort, Verdict } from './verdict.ts';

const root = new Uint8Array(32).fill(9);
const { yReg } = key.model;
const committed: PortValue = { kind: 'committed', name: 'x', root, yReg, tailRows: 40 };
const hidden: PortValue = { kind: 'hidden', name: 'x' };
const z: PortValue = { kind: 'values', name: 'z', values: Int32Array.of(3) };
const name = toHex(commitmentName(root, yReg));
const other = '00'.repeat(32);

const resolve = (
  x: PortValue,
  values?: ReadonlyMap<string, Int32Array>,
  names?: ReadonlyMap<string, string>,
) => resolvePorts('input', program.inputs, [x, z], { values, names });

describe('a receipt with ports that are not public', () => {
  const written = encodeReceipt(
    { ...body, inputs: [committed, z], outputs: [{ kind: 'hidden', name: 'y' }] },
    signer,
  );

  test('is read back as it was written', () => {
    const decoded = decodeReceipt(written);
    if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
    expect(decoded.value.body.inputs).toEqual([committed, z]);
    expect(decoded.value.body.outputs).toEqual([{ kind: 'hidden', name: 'y' }]);
  });

  test('holds no value of them', () => {
    const payload: unknown = JSON.parse(new TextDecoder().decode(written));
    const text = JSON.stringify(payload);
    const statement = Buffer.from(/"payload":"([^"]*)"/.exec(text)?.[1] ?? '', 'base64').toString();
    expect(statement).toContain('{"name":"y","hidden":true}');
    expect(statement).not.toMatch(/"name":"[xy]","values"/);
  });

  test('has a subject that tells apart committed, hidden and public', () => {
    const digests = [committed, hidden, { ...committed, root: new Uint8Array(32) }, z].map((port) =>
      toHex(portDigest(port)),
    );
    expect(new Set(digests).size).toBe(4);
  });

  const replaced = (from: string, to: string) => {
    const text = new TextDecoder().decode(written);
    const payload = /"payload":"([^"]*)"/.exec(text)?.[1] ?? '';
    const statement = Buffer.from(payload, 'base64').toString();
    expect(statement).toContain(from);
    const changed = Buffer.from(statement.replace(from, to)).toString('base64');
    return decodeReceipt(new TextEncoder().encode(text.replace(payload, changed)));
  };
  test.each([
    ['hidden that is not true', '"hidden":true', '"hidden":false', 'predicate.outputs[0].hidden'],
    [
      'a tail of no rows',
      '"tailRows":40',
      '"tailRows":0',
      'predicate.inputs[0].committed.tailRows',
    ],
    [
      'a tail longer than any column',
      '"tailRows":40',
      '"tailRows":134217729',
      'predicate.inputs[0].committed.tailRows',
    ],
    [
      'an answer outside the field',
      `00000078"],"tailRows"`,
      `01000078"],"tailRows"`,
      'predicate.inputs[0].committed.yReg',
    ],
    [
      'very many answers',
      `"],"tailRows"`,
      `"${`,"${'00'.repeat(20)}"`.repeat(15)}],"tailRows"`,
      'predicate.inputs[0].committed.yReg',
    ],
    [
      'weights of another kind',
      '"weights":"public"',
      '"weights":"seen"',
      'predicate.model.weights',
    ],
    [
      'values beside hidden',
      '"hidden":true',
      '"hidden":true,"values":[]',
      'predicate.outputs[0].values',
    ],
    [
      'a root cut short',
      '"committed":{"root":"09',
      '"committed":{"root":"',
      'predicate.inputs[0].committed.root',
    ],
  ])('is refused with %s', (_, from, to, path) => {
    expect(replaced(from, to)).toMatchObject({ ok: false, error: { path } });
  });
});

describe('own values and names', () => {
  test('a committed port is named, not shown', () => {
    const resolved = resolve(committed, new Map([['z', Int32Array.of(3)]]), new Map([['x', name]]));
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.error));
    expect([...resolved.value.values.keys()]).toEqual(['z']);
    expect(resolved.value.committed).toEqual(new Map([['x', { root, yReg }]]));
    expect(resolved.value.visibility).toEqual([
      { kind: 'committed', tailRows: 40 },
      { kind: 'public' },
    ]);
    expect(resolved.value.shown.map(({ state }) => state)).toEqual(['checked', 'checked']);
  });

  test('a hidden port leaves nothing', () => {
    const resolved = resolve(hidden);
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.error));
    expect(resolved.value.committed.size).toBe(0);
    expect(resolved.value.shown[0]).toMatchObject({ shown: 'hidden', state: 'hidden' });
  });

  test.each([
    [
      'another name',
      committed,
      undefined,
      other,
      { kind: 'verdict/commitment-name', expected: other, actual: name },
    ],
    [
      'a name of a hidden port',
      hidden,
      undefined,
      name,
      { kind: 'verdict/commitment-name', actual: null },
    ],
    [
      'a name of a public port',
      { ...z, name: 'x', values: inputs.get('x') ?? new Int32Array() },
      undefined,
      name,
      { kind: 'verdict/commitment-name', actual: null },
    ],
    [
      'values of a committed port',
      committed,
      inputs,
      undefined,
      { kind: 'verdict/not-shown', shown: 'committed' },
    ],
    [
      'values of a hidden port',
      hidden,
      inputs,
      undefined,
      { kind: 'verdict/not-shown', shown: 'hidden' },
    ],
    [
      'public values left out',
      hidden,
      new Map<string, Int32Array>(),
      undefined,
      { kind: 'verdict/ports', of: 'own' },
    ],
  ] as const)('%s', (_, x, values, own, error) => {
    const names = own === undefined ? undefined : new Map([['x', own]]);
    expect(resolve(x, values, names)).toMatchObject({ ok: false, error });
  });

  test('a name of a port that the model does not have', () => {
    expect(resolve(committed, undefined, new Map([['w', name]]))).toMatchObject({
      ok: false,
      error: { kind: 'verdict/ports', of: 'own' },
    });
  });
});

test('a verdict says what is hidden and what is named', () => {
  const decoded = decodeReceipt(
    encodeReceipt({ ...body, model: { ...body.model, weights: 'hidden' } }, signer),
  );
  if (!decoded.ok) throw new Error('not a receipt');
  const ports: ShownPort[] = [
    { side: 'input', port: 'x', shown: 'committed', commitmentName: name, state: 'checked' },
    { side: 'output', port: 'y', shown: 'hidden', commitmentName: null, state: 'hidden' },
  ];
  const verdict: Verdict<never> = {
    accepted: true,
    reason: null,
    checked: {
      signature: 'checked',
      proverKey: 'from receipt',
      modelName: 'from key',
      program: 'from key',
      suite: 'from key',
      input: 'checked',
      output: 'hidden',
      nonce: 'not given',
      proof: 'checked',
    },
    securityBits: 128,
    modelName: other,
    ports,
    receipt: decoded.value,
  };
  expect(explainVerdict(verdict, () => '').slice(0, 14)).toMatchInlineSnapshot(`
    [
      "VERIFIED at 128 bits: this private model gave an output that is not shown on the input of this name",
      "  signature   checked",
      "  prover key  taken from the receipt, not compared with a value of yours",
      "  model       as in your verifying key",
      "  program     as in your verifying key",
      "  suite       as in your verifying key",
      "  input       checked",
      "  output      not shown",
      "  nonce       none in the receipt, none asked for",
      "  proof       checked",
      "  weights     hidden: the registration proof in your key shows that they are in their ranges",
      "  input       "x" is committed as 121a9b0e51382eef2c03ab5324a15ebb1d08c9dd53a15af16fca64f5aecc3f75, and in its range",
      "  output      "y" is hidden",
      "  claimed     "increment é", prover ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c, 2026-11-20T08:00:00Z",
    ]
  `);
});
