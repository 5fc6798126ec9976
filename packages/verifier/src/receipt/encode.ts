import { bytesOfK } from '@assay/core/codec';
import type { K } from '@assay/core/field';
import { toHex } from '@assay/core/hash';
import { encodeBase64 } from './base64.ts';
import { modelName, portsDigest } from './digests.ts';
import { PAYLOAD_TYPE, type SigningKey, signPayload } from './dsse.ts';
import { asciiJson, bytesOf } from './json.ts';
import type { PortValue, ReceiptBody } from './types.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PREDICATE_TYPE = 'urn:assay:receipt:v1';

function answersJson(yReg: readonly K[]): readonly string[] {
  return yReg.map((answer) => toHex(bytesOfK([answer])));
}

function portJson(port: PortValue): unknown {
  const { name } = port;
  switch (port.kind) {
    case 'values':
      return { name, values: Array.from(port.values) };
    case 'digest':
      return { name, elements: port.elements, keccak256: toHex(port.digest) };
    case 'committed':
      return {
        name,
        committed: {
          root: toHex(port.root),
          yReg: answersJson(port.yReg),
          tailRows: port.tailRows,
        },
      };
    case 'hidden':
      return { name, hidden: true };
  }
}

/** in-toto: what the statement is about, by digest. Follows from the predicate. */
export function subjectOf(body: ReceiptBody): unknown {
  return [
    { name: 'output', digest: { keccak256: toHex(portsDigest(body.outputs)) } },
    { name: 'model', digest: { keccak256: toHex(modelName(body.model.root, body.model.yReg)) } },
  ];
}

/** The statement in its one canonical form: what is signed. */
export function encodeStatement(body: ReceiptBody): Uint8Array {
  const { model, suite, proof } = body;
  const location =
    proof.location.kind === 'embedded'
      ? { data: encodeBase64(proof.location.data) }
      : { file: proof.location.file };
  return bytesOf(
    asciiJson({
      _type: STATEMENT_TYPE,
      subject: subjectOf(body),
      predicateType: PREDICATE_TYPE,
      predicate: {
        model: {
          title: model.title,
          weights: model.weights,
          root: toHex(model.root),
          yReg: answersJson(model.yReg),
        },
        program: toHex(body.program),
        suite: {
          name: suite.name,
          securityBits: suite.securityBits,
          parameters: toHex(suite.parameters),
        },
        inputs: body.inputs.map(portJson),
        outputs: body.outputs.map(portJson),
        nonce: toHex(body.nonce),
        proof: { keccak256: toHex(proof.digest), bytes: proof.sizeBytes, ...location },
        prover: { ed25519: toHex(body.proverKey) },
        time: body.time,
      },
    }),
  );
}

/** The DSSE envelope in its one canonical form. */
export function encodeEnvelope(
  payload: Uint8Array,
  proverKey: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  return bytesOf(
    asciiJson({
      payloadType: PAYLOAD_TYPE,
      payload: encodeBase64(payload),
      signatures: [{ keyid: toHex(proverKey), sig: encodeBase64(signature) }],
    }),
  );
}

/**
 * Signs a receipt. The body is written as it is given: whoever calls this has proven it.
 * @throws {RangeError} if `body.proverKey` is not the key's own: nobody could verify the signature.
 */
export function encodeReceipt(body: ReceiptBody, key: SigningKey): Uint8Array {
  if (toHex(body.proverKey) !== toHex(key.publicKey)) {
    throw new RangeError(
      `encodeReceipt: expected proverKey ${toHex(key.publicKey)}, got ${toHex(body.proverKey)}`,
    );
  }
  const payload = encodeStatement(body);
  return encodeEnvelope(payload, key.publicKey, signPayload(payload, key));
}
