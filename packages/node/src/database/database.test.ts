import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Migration, openDatabase, type Store } from './database.ts';
import { numberOf, textOf } from './rows.ts';

const SCHEMA: readonly Migration[] = [
  { name: 'rows', sql: 'create table rows (id integer primary key, body blob not null)' },
];

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-database-'));
  file = join(folder, 'node.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const codeOf = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
  return 'none';
};

/** Plain JavaScript on the same library, as a process that can be killed at a chosen moment. */
const child = (body: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const library = createRequire(import.meta.url).resolve('node-sqlite3-wasm');
    const script = `const { Database } = require(${JSON.stringify(library)});
      const db = new Database(${JSON.stringify(file)});
      db.get('pragma locking_mode = exclusive'); db.get('pragma journal_mode = wal');
      db.exec('pragma synchronous = full'); db.exec('pragma cache_size = 5');
      ${body}
      require('fs').writeSync(1, 'now'); for (;;) {}`;
    const running = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.once('error', reject);
    running.stdout.once('data', () => running.kill('SIGKILL'));
    running.once('exit', () => resolve());
  });

describe('after kill -9', () => {
  test('what was committed is there, and nothing of what was not', async () => {
    const store = openDatabase(file, SCHEMA);
    store.run('insert into rows values (0, ?)', [new Uint8Array(10)]);
    store.close();
    await child(`db.exec('begin'); db.run('insert into rows values (1, ?)', [new Uint8Array(9)]);
      db.exec('commit'); db.exec('begin');
      for (let i = 2; i < 2000; i++) db.run('insert into rows values (?, ?)', [i, new Uint8Array(1000)]);`);
    expect(existsSync(`${file}.lock`)).toBe(true);
    const again = openDatabase(file, SCHEMA);
    expect(again.all('select id from rows order by id')).toEqual([{ id: 0 }, { id: 1 }]);
    expect(again.get('pragma integrity_check')).toEqual({ integrity_check: 'ok' });
    again.close();
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  test('process after process, each killed behind its last commit', async () => {
    openDatabase(file, SCHEMA).close();
    let known = 0;
    for (let round = 0; round < 4; round++) {
      await child(`const first = (db.get('select coalesce(max(id), -1) n from rows').n) + 1;
        for (let i = first; i < first + ${3 + round}; i++) {
          db.exec('begin'); db.run('insert into rows values (?, ?)', [i, new Uint8Array(5000)]); db.exec('commit');
        }`);
      rmSync(`${file}.lock`, { recursive: true, force: true });
      known += 3 + round;
    }
    const store = openDatabase(file, SCHEMA);
    expect(numberOf(store.get('select count(*) as n from rows') ?? {}, 'n')).toBe(known);
    store.close();
  });
});

describe('one process', () => {
  test('a second opening is refused while the first is open', () => {
    const store = openDatabase(file, SCHEMA);
    expect(codeOf(() => openDatabase(file, SCHEMA))).toBe('ASSAY_DATABASE_IN_USE');
    store.close();
    openDatabase(file, SCHEMA).close();
  });

  test('the file of a dead process, of a reused number, and garbage are taken over', () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const reused = { pid: process.ppid, started: '1', boot: null };
    for (const text of [JSON.stringify({ pid: dead }), JSON.stringify(reused), 'x', '{"pid":-1}']) {
      writeFileSync(`${file}.pid`, text);
      const store = openDatabase(file, SCHEMA);
      expect(JSON.parse(readFileSync(`${file}.pid`, 'utf8'))).toMatchObject({ pid: process.pid });
      store.close();
      expect(existsSync(`${file}.pid`)).toBe(false);
    }
  });
});

describe('transactions', () => {
  test('roll back when the body throws; an inner one is part of the outer', () => {
    const store = openDatabase(file, SCHEMA);
    const insert = (id: number): unknown =>
      store.run('insert into rows values (?, ?)', [id, new Uint8Array(1)]);
    expect(() =>
      store.transaction(() => {
        insert(1);
        store.transaction(() => insert(2));
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(store.all('select id from rows')).toEqual([]);
    expect(store.transaction(() => insert(3))).toMatchObject({ changes: 1 });
    expect(codeOf(() => insert(3))).toBe('ASSAY_DATABASE_IO');
    store.close();
  });
});

describe('batches', () => {
  const idsOf = (store: Store): unknown[] =>
    store.all('select id from rows order by id').map(({ id }) => id);
  const insert = (store: Store, id: number): unknown =>
    store.run('insert into rows values (?, ?)', [id, new Uint8Array(1)]);

  test('keep each of their transactions whole, and what was done when they throw', async () => {
    const store = openDatabase(file, SCHEMA);
    const failed = store.batch(async () => {
      store.transaction(() => insert(store, 1));
      await Promise.resolve();
      expect(() =>
        store.transaction(() => {
          insert(store, 2);
          throw new Error('half');
        }),
      ).toThrow('half');
      store.transaction(() => insert(store, 3));
      throw new Error('stop');
    });
    // Somebody else's, meanwhile.
    store.transaction(() => insert(store, 4));
    await expect(failed).rejects.toThrow('stop');
    expect(idsOf(store)).toEqual([1, 3, 4]);
    await expect(store.batch(async () => 7)).resolves.toBe(7);
    store.transaction(() => insert(store, 5));
    store.close();
    const again = openDatabase(file, SCHEMA);
    expect(idsOf(again)).toEqual([1, 3, 4, 5]);
    again.close();
  });

  test('on a full disk: whole transactions or none, and the next one succeeds', async () => {
    const store = openDatabase(file, SCHEMA);
    store.get('pragma max_page_count = 12');
    const fill = (from: number): Promise<string> =>
      store
        .batch(async () => {
          for (let pair = from; pair < from + 40; pair++) {
            store.transaction(() => {
              store.run('insert into rows values (?, ?)', [2 * pair, new Uint8Array(900)]);
              store.run('insert into rows values (?, ?)', [2 * pair + 1, new Uint8Array(900)]);
            });
          }
        })
        .then(
          () => 'none',
          (cause: unknown) => (cause as { code?: string }).code ?? String(cause),
        );
    expect(await fill(0)).toBe('ASSAY_DATABASE_IO');
    expect(idsOf(store).length % 2).toBe(0);
    store.get('pragma max_page_count = 100000');
    expect(await fill(100)).toBe('none');
    expect(idsOf(store).length % 2).toBe(0);
    store.close();
  });
});

test('a full disk: nothing of the transaction is kept, and the next one succeeds when there is room', () => {
  const store = openDatabase(file, SCHEMA);
  store.run('insert into rows values (0, ?)', [new Uint8Array(10)]);
  store.get('pragma max_page_count = 8');
  const fill = (): string =>
    codeOf(() =>
      store.transaction(() => {
        for (let i = 1; i < 100; i++) {
          store.run('insert into rows values (?, ?)', [i, new Uint8Array(1000)]);
        }
      }),
    );
  expect(fill()).toBe('ASSAY_DATABASE_IO');
  expect(store.all('select id from rows')).toEqual([{ id: 0 }]);
  store.get('pragma max_page_count = 100000');
  expect(fill()).toBe('none');
  expect(store.get('select count(*) as n from rows')).toEqual({ n: 100 });
  store.close();
});

describe('schema', () => {
  test('steps are applied once and in order; other or later files are refused', () => {
    const second: Migration = { name: 'names', sql: 'alter table rows add column name text' };
    openDatabase(file, SCHEMA).close();
    const store = openDatabase(file, [...SCHEMA, second]);
    store.run("insert into rows values (1, x'00', 'a')");
    expect(textOf(store.get('select name from rows') ?? {}, 'name')).toBe('a');
    expect(codeOf(() => numberOf(store.get('select name from rows') ?? {}, 'name'))).toBe(
      'ASSAY_DATABASE_FORMAT',
    );
    store.close();
    expect(codeOf(() => openDatabase(file, SCHEMA))).toBe('ASSAY_DATABASE_NEWER');
    expect(codeOf(() => openDatabase(file, [second, ...SCHEMA]))).toBe('ASSAY_DATABASE_FORMAT');
  });

  test('a file that is no database', () => {
    writeFileSync(file, 'x'.repeat(5000));
    expect(codeOf(() => openDatabase(file, SCHEMA))).toBe('ASSAY_DATABASE_IO');
    expect(existsSync(`${file}.pid`)).toBe(false);
  });
});
