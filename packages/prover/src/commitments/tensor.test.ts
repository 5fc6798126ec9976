import { testEngine } from '@assay/core/engine';
import { P } from '@assay/core/field';
import { keccak256 } from '@assay/core/hash';
import { leafHash, openMultiproof, verifyMultiproof } from '@assay/core/merkle';
import { registeredPoints } from '@assay/core/pcs';
import { platformRandomness } from '@assay/core/randomness';
import { seededRandomness } from '@assay/core/testing';
import { layoutTensor } from '@assay/program';
import { decodeCommitment, encodeCommitment } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { commitTensor, openTensor, type TensorOpening, type TensorOptions } from './index.ts';

const values = Int32Array.from({ length: 24 }, (_, i) => (i % 5) * 1000 - 2000);
const options: TensorOptions = {
  values,
  shape: [2, 12],
  logRows: 6,
  logInverseRate: 2,
  registeredSamples: 2,
  uses: 3,
  rowsPerUse: 4,
};
const engine = testEngine();
const commit = (seed: number, changes: Partial<TensorOptions> = {}) =>
  commitTensor(engine, { ...options, ...changes }, seededRandomness(seed));
const bytesOf = (row: Uint32Array) => new Uint8Array(row.buffer, row.byteOffset, row.byteLength);

describe('a committed tensor', () => {
  test('has its values where the layout puts them, random tails, zeros elsewhere', () => {
    const { opening, opened } = commit(1);
    const { tailRows } = opening.commitment;
    expect(tailRows).toBe(5 * 4 + 10);
    expect([opening.units, opening.rowsPerUse]).toEqual([5, 4]);
    const { columns, blocks } = layoutTensor([2, 12], 6, tailRows);
    expect(opened.columns.map((column) => column.length)).toEqual(Array(columns).fill(64));
    const all = Int32Array.from(opened.columns.flatMap((column) => [...column]));
    const found = new Map<number, number>();
    for (const { start, length, bits, address } of blocks) {
      for (let i = 0; i < (length[0] ?? 0); i++) {
        for (let j = 0; j < (length[1] ?? 0); j++) {
          const at = address + i * 2 ** (bits[1] ?? 0) + j;
          found.set(((start[0] ?? 0) + i) * 12 + (start[1] ?? 0) + j, all[at] ?? Number.NaN);
          all[at] = 0;
        }
      }
    }
    expect(found.size).toBe(24);
    for (const [i, value] of found) expect(value).toBe(values[i]);
    for (let c = 0; c < columns; c++) {
      const column = all.subarray(64 * c, 64 * (c + 1));
      expect([...column.subarray(0, 64 - tailRows)]).toEqual(Array(64 - tailRows).fill(0));
      const tail = column.subarray(64 - tailRows);
      expect(tail).toEqual(opening.tails.subarray(c * tailRows, (c + 1) * tailRows));
      expect(tail.every((v) => v >= 0 && v < P)).toBe(true);
      expect(new Set(tail).size).toBe(tailRows);
    }
  });

  test('is opened under its root with 32 bytes of salt a leaf', () => {
    const { opening, opened } = commit(2);
    const { tree } = opened;
    const leaves = [3, 4, 200].map((index) =>
      leafHash(bytesOf(tree.row(index)), tree.salt(index) ?? undefined),
    );
    for (const [i, index] of [3, 4, 200].entries()) {
      expect(tree.digest(0, index)).toEqual(leaves[i]);
      expect(tree.salt(index)).toEqual(opening.salts.slice(32 * index, 32 * (index + 1)));
    }
    const siblings = openMultiproof(8, [3, 4, 200], (layer, index) => tree.digest(layer, index));
    const { root } = opening.commitment;
    expect(verifyMultiproof(root, 8, [3, 4, 200], leaves, siblings).ok).toBe(true);
    expect(new Set(Array.from({ length: 256 }, (_, i) => `${tree.salt(i)}`)).size).toBe(256);
  });

  test('stays when the engine is used on, and leaves nothing in its memory', () => {
    const fresh = testEngine();
    const mark = fresh.mark();
    const { opened } = commitTensor(fresh, options, seededRandomness(2));
    expect(fresh.mark()).toBe(mark);
    const before = [opened.tree.row(9), opened.tree.digest(2, 5)];
    fresh.ints(fresh.allocInt(2 ** 14)).fill(-1);
    expect([opened.tree.row(9), opened.tree.digest(2, 5)]).toEqual(before);
  });

  test('has other tails, salts and root each time; the same of the same randomness', () => {
    const [a, b, again] = [commit(3), commit(4), commit(3)];
    expect(again.opening).toEqual(a.opening);
    expect(b.opening.tails).not.toEqual(a.opening.tails);
    expect(b.opening.salts).not.toEqual(a.opening.salts);
    expect(b.opening.commitment.root).not.toEqual(a.opening.commitment.root);
    const [c, d] = [0, 1].map(() => commitTensor(engine, options, platformRandomness()));
    expect(c?.opening.salts).not.toEqual(d?.opening.salts);
  });

  test('has a public part that is written and read', () => {
    const { commitment } = commit(5).opening;
    expect(decodeCommitment(encodeCommitment(commitment))).toEqual({ ok: true, value: commitment });
    expect(commitment).toEqual({
      root: expect.any(Uint8Array),
      yReg: [expect.any(Array), expect.any(Array)],
      tailRows: 30,
      shape: [2, 12],
      logRows: 6,
      logInverseRate: 2,
    });
  });

  test('answers at points that depend on tail and shape', () => {
    // The same columns under another shape have the same root, and other answers.
    const one = commit(6, { shape: [24] }).opening;
    const other = commit(6, { shape: [1, 24] }).opening;
    expect(one.commitment.root).toEqual(other.commitment.root);
    expect(one.commitment.yReg).not.toEqual(other.commitment.yReg);
    const shape = { root: one.commitment.root, logRows: 6, logInverseRate: 2, columns: 1 };
    expect(registeredPoints({ ...shape, binding: [30, 24] }, 2)).not.toEqual(
      registeredPoints({ ...shape, binding: [31, 24] }, 2),
    );
  });

  test('may be a scalar, or fill several columns', () => {
    const scalar = commit(7, { values: Int32Array.of(-7), shape: [] });
    expect(scalar.opened.columns[0]?.[0]).toBe(-7);
    const many = Int32Array.from({ length: 300 }, (_, i) => i + 1);
    const { opened, opening } = commit(8, { values: many, shape: [300] });
    expect(opened.columns.length).toBeGreaterThan(8);
    expect(opening.tails.length).toBe(30 * opened.columns.length);
    const held = opened.columns.flatMap((column) => [...column.subarray(0, 34)]);
    expect(held.filter((v) => v !== 0).toSorted((a, b) => a - b)).toEqual([...many]);
  });

  test('keeps its own copy of the values', () => {
    const mine = values.slice();
    const { opening } = commit(9, { values: mine });
    mine.fill(0);
    expect(opening.values).toEqual(values);
  });
});

describe('opened again', () => {
  test('has the same columns, tree and name', () => {
    const { opening, opened } = commit(10);
    const again = openTensor(engine, opening);
    expect(again.columns).toEqual(opened.columns);
    expect(again.name).toEqual(opened.name);
    for (const index of [0, 77, 255]) {
      expect(again.tree.row(index)).toEqual(opened.tree.row(index));
      expect(again.tree.salt(index)).toEqual(opened.tree.salt(index));
      expect(again.tree.digest(0, index)).toEqual(opened.tree.digest(0, index));
    }
  });

  const damages: [string, (o: TensorOpening) => TensorOpening][] = [
    ['value', (o) => ({ ...o, values: o.values.with(3, 1) })],
    ['tail', (o) => ({ ...o, tails: o.tails.with(3, 1) })],
    ['salt', (o) => ({ ...o, salts: o.salts.with(3, (o.salts[3] ?? 0) ^ 1) })],
    ['root', (o) => ({ ...o, commitment: { ...o.commitment, root: keccak256() } })],
    ['answer', (o) => ({ ...o, commitment: { ...o.commitment, yReg: [[1, 2, 3, 4, 5]] } })],
  ];
  test.each(damages)('refuses another %s', (_, damage) => {
    const { opening } = commit(11);
    expect(() => openTensor(engine, damage(opening))).toThrow(
      expect.objectContaining({ code: 'ASSAY_OPENING_CORRUPT' }),
    );
  });
});

describe('misuse', () => {
  test('values that do not fit the shape', () => {
    expect(() => commit(1, { shape: [25] })).toThrow('commitTensor: expected 25 values, got 24');
  });
  test('more uses than the columns have room for', () => {
    expect(() => commit(1, { uses: 11 }).opening).not.toThrow();
    expect(() => commit(1, { uses: 12 })).toThrow(
      expect.objectContaining({ code: 'ASSAY_USES_TOO_MANY' }),
    );
    expect(() => commit(1, { uses: 12 })).toThrow(/tails of 12 proofs\n11 at most/);
  });
  test('no uses, or none that show a row', () => {
    expect(() => commit(1, { uses: 0 })).toThrow(RangeError);
    expect(() => commit(1, { rowsPerUse: 0.5 })).toThrow(RangeError);
  });
});
