import { Follower, type MarketEvent, MemoryFollowerStore, jobOf } from '@assay/market';
import type { Hex } from 'viem';
import type { Network } from '../../network/network-file.ts';
import { describeEvent } from './event-lines.ts';

/** What was said of a job. */
export interface Line {
  readonly job: Hex | null;
  readonly what: string;
  readonly words: string;
  readonly gas: number;
  /** Since the job was posted. */
  readonly seconds: number;
}

const POLL_MS = 150;

/** Tells what happens on the chain, a line an event, in order, with the gas that it took. */
export class Narrator {
  readonly lines: Line[] = [];
  readonly #network: Network;
  readonly #names: ReadonlyMap<string, string>;
  readonly #say: (line: string) => void;
  readonly #abort: AbortController = new AbortController();
  readonly #follower: Follower;
  readonly #since: Map<Hex, number> = new Map();
  /** Lines that wait for an event, by its name. */
  readonly #waiting: Map<string, string[]> = new Map();
  #lastEvent = '';
  #said: Promise<void> = Promise.resolve();
  #running: Promise<void> | null = null;

  constructor(network: Network, names: ReadonlyMap<string, string>, say: (line: string) => void) {
    this.#network = network;
    this.#names = names;
    this.#say = say;
    const { client, addresses } = network;
    this.#follower = new Follower({
      client,
      addresses,
      store: new MemoryFollowerStore(),
      pollMs: POLL_MS,
      onEvent: (event) => {
        this.#said = this.#said.then(() => this.#tell(event));
      },
    });
  }

  start(): void {
    this.#running = this.#follower.run(this.#abort.signal);
  }

  /** Says something that the chain does not show, behind the event that it follows from. */
  after(event: MarketEvent['name'], line: string): void {
    if (this.#lastEvent === event) this.#say(line);
    else this.#waiting.set(event, [...(this.#waiting.get(event) ?? []), line]);
  }

  /** Everything that has happened so far has been told. */
  async settled(): Promise<void> {
    await new Promise((done) => setTimeout(done, 3 * POLL_MS));
    await this.#said;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#said;
  }

  async #tell(event: MarketEvent): Promise<void> {
    const id = jobOf(event);
    const job = id === null ? null : (this.#follower.view.jobs.get(id) ?? null);
    const told = describeEvent(event, job, this.#names);
    if (told === null) return;
    const { block, transaction } = event.raw;
    const { client } = this.#network;
    const [{ gasUsed }, { timestamp }] = await Promise.all([
      client.getTransactionReceipt({ hash: transaction }),
      client.getBlock({ blockHash: block.hash }),
    ]);
    const now = Number(timestamp);
    if (event.name === 'Posted' && id !== null) this.#since.set(id, now);
    const since = (id === null ? undefined : this.#since.get(id)) ?? this.#last();
    const [what, words] = told;
    const line: Line = { job: id, what, words, gas: Number(gasUsed), seconds: now - since };
    this.lines.push(line);
    this.#say(renderLine(line));
    this.#lastEvent = event.name;
    for (const waiting of this.#waiting.get(event.name) ?? []) this.#say(waiting);
    this.#waiting.delete(event.name);
  }

  #last(): number {
    return [...this.#since.values()].at(-1) ?? 0;
  }
}

export function renderLine({ what, words, gas, seconds }: Line): string {
  const thousands = `${Math.round(gas / 1000)} k gas`;
  return `  ${`+${seconds} s`.padStart(6)}  ${what.padEnd(10)}  ${words} (${thousands})`;
}
