import type { Hex } from 'viem';
import {
  databaseError,
  type Migration,
  numberOf,
  type Row,
  type SqlValue,
  type Store,
  textOf,
  textOrNull,
} from '../database/index.ts';
import { END_PHASES, isPhase, type Phase } from './phases.ts';

/** What is kept of a job besides what the chain has. Artefacts by their sha-256. */
export interface JobRecord {
  readonly id: Hex;
  readonly phase: Phase;
  /** 0, and one more for each rescue: keys of transactions carry it. */
  readonly round: number;
  readonly input: string | null;
  readonly output: string | null;
  readonly outputRoot: Hex | null;
  readonly traceRoot: Hex | null;
  readonly receipt: string | null;
  /** An output that is sealed to the requester. */
  readonly sealedOutput: string | null;
  readonly manifest: string | null;
  /** Why it is waiting, or has ended. */
  readonly reason: string | null;
  /** Failed tries of the present phase. */
  readonly attempts: number;
  /** Unix milliseconds before which it rests. */
  readonly restUntil: number;
}

export type JobPatch = Partial<Omit<JobRecord, 'id'>>;

export const PROVIDER_SCHEMA: Migration = {
  name: 'provider',
  sql: `
    create table jobs (
      id text primary key,
      phase text not null,
      round integer not null default 0,
      input text,
      output text,
      outputRoot text,
      traceRoot text,
      receipt text,
      sealedOutput text,
      manifest text,
      reason text,
      attempts integer not null default 0,
      restUntil integer not null default 0
    );
    create index jobs_by_phase on jobs (phase)
  `,
};

const COLUMNS = new Set(
  'phase round input output outputRoot traceRoot receipt sealedOutput manifest reason attempts restUntil'.split(
    ' ',
  ),
);
const ENDED = END_PHASES.map((phase) => `'${phase}'`).join(', ');

function recordOf(row: Row): JobRecord {
  const phase = textOf(row, 'phase');
  if (!isPhase(phase)) {
    throw databaseError('ASSAY_DATABASE_FORMAT', `database: no job is "${phase}"`);
  }
  const hex = (name: string): Hex | null => textOrNull(row, name) as Hex | null;
  return {
    id: textOf(row, 'id') as Hex,
    phase,
    round: numberOf(row, 'round'),
    input: textOrNull(row, 'input'),
    output: textOrNull(row, 'output'),
    outputRoot: hex('outputRoot'),
    traceRoot: hex('traceRoot'),
    receipt: textOrNull(row, 'receipt'),
    sealedOutput: textOrNull(row, 'sealedOutput'),
    manifest: textOrNull(row, 'manifest'),
    reason: textOrNull(row, 'reason'),
    attempts: numberOf(row, 'attempts'),
    restUntil: numberOf(row, 'restUntil'),
  };
}

/** The table of jobs. */
export class JobRecords {
  readonly #store: Store;
  /** Null: something was written since it was read. */
  #active: readonly JobRecord[] | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  get(id: Hex): JobRecord | null {
    const row = this.#store.get('select * from jobs where id = ?', [id]);
    return row === null ? null : recordOf(row);
  }

  /**
   * Jobs that have not ended, in the order in which they were seen. Asked for each job that is looked at: read again
   * only after a write of this object, which is the table's only writer.
   */
  active(): readonly JobRecord[] {
    this.#active ??= this.#store
      .all(`select * from jobs where phase not in (${ENDED}) order by rowid`)
      .map(recordOf);
    return this.#active;
  }

  /** `active` is read again. */
  reread(): void {
    this.#active = null;
  }

  add(id: Hex): void {
    this.#active = null;
    this.#store.run("insert into jobs (id, phase) values (?, 'seen') on conflict (id) do nothing", [
      id,
    ]);
  }

  update(id: Hex, patch: JobPatch): void {
    const entries = Object.entries(patch).filter(([name]) => COLUMNS.has(name));
    if (entries.length === 0) return;
    const set = entries.map(([name]) => `${name} = ?`).join(', ');
    const values = entries.map(([, value]): SqlValue => value ?? null);
    this.#active = null;
    this.#store.run(`update jobs set ${set} where id = ?`, [...values, id]);
  }

  /** How many are in each phase. */
  counts(): ReadonlyMap<Phase, number> {
    const rows = this.#store.all('select phase, count(*) as n from jobs group by phase');
    const counts = new Map<Phase, number>();
    for (const row of rows) {
      const phase = textOf(row, 'phase');
      if (isPhase(phase)) counts.set(phase, numberOf(row, 'n'));
    }
    return counts;
  }
}
