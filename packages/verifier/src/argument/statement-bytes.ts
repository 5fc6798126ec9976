import { bytesOfK } from '@assay/core/codec';
import { err, ok, type Result } from '@assay/core/errors';
import { DIGEST_BYTES, keccak256 } from '@assay/core/hash';
import {
  elementCount,
  encodeCbor,
  type Port,
  type PortVisibility,
  type PublicValues,
  type TensorId,
} from '@assay/program';
import { isConstant } from '../commitment/index.ts';
import { encodeParameters, SUITE_NAME, type VerifyingKey, visibilityValue } from '../key/index.ts';
import type { CommittedValues, Statement } from '../statement.ts';

export type StatementError =
  | { readonly kind: 'statement/missing'; readonly port: string }
  | { readonly kind: 'statement/unknown'; readonly port: string }
  /** Given in the clear, or by name, although the port is not shown that way. */
  | { readonly kind: 'statement/visibility'; readonly port: string; readonly visibility: string }
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
  /** A root or a number of answers that no commitment has. */
  | { readonly kind: 'statement/commitment'; readonly port: string }
  /** A renewal names the earlier root, well formed; nothing else does. */
  | { readonly kind: 'statement/earlier' }
  | { readonly kind: 'statement/nonce'; readonly limit: number; readonly actual: number };

export const NONCE_BYTES = 64;

/** One side of the interface: its ports, how they are shown, what the statement gives of them. */
interface Side {
  readonly ports: readonly Port[];
  readonly visibility: readonly PortVisibility[];
  readonly values: ReadonlyMap<string, Int32Array>;
  readonly committed: ReadonlyMap<string, CommittedValues>;
}

const NONE: ReadonlyMap<string, CommittedValues> = new Map();

function sides({ program, visibility }: VerifyingKey, statement: Statement): readonly Side[] {
  const { inputs, outputs, committed } = statement;
  return [
    {
      ports: program.inputs,
      visibility: visibility.inputs,
      values: inputs,
      committed: committed?.inputs ?? NONE,
    },
    {
      ports: program.outputs,
      visibility: visibility.outputs,
      values: outputs,
      committed: committed?.outputs ?? NONE,
    },
  ];
}

/** What is given is given as the visibility says, and nothing is missing. */
function checkGiven({ ports, visibility, values, committed }: Side): StatementError | null {
  for (const name of [...values.keys(), ...committed.keys()]) {
    if (!ports.some((port) => port.name === name)) return { kind: 'statement/unknown', port: name };
  }
  for (const [i, { name }] of ports.entries()) {
    const kind = visibility[i]?.kind ?? 'public';
    if (
      values.has(name) !== (kind === 'public') ||
      committed.has(name) !== (kind === 'committed')
    ) {
      const given = values.has(name) || committed.has(name);
      return given
        ? { kind: 'statement/visibility', port: name, visibility: kind }
        : { kind: 'statement/missing', port: name };
    }
  }
  return null;
}

/** A root, and as many answers as the model's name has, which name one layout. */
function isNamed({ root, yReg }: CommittedValues, { model }: VerifyingKey): boolean {
  return root.length === DIGEST_BYTES && yReg.length === model.yReg.length && !isConstant(yReg);
}

/**
 * The public tensors of a statement by id, constants of the program included. Every value is inside
 * its declared range: this is what enforces the ranges of public inputs and outputs.
 */
export function publicValues(
  key: VerifyingKey,
  statement: Statement,
): Result<PublicValues, StatementError> {
  const { program } = key;
  const known = new Map<TensorId, ArrayLike<number>>();
  for (const [id, tensor] of program.tensors.entries())
    if (tensor.data !== null) known.set(id, tensor.data);
  const { earlier } = statement;
  if ((earlier === undefined) !== (key.visibility.renews === undefined)) {
    return err({ kind: 'statement/earlier' });
  }
  if (earlier !== undefined && !isNamed(earlier, key)) return err({ kind: 'statement/earlier' });
  for (const side of sides(key, statement)) {
    const mistaken = checkGiven(side);
    if (mistaken !== null) return err(mistaken);
    for (const port of side.ports) {
      const committed = side.committed.get(port.name);
      if (committed !== undefined && !isNamed(committed, key)) {
        return err({ kind: 'statement/commitment', port: port.name });
      }
      const values = side.values.get(port.name);
      if (values === undefined) continue;
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

function portValues({ ports, values, committed }: Side): unknown {
  return ports.map(({ name }) => {
    const shown = values.get(name);
    if (shown !== undefined) return [name, 'public', i32Bytes(shown)];
    const named = committed.get(name);
    return named === undefined
      ? [name, 'hidden']
      : [name, 'committed', named.root, bytesOfK(named.yReg)];
  });
}

function earlierValue({ visibility }: VerifyingKey, { earlier }: Statement): unknown {
  const { renews } = visibility;
  if (renews === undefined || earlier === undefined) return null;
  return [renews.of, renews.tailRows, earlier.root, bytesOfK(earlier.yReg)];
}

/**
 * S0: canonical bytes of everything a proof is about: suite with all derived parameters, program,
 * visibility, the model's name (and registration), public values, names of committed ones, nonce.
 * Batch and sequence lengths are static, so that the program's digest holds them.
 */
export function statementBytes(key: VerifyingKey, statement: Statement): Uint8Array {
  const registration = key.registration === null ? null : keccak256(key.registration);
  return encodeCbor([
    'assay/statement/v1',
    SUITE_NAME,
    encodeParameters(key.parameters),
    key.programDigest,
    visibilityValue(key.visibility),
    [key.model.root, bytesOfK(key.model.yReg), registration],
    sides(key, statement).map(portValues),
    earlierValue(key, statement),
    statement.nonce,
  ]);
}
