import { mkdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { databaseError } from './errors.ts';
import { guardProcess, type ProcessGuard } from './process-guard.ts';
import type { Row, SqlValue } from './rows.ts';

/** One step of the schema; steps are appended, never changed. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

export interface Store {
  run(sql: string, values?: readonly SqlValue[]): { readonly changes: number };
  get(sql: string, values?: readonly SqlValue[]): Row | null;
  all(sql: string, values?: readonly SqlValue[]): readonly Row[];
  /**
   * All or nothing, on disk when it returns. `body` is synchronous; inside another transaction, or a batch, it is
   * part of that one, on disk with it; if it throws, nothing of it is.
   */
  transaction<T>(body: () => T): T;
  /**
   * Transactions that reach the disk together, with one flush: those of `body`, and of whoever else writes meanwhile.
   * What is done of them when it throws stays. For steps that may be done again; nothing that others see may follow
   * from them before it returns.
   */
  batch<T>(body: () => Promise<T>): Promise<T>;
  close(): void;
}

function isSqliteError(cause: unknown): cause is Error {
  return cause instanceof Error && cause.name === 'SQLite3Error';
}

function translate(path: string, cause: unknown): unknown {
  if (!isSqliteError(cause)) return cause;
  return databaseError(
    'ASSAY_DATABASE_IO',
    `database: ${path}: ${cause.message}`,
    undefined,
    cause,
  );
}

class SqliteStore implements Store {
  readonly #path: string;
  readonly #database: sqlite.Database;
  readonly #guard: ProcessGuard;

  constructor(path: string, database: sqlite.Database, guard: ProcessGuard) {
    this.#path = path;
    this.#database = database;
    this.#guard = guard;
  }

  #try<T>(body: () => T): T {
    try {
      return body();
    } catch (cause) {
      throw translate(this.#path, cause);
    }
  }

  run(sql: string, values: readonly SqlValue[] = []): { readonly changes: number } {
    return this.#try(() => this.#database.run(sql, [...values]));
  }

  get(sql: string, values: readonly SqlValue[] = []): Row | null {
    return this.#try(() => this.#database.get(sql, [...values])) as Row | null;
  }

  all(sql: string, values: readonly SqlValue[] = []): readonly Row[] {
    return this.#try(() => this.#database.all(sql, [...values])) as Row[];
  }

  transaction<T>(body: () => T): T {
    if (this.#database.inTransaction) return this.#part(body);
    this.#try(() => this.#database.exec('begin immediate'));
    try {
      const result = body();
      this.#try(() => this.#database.exec('commit'));
      return result;
    } catch (cause) {
      // A failed commit (full disk) may have rolled back by itself.
      if (this.#database.inTransaction) this.#database.exec('rollback');
      throw cause;
    }
  }

  /** Of a transaction that is open. */
  #part<T>(body: () => T): T {
    this.#try(() => this.#database.exec('savepoint part'));
    try {
      const result = body();
      this.#try(() => this.#database.exec('release part'));
      return result;
    } catch (cause) {
      // A full disk may have ended the whole transaction.
      if (this.#database.inTransaction) this.#database.exec('rollback to part; release part');
      throw cause;
    }
  }

  async batch<T>(body: () => Promise<T>): Promise<T> {
    if (this.#database.inTransaction) return body();
    this.#try(() => this.#database.exec('begin immediate'));
    let result: T;
    try {
      result = await body();
    } catch (cause) {
      this.#commitBatch();
      throw cause;
    }
    this.#commitBatch();
    return result;
  }

  #commitBatch(): void {
    // A full disk may have ended it.
    if (!this.#database.inTransaction) return;
    try {
      this.#try(() => this.#database.exec('commit'));
    } catch (cause) {
      if (this.#database.inTransaction) this.#database.exec('rollback');
      throw cause;
    }
  }

  close(): void {
    if (!this.#database.isOpen) return;
    this.#try(() => this.#database.close());
    this.#guard.release();
  }
}

/** Applies the steps that the file has not seen. @throws {AssayError} ASSAY_DATABASE_NEWER, ASSAY_DATABASE_FORMAT */
export function migrate(store: Store, path: string, migrations: readonly Migration[]): void {
  store.run(
    'create table if not exists migrations (position integer primary key, name text not null)',
  );
  const done = store.all('select name from migrations order by position');
  if (done.length > migrations.length) {
    throw databaseError(
      'ASSAY_DATABASE_NEWER',
      `database: ${path} was written by a later version`,
      `It has ${done.length} steps of the schema, this version knows ${migrations.length}.`,
    );
  }
  migrations.forEach(({ name, sql }, position) => {
    const applied = done[position]?.['name'];
    if (applied === name) return;
    if (applied !== undefined) {
      throw databaseError(
        'ASSAY_DATABASE_FORMAT',
        `database: ${path}: step ${position} of its schema is "${applied}", not "${name}"`,
      );
    }
    store.transaction(() => {
      for (const statement of sql.split(';')) {
        if (statement.trim() !== '') store.run(statement);
      }
      store.run('insert into migrations values (?, ?)', [position, name]);
    });
  });
}

/**
 * Opens a database for this process alone. Whatever a transaction has committed is there after
 * `kill -9`, and nothing else.
 *
 * The library locks a file by a folder beside it, which outlives a killed process, and takes its own
 * lock for another process's when it looks for a rollback journal to play back: it never does. Hence
 * the write-ahead log, which needs no such question, in exclusive mode, which needs no shared memory;
 * and the guard, which says when a lock is stale.
 *
 * @throws {AssayError} ASSAY_DATABASE_IN_USE, ASSAY_DATABASE_NEWER, ASSAY_DATABASE_FORMAT, ASSAY_DATABASE_IO
 */
export function openDatabase(file: string, migrations: readonly Migration[]): Store {
  const path = resolve(file);
  mkdirSync(dirname(path), { recursive: true });
  const guard = guardProcess(`${path}.pid`);
  try {
    rmSync(`${path}.lock`, { recursive: true, force: true });
    const database = new sqlite.Database(path);
    try {
      database.get('pragma locking_mode = exclusive');
      const { journal_mode: mode } = (database.get('pragma journal_mode = wal') ?? {}) as Row;
      if (mode !== 'wal') {
        throw databaseError('ASSAY_DATABASE_IO', `database: ${path}: journal mode is ${mode}`);
      }
      database.exec('pragma synchronous = full');
      database.exec('pragma foreign_keys = on');
      const store = new SqliteStore(path, database, guard);
      migrate(store, path, migrations);
      return store;
    } catch (cause) {
      database.close();
      throw cause;
    }
  } catch (cause) {
    guard.release();
    throw translate(path, cause);
  }
}
