import { Follower, type MarketEvent, MemoryFollowerStore, pause } from '@assay/market';
import type { LocalMarket } from '@assay/market/testing';
import type { Hex } from 'viem';

/** When the events of a job were seen here, in milliseconds of one clock; only the last of each name. */
export type Times = Partial<Record<string, number>>;

/** Looks at the market from outside, and keeps what it sees and when. */
export interface Observer {
  readonly events: readonly MarketEvent[];
  readonly times: ReadonlyMap<Hex, Times>;
  /** Events of a name. */
  count(name: string): number;
  /** Looks once more, and stops. */
  stop(): Promise<void>;
}

const POLL_MS = 100;

export function observe(market: LocalMarket, nowMs: () => number): Observer {
  const events: MarketEvent[] = [];
  const times = new Map<Hex, Times>();
  const counts = new Map<string, number>();
  const follower = new Follower({
    client: market.client,
    addresses: market.addresses,
    store: new MemoryFollowerStore(),
    onEvent: (event) => {
      if (event.contract !== 'market' || !('job' in event.args)) return;
      events.push(event);
      counts.set(event.name, (counts.get(event.name) ?? 0) + 1);
      const { job } = event.args;
      times.set(job, { ...times.get(job), [event.name]: nowMs() });
    },
  });
  const abort = new AbortController();
  const run = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      // What cannot be read now is read the next time.
      await follower.poll().catch(() => {});
      await pause(POLL_MS, abort.signal);
    }
  };
  const running = run();
  return {
    events,
    times,
    count: (name) => counts.get(name) ?? 0,
    stop: async () => {
      abort.abort();
      await running;
      await follower.poll();
    },
  };
}
