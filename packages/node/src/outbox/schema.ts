import type { Migration } from '../database/index.ts';

export const OUTBOX_SCHEMA: Migration = {
  name: 'outbox',
  sql: `
    create table calls (
      key text primary key,
      position integer not null unique,
      target text not null,
      data text not null,
      value text not null,
      state text not null,
      nonce integer unique,
      gas text,
      block text,
      success integer,
      mined_hash text,
      reason text,
      refusal text
    );
    create index calls_by_state on calls (state, position);
    create table attempts (
      hash text primary key,
      key text not null references calls (key),
      raw text not null,
      max_fee text not null,
      priority_fee text not null,
      sent_at integer not null
    );
    create index attempts_by_key on attempts (key, sent_at)
  `,
};
