import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillField } from '@assay/core/randomness';
import { seededRandomness } from '@assay/core/testing';
import { encodeVerifyingKey } from '@assay/verifier';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { code, commit, flip, keyOf, program, report, weights } from '../../test/bundle.ts';
import { type StaticSecrets, tailRowsFor, useBudget } from '../commitments/index.ts';
import { spendUnits, unitsLeft } from '../commitments/node/index.ts';
import { type Bundle, type HiddenModel, openBundle } from './open.ts';
import { type Commitment, writeCommitment, writeCompiled } from './write.ts';

const COLUMNS = 5;
const HEIGHT = 6;
const budget = useBudget(3, 4);
const tailRows = tailRowsFor(budget, 2);

/** A commitment to hidden weights, as `setup` has it. */
function hidden(seed: number): Commitment & { readonly secrets: StaticSecrets } {
  const randomness = seededRandomness(seed);
  const salts = randomness.bytes(32 * 2 ** HEIGHT);
  const tails = new Int32Array(COLUMNS * tailRows);
  fillField(randomness, tails);
  const source = commit(HEIGHT, COLUMNS, salts);
  const verifyingKey = encodeVerifyingKey(hiddenKey(source.root));
  return { ...source, verifyingKey, secrets: { ...budget, tails, salts } };
}
function hiddenKey(root: Uint8Array, rows = tailRows): ReturnType<typeof keyOf> {
  const key = keyOf(root);
  return {
    ...key,
    visibility: { ...key.visibility, weights: { kind: 'hidden', tailRows: rows } },
  };
}
const source = hidden(1);
const publicSource = commit(HEIGHT, COLUMNS);
const publicCommitment: Commitment = {
  ...publicSource,
  verifyingKey: encodeVerifyingKey(keyOf(publicSource.root)),
};

let home: string;
let path: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'assay-hidden-'));
  path = join(home, 'model');
  writeCompiled(path, { program, weights, report });
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});
function reading<T>(read: (bundle: Bundle) => T, full = false): T {
  const bundle = openBundle(path, { full });
  try {
    return read(bundle);
  } finally {
    bundle.close();
  }
}
function model(): HiddenModel {
  const value = reading((bundle) => bundle.hidden());
  if (value === null) throw new Error('public');
  return value;
}
const inside = () => readdirSync(join(path, 'commitment')).toSorted();
const salts = () => join(path, 'commitment/salts.bin');
const tails = () => join(path, 'commitment/tails.bin');

test('weights that are to be hidden are readable for their owner alone from the first byte on', () => {
  const mode = (folder: string, name: string): number => statSync(join(folder, name)).mode & 0o777;
  const own = join(home, 'own');
  // Nothing of it has its name before it is complete: what was written there is moved there.
  writeCompiled(own, { program, weights, report }, { secret: true });
  expect(['weights.bin', 'report.json', 'program.cbor'].map((name) => mode(own, name))).toEqual([
    0o600, 0o600, 0o644,
  ]);
  expect(mode(path, 'weights.bin')).toBe(0o644);
});

describe('a bundle of hidden weights', () => {
  test('is read back as it was written, salts with their rows', () => {
    writeCommitment(path, source);
    for (const full of [false, true]) {
      reading((bundle) => {
        expect(bundle.weights()).toEqual(weights);
        expect(bundle.hidden()).toEqual({
          ...budget,
          tails: source.secrets.tails,
          uses: expect.any(String),
        });
        const tree = bundle.commitment();
        for (const index of [0, 17, 63]) {
          expect(new Uint8Array(tree.row(index).buffer)).toEqual(
            source.rowBytes(index, index + 1).slice(),
          );
          expect(tree.salt(index)).toEqual(
            source.secrets.salts.slice(32 * index, 32 * (index + 1)),
          );
        }
        expect(() => tree.salt(64)).toThrow(RangeError);
        expect(bundle.provingKeyBytes).toBe(
          ['weights.bin', ...['rows', 'tree', 'salts', 'tails'].map((n) => `commitment/${n}.bin`)]
            .map((name) => statSync(join(path, name)).size)
            .reduce((sum, bytes) => sum + bytes),
        );
      }, full);
    }
  });

  test('shows nothing to others, whatever the umask', () => {
    const before = process.umask(0);
    try {
      writeCommitment(path, source);
    } finally {
      process.umask(before);
    }
    for (const name of ['rows', 'tree', 'salts', 'tails'].map((n) => `commitment/${n}.bin`)) {
      expect(statSync(join(path, name)).mode & 0o777, name).toBe(0o600);
    }
    for (const name of ['weights.bin', 'report.json'])
      expect(statSync(join(path, name)).mode & 0o777, name).toBe(0o600);
    expect(statSync(model().uses).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, 'verifying-key.cbor')).mode & 0o777).toBe(0o644);
  });

  test('records its uses from birth on', () => {
    writeCommitment(path, source);
    expect(unitsLeft(model().uses, model())).toBe(3);
    expect(spendUnits(model().uses, model(), 4)).toEqual([1]);
    writeCommitment(path, { ...hidden(2), birthRows: 5 });
    expect(unitsLeft(model().uses, model())).toBe(2);
  });

  test('that is written once more under the same root keeps the record', () => {
    writeCommitment(path, source);
    spendUnits(model().uses, model(), 8);
    writeCommitment(path, source);
    expect(unitsLeft(model().uses, model())).toBe(1);
  });

  test('starts a record for a new root; the old one stays spent', () => {
    writeCommitment(path, source);
    const old = model();
    spendUnits(old.uses, old, 12);
    writeCommitment(path, hidden(2));
    expect(unitsLeft(model().uses, model())).toBe(3);
    expect(model().uses).not.toBe(old.uses);
    expect(() => spendUnits(old.uses, old, 1)).toThrow(code('ASSAY_USES_EXHAUSTED'));
    writeCommitment(path, source);
    expect(unitsLeft(model().uses, model())).toBe(0);
  });

  test('may become public, and hidden again: no secret of it is left', () => {
    writeCommitment(path, source);
    writeCommitment(path, publicCommitment);
    expect(inside()).toEqual(['rows.bin', 'tree.bin', 'uses']);
    expect(readFileSync(join(path, 'manifest.json'), 'utf8')).not.toMatch(/salts|tails/);
    reading((bundle) => {
      expect(bundle.hidden()).toBeNull();
      expect(bundle.commitment().salt(3)).toBeNull();
    }, true);
    writeCommitment(path, hidden(2));
    expect(inside()).toEqual(['rows.bin', 'salts.bin', 'tails.bin', 'tree.bin', 'uses']);
    expect(unitsLeft(model().uses, model())).toBe(3);
  });

  test('that fails half way leaves the bundle as it was, and no secrets beside it', () => {
    const gone = (): never => {
      throw new Error('gone');
    };
    expect(() => writeCommitment(path, { ...source, digestBytes: gone })).toThrow('gone');
    expect(inside()).toEqual([]);
    expect(() => writeCommitment(path, { ...source, birthRows: 100 })).toThrow(
      code('ASSAY_USES_EXHAUSTED'),
    );
    expect(inside()).toEqual(['uses']);
    expect(reading((bundle) => bundle.verifyingKey)).toBeNull();
  });

  test('compiled anew has neither commitment nor record', () => {
    writeCommitment(path, source);
    const old = model();
    writeCompiled(path, { program, weights, report }, { replace: true });
    expect(existsSync(join(path, 'commitment'))).toBe(false);
    expect(() => spendUnits(old.uses, old, 1)).toThrow(code('ASSAY_USES_MISSING'));
  });
});

describe('refused', () => {
  test.each([
    ['salts.bin', salts],
    ['tails.bin', tails],
  ])('%s gone, cut or grown', (_, file) => {
    for (const damage of [
      rmSync,
      (name: string) => truncateSync(name, statSync(name).size - 4),
      (name: string) => appendFileSync(name, 'xxxx'),
    ]) {
      writeCommitment(path, source);
      damage(file());
      const expected = damage === rmSync ? 'ASSAY_BUNDLE_MISSING' : 'ASSAY_BUNDLE_CORRUPT';
      expect(() => reading((bundle) => bundle.hidden())).toThrow(code(expected));
      expect(() => openBundle(path, { full: true })).toThrow(code(expected));
    }
  });

  test('a changed salt, when its row is read, and with `full` at once', () => {
    writeCommitment(path, source);
    flip(salts(), 64 + 32 * 9 + 30);
    reading((bundle) => {
      expect(bundle.commitment().row(8).length).toBe(COLUMNS);
      expect(() => bundle.commitment().row(9)).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
    });
    expect(() => openBundle(path, { full: true })).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
  });

  test('a changed tail', () => {
    writeCommitment(path, source);
    flip(tails(), 64 + 7);
    expect(() => model()).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
  });

  test.each(['salts.bin', 'tails.bin'])('%s of another model', (name) => {
    writeCommitment(path, source);
    const other = join(home, 'other');
    writeCompiled(other, { program, weights, report });
    writeCommitment(other, hidden(2));
    cpSync(join(other, 'commitment', name), join(path, 'commitment', name));
    const manifest = (folder: string) =>
      JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    const mixed = manifest(path);
    mixed.files[`commitment/${name}`] = manifest(other).files[`commitment/${name}`];
    rmSync(join(path, 'manifest.json'));
    appendFileSync(join(path, 'manifest.json'), JSON.stringify(mixed));
    expect(() => model()).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
    expect(() => openBundle(path, { full: true })).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
  });

  const { secrets } = source;
  const inconsistent: [string, Commitment][] = [
    ['more units than the tails pay for', { ...source, secrets: { ...secrets, units: 6 } }],
    ['more rows a use', { ...source, secrets: { ...secrets, rowsPerUse: 5 } }],
    ['no uses', { ...source, secrets: { ...secrets, units: 2, rowsPerUse: 10 } }],
    [
      'a tail of p',
      { ...source, secrets: { ...secrets, tails: secrets.tails.with(2, 2013265921) } },
    ],
    ['a negative tail', { ...source, secrets: { ...secrets, tails: secrets.tails.with(2, -1) } }],
    [
      'tails of another length than the key says',
      { ...source, verifyingKey: encodeVerifyingKey(hiddenKey(source.root, tailRows + 1)) },
    ],
  ];
  test.each(inconsistent)('%s', (_, commitment) => {
    writeCommitment(path, commitment);
    expect(() => model()).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
    expect(() => openBundle(path, { full: true })).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
  });

  test('a key that says another thing of the weights than the files', () => {
    const { verifyingKey } = source;
    writeCommitment(path, { ...source, verifyingKey: encodeVerifyingKey(keyOf(source.root)) });
    expect(() => openBundle(path)).toThrow(/disagree on whether weights are hidden/);
    writeCommitment(path, { ...source, secrets: null, verifyingKey });
    expect(() => openBundle(path)).toThrow(/disagree on whether weights are hidden/);
  });

  test('a number in a header where there is none', () => {
    for (const name of ['rows.bin', 'tree.bin', 'salts.bin']) {
      writeCommitment(path, source);
      flip(join(path, 'commitment', name), 60);
      expect(() => openBundle(path), name).toThrow(code('ASSAY_BUNDLE_FORMAT'));
    }
  });
});
