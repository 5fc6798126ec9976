import { type BlockRef, type FollowerStore, KEPT_CHECKPOINTS, type RawLog } from '@assay/market';
import type { Address, Hex } from 'viem';
import {
  databaseError,
  type Migration,
  numberOf,
  type Row,
  type Store,
  textOf,
} from '../database/index.ts';

export const FOLLOWER_SCHEMA: Migration = {
  name: 'follower',
  sql: `
    create table checkpoints (block integer primary key, hash text not null);
    create table logs (
      block integer not null,
      position integer not null,
      block_hash text not null,
      address text not null,
      topics text not null,
      data text not null,
      transaction_hash text not null,
      primary key (block, position)
    )
  `,
};

function isHexes(value: unknown): value is readonly Hex[] {
  return Array.isArray(value) && value.every((v) => typeof v === 'string' && v.startsWith('0x'));
}

function logOf(row: Row): RawLog {
  const topics: unknown = JSON.parse(textOf(row, 'topics'));
  if (!isHexes(topics)) throw databaseError('ASSAY_DATABASE_FORMAT', 'database: topics of a log');
  return {
    address: textOf(row, 'address') as Address,
    topics,
    data: textOf(row, 'data') as Hex,
    block: { number: BigInt(numberOf(row, 'block')), hash: textOf(row, 'block_hash') as Hex },
    logIndex: numberOf(row, 'position'),
    transaction: textOf(row, 'transaction_hash') as Hex,
  };
}

/** What a follower has seen, in the database: a restart goes on where it stood. */
export function createFollowerStore(store: Store): FollowerStore {
  // Asked at every poll: read once, kept in step.
  let known: BlockRef[] = store
    .all('select * from checkpoints order by block')
    .map((row) => ({ number: BigInt(numberOf(row, 'block')), hash: textOf(row, 'hash') as Hex }));
  return {
    checkpoints: () => known,
    append: (logs, checkpoint) => {
      const next = [...known, checkpoint].slice(-KEPT_CHECKPOINTS);
      store.transaction(() => {
        for (const log of logs) {
          store.run('insert or replace into logs values (?, ?, ?, ?, ?, ?, ?)', [
            log.block.number,
            log.logIndex,
            log.block.hash,
            log.address,
            JSON.stringify(log.topics),
            log.data,
            log.transaction,
          ]);
        }
        store.run('insert or replace into checkpoints values (?, ?)', [
          checkpoint.number,
          checkpoint.hash,
        ]);
        store.run('delete from checkpoints where block < ?', [next[0]?.number ?? 0n]);
      });
      known = next;
    },
    rollback: (to) => {
      const above = to?.number ?? -1n;
      store.transaction(() => {
        store.run('delete from logs where block > ?', [above]);
        store.run('delete from checkpoints where block > ?', [above]);
      });
      known = known.filter(({ number }) => number <= above);
    },
    logs: () => store.all('select * from logs order by block, position').map(logOf),
  };
}
