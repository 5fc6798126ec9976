import { bytesOfK } from '@assay/core/codec';
import { err, ok, type Result } from '@assay/core/errors';
import {
  elementCount,
  encodeCbor,
  type Port,
  type Program,
  type PublicValues,
  type TensorId,
} from '@assay/program';
import { encodeParameters, SUITE_NAME, type VerifyingKey } from '../key/index.ts';
import type { Statement } from '../statement.ts';

export type StatementError =
  | { readonly kind: 'statement/missing'; readonly port: string }
  | { readonly kind: 'statement/unknown'; readonly port: string }
  | {
      readonly kind: 'statement/length';
      readonly port: string;
      readonly expected: number;
      readonly actual: number;
    }
  | {
      readonly kind: 'statement/range';
      readonly port: string;
      readonly index: number;
      readonly value: number;
    }
  | { readonly kind: 'statement/nonce'; readonly limit: number; readonly actual: number };

export const NONCE_BYTES = 64;

/**
 * The public tensors of a statement by id, constants of the program included. Every value is inside
 * its declared range: this is what enforces the ranges of inputs and outputs.
 */
export function publicValues(
  program: Program,
  statement: Statement,
): Result<PublicValues, StatementError> {
  const known = new Map<TensorId, ArrayLike<number>>();
  for (const [id, tensor] of program.tensors.entries())
    if (tensor.data !== null) known.set(id, tensor.data);
  const sides: readonly (readonly [readonly Port[], ReadonlyMap<string, Int32Array>])[] = [
    [program.inputs, statement.inputs],
    [program.outputs, statement.outputs],
  ];
  for (const [ports, given] of sides) {
    for (const name of given.keys()) {
      if (!ports.some((port) => port.name === name))
        return err({ kind: 'statement/unknown', port: name });
    }
    for (const port of ports) {
      const values = given.get(port.name);
      if (values === undefined) return err({ kind: 'statement/missing', port: port.name });
      const expected = elementCount(port.shape);
      if (values.length !== expected) {
        return err({ kind: 'statement/length', port: port.name, expected, actual: values.length });
      }
      const range = program.tensors[port.tensor]?.range ?? null;
      const index = values.findIndex((v) => range === null || v < range.lo || v > range.hi);
      if (index >= 0) {
        return err({ kind: 'statement/range', port: port.name, index, value: values[index] ?? 0 });
      }
      known.set(port.tensor, values);
    }
  }
  if (statement.nonce.length > NONCE_BYTES) {
    return err({ kind: 'statement/nonce', limit: NONCE_BYTES, actual: statement.nonce.length });
  }
  return ok(known);
}

function i32Bytes(values: Int32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setInt32(4 * i, value, true));
  return bytes;
}

/**
 * S0: canonical bytes of everything a proof is about: suite with all derived parameters, program,
 * visibility, the model's name, public values, nonce. Batch and sequence lengths are static, so that
 * the program's digest holds them.
 */
export function statementBytes(key: VerifyingKey, statement: Statement): Uint8Array {
  const { program } = key;
  const port =
    (side: ReadonlyMap<string, Int32Array>) =>
    (p: Port): unknown => [p.name, 'public', i32Bytes(side.get(p.name) ?? new Int32Array(0))];
  return encodeCbor([
    'assay/statement/v1',
    SUITE_NAME,
    encodeParameters(key.parameters),
    key.programDigest,
    [key.publicWeights ? 'public' : 'hidden', key.model.root, bytesOfK(key.model.yReg)],
    program.inputs.map(port(statement.inputs)),
    program.outputs.map(port(statement.outputs)),
    statement.nonce,
  ]);
}
