import { spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
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
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeVerifyingKey } from '@assay/verifier';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { code, commit, flip, keyOf, program, report, weights } from '../../test/bundle.ts';
import type { CommitmentSource } from './commitment-format.ts';
import { type Bundle, openBundle } from './open.ts';
import { writeCommitment, writeCompiled } from './write.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'assay-bundle-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const folder = () => join(home, 'model');
const source = commit(6, 5);

function compiled(): string {
  writeCompiled(folder(), { program, weights, report });
  return folder();
}
function setUp(s: CommitmentSource = source): string {
  const path = compiled();
  writeCommitment(path, { ...s, verifyingKey: encodeVerifyingKey(keyOf(s.root)) });
  return path;
}
function reading<T>(path: string, read: (bundle: Bundle) => T, full = false): T {
  const bundle = openBundle(path, { full });
  try {
    return read(bundle);
  } finally {
    bundle.close();
  }
}
describe('a bundle', () => {
  test('is read back as it was written', () => {
    reading(setUp(), (bundle) => {
      expect(bundle.program).toEqual(program);
      expect(bundle.report).toEqual(report);
      expect(bundle.weights()).toEqual(weights);
      expect(bundle.verifyingKey).toEqual(keyOf(source.root));
      expect(bundle.hidden()).toBeNull();
      const tree = bundle.commitment();
      expect([tree.height, tree.wordsPerRow, tree.salt(5)]).toEqual([6, 5, null]);
      for (const index of [0, 1, 17, 63, 17]) {
        const bytes = source.rowBytes(index, index + 1);
        expect(new Uint8Array(tree.row(index).buffer)).toEqual(bytes.slice());
      }
      for (let layer = 0, at = 0; layer <= 6; layer++) {
        for (let i = 0; i < 2 ** (6 - layer); i++, at++) {
          expect(tree.digest(layer, i)).toEqual(new Uint8Array(source.digestBytes(at, at + 1)));
        }
      }
    });
  });

  test('of public weights has the same files in every version that reads it', () => {
    const { files } = JSON.parse(readFileSync(join(setUp(), 'manifest.json'), 'utf8'));
    expect(Object.keys(files)).toEqual([
      'commitment/rows.bin',
      'commitment/tree.bin',
      'program.cbor',
      'report.json',
      'verifying-key.cbor',
      'weights.bin',
    ]);
    expect(files['commitment/rows.bin'].sha256).toMatch(/^ac751587e778f956.*1feac582$/);
    expect(files['commitment/tree.bin'].sha256).toMatch(/^655b17c9208e6854.*4802c65c$/);
    expect(files['weights.bin'].sha256).toMatch(/^d5259b14e03fb449.*430c87f6$/);
    expect(readdirSync(join(folder(), 'commitment')).toSorted()).toEqual(['rows.bin', 'tree.bin']);
    expect(statSync(join(folder(), 'weights.bin')).mode & 0o777).toBe(0o644);
  });

  test('holds small weights in few bytes', () => {
    expect(statSync(join(compiled(), 'weights.bin')).size).toBe(16 + 4 + 3 * 12 + 4 + 6 + 8);
  });

  test('of more rows than are kept in memory', () => {
    const large = commit(14, 1);
    reading(setUp(large), (bundle) => {
      const tree = bundle.commitment();
      for (const index of [0, 5000, 16383])
        expect(tree.row(index)[0]).toBe((index * 2654435761) >>> 1);
      expect(tree.digest(1, 3)).toEqual(new Uint8Array(large.digestBytes(16384 + 3, 16384 + 4)));
    });
  });

  test('may be read by several at once, and replaced under them', () => {
    const path = setUp();
    const first = openBundle(path);
    const second = openBundle(path);
    const other = commit(6, 5);
    writeCommitment(path, { ...other, verifyingKey: encodeVerifyingKey(keyOf(other.root)) });
    expect(first.commitment().row(3)).toEqual(second.commitment().row(3));
    first.close();
    expect(second.commitment().row(4)).toBeInstanceOf(Uint32Array);
    second.close();
  });

  test('is not set up by compiling', () => {
    reading(compiled(), (bundle) => {
      expect(bundle.verifyingKey).toBeNull();
      expect(() => bundle.commitment()).toThrow(code('ASSAY_BUNDLE_NOT_SET_UP'));
    });
  });

  test('answers misuse of the tree', () => {
    reading(setUp(), (bundle) => {
      const tree = bundle.commitment();
      expect(() => tree.row(64)).toThrow('row: expected an index in [0, 64), got 64');
      expect(() => tree.digest(7, 0)).toThrow(RangeError);
      expect(() => tree.digest(6, 1)).toThrow(RangeError);
    });
  });
});

describe('writing', () => {
  test('refuses a folder that is occupied; replaces a bundle only if asked, and nothing else ever', () => {
    const path = compiled();
    expect(() => writeCompiled(path, { program, weights, report })).toThrow(
      code('ASSAY_BUNDLE_EXISTS'),
    );
    writeFileSync(join(path, 'prover.key'), 'mine');
    writeCompiled(path, { program, weights, report: 2 }, { replace: true });
    expect(readFileSync(join(path, 'prover.key'), 'utf8')).toBe('mine');
    expect(reading(path, (bundle) => bundle.report)).toBe(2);
    const notes = join(home, 'notes');
    mkdirSync(notes);
    writeFileSync(join(notes, 'a.txt'), 'mine');
    expect(() => writeCompiled(notes, { program, weights, report }, { replace: true })).toThrow(
      code('ASSAY_BUNDLE_EXISTS'),
    );
    expect(readdirSync(home).sort()).toEqual(['model', 'notes']);
  });

  test('fills an empty folder', () => {
    mkdirSync(folder());
    expect(reading(compiled(), (bundle) => bundle.program.name)).toBe(program.name);
  });

  test('that fails half way leaves the bundle as it was', () => {
    const path = compiled();
    const before = readdirSync(path);
    for (const part of ['rowBytes', 'digestBytes'] as const) {
      const failing = {
        ...source,
        [part]: () => {
          throw new Error('out of memory');
        },
      };
      expect(() => writeCommitment(path, { ...failing, verifyingKey: new Uint8Array() })).toThrow(
        code('ASSAY_BUNDLE_IO'),
      );
      expect(existsSync(join(path, 'verifying-key.cbor'))).toBe(false);
      expect(reading(path, (bundle) => bundle.verifyingKey)).toBeNull();
    }
    expect(readdirSync(path)).toEqual(
      [...before, 'commitment'].toSorted((a, b) => (a < b ? -1 : 1)),
    );
    const partial = readdirSync(join(path, 'commitment'));
    expect(partial.filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('that fails half way a second time leaves the first commitment', () => {
    const path = setUp();
    const failing = {
      ...commit(6, 5),
      root: new Uint8Array(32),
      digestBytes: () => {
        throw new Error('gone');
      },
    };
    expect(() => writeCommitment(path, { ...failing, verifyingKey: new Uint8Array() })).toThrow();
    expect(reading(path, (bundle) => bundle.commitment().row(0), true).length).toBe(5);
  });

  test('a chunk of the wrong size is misuse', () => {
    const short = { ...source, rowBytes: () => new Uint8Array(3) };
    expect(() => writeCommitment(compiled(), { ...short, verifyingKey: new Uint8Array() })).toThrow(
      /expected 1280 bytes, got 3/,
    );
  });

  test('reports its progress', () => {
    const path = compiled();
    const seen: number[] = [];
    writeCommitment(
      path,
      { ...source, verifyingKey: encodeVerifyingKey(keyOf(source.root)) },
      (done, total) => seen.push(done / total),
    );
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  test('killed at any moment leaves nothing half-written under a final name', async () => {
    const path = compiled();
    const script = join(home, 'write.mjs');
    await build({
      stdin: {
        contents: `
          import { writeCommitment } from './write.ts';
          const rows = 2 ** 16;
          writeCommitment(process.argv[2], {
            root: new Uint8Array(32), rows, wordsPerRow: 64, verifyingKey: new Uint8Array(),
            rowBytes: (from, to) => {
              process.stdout.write('.');
              Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
              return new Uint8Array(256 * (to - from));
            },
            digestBytes: (from, to) => new Uint8Array(32 * (to - from)),
          });`,
        resolveDir: dirname(fileURLToPath(import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@assay/source'],
      outfile: script,
      logLevel: 'error',
    });
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await ended;
    const left = readdirSync(join(path, 'commitment'));
    expect(left.length).toBe(1);
    expect(left[0]).toMatch(/^\.rows\.bin\.tmp-/);
    expect(reading(path, (bundle) => bundle.verifyingKey)).toBeNull();
    // The next setup clears what the dead one left.
    writeCommitment(path, { ...source, verifyingKey: encodeVerifyingKey(keyOf(source.root)) });
    expect(readdirSync(join(path, 'commitment')).sort()).toEqual(['rows.bin', 'tree.bin']);
    expect(reading(path, (bundle) => bundle.commitment().row(1)).length).toBe(5);
  });
});

describe('refused', () => {
  test('what is no bundle', () => {
    expect(() => openBundle(join(home, 'nothing'))).toThrow(code('ASSAY_BUNDLE_MISSING'));
    expect(() => openBundle(home)).toThrow(code('ASSAY_BUNDLE_MISSING'));
    expect(() => writeCommitment(home, { ...source, verifyingKey: new Uint8Array() })).toThrow(
      code('ASSAY_BUNDLE_MISSING'),
    );
  });

  test.each([
    '',
    'null',
    '[]',
    '{"format":"assay/bundle/v2","files":{}}',
    '{"format":"assay/bundle/v1"}',
    '{"format":"assay/bundle/v1","files":{"a":1}}',
    '{"format":"assay/bundle/v1","files":{"a":{"bytes":0.5,"sha256":""}}}',
  ])('a manifest that is %s', (text) => {
    const path = compiled();
    writeFileSync(join(path, 'manifest.json'), text);
    expect(() => openBundle(path)).toThrow(code('ASSAY_BUNDLE_FORMAT'));
  });

  test.each(['program.cbor', 'report.json', 'verifying-key.cbor'])('a changed %s', (name) => {
    const path = setUp();
    flip(join(path, name), 20);
    expect(() => openBundle(path)).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
  });

  test('changed weights', () => {
    const path = setUp();
    flip(join(path, 'weights.bin'), 60);
    reading(path, (bundle) => {
      expect(() => bundle.weights()).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
    });
    expect(() => openBundle(path, { full: true })).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
  });

  test.each(['program.cbor', 'weights.bin', 'commitment/rows.bin', 'commitment/tree.bin'])(
    '%s gone, cut or grown',
    (name) => {
      for (const damage of [
        rmSync,
        (path: string) => truncateSync(path, statSync(path).size - 1),
        (path: string) => appendFileSync(path, 'x'),
      ]) {
        rmSync(folder(), { recursive: true, force: true });
        const path = setUp();
        damage(join(path, name));
        const expected = damage === rmSync ? 'ASSAY_BUNDLE_MISSING' : 'ASSAY_BUNDLE_CORRUPT';
        expect(() => reading(path, (bundle) => bundle.weights())).toThrow(code(expected));
      }
    },
  );

  test('a changed row, when it is read, and with `full` at once', () => {
    const path = setUp();
    flip(join(path, 'commitment/rows.bin'), 64 + 20 * 9 + 3);
    reading(path, (bundle) => {
      expect(bundle.commitment().row(8).length).toBe(5);
      expect(() => bundle.commitment().row(9)).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
    });
    expect(() => openBundle(path, { full: true })).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
  });

  test('any changed digest on the way from a row to the root', () => {
    // Row 9 of 64: its leaf, its sibling, and both on each layer above.
    const positions = [9, 8, 64 + 4, 64 + 5, 96 + 2, 96 + 3, 112 + 1, 112, 120, 121, 124, 125, 126];
    for (const position of positions) {
      rmSync(folder(), { recursive: true, force: true });
      const path = setUp();
      flip(join(path, 'commitment/tree.bin'), 64 + 32 * position + 7);
      expect(
        () => reading(path, (bundle) => bundle.commitment().row(9)),
        `digest ${position}`,
      ).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
      expect(() => openBundle(path, { full: true })).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
    }
  });

  test('files of two bundles mixed', () => {
    const path = setUp();
    const other = join(home, 'other');
    cpSync(path, other, { recursive: true });
    const s = commit(5, 5);
    writeCommitment(other, { ...s, verifyingKey: encodeVerifyingKey(keyOf(s.root)) });
    cpSync(join(other, 'commitment'), join(path, 'commitment'), { recursive: true });
    expect(() => openBundle(path)).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
    cpSync(join(other, 'manifest.json'), join(path, 'manifest.json'));
    expect(() => openBundle(path)).toThrow(code('ASSAY_BUNDLE_CORRUPT'));
  });

  test('a key for another program, or another root, than the rest', () => {
    const path = compiled();
    const renamed = { ...program, name: 'another' };
    writeCommitment(path, {
      ...source,
      verifyingKey: encodeVerifyingKey(keyOf(source.root, renamed)),
    });
    expect(() => openBundle(path)).toThrow(/for another program/);
    writeCommitment(path, {
      ...source,
      verifyingKey: encodeVerifyingKey(keyOf(new Uint8Array(32))),
    });
    expect(() => openBundle(path)).toThrow(/another root/);
    writeCommitment(path, { ...source, verifyingKey: Uint8Array.of(1) });
    expect(() => openBundle(path)).toThrow(code('ASSAY_BUNDLE_FORMAT'));
  });

  test('weights of another program', () => {
    writeCompiled(folder(), { program, weights: new Map([...weights].slice(1)), report });
    expect(() => reading(folder(), (bundle) => bundle.weights())).toThrow(
      code('ASSAY_BUNDLE_CORRUPT'),
    );
    for (const [id, what] of [
      [3, 'ASSAY_BUNDLE_CORRUPT'],
      [0, 'ASSAY_BUNDLE_CORRUPT'],
      [99, 'ASSAY_BUNDLE_FORMAT'],
    ] as const) {
      writeCompiled(
        folder(),
        { program, weights: new Map([...weights, [id, Int32Array.of(1)]]), report },
        { replace: true },
      );
      expect(() => reading(folder(), (bundle) => bundle.weights())).toThrow(code(what));
    }
  });

  test('rows and a tree that do not belong together', () => {
    const path = setUp();
    const other = commit(5, 5);
    writeCommitment(path, {
      ...other,
      verifyingKey: encodeVerifyingKey(keyOf(other.root)),
      digestBytes: (from, to) => source.digestBytes(from, to),
    });
    expect(() => openBundle(path)).toThrow(/another root/);
  });
});
