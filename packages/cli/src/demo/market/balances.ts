import type { MarketClient, MarketView } from '@assay/market';
import type { Address } from 'viem';
import { formatDollars } from '../../network/amounts.ts';
import { renderTable } from '../../ui/index.ts';

/** Everything that an account has: tokens, credit in the market, stake. */
export interface Holding {
  readonly name: string;
  readonly address: Address;
  readonly tokens: bigint;
  readonly credit: bigint;
  readonly stake: bigint;
}

const BURNED: Address = '0x000000000000000000000000000000000000dEaD';

export async function holdings(
  client: MarketClient,
  view: MarketView,
  accounts: ReadonlyMap<string, Address>,
): Promise<readonly Holding[]> {
  const all: [string, Address][] = [...accounts, ['burned', BURNED]];
  return Promise.all(
    all.map(async ([name, address]) => {
      const [tokens, credit] = await Promise.all([
        client.reads.tokens(address),
        client.reads.balance(address),
      ]);
      const isProvider = view.provider(address) !== null;
      const account = isProvider ? await client.reads.account(address) : null;
      const stake = account === null ? 0n : account.free + account.reserved + account.leaving;
      return { name, address, tokens, credit, stake };
    }),
  );
}

const total = ({ tokens, credit, stake }: Holding): bigint => tokens + credit + stake;

/** What all accounts together have gained: nothing. */
export function sumOfChanges(before: readonly Holding[], after: readonly Holding[]): bigint {
  const all = (held: readonly Holding[]): bigint => held.reduce((sum, one) => sum + total(one), 0n);
  return all(after) - all(before);
}

/** Who has gained and who has lost; the changes add up to nothing. */
export function renderHoldings(before: readonly Holding[], after: readonly Holding[]): string {
  const rows = after.map((now) => {
    const then = before.find(({ name }) => name === now.name);
    const change = total(now) - (then === undefined ? 0n : total(then));
    return { now, change };
  });
  const sum = sumOfChanges(before, after);
  const signed = (amount: bigint): string =>
    `${amount > 0n ? '+' : amount < 0n ? '−' : ''}${formatDollars(amount < 0n ? -amount : amount)}`;
  return renderTable(
    [
      { title: 'account' },
      { title: 'tokens', align: 'right' },
      { title: 'in the market', align: 'right' },
      { title: 'stake', align: 'right' },
      { title: 'since the start', align: 'right' },
    ],
    [
      ...rows.map(({ now, change }) => [
        now.name,
        formatDollars(now.tokens),
        formatDollars(now.credit),
        formatDollars(now.stake),
        signed(change),
      ]),
      ['sum', '', '', '', signed(sum)],
    ],
  );
}
