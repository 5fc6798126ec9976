import { K_BYTES, ProofReader } from '@assay/core/codec';
import { err, ok, type Result } from '@assay/core/errors';
import type { K } from '@assay/core/field';
import { equalBytes } from '@assay/core/hash';
import { PAYLOAD_TYPE } from './dsse.ts';
import {
  encodeEnvelope,
  encodeStatement,
  PREDICATE_TYPE,
  STATEMENT_TYPE,
  subjectOf,
} from './encode.ts';
import type { ReceiptError } from './errors.ts';
import { FieldReader } from './fields.ts';
import { parseJson } from './json.ts';
import { RECEIPT_LIMITS } from './limits.ts';
import type { PortValue, ProofLocation, Receipt, ReceiptBody } from './types.ts';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const TIME = /^\d{4}-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?Z$/;
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** RFC 3339 in UTC with a day that some year has. */
export function isTime(text: string): boolean {
  const [, month, day] = TIME.exec(text) ?? [];
  const days = MONTH_DAYS[Number(month) - 1] ?? 0;
  return Number(day) >= 1 && Number(day) <= days;
}

function readAnswers(reader: FieldReader, value: unknown, path: string): readonly K[] {
  return reader.list(value, path, RECEIPT_LIMITS.registeredAnswers).map((answer) => {
    const words = new ProofReader(reader.hex(answer, path, K_BYTES));
    const element = words.k();
    if (!words.atEnd) reader.expected(path, 'a list of field elements');
    return element;
  });
}

function readConcealed(reader: FieldReader, value: unknown, path: string): PortValue {
  if (reader.has(value, 'hidden')) {
    const fields = reader.object(value, path, ['name', 'hidden']);
    if (fields['hidden'] !== true) reader.expected(`${path}.hidden`, 'true');
    const name = reader.text(fields['name'], `${path}.name`, RECEIPT_LIMITS.nameLength);
    return { kind: 'hidden', name };
  }
  const fields = reader.object(value, path, ['name', 'committed']);
  const name = reader.text(fields['name'], `${path}.name`, RECEIPT_LIMITS.nameLength);
  const at = `${path}.committed`;
  const committed = reader.object(fields['committed'], at, ['root', 'yReg', 'tailRows']);
  return {
    kind: 'committed',
    name,
    root: reader.hex(committed['root'], `${at}.root`, 32),
    yReg: readAnswers(reader, committed['yReg'], `${at}.yReg`),
    tailRows: reader.integer(committed['tailRows'], `${at}.tailRows`, 1, RECEIPT_LIMITS.tailRows),
  };
}

function readPort(reader: FieldReader, value: unknown, path: string): PortValue {
  if (reader.has(value, 'hidden') || reader.has(value, 'committed')) {
    return readConcealed(reader, value, path);
  }
  if (reader.has(value, 'keccak256')) {
    const fields = reader.object(value, path, ['name', 'elements', 'keccak256']);
    return {
      kind: 'digest',
      name: reader.text(fields['name'], `${path}.name`, RECEIPT_LIMITS.nameLength),
      elements: reader.integer(fields['elements'], `${path}.elements`, 0, RECEIPT_LIMITS.elements),
      digest: reader.hex(fields['keccak256'], `${path}.keccak256`, 32),
    };
  }
  const fields = reader.object(value, path, ['name', 'values']);
  const name = reader.text(fields['name'], `${path}.name`, RECEIPT_LIMITS.nameLength);
  const list = reader.list(fields['values'], `${path}.values`, RECEIPT_LIMITS.values);
  const values = new Int32Array(list.length);
  for (const [i, entry] of list.entries()) {
    values[i] = reader.integer(entry, `${path}.values`, INT32_MIN, INT32_MAX);
  }
  return { kind: 'values', name, values };
}

function readPorts(reader: FieldReader, value: unknown, path: string): readonly PortValue[] {
  return reader
    .list(value, path, RECEIPT_LIMITS.ports)
    .map((port, i) => readPort(reader, port, `${path}[${i}]`));
}

function readModel(reader: FieldReader, value: unknown): ReceiptBody['model'] {
  const path = 'predicate.model';
  const fields = reader.object(value, path, ['title', 'weights', 'root', 'yReg']);
  const title = reader.text(fields['title'], `${path}.title`, RECEIPT_LIMITS.nameLength);
  const weights = fields['weights'] === 'hidden' ? 'hidden' : 'public';
  if (fields['weights'] !== weights) reader.expected(`${path}.weights`, 'public or hidden');
  const root = reader.hex(fields['root'], `${path}.root`, 32);
  return { title, weights, root, yReg: readAnswers(reader, fields['yReg'], `${path}.yReg`) };
}

function readProof(reader: FieldReader, value: unknown): ReceiptBody['proof'] {
  const path = 'predicate.proof';
  const embedded = reader.has(value, 'data');
  const fields = reader.object(value, path, ['keccak256', 'bytes', embedded ? 'data' : 'file']);
  const digest = reader.hex(fields['keccak256'], `${path}.keccak256`, 32);
  const sizeBytes = reader.integer(fields['bytes'], `${path}.bytes`, 0, RECEIPT_LIMITS.proofBytes);
  const location: ProofLocation = embedded
    ? {
        kind: 'embedded',
        data: reader.base64(fields['data'], `${path}.data`, RECEIPT_LIMITS.proofBytes),
      }
    : {
        kind: 'beside',
        file: reader.shaped(fields['file'], `${path}.file`, FILE_NAME, 'a plain file name'),
      };
  if (location.kind === 'embedded' && location.data.length !== sizeBytes) {
    reader.expected(`${path}.bytes`, 'the number of bytes of the proof');
  }
  return { digest, sizeBytes, location };
}

function readBody(reader: FieldReader, value: unknown): ReceiptBody {
  const fields = reader.object(value, 'predicate', [
    'model',
    'program',
    'suite',
    'inputs',
    'outputs',
    'nonce',
    'proof',
    'prover',
    'time',
  ]);
  const suite = reader.object(fields['suite'], 'predicate.suite', [
    'name',
    'securityBits',
    'parameters',
  ]);
  const prover = reader.object(fields['prover'], 'predicate.prover', ['ed25519']);
  const body: ReceiptBody = {
    model: readModel(reader, fields['model']),
    program: reader.hex(fields['program'], 'predicate.program', 32),
    suite: {
      name: reader.text(suite['name'], 'predicate.suite.name', 64),
      securityBits: reader.integer(suite['securityBits'], 'predicate.suite.securityBits', 1, 512),
      parameters: reader.hex(suite['parameters'], 'predicate.suite.parameters', 32),
    },
    inputs: readPorts(reader, fields['inputs'], 'predicate.inputs'),
    outputs: readPorts(reader, fields['outputs'], 'predicate.outputs'),
    nonce: reader.hex(fields['nonce'], 'predicate.nonce', 0, RECEIPT_LIMITS.nonceBytes),
    proof: readProof(reader, fields['proof']),
    proverKey: reader.hex(prover['ed25519'], 'predicate.prover.ed25519', 32),
    time: reader.text(fields['time'], 'predicate.time', 40),
  };
  if (!isTime(body.time)) {
    reader.expected('predicate.time', 'an RFC 3339 time in UTC');
  }
  return body;
}

function decodeStatement(payload: Uint8Array): Result<ReceiptBody, ReceiptError> {
  const parsed = parseJson(payload, 'statement');
  if (!parsed.ok) return parsed;
  const reader = new FieldReader();
  const statement = reader.object(parsed.value, 'statement', [
    '_type',
    'subject',
    'predicateType',
    'predicate',
  ]);
  if (reader.error !== null) return err(reader.error);
  if (statement['_type'] !== STATEMENT_TYPE) {
    return err({ kind: 'receipt/statement-type', expected: STATEMENT_TYPE });
  }
  if (statement['predicateType'] !== PREDICATE_TYPE) {
    return err({ kind: 'receipt/predicate-type', expected: PREDICATE_TYPE });
  }
  const body = readBody(reader, statement['predicate']);
  if (reader.error !== null) return err(reader.error);
  if (JSON.stringify(statement['subject']) !== JSON.stringify(subjectOf(body))) {
    return err({ kind: 'receipt/subject' });
  }
  return equalBytes(encodeStatement(body), payload)
    ? ok(body)
    : err({ kind: 'receipt/not-canonical', part: 'statement' });
}

/**
 * Any bytes to a well-formed receipt or the reason why they are none.
 *
 * A receipt has one form: it is written again and compared, which leaves no room for repeated
 * fields, other orders, spaces, or two texts for one number. Limits come first, then structure.
 *
 * Rejects: every `receipt/…` kind.   Cost: linear in the bytes, at most `RECEIPT_LIMITS.bytes`.
 * Remains to be checked: everything that the receipt says (`verifyReceipt`).
 */
export function decodeReceipt(bytes: Uint8Array): Result<Receipt, ReceiptError> {
  if (bytes.length > RECEIPT_LIMITS.bytes) {
    return err({ kind: 'receipt/too-large', limit: RECEIPT_LIMITS.bytes, actual: bytes.length });
  }
  const parsed = parseJson(bytes, 'envelope');
  if (!parsed.ok) return parsed;
  const reader = new FieldReader();
  const envelope = reader.object(parsed.value, 'envelope', [
    'payloadType',
    'payload',
    'signatures',
  ]);
  if (reader.error !== null) return err(reader.error);
  if (envelope['payloadType'] !== PAYLOAD_TYPE) {
    return err({ kind: 'receipt/payload-type', expected: PAYLOAD_TYPE });
  }
  const signatures = reader.list(envelope['signatures'], 'envelope.signatures', bytes.length);
  if (reader.error === null && signatures.length !== 1) {
    return err({ kind: 'receipt/signature-count', actual: signatures.length });
  }
  const first = reader.object(signatures[0], 'envelope.signatures[0]', ['keyid', 'sig']);
  reader.hex(first['keyid'], 'envelope.signatures[0].keyid', 32);
  const signature = reader.base64(first['sig'], 'envelope.signatures[0].sig', 64);
  const payload = reader.base64(envelope['payload'], 'envelope.payload', RECEIPT_LIMITS.bytes);
  if (reader.error !== null) return err(reader.error);
  const body = decodeStatement(payload);
  if (!body.ok) return body;
  return equalBytes(encodeEnvelope(payload, body.value.proverKey, signature), bytes)
    ? ok({ body: body.value, payload, signature })
    : err({ kind: 'receipt/not-canonical', part: 'envelope' });
}
