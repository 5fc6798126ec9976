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

/**
 * seen: to be checked. differs: computed here, roots are others. committing, revealing: evidence is on
 * its way. challenging: data were refused, and are demanded on chain.
 */
export const CHECK_PHASES = ['seen', 'differs', 'committing', 'revealing', 'challenging'] as const;
/** unverifiable: input or weights are not to be had. missed: the window was over. skipped: not in the sample. */
export const VERDICT_PHASES = ['pass', 'fail', 'unverifiable', 'missed', 'skipped'] as const;
export type CheckPhase = (typeof CHECK_PHASES)[number];
export type Verdict = (typeof VERDICT_PHASES)[number];
export type Phase = CheckPhase | Verdict;

export interface CheckRecord {
  /** Hash of the submission. */
  readonly submission: Hex;
  readonly job: Hex;
  readonly phase: Phase;
  readonly reason: string | null;
  /** Of the evidence: data of the call that shows it, and what names it before. */
  readonly reveal: Hex | null;
  readonly commitment: Hex | null;
  readonly challenge: Hex | null;
  readonly attempts: number;
  readonly restUntil: number;
}

export type CheckPatch = Partial<Omit<CheckRecord, 'submission' | 'job'>>;

export const WATCHER_SCHEMA: Migration = {
  name: 'watcher',
  sql: `
    create table checks (
      submission text primary key,
      job text not null,
      phase text not null,
      reason text,
      reveal text,
      commitment text,
      challenge text,
      attempts integer not null default 0,
      restUntil integer not null default 0
    );
    create index checks_by_phase on checks (phase)
  `,
};

const COLUMNS = new Set([
  'phase',
  'reason',
  'reveal',
  'commitment',
  'challenge',
  'attempts',
  'restUntil',
]);
const ENDED = VERDICT_PHASES.map((phase) => `'${phase}'`).join(', ');

export function isVerdict(phase: Phase): phase is Verdict {
  return VERDICT_PHASES.some((verdict) => verdict === phase);
}

function recordOf(row: Row): CheckRecord {
  const text = textOf(row, 'phase');
  const phase = [...CHECK_PHASES, ...VERDICT_PHASES].find((known) => known === text);
  if (phase === undefined) {
    throw databaseError('ASSAY_DATABASE_FORMAT', `database: no check is "${text}"`);
  }
  const hex = (name: string): Hex | null => textOrNull(row, name) as Hex | null;
  return {
    submission: textOf(row, 'submission') as Hex,
    job: textOf(row, 'job') as Hex,
    phase,
    reason: textOrNull(row, 'reason'),
    reveal: hex('reveal'),
    commitment: hex('commitment'),
    challenge: hex('challenge'),
    attempts: numberOf(row, 'attempts'),
    restUntil: numberOf(row, 'restUntil'),
  };
}

/** The table of submissions that were looked at. */
export class CheckRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  get(submission: Hex): CheckRecord | null {
    const row = this.#store.get('select * from checks where submission = ?', [submission]);
    return row === null ? null : recordOf(row);
  }

  active(): readonly CheckRecord[] {
    return this.#store
      .all(`select * from checks where phase not in (${ENDED}) order by rowid`)
      .map(recordOf);
  }

  add(submission: Hex, job: Hex, phase: Phase): void {
    this.#store.run(
      'insert into checks (submission, job, phase) values (?, ?, ?) on conflict (submission) do nothing',
      [submission, job, phase],
    );
  }

  update(submission: Hex, patch: CheckPatch): void {
    const entries = Object.entries(patch).filter(([name]) => COLUMNS.has(name));
    if (entries.length === 0) return;
    const set = entries.map(([name]) => `${name} = ?`).join(', ');
    const values = entries.map(([, value]): SqlValue => value ?? null);
    this.#store.run(`update checks set ${set} where submission = ?`, [...values, submission]);
  }
}
