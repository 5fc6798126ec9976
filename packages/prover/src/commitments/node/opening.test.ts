import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testEngine } from '@assay/core/engine';
import { seededRandomness } from '@assay/core/testing';
import { encodeCommitment } from '@assay/verifier';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitTensor, openTensor } from '../index.ts';
import { readOpening, spendUnits, unitsLeft, usesFolder, writeOpening } from './index.ts';

const engine = testEngine();
const { opening, opened } = commitTensor(
  engine,
  {
    values: Int32Array.from({ length: 24 }, (_, i) => i - 12),
    shape: [2, 12],
    logRows: 6,
    logInverseRate: 2,
    registeredSamples: 2,
    uses: 3,
    rowsPerUse: 4,
  },
  seededRandomness(1),
);
const { root } = opening.commitment;

let home: string;
let folder: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'assay-opening-'));
  folder = join(home, 'patient');
  file = join(folder, 'opening.bin');
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});
const code = (value: string) => expect.objectContaining({ code: value });

/** Changes the file and makes its checksum fit again. */
function forge(change: (bytes: Buffer) => Buffer): void {
  const bytes = readFileSync(file);
  const body = change(bytes.subarray(0, -32));
  writeFileSync(file, Buffer.concat([body, createHash('sha256').update(body).digest()]));
}
const publicBytes = encodeCommitment(opening.commitment).length;
/** Where the uses are, the values, the tails and the salts. */
const at = { uses: 20 + publicBytes, values: 28 + publicBytes, tails: 28 + publicBytes + 96 };

describe('an opening', () => {
  test('is read back as it was written, and opens its commitment', () => {
    writeOpening(folder, opening);
    const read = readOpening(folder);
    expect(read).toEqual(opening);
    expect(openTensor(engine, read).columns).toEqual(opened.columns);
    expect(statSync(file).size).toBe(at.tails + 4 * opening.tails.length + 32 * 256 + 32);
  });

  test('comes with the record of its uses', () => {
    writeOpening(folder, opening);
    const uses = usesFolder(folder, root);
    expect(unitsLeft(uses, opening)).toBe(3);
    expect(spendUnits(uses, readOpening(folder), 5)).toEqual([1, 2]);
    expect(readdirSync(folder).toSorted()).toEqual(['opening.bin', 'uses']);
  });

  test('is charged for what is opened at its birth', () => {
    writeOpening(folder, opening, 8);
    expect(unitsLeft(usesFolder(folder, root), opening)).toBe(2);
  });

  test('is for its owner alone, whatever the umask', () => {
    const before = process.umask(0);
    try {
      writeOpening(folder, opening);
    } finally {
      process.umask(before);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(usesFolder(folder, root)).mode & 0o777).toBe(0o700);
  });

  test('never replaces anything', () => {
    writeOpening(folder, opening);
    const before = readFileSync(file);
    expect(() => writeOpening(folder, opening)).toThrow(code('ASSAY_OPENING_EXISTS'));
    expect(readFileSync(file)).toEqual(before);
    const empty = join(home, 'empty');
    mkdirSync(empty);
    writeOpening(empty, opening);
    expect(readOpening(empty)).toEqual(opening);
  });

  test('that cannot be written leaves nothing', () => {
    writeFileSync(join(home, 'file'), '');
    expect(() => writeOpening(join(home, 'file', 'x'), opening)).toThrow(code('ASSAY_OPENING_IO'));
    expect(() => writeOpening(folder, opening, 1000)).toThrow(code('ASSAY_USES_EXHAUSTED'));
    expect(existsSync(folder)).toBe(false);
    expect(readdirSync(home)).toEqual(['file']);
  });
});

describe('refused', () => {
  beforeEach(() => {
    writeOpening(folder, opening);
  });

  test('no opening', () => {
    expect(() => readOpening(join(home, 'nothing'))).toThrow(/There is no such folder/);
    expect(() => readOpening(home)).toThrow(code('ASSAY_OPENING_MISSING'));
    expect(() => readOpening(file)).toThrow(code('ASSAY_OPENING_MISSING'));
    rmSync(file);
    mkdirSync(file);
    expect(() => readOpening(folder)).toThrow(code('ASSAY_OPENING_IO'));
  });

  test.each([0, 15])('cut to %i bytes: not an opening', (size) => {
    truncateSync(file, size);
    expect(() => readOpening(folder)).toThrow(code('ASSAY_OPENING_FORMAT'));
  });

  test('cut anywhere else, or longer', () => {
    const whole = readFileSync(file);
    for (let size = 16; size < whole.length; size += size < 400 ? 1 : 97) {
      writeFileSync(file, whole.subarray(0, size));
      expect(() => readOpening(folder), `${size} bytes`).toThrow(code('ASSAY_OPENING_CORRUPT'));
    }
    writeFileSync(file, whole);
    appendFileSync(file, 'x');
    expect(() => readOpening(folder)).toThrow(code('ASSAY_OPENING_CORRUPT'));
  });

  test('a changed byte anywhere', () => {
    const whole = readFileSync(file);
    for (let i = 0; i < whole.length; i += i < 400 ? 1 : 97) {
      const changed = Buffer.from(whole);
      changed[i] = (changed[i] ?? 0) ^ 4;
      writeFileSync(file, changed);
      const expected = i < 16 ? 'ASSAY_OPENING_FORMAT' : 'ASSAY_OPENING_CORRUPT';
      expect(() => readOpening(folder), `byte ${i}`).toThrow(code(expected));
    }
  });

  const word = (offset: number, value: number) => (bytes: Buffer) => {
    bytes.writeUInt32LE(value, offset);
    return bytes;
  };
  const forgeries: [string, (bytes: Buffer) => Buffer][] = [
    ['a public part that is longer than the file', word(16, 2 ** 31)],
    ['a public part of another length', word(16, publicBytes - 1)],
    ['a public part of no commitment', word(20, 0)],
    ['more uses than the tails pay for', word(at.uses, 6)],
    ['more rows a use than the tails pay for', word(at.uses + 4, 5)],
    ['no uses', word(at.uses, 2)],
    ['a tail of p', word(at.tails, 2013265921)],
    ['a tail of 2^31', word(at.tails, 2 ** 31)],
    ['salts cut', (bytes) => bytes.subarray(0, -32)],
    ['bytes after the salts', (bytes) => Buffer.concat([bytes, Buffer.alloc(4)])],
    ['nothing after the magic', (bytes) => bytes.subarray(0, 16)],
  ];
  test.each(forgeries)('%s, with a checksum that fits', (_, change) => {
    forge(change);
    expect(() => readOpening(folder)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/_FORMAT$|_CORRUPT$/) }),
    );
  });

  test('other values, with a checksum that fits: when they are to open the commitment', () => {
    forge(word(at.values, 99));
    const read = readOpening(folder);
    expect(() => openTensor(engine, read)).toThrow(code('ASSAY_OPENING_CORRUPT'));
  });
});
