import { type Hex, keccak256, toHex } from 'viem';
import type { Call, Fees, MinedReceipt, Wire } from '../outbox/index.ts';

/** A signed transaction as the fake chain carries it: readable. */
export interface FakeTransaction extends Call, Fees {
  readonly nonce: number;
  readonly gas: bigint;
  readonly hash: Hex;
}

interface FakeBlock {
  readonly transactions: FakeTransaction[];
  /** What other accounts do: it comes before. */
  readonly others: unknown[];
}

/** A chain in memory whose blocks, mempool and failures the test decides. */
export class FakeChain {
  readonly blocks: FakeBlock[] = [{ transactions: [], others: [] }];
  /** Of other accounts, for the next block. */
  others: unknown[] = [];
  mempool: FakeTransaction[] = [];
  /** Called before every request; throws to play a node that is away. */
  beforeRequest: (name: string) => void = () => undefined;
  /** Calls that would revert. */
  refuses: (call: Call) => string | null = () => null;
  /** Calls that revert when they are mined. */
  reverts: (transaction: FakeTransaction) => boolean = () => false;
  baseFee = 10n;
  /** How many reorgs there were. */
  fork = 0;
  readonly #decoded = new Map<Hex, FakeTransaction>();

  get mined(): readonly FakeTransaction[] {
    return this.blocks.flatMap(({ transactions }) => transactions);
  }

  /** A block of what the mempool has in order of nonce, the better offer first. */
  mine(take: (transaction: FakeTransaction) => boolean = () => true): void {
    const block: FakeBlock = { transactions: [], others: this.others };
    this.others = [];
    const offers = this.mempool.toSorted(
      (a, b) => 1e6 * (a.nonce - b.nonce) + Number(b.maxFeePerGas - a.maxFeePerGas),
    );
    let next = this.mined.length;
    for (const offer of offers) {
      if (offer.nonce !== next || !take(offer) || offer.maxFeePerGas < this.baseFee) continue;
      block.transactions.push(offer);
      next++;
    }
    this.mempool = this.mempool.filter(({ nonce }) => nonce >= next);
    this.blocks.push(block);
  }

  /** The last blocks never were. This account's transactions are forgotten, what others did comes again. */
  reorg(depth: number): void {
    const gone = this.blocks.splice(this.blocks.length - depth, depth);
    this.others = [...gone.flatMap(({ others }) => others), ...this.others];
    this.fork += 1;
    while (depth-- > 0) this.blocks.push({ transactions: [], others: [] });
  }

  /** Another program with the same key. */
  foreign(nonce: number): void {
    const call = { to: '0xff', data: '0xff', nonce, gas: 1n, hash: '0xff' } as const;
    this.mempool.push({ ...call, maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 1n });
  }

  wire(): Wire {
    const request = (name: string): void => this.beforeRequest(name);
    const count = (blocks: readonly FakeBlock[]): number =>
      blocks.reduce((sum, { transactions }) => sum + transactions.length, 0);
    return {
      address: '0x01',
      head: async () => {
        request('head');
        return BigInt(this.blocks.length - 1);
      },
      countOf: async (block) =>
        count(this.blocks.slice(0, block === undefined ? undefined : Number(block) + 1)),
      estimate: async (call) => {
        request('estimate');
        const reason = this.refuses(call);
        return reason === null ? { gas: 100n } : { refusal: { reason, data: null } };
      },
      fees: async () => ({ maxFeePerGas: 2n * this.baseFee, maxPriorityFeePerGas: 1n }),
      sign: async (call) => {
        const text = JSON.stringify(call, (_, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        const hash = keccak256(toHex(text));
        this.#decoded.set(hash, { ...call, hash });
        return { raw: hash, hash };
      },
      broadcast: async (raw) => {
        request('broadcast');
        const transaction = this.#decoded.get(raw);
        if (transaction === undefined) throw new TypeError('broadcast: never signed');
        if (transaction.nonce < this.mined.length) return { problem: 'nonce too low' };
        if (this.mempool.some(({ hash }) => hash === raw)) return { problem: 'already known' };
        this.mempool.push(transaction);
        return { problem: null };
      },
      receipt: async (hash): Promise<MinedReceipt | null> => {
        request('receipt');
        const at = this.blocks.findIndex((b) => b.transactions.some((t) => t.hash === hash));
        const transaction = this.blocks[at]?.transactions.find((t) => t.hash === hash);
        if (transaction === undefined) return null;
        return { hash, block: BigInt(at), isSuccess: !this.reverts(transaction), gasUsed: 90n };
      },
    };
  }
}
