import { equalBytes, toHex } from '@assay/core/hash';
import { describe, expect, test } from 'vitest';
import { body, mutate, random, signer } from '../../test/fixtures.ts';
import { decodeReceipt, isTime } from './decode.ts';
import { signPayload } from './dsse.ts';
import { encodeEnvelope, encodeReceipt, encodeStatement } from './encode.ts';
import { RECEIPT_LIMITS } from './limits.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytes = (ascii: string): Uint8Array => new Uint8Array(Buffer.from(ascii, 'latin1'));

const receipt = encodeReceipt(body, signer);

/** The receipt with its statement's text edited, encoded and signed again. */
function withStatement(edit: (statement: string) => string): Uint8Array {
  const before = text(encodeStatement(body));
  const after = edit(before);
  expect(after).not.toBe(before);
  const payload = bytes(after);
  return encodeEnvelope(payload, signer.publicKey, signPayload(payload, signer));
}

function withEnvelope(edit: (envelope: string) => string): Uint8Array {
  const after = edit(text(receipt));
  expect(after).not.toBe(text(receipt));
  return bytes(after);
}

const errorOf = (candidate: Uint8Array): unknown => {
  const result = decodeReceipt(candidate);
  return result.ok ? null : result.error;
};

describe('a receipt', () => {
  test('is read back as it was written', () => {
    const decoded = decodeReceipt(receipt);
    expect(decoded).toMatchObject({ ok: true, value: { body, payload: encodeStatement(body) } });
  });

  test('is an in-toto statement in a DSSE envelope, in ASCII', () => {
    const envelope = JSON.parse(text(receipt));
    expect(envelope.payloadType).toBe('application/vnd.in-toto+json');
    const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'));
    expect(statement._type).toBe('https://in-toto.io/Statement/v1');
    expect(statement.predicateType).toBe('urn:assay:receipt:v1');
    expect(statement.predicate.model.title).toBe('increment é');
    expect(statement.subject.map((s: { name: string }) => s.name)).toEqual(['output', 'model']);
    expect(receipt.every((byte) => byte >= 32 && byte < 127)).toBe(true);
  });

  test('has the bytes it has always had', async () => {
    // Written by `npx vitest run packages/verifier -u`, after a reviewed change of the format only.
    await expect(text(receipt)).toMatchFileSnapshot('../../../../vectors/receipt/receipt_v1.json');
  });

  test('may keep its proof beside and its values as digests', () => {
    const lean = {
      ...body,
      inputs: [
        { kind: 'digest' as const, name: 'x', elements: 4, digest: new Uint8Array(32).fill(3) },
        ...body.inputs.slice(1),
      ],
      proof: { ...body.proof, location: { kind: 'beside' as const, file: 'run.proof' } },
    };
    const decoded = decodeReceipt(encodeReceipt(lean, signer));
    expect(decoded).toMatchObject({ ok: true, value: { body: lean } });
  });

  test('is not signed with a key that is not the one it names', () => {
    const other = { ...body, proverKey: new Uint8Array(32) };
    expect(() => encodeReceipt(other, signer)).toThrow(/^encodeReceipt: expected proverKey/);
  });
});

describe('the decoder refuses', () => {
  test('too many bytes, before it looks at them', () => {
    const limit = RECEIPT_LIMITS.bytes;
    expect(errorOf(new Uint8Array(limit + 1))).toEqual({
      kind: 'receipt/too-large',
      limit,
      actual: limit + 1,
    });
  });

  test('bytes beyond ASCII', () => {
    expect(errorOf(bytes('{"é":1}'))).toEqual({ kind: 'receipt/not-ascii', offset: 2 });
    expect(errorOf(withStatement((s) => s.replace('\\u00e9', 'é')))).toMatchObject({
      kind: 'receipt/not-ascii',
    });
  });

  test('many lists, in either layer', () => {
    const many = `[${'{},'.repeat(5000)}{}]`;
    const refused = { kind: 'receipt/too-many-lists', limit: 4096 };
    expect(errorOf(bytes(many))).toEqual(refused);
    expect(errorOf(withStatement((s) => s.replace('"values":[3]', `"values":${many}`)))).toEqual(
      refused,
    );
  });

  test('deep nesting, in either layer', () => {
    expect(errorOf(bytes('['.repeat(1_000_000)))).toEqual({ kind: 'receipt/too-deep', limit: 8 });
    const deep = `${'['.repeat(9)}${']'.repeat(9)}`;
    expect(errorOf(withStatement((s) => s.replace('"values":[3]', `"values":${deep}`)))).toEqual({
      kind: 'receipt/too-deep',
      limit: 8,
    });
    const brackets = withStatement((s) => s.replace('"time":"2', `"time":"\\"${'['.repeat(9)}`));
    expect(errorOf(brackets)).toMatchObject({ kind: 'receipt/field' });
  });

  test.each([
    ['no JSON', 'hello'],
    ['half of it', text(receipt).slice(0, 100)],
    ['nothing', ''],
  ])('%s', (_, candidate) => {
    expect(errorOf(bytes(candidate))).toEqual({ kind: 'receipt/not-json', path: 'envelope' });
  });

  test('a statement that is no JSON', () => {
    expect(errorOf(withStatement((s) => s.slice(1)))).toEqual({
      kind: 'receipt/not-json',
      path: 'statement',
    });
  });

  test('types of payload, statement and predicate that are not its own', () => {
    expect(errorOf(withEnvelope((s) => s.replace('in-toto', 'in-tota')))).toMatchObject({
      kind: 'receipt/payload-type',
    });
    expect(errorOf(withStatement((s) => s.replace('Statement/v1', 'Statement/v2')))).toMatchObject({
      kind: 'receipt/statement-type',
    });
    expect(errorOf(withStatement((s) => s.replace('receipt:v1', 'receipt:v2')))).toMatchObject({
      kind: 'receipt/predicate-type',
    });
  });

  test('any number of signatures but one', () => {
    const none = withEnvelope((s) => s.replace(/\[\{.*\}\]/, '[]'));
    expect(errorOf(none)).toEqual({ kind: 'receipt/signature-count', actual: 0 });
    const two = withEnvelope((s) => s.replace(/\[(\{.*\})\]/, '[$1,$1]'));
    expect(errorOf(two)).toEqual({ kind: 'receipt/signature-count', actual: 2 });
  });

  test('base64 that is not canonical', () => {
    const loose = withEnvelope((s) => s.replace(/(.)=="\}/, 'B=="}'));
    expect(errorOf(loose)).toEqual({
      kind: 'receipt/base64',
      path: 'envelope.signatures[0].sig',
    });
    const short = withStatement((s) => s.replace(/"data":"..../, '"data":"'));
    expect(errorOf(short)).toMatchObject({ kind: 'receipt/field', path: 'predicate.proof.bytes' });
  });

  test('a subject that is not what the predicate says', () => {
    const digest = /"output","digest":\{"keccak256":"../;
    expect(errorOf(withStatement((s) => s.replace(digest, (m) => `${m.slice(0, -2)}zz`)))).toEqual({
      kind: 'receipt/subject',
    });
    expect(errorOf(withStatement((s) => s.replace('"name":"model"', '"name":"modal"')))).toEqual({
      kind: 'receipt/subject',
    });
  });

  test('repeated fields, other orders, spaces and other forms of a number', () => {
    const statement = { kind: 'receipt/not-canonical', part: 'statement' };
    const envelope = { kind: 'receipt/not-canonical', part: 'envelope' };
    const edits: ((s: string) => string)[] = [
      (s) => s.replace('"nonce":', '"nonce":"ff","nonce":'),
      (s) => s.replace('"values":[0,', '"values":[-0,'),
      (s) => s.replace('"values":[0,', '"values":[0e0,'),
      (s) => s.replace('"values":[0,', '"values":[0.0,'),
      (s) => s.replace('"values":[0,', '"values":[ 0,'),
      (s) => s.replace('"title":"i', '"title":"\\u0069'),
      (s) => s.replace('\\u00e9', '\\u00E9'),
      (s) => s.replace(/("nonce":"dead"),(.*)(,"time")/, '$2,$1$3'),
      (s) => `${s}\n`,
    ];
    for (const edit of edits) expect(errorOf(withStatement(edit))).toEqual(statement);
    const outer: ((s: string) => string)[] = [
      (s) => `${s}\n`,
      (s) => ` ${s}`,
      (s) => s.replace('{"payloadType"', '{"payload":"AAAA","payloadType"'),
      (s) => s.replace(toHex(signer.publicKey), '00'.repeat(32)),
    ];
    for (const edit of outer) expect(errorOf(withEnvelope(edit))).toEqual(envelope);
  });

  test.each([
    [
      'missing',
      (s: string) => s.replace('"nonce":"dead",', ''),
      'missing-field',
      'predicate.nonce',
    ],
    [
      'unknown',
      (s: string) => s.replace('"nonce"', '"nonse":1,"nonce"'),
      'unknown-field',
      'predicate.nonse',
    ],
    [
      'called __proto__',
      (s: string) => s.replace('"nonce"', '"__proto__":{"x":1},"nonce"'),
      'unknown-field',
      'predicate.__proto__',
    ],
    [
      'missing, with __proto__ in its place',
      (s: string) => s.replace('"time"', '"__proto__"'),
      'missing-field',
      'predicate.time',
    ],
    [
      'an object where there must be text',
      (s: string) => s.replace('"dead"', '{}'),
      'field',
      'predicate.nonce',
    ],
    [
      'null',
      (s: string) => s.replace(/"model":\{[^}]*\}/, '"model":null'),
      'field',
      'predicate.model',
    ],
    ['upper-case hex', (s: string) => s.replace('"dead"', '"DEAD"'), 'field', 'predicate.nonce'],
    ['prefixed hex', (s: string) => s.replace('"dead"', '"0xdead"'), 'field', 'predicate.nonce'],
    ['half a byte', (s: string) => s.replace('"dead"', '"dea"'), 'field', 'predicate.nonce'],
    [
      '65 bytes of nonce',
      (s: string) => s.replace('"dead"', `"${'00'.repeat(65)}"`),
      'field',
      'predicate.nonce',
    ],
    [
      'a short root',
      (s: string) => s.replace(/"root":"../, '"root":"'),
      'field',
      'predicate.model.root',
    ],
    [
      'an answer outside the field',
      (s: string) => s.replace(/00000078"\]/, '01000078"]'),
      'field',
      'predicate.model.yReg',
    ],
    ['a fraction', (s: string) => s.replace('[3]', '[3.5]'), 'field', 'predicate.inputs[1].values'],
    [
      '2^31',
      (s: string) => s.replace('[3]', '[2147483648]'),
      'field',
      'predicate.inputs[1].values',
    ],
    ['1e400', (s: string) => s.replace('[3]', '[1e400]'), 'field', 'predicate.inputs[1].values'],
    [
      'text for a number',
      (s: string) => s.replace('[3]', '["3"]'),
      'field',
      'predicate.inputs[1].values',
    ],
    [
      'a list for a port',
      (s: string) => s.replace('{"name":"z","values":[3]}', '[3]'),
      'field',
      'predicate.inputs[1]',
    ],
    [
      'no bits',
      (s: string) => s.replace('"securityBits":128', '"securityBits":0'),
      'field',
      'predicate.suite.securityBits',
    ],
    [
      'a path',
      (s: string) => s.replace(/"data":"[^"]*"/, '"file":"../x"'),
      'field',
      'predicate.proof.file',
    ],
    [
      'a hidden file',
      (s: string) => s.replace(/"data":"[^"]*"/, '"file":".x"'),
      'field',
      'predicate.proof.file',
    ],
    [
      'proof embedded and beside',
      (s: string) => s.replace('"data"', '"file":"x","data"'),
      'unknown-field',
      'predicate.proof.file',
    ],
    ['a local time', (s: string) => s.replace('00Z', '00+01:00'), 'field', 'predicate.time'],
    ['a 32nd day', (s: string) => s.replace('11-20T', '11-32T'), 'field', 'predicate.time'],
  ])('a field that is %s', (_, edit, kind, path) => {
    expect(errorOf(withStatement(edit))).toMatchObject({ kind: `receipt/${kind}`, path });
  });
});

test('times', () => {
  expect(isTime('2026-11-20T23:59:60.123Z')).toBe(true);
  expect(isTime('2026-02-29T00:00:00Z')).toBe(true);
  for (const bad of [
    '',
    '2026-11-31T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:00.Z',
  ]) {
    expect(isTime(bad), bad).toBe(false);
  }
});

/** Mutations of a corpus: none may throw, and none may give another form of an accepted receipt. */
test('fuzz: 10^5 mutated receipts are answered, never thrown at', () => {
  const seed = 20261120;
  const next = random(seed);
  const lean = {
    ...body,
    nonce: new Uint8Array(),
    proof: { ...body.proof, location: { kind: 'beside' as const, file: 'p' } },
  };
  const small = encodeReceipt(lean, signer);
  const statements = [encodeStatement(lean), encodeStatement(body)];
  const kinds = new Set<string>();
  for (let i = 0; i < 100_000; i++) {
    let candidate: Uint8Array;
    if (i % 4 === 0) candidate = mutate(i % 32 === 0 ? receipt : small, next);
    else {
      const statement = mutate(statements[i % 16 === 15 ? 1 : 0] ?? small, next);
      candidate = encodeEnvelope(statement, signer.publicKey, new Uint8Array(64));
    }
    const result = decodeReceipt(candidate);
    if (result.ok) {
      const again = encodeEnvelope(
        encodeStatement(result.value.body),
        result.value.body.proverKey,
        result.value.signature,
      );
      if (!equalBytes(again, candidate)) expect.fail(`seed ${seed}, case ${i}: two forms`);
    } else kinds.add(result.error.kind);
  }
  for (const kind of [
    'not-ascii',
    'not-json',
    'missing-field',
    'unknown-field',
    'field',
    'payload-type',
    'statement-type',
    'predicate-type',
    'base64',
    'subject',
    'not-canonical',
  ]) {
    expect(kinds, `seed ${seed}`).toContain(`receipt/${kind}`);
  }
});
