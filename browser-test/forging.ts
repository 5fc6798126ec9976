import { keccak256 } from '@assay/core/hash';
import type { Port } from '@assay/program';
import {
  encodeReceipt,
  keyFor,
  keyFromSeed,
  parametersDigest,
  type PortValue,
  type ReceiptBody,
  type VerifyingKey,
} from '@assay/verifier';
import type { Genuine } from './judging.ts';

export type Side = 'inputs' | 'outputs';
export type Committed = Extract<PortValue, { kind: 'committed' }>;

/** Anybody can sign: what is forged carries a valid signature. */
const forger = keyFromSeed(new Uint8Array(32).fill(7));

/** The receipt with other contents. */
export function signed({ body }: Genuine, change: Partial<ReceiptBody>): Uint8Array {
  return encodeReceipt({ ...body, ...change, proverKey: forger.publicKey }, forger);
}

/** The byte at this part of the length, 0 to 1, with its last bit changed. */
export function flipped(bytes: Uint8Array, part: number): Uint8Array {
  const at = Math.floor(part * (bytes.length - 1));
  return bytes.with(at, (bytes[at] ?? 0) ^ 1);
}

/** One coordinate of the first answer one less. */
export function otherAnswers([first, ...rest]: Committed['yReg']): Committed['yReg'] {
  const [a, ...others] = first ?? [0, 0, 0, 0, 0];
  return [[a === 0 ? 1 : a - 1, ...others], ...rest];
}

export function proofIn({ body }: Genuine): Uint8Array {
  if (body.proof.location.kind !== 'embedded') throw new Error('expected a proof in the receipt');
  return body.proof.location.data;
}

/** The receipt with another proof in it, which it names. */
export function withProof(genuine: Genuine, data: Uint8Array): Uint8Array {
  const location = { kind: 'embedded', data } as const;
  const proof = { digest: keccak256(data), sizeBytes: data.length, location };
  return signed(genuine, { proof });
}

export function firstPort({ verifyingKey }: Genuine, side: Side): Port {
  const [port] = verifyingKey.program[side];
  if (port === undefined) throw new Error(`expected a port among the ${side}`);
  return port;
}

export function zeros({ shape }: Port): Int32Array {
  return new Int32Array(shape.reduce((a, b) => a * b, 1));
}

/** What the receipt says of its ports, with something else of the first of a side. */
export function withPort(
  { body: { inputs, outputs } }: Genuine,
  side: Side,
  value: PortValue,
): Pick<ReceiptBody, Side> {
  return side === 'inputs'
    ? { inputs: [value, ...inputs.slice(1)], outputs }
    : { inputs, outputs: [value, ...outputs.slice(1)] };
}

/** The receipt with its first input under another commitment. */
export function withCommitment(
  genuine: Genuine,
  change: (port: Committed) => Partial<Committed>,
): Uint8Array {
  const [value] = genuine.body.inputs;
  if (value?.kind !== 'committed') throw new Error('expected a committed input');
  return signed(genuine, withPort(genuine, 'inputs', { ...value, ...change(value) }));
}

/** The parameters of proofs that show and hide what the ports say; as they were, if there are none. */
function suiteFor(
  { body, verifyingKey }: Genuine,
  { inputs, outputs }: Pick<ReceiptBody, Side>,
): ReceiptBody['suite'] {
  const shown = (values: readonly PortValue[]): VerifyingKey['visibility']['inputs'] =>
    values.map((value) => {
      if (value.kind === 'committed') return { kind: value.kind, tailRows: value.tailRows };
      return { kind: value.kind === 'hidden' ? 'hidden' : 'public' };
    });
  const { weights } = verifyingKey.visibility;
  const key = keyFor(verifyingKey, { weights, inputs: shown(inputs), outputs: shown(outputs) });
  return key.ok
    ? { ...body.suite, parameters: parametersDigest(key.value.parameters) }
    : body.suite;
}

/** The receipt with its first port of a side presented otherwise, and the parameters that go with it. */
export function presentedAs(genuine: Genuine, side: Side, kind: 'values' | 'hidden'): Uint8Array {
  const port = firstPort(genuine, side);
  const { name } = port;
  const value: PortValue = kind === 'hidden' ? { kind, name } : { kind, name, values: zeros(port) };
  const ports = withPort(genuine, side, value);
  return signed(genuine, { ...ports, suite: suiteFor(genuine, ports) });
}
