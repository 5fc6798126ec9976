import { err, ok, type Result } from '@assay/core/errors';
import { equalBytes, toHex } from '@assay/core/hash';
import { elementCount, type Port, type PortVisibility } from '@assay/program';
import { commitmentName } from '../commitment/index.ts';
import type { CommittedValues } from '../statement.ts';
import { valuesDigest } from './digests.ts';
import type { PortValue } from './types.ts';
import type { PortSide, ShownPort, VerdictReason } from './verdict.ts';

type PortsError = VerdictReason<never>;

/** The verifier's own values and names of one side's ports. */
export interface OwnPorts {
  readonly values: ReadonlyMap<string, Int32Array> | undefined;
  readonly names: ReadonlyMap<string, string> | undefined;
}

/** One side of a statement, as the receipt tells it and the verifier's own values confirm it. */
export interface ResolvedPorts {
  readonly values: ReadonlyMap<string, Int32Array>;
  readonly committed: ReadonlyMap<string, CommittedValues>;
  readonly visibility: readonly PortVisibility[];
  readonly shown: readonly ShownPort[];
}

/** What one port adds to `ResolvedPorts`. */
interface ResolvedPort {
  readonly values: Int32Array | null;
  readonly committed: CommittedValues | null;
  readonly visibility: PortVisibility;
  readonly shown: ShownPort;
}

function sameNames(ports: readonly Port[], names: readonly string[]): boolean {
  return names.length === ports.length && ports.every((port, i) => port.name === names[i]);
}

function firstDifference(a: Int32Array, b: Int32Array): number {
  return a.findIndex((value, i) => value !== b[i]);
}

type PublicValue = Extract<PortValue, { kind: 'values' | 'digest' }>;

/** The verifier's own integers of a port agree with what the receipt states of it. */
function compare(side: PortSide, stated: PublicValue, own: Int32Array): PortsError | null {
  const kind = side === 'input' ? 'verdict/input' : 'verdict/output';
  const port = stated.name;
  if (stated.kind === 'digest') {
    return equalBytes(valuesDigest(own), stated.digest) ? null : { kind, port, index: null };
  }
  const index = firstDifference(stated.values, own);
  return index < 0 ? null : { kind, port, index };
}

/** A public port: the verifier's own integers where given, after comparison, else the receipt's. */
function resolvePublic(
  side: PortSide,
  port: Port,
  stated: PublicValue,
  own: Int32Array | undefined,
): Result<ResolvedPort, PortsError> {
  const expected = elementCount(port.shape);
  const length = (of: 'receipt' | 'own', actual: number): Result<never, PortsError> =>
    err({ kind: 'verdict/port-length', side, of, port: port.name, expected, actual });
  const actual = stated.kind === 'values' ? stated.values.length : stated.elements;
  if (actual !== expected) return length('receipt', actual);
  const resolved = (values: Int32Array, state: ShownPort['state']): Result<ResolvedPort, never> =>
    ok({
      values,
      committed: null,
      visibility: { kind: 'public' },
      shown: { side, port: port.name, shown: 'public', commitmentName: null, state },
    });
  if (own === undefined) {
    return stated.kind === 'digest'
      ? err({ kind: 'verdict/values-needed', side, port: port.name })
      : resolved(stated.values, 'from receipt');
  }
  if (own.length !== expected) return length('own', own.length);
  const difference = compare(side, stated, own);
  return difference === null ? resolved(own, 'checked') : err(difference);
}

/** A port without values: a name to compare, or nothing. */
function resolveConcealed(
  side: PortSide,
  stated: Exclude<PortValue, PublicValue>,
  ownName: string | undefined,
): Result<ResolvedPort, PortsError> {
  const port = stated.name;
  if (stated.kind === 'hidden') {
    const shown: ShownPort = { side, port, shown: 'hidden', commitmentName: null, state: 'hidden' };
    return ok({ values: null, committed: null, visibility: { kind: 'hidden' }, shown });
  }
  const { root, yReg, tailRows } = stated;
  const name = toHex(commitmentName(root, yReg));
  if (ownName !== undefined && ownName.toLowerCase() !== name) {
    const expected = ownName.toLowerCase();
    return err({ kind: 'verdict/commitment-name', side, port, expected, actual: name });
  }
  const state = ownName === undefined ? 'from receipt' : 'checked';
  return ok({
    values: null,
    committed: { root, yReg },
    visibility: { kind: 'committed', tailRows },
    shown: { side, port, shown: 'committed', commitmentName: name, state },
  });
}

function resolvePort(
  side: PortSide,
  port: Port,
  stated: PortValue,
  own: OwnPorts,
): Result<ResolvedPort, PortsError> {
  const mine = own.values?.get(port.name);
  const name = own.names?.get(port.name);
  if (stated.kind === 'values' || stated.kind === 'digest') {
    return name === undefined
      ? resolvePublic(side, port, stated, mine)
      : err({
          kind: 'verdict/commitment-name',
          side,
          port: port.name,
          expected: name,
          actual: null,
        });
  }
  if (mine !== undefined) {
    return err({ kind: 'verdict/not-shown', side, port: port.name, shown: stated.kind });
  }
  if (name !== undefined && stated.kind === 'hidden') {
    const expected = name;
    return err({ kind: 'verdict/commitment-name', side, port: port.name, expected, actual: null });
  }
  return resolveConcealed(side, stated, name);
}

/**
 * All ports of one side in the program's order: integers of the public ones, names of the committed
 * ones, the verifier's own where given and after comparison with the receipt.
 */
export function resolvePorts(
  side: PortSide,
  ports: readonly Port[],
  stated: readonly PortValue[],
  own: OwnPorts,
): Result<ResolvedPorts, PortsError> {
  const expected = ports.map((port) => port.name);
  const mismatch = (of: 'receipt' | 'own'): Result<never, PortsError> =>
    err({ kind: 'verdict/ports', side, of, expected });
  const names = stated.map((value) => value.name);
  // Two ports of one name could not be told apart in the statement.
  if (!sameNames(ports, names) || new Set(names).size !== names.length) return mismatch('receipt');
  for (const name of [...(own.values?.keys() ?? []), ...(own.names?.keys() ?? [])]) {
    if (!expected.includes(name)) return mismatch('own');
  }
  // Values of the verifier's own are all of them: one left out would pass unseen.
  const open = stated.filter(({ kind }) => kind === 'values' || kind === 'digest');
  const { values: mine } = own;
  if (mine !== undefined && !open.every(({ name }) => mine.has(name))) return mismatch('own');
  const values = new Map<string, Int32Array>();
  const committed = new Map<string, CommittedValues>();
  const visibility: PortVisibility[] = [];
  const shown: ShownPort[] = [];
  for (const [i, port] of ports.entries()) {
    const value = stated[i];
    if (value === undefined) return mismatch('receipt');
    const resolved = resolvePort(side, port, value, own);
    if (!resolved.ok) return resolved;
    const { values: integers, committed: name } = resolved.value;
    if (integers !== null) values.set(port.name, integers);
    if (name !== null) committed.set(port.name, name);
    visibility.push(resolved.value.visibility);
    shown.push(resolved.value.shown);
  }
  return ok({ values, committed, visibility, shown });
}
