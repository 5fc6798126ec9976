import type { Port, Program } from '@assay/program';
import { describe, expect, test } from 'vitest';
import { toHex } from '@assay/core/hash';
import {
  decodeValues,
  describeValuesError,
  encodeValues,
  valuesBytes,
  valuesRoot,
} from './index.ts';

const port = (name: string, tensor: number, shape: readonly number[]): Port => ({
  name,
  tensor,
  shape,
  scale: 1,
  zero: 0,
  meaning: 'number',
});
const ports = [port('a', 0, [2, 3]), port('b', 1, [])];
const tensor = (lo: number, hi: number) => ({
  name: '',
  role: 'input' as const,
  shape: [],
  range: { lo, hi },
  data: null,
  node: 0,
});
const program: Program = {
  name: '',
  tensors: [tensor(-8, 7), tensor(-(2 ** 31), 2 ** 31 - 1)],
  tables: [],
  relations: [],
  steps: [],
  inputs: ports,
  outputs: [],
  nodes: [],
};
const values = new Map([
  ['a', Int32Array.of(1, -1, 7, -8, 0, 5)],
  ['b', Int32Array.of(-(2 ** 31))],
]);

describe('values of ports', () => {
  test('are int32, big-endian, row major, in order', () => {
    const bytes = encodeValues(ports, values);
    expect(bytes.length).toBe(valuesBytes(ports));
    expect(toHex(bytes)).toBe('00000001ffffffff00000007fffffff8000000000000000580000000');
    expect(decodeValues(program, ports, bytes)).toEqual({ ok: true, value: values });
  });

  test('of another length, or outside their range, are refused', () => {
    const bytes = encodeValues(ports, values);
    const short = decodeValues(program, ports, bytes.subarray(1));
    expect(short).toEqual({
      ok: false,
      error: { kind: 'values/length', expected: 28, actual: 27 },
    });
    const outside = bytes.slice();
    outside[11] = 8;
    const found = decodeValues(program, ports, outside);
    expect(found).toEqual({
      ok: false,
      error: { kind: 'values/range', port: 'a', index: 2, value: 8, lo: -8, hi: 7 },
    });
    for (const result of [short, found]) {
      if (!result.ok) expect(describeValuesError(result.error)).toMatch(/^values: /);
    }
    expect(() => encodeValues(ports, new Map())).toThrow(RangeError);
    expect(() => valuesRoot(ports, bytes.subarray(4))).toThrow(RangeError);
  });

  test('have a root that every byte changes, and the division into tensors too', () => {
    const bytes = encodeValues(ports, values);
    const root = toHex(valuesRoot(ports, bytes));
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(toHex(valuesRoot(ports, changed))).not.toBe(root);
    }
    expect(toHex(valuesRoot([port('a', 0, [7])], bytes))).not.toBe(root);
  });
});
