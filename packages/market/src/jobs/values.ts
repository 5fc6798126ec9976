import { err, ok, type Result } from '@assay/core/errors';
import { elementCount, type Port, type Program } from '@assay/program';
import { ListTree, TensorTree } from '@assay/program/trace';

/** Bytes of an element: int32, big-endian. */
const WIDTH = 4;

/** Why bytes are no inputs, or no outputs, of a program. */
export type ValuesError =
  | { readonly kind: 'values/length'; readonly expected: number; readonly actual: number }
  | {
      readonly kind: 'values/range';
      readonly port: string;
      readonly index: number;
      readonly value: number;
      readonly lo: number;
      readonly hi: number;
    };

/** One sentence for people. */
export function describeValuesError(error: ValuesError): string {
  switch (error.kind) {
    case 'values/length':
      return `values: expected ${error.expected} bytes, got ${error.actual}`;
    case 'values/range':
      return `values: ${error.port}[${error.index}] is ${error.value}, outside [${error.lo}, ${error.hi}]`;
  }
}

/** Bytes that the values of these ports take. */
export function valuesBytes(ports: readonly Port[]): number {
  return ports.reduce((sum, port) => sum + elementCount(port.shape) * WIDTH, 0);
}

/** Tensors in order, row major, int32 big-endian. @throws {RangeError} on a port without its values. */
export function encodeValues(
  ports: readonly Port[],
  values: ReadonlyMap<string, Int32Array>,
): Uint8Array {
  const bytes = new Uint8Array(valuesBytes(ports));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const port of ports) {
    const tensor = values.get(port.name);
    const count = elementCount(port.shape);
    if (tensor?.length !== count) {
      throw new RangeError(
        `encodeValues: expected ${count} values of ${port.name}, got ${tensor?.length ?? 'none'}`,
      );
    }
    for (const value of tensor) {
      view.setInt32(at, value);
      at += WIDTH;
    }
  }
  return bytes;
}

/**
 * Bytes to tensors by port name. Length is checked before anything is allocated; every element
 * against the range that the program declares.
 */
export function decodeValues(
  program: Program,
  ports: readonly Port[],
  bytes: Uint8Array,
): Result<ReadonlyMap<string, Int32Array>, ValuesError> {
  const expected = valuesBytes(ports);
  if (bytes.length !== expected) {
    return err({ kind: 'values/length', expected, actual: bytes.length });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Map<string, Int32Array>();
  let at = 0;
  for (const port of ports) {
    const tensor = new Int32Array(elementCount(port.shape));
    const range = program.tensors[port.tensor]?.range ?? null;
    for (let i = 0; i < tensor.length; i++) {
      const value = view.getInt32(at);
      at += WIDTH;
      if (range !== null && (value < range.lo || value > range.hi)) {
        const { lo, hi } = range;
        return err({ kind: 'values/range', port: port.name, index: i, value, lo, hi });
      }
      tensor[i] = value;
    }
    values.set(port.name, tensor);
  }
  return ok(values);
}

/**
 * Root over encoded values: the list root of the tensors' roots, in the order of the ports. The same
 * that the contract computes of an inline output.
 *
 * @throws {RangeError} on another number of bytes
 */
export function valuesRoot(ports: readonly Port[], bytes: Uint8Array): Uint8Array {
  const expected = valuesBytes(ports);
  if (bytes.length !== expected) {
    throw new RangeError(`valuesRoot: expected ${expected} bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const roots = ports.map((port) => {
    const tensor = new Int32Array(elementCount(port.shape));
    for (let i = 0; i < tensor.length; i++, at += WIDTH) tensor[i] = view.getInt32(at);
    return new TensorTree(tensor).root;
  });
  return new ListTree(roots).root;
}
