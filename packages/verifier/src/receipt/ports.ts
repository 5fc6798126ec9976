import { err, ok, type Result } from '@assay/core/errors';
import { equalBytes } from '@assay/core/hash';
import { elementCount, type Port } from '@assay/program';
import { valuesDigest } from './digests.ts';
import type { PortValue } from './types.ts';
import type { PortSide, VerdictReason } from './verdict.ts';

type PortsError = VerdictReason<never>;

function sameNames(ports: readonly Port[], names: readonly string[]): boolean {
  return names.length === ports.length && ports.every((port, i) => port.name === names[i]);
}

function firstDifference(a: Int32Array, b: Int32Array): number {
  return a.findIndex((value, i) => value !== b[i]);
}

/** The verifier's own integers of a port agree with what the receipt states of it. */
function compare(side: PortSide, stated: PortValue, own: Int32Array): PortsError | null {
  const kind = side === 'input' ? 'verdict/input' : 'verdict/output';
  const port = stated.name;
  if (stated.kind === 'digest') {
    return equalBytes(valuesDigest(own), stated.digest) ? null : { kind, port, index: null };
  }
  const index = firstDifference(stated.values, own);
  return index < 0 ? null : { kind, port, index };
}

/**
 * The integers of all ports of one side, in the program's order: the verifier's own where given,
 * after comparison with the receipt, and the receipt's otherwise.
 */
export function resolvePorts(
  side: PortSide,
  ports: readonly Port[],
  stated: readonly PortValue[],
  own: ReadonlyMap<string, Int32Array> | undefined,
): Result<ReadonlyMap<string, Int32Array>, PortsError> {
  const expected = ports.map((port) => port.name);
  if (
    !sameNames(
      ports,
      stated.map((value) => value.name),
    )
  ) {
    return err({ kind: 'verdict/ports', side, of: 'receipt', expected });
  }
  if (
    own !== undefined &&
    (own.size !== ports.length || !expected.every((name) => own.has(name)))
  ) {
    return err({ kind: 'verdict/ports', side, of: 'own', expected });
  }
  const resolved = new Map<string, Int32Array>();
  for (const [i, port] of ports.entries()) {
    const value = stated[i];
    // Two ports of one name could not be told apart in the statement.
    if (value === undefined || resolved.has(port.name)) {
      return err({ kind: 'verdict/ports', side, of: 'receipt', expected });
    }
    const elements = elementCount(port.shape);
    const actual = value.kind === 'values' ? value.values.length : value.elements;
    if (actual !== elements) {
      return err({
        kind: 'verdict/port-length',
        side,
        of: 'receipt',
        port: port.name,
        expected: elements,
        actual,
      });
    }
    const mine = own?.get(port.name);
    if (mine === undefined) {
      if (value.kind === 'digest') {
        return err({ kind: 'verdict/values-needed', side, port: port.name });
      }
      resolved.set(port.name, value.values);
      continue;
    }
    if (mine.length !== elements) {
      return err({
        kind: 'verdict/port-length',
        side,
        of: 'own',
        port: port.name,
        expected: elements,
        actual: mine.length,
      });
    }
    const difference = compare(side, value, mine);
    if (difference !== null) return err(difference);
    resolved.set(port.name, mine);
  }
  return ok(resolved);
}
