import type { Hex } from 'viem';
import {
  amountOf,
  numberOf,
  numberOrNull,
  type Row,
  type Store,
  textOf,
  textOrNull,
} from '../database/index.ts';
import type { Logger } from '../log.ts';
import type { Call, Delivery, DeliveryState, Fees, MinedReceipt, Outbox, Wire } from './types.ts';

export interface OutboxOptions {
  readonly store: Store;
  readonly wire: Wire;
  readonly log: Logger;
  /** Blocks on top of a transaction's own before it counts as settled. */
  readonly confirmations: number;
  /** An unmined transaction is offered more after this time. @default 30000 */
  readonly bumpAfterMs?: number | undefined;
  /** No transaction offers more per gas. @default 500 gwei */
  readonly feeCap?: bigint | undefined;
  /** Signed and unsettled at a time; more wait in the queue. @default 16 */
  readonly inFlight?: number | undefined;
  /** @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** Nodes want at least 10 % more of a replacement. */
const BUMP_PERCENT = 125n;
/** Between broadcasts of the same transaction. */
const BROADCAST_MS = 5_000;
/** Estimates are of the state now, execution of another. */
const GAS_PERCENT = 130n;
const STATES: readonly DeliveryState[] = [
  'queued',
  'sent',
  'mined',
  'confirmed',
  'failed',
  'refused',
];

const hex = (text: string): Hex => text as Hex;

function stateOf(row: Row): DeliveryState {
  const state = STATES.find((known) => known === row['state']);
  if (state === undefined) throw new TypeError(`outbox: state ${String(row['state'])}`);
  return state;
}

function callOf(row: Row): Call {
  return {
    to: hex(textOf(row, 'target')),
    data: hex(textOf(row, 'data')),
    value: amountOf(row, 'value'),
  };
}

function deliveryOf(row: Row): Delivery {
  const hash = textOrNull(row, 'mined_hash');
  const block = textOrNull(row, 'block');
  const success = numberOrNull(row, 'success');
  const reason = textOrNull(row, 'reason');
  const data = textOrNull(row, 'refusal');
  return {
    key: textOf(row, 'key'),
    state: stateOf(row),
    hash: hash === null ? null : hex(hash),
    block: block === null ? null : BigInt(block),
    isSuccess: success === null ? null : success === 1,
    refusal: reason === null ? null : { reason, data: data === null ? null : hex(data) },
  };
}

/** A call that is signed, and not stored yet. */
interface SignedRow {
  readonly key: string;
  readonly nonce: number;
  readonly gas: bigint;
  readonly hash: Hex;
  readonly raw: Hex;
}

type Settings = { readonly [K in keyof OutboxOptions]-?: Exclude<OutboxOptions[K], undefined> };

class StoredOutbox implements Outbox {
  readonly #options: Settings;
  /** When this process has broadcast a transaction, by its key. */
  readonly #broadcastAt: Map<string, number> = new Map();

  constructor(options: OutboxOptions) {
    this.#options = {
      ...options,
      bumpAfterMs: options.bumpAfterMs ?? 30_000,
      feeCap: options.feeCap ?? 500n * 10n ** 9n,
      inFlight: options.inFlight ?? 16,
      now: options.now ?? Date.now,
    };
  }

  get pending(): number {
    const row = this.#options.store.get(
      "select count(*) as n from calls where state in ('queued', 'sent', 'mined')",
    );
    return row === null ? 0 : numberOf(row, 'n');
  }

  enqueue(key: string, call: Call): void {
    this.#options.store.run(
      `insert into calls (key, position, target, data, value, state)
       values (?, (select coalesce(max(position), 0) + 1 from calls), ?, ?, ?, 'queued')
       on conflict (key) do nothing`,
      [key, call.to, call.data, String(call.value ?? 0n)],
    );
  }

  retry(key: string, call?: Call): void {
    const { store } = this.#options;
    store.transaction(() => {
      if (call !== undefined) {
        store.run(
          "update calls set target = ?, data = ?, value = ? where key = ? and state in ('refused', 'failed')",
          [call.to, call.data, String(call.value ?? 0n), key],
        );
      }
      this.#requeue(key, ['refused', 'failed']);
    });
  }

  delivery(key: string): Delivery | null {
    const row = this.#options.store.get('select * from calls where key = ?', [key]);
    return row === null ? null : deliveryOf(row);
  }

  async step(): Promise<void> {
    const { wire } = this.#options;
    const head = await wire.head();
    const count = await wire.countOf();
    this.#revive(count);
    await this.#options.store.batch(async () => {
      for (const row of this.#rows(['sent', 'mined'])) await this.#track(row, head);
    });
    await this.#deliver();
    await this.#signQueued(count);
  }

  #rows(states: readonly DeliveryState[], limit = -1): readonly Row[] {
    const marks = states.map(() => '?').join(', ');
    return this.#options.store.all(
      `select * from calls where state in (${marks}) order by nonce, position limit ?`,
      [...states, limit],
    );
  }

  #attempts(key: string): readonly Row[] {
    return this.#options.store.all('select * from attempts where key = ? order by sent_at', [key]);
  }

  /** The call is to be signed anew, with a nonce of its own. */
  #requeue(key: string, from: readonly DeliveryState[]): void {
    const { store } = this.#options;
    const marks = from.map(() => '?').join(', ');
    store.transaction(() => {
      const { changes } = store.run(
        `update calls set state = 'queued', nonce = null, gas = null, block = null, success = null,
           mined_hash = null, reason = null, refusal = null,
           position = (select max(position) + 1 from calls)
         where key = ? and state in (${marks})`,
        [key, ...from],
      );
      if (changes > 0) store.run('delete from attempts where key = ?', [key]);
    });
  }

  /** A chain that has fewer transactions than were settled has lost them: they are sent again. */
  #revive(count: number): void {
    const { changes } = this.#options.store.run(
      `update calls set state = 'sent', block = null, success = null, mined_hash = null
       where nonce >= ? and state in ('confirmed', 'failed')`,
      [count],
    );
    if (changes > 0)
      this.#options.log.warn({ changes }, 'settled transactions have left the chain');
  }

  async #track(row: Row, head: bigint): Promise<void> {
    const { store, wire, confirmations, log } = this.#options;
    const key = textOf(row, 'key');
    let found: MinedReceipt | null = null;
    for (const attempt of this.#attempts(key)) {
      found ??= await wire.receipt(hex(textOf(attempt, 'hash')));
    }
    if (found === null) {
      if (stateOf(row) !== 'sent') {
        store.run(
          "update calls set state = 'sent', block = null, success = null, mined_hash = null where key = ?",
          [key],
        );
      }
      await this.#findLost(row, head);
      return;
    }
    const isSettled = head - found.block >= BigInt(confirmations);
    const state = !isSettled ? 'mined' : found.isSuccess ? 'confirmed' : 'failed';
    const { hash, block } = deliveryOf(row);
    if (state === stateOf(row) && hash === found.hash && block === found.block) return;
    store.run('update calls set state = ?, block = ?, success = ?, mined_hash = ? where key = ?', [
      state,
      String(found.block),
      found.isSuccess ? 1 : 0,
      found.hash,
      key,
    ]);
    if (isSettled)
      log.info({ call: key, hash: found.hash, gas: found.gasUsed, state }, 'transaction settled');
  }

  /** Its nonce went to another transaction, of another program with the same account. */
  async #findLost(row: Row, head: bigint): Promise<void> {
    const { wire, confirmations, log } = this.#options;
    const depth = head - BigInt(confirmations);
    if (depth < 0n || (await wire.countOf(depth)) <= numberOf(row, 'nonce')) return;
    // Looked up again: it may have been mined since.
    for (const attempt of this.#attempts(textOf(row, 'key'))) {
      if ((await wire.receipt(hex(textOf(attempt, 'hash')))) !== null) return;
    }
    log.warn({ call: row['key'], nonce: row['nonce'] }, 'nonce was used by another transaction');
    this.#requeue(textOf(row, 'key'), ['sent']);
  }

  /** Broadcasts what is not mined, again each time, and raises what it offers when that takes too long. */
  async #deliver(): Promise<void> {
    const { wire, now, bumpAfterMs, log } = this.#options;
    for (const row of this.#rows(['sent'])) {
      const key = textOf(row, 'key');
      const last = this.#attempts(key).at(-1);
      if (last === undefined) continue;
      const isLate = now() - numberOf(last, 'sent_at') >= bumpAfterMs;
      const known = this.#broadcastAt.get(key) ?? Number.NEGATIVE_INFINITY;
      if (!isLate && now() - known < Math.min(BROADCAST_MS, bumpAfterMs / 4)) continue;
      const raw = isLate ? await this.#bump(row, last) : hex(textOf(last, 'raw'));
      const { problem } = await wire.broadcast(raw);
      this.#broadcastAt.set(key, now());
      if (problem !== null) log.debug({ call: key, problem }, 'broadcast');
    }
  }

  async #bump(row: Row, last: Row): Promise<Hex> {
    const { wire, feeCap, log } = this.#options;
    const fees = await wire.fees();
    const raised = (name: string, now: bigint): bigint => {
      const least = (amountOf(last, name) * BUMP_PERCENT + 99n) / 100n;
      return now > least ? now : least;
    };
    const next: Fees = {
      maxFeePerGas: raised('max_fee', fees.maxFeePerGas),
      maxPriorityFeePerGas: raised('priority_fee', fees.maxPriorityFeePerGas),
    };
    if (next.maxFeePerGas > feeCap) return hex(textOf(last, 'raw'));
    const signed = await wire.sign({
      ...callOf(row),
      ...next,
      nonce: numberOf(row, 'nonce'),
      gas: amountOf(row, 'gas'),
    });
    this.#storeAttempt(textOf(row, 'key'), signed.hash, signed.raw, next);
    log.info({ call: row['key'], maxFeePerGas: next.maxFeePerGas }, 'fee raised');
    return signed.raw;
  }

  #storeAttempt(key: string, hash: Hex, raw: Hex, fees: Fees): void {
    this.#options.store.run(
      `insert into attempts values (?, ?, ?, ?, ?, ?) on conflict (hash) do nothing`,
      [
        hash,
        key,
        raw,
        String(fees.maxFeePerGas),
        String(fees.maxPriorityFeePerGas),
        this.#options.now(),
      ],
    );
  }

  /** Null: the node did not say, or the account cannot pay. What is queued waits; the rest goes on. */
  async #estimate(key: string, call: Call): Promise<Awaited<ReturnType<Wire['estimate']>> | null> {
    try {
      return await this.#options.wire.estimate(call);
    } catch (err) {
      this.#options.log.warn({ err, call: key }, 'cannot be estimated');
      return null;
    }
  }

  async #signQueued(count: number): Promise<void> {
    const { store, wire, inFlight, log } = this.#options;
    const open = this.#rows(['sent', 'mined']).length;
    const queued = this.#rows(['queued'], Math.max(0, inFlight - open));
    if (queued.length === 0) return;
    const fees = await this.#fees();
    const highest = store.get('select coalesce(max(nonce), -1) as n from calls');
    let nonce = Math.max(count, highest === null ? 0 : numberOf(highest, 'n') + 1);
    const signed: SignedRow[] = [];
    for (const row of queued) {
      const key = textOf(row, 'key');
      const call = callOf(row);
      let estimate = await this.#estimate(key, call);
      if (estimate !== null && 'refusal' in estimate && signed.length > 0) {
        // It may need one of those before it.
        await this.#send(signed.splice(0), fees);
        estimate = await this.#estimate(key, call);
      }
      if (estimate === null) break;
      if ('refusal' in estimate) {
        const { reason, data } = estimate.refusal;
        store.run("update calls set state = 'refused', reason = ?, refusal = ? where key = ?", [
          reason,
          data,
          key,
        ]);
        log.warn({ call: key, reason }, 'transaction would revert');
        continue;
      }
      const gas = (estimate.gas * GAS_PERCENT) / 100n;
      signed.push({ key, nonce, gas, ...(await wire.sign({ ...call, ...fees, nonce, gas })) });
      nonce += 1;
    }
    await this.#send(signed, fees);
  }

  async #fees(): Promise<Fees> {
    const { wire, feeCap } = this.#options;
    const offered = await wire.fees();
    return {
      maxFeePerGas: offered.maxFeePerGas < feeCap ? offered.maxFeePerGas : feeCap,
      maxPriorityFeePerGas:
        offered.maxPriorityFeePerGas < feeCap ? offered.maxPriorityFeePerGas : feeCap,
    };
  }

  /** Nonces, signatures and states in one transaction, before anybody sees them. */
  async #send(signed: readonly SignedRow[], fees: Fees): Promise<void> {
    const { store, wire, log, now } = this.#options;
    if (signed.length === 0) return;
    store.transaction(() => {
      for (const { key, nonce, gas, hash, raw } of signed) {
        store.run("update calls set state = 'sent', nonce = ?, gas = ? where key = ?", [
          nonce,
          String(gas),
          key,
        ]);
        this.#storeAttempt(key, hash, raw, fees);
      }
    });
    for (const { key, nonce, hash, raw } of signed) {
      const { problem } = await wire.broadcast(raw);
      this.#broadcastAt.set(key, now());
      log.info({ call: key, nonce, hash, problem }, 'transaction sent');
    }
  }
}

export function createOutbox(options: OutboxOptions): Outbox {
  return new StoredOutbox(options);
}
