import { MarketCalls, MarketReads } from '@assay/market';
import type { Address, Hex } from 'viem';
import { getAddress, isAddress } from 'viem';
import { EXIT } from '../exit-codes.ts';
import { formatDollars, parseDollars } from '../network/amounts.ts';
import { signing } from '../network/client.ts';
import { type AccountOptions, type NetworkOptions, openNetwork } from '../network/network-file.ts';
import { type Outcome, UsageError } from '../outcome.ts';
import type { CommonOptions } from '../terminal.ts';

export interface FundsOptions extends CommonOptions, NetworkOptions, AccountOptions {
  /** Dollars, or "all". */
  readonly withdraw?: string;
  readonly deposit?: string;
  readonly stake?: string;
  readonly leave?: string;
  readonly collect?: boolean;
  readonly to?: string;
}

/** Shows what an account has in a market, after moving what the options say. */
export async function funds(options: FundsOptions): Promise<Outcome> {
  const network = openNetwork(options);
  const { client, addresses } = network;
  const sender = signing(network, options, 'provider-1');
  const calls = new MarketCalls(addresses);
  const reads = new MarketReads(client, addresses);
  const me = sender.address;
  const to = recipient(options.to, me);
  const allow = async (spender: Address, amount: bigint): Promise<void> => {
    if ((await reads.allowance(me, spender)) >= amount) return;
    await sender.send(calls.approve(spender, amount));
  };
  const hashes: Record<string, Hex> = {};
  const send = async (name: string, call: ReturnType<MarketCalls['burn']>): Promise<void> => {
    hashes[name] = (await sender.send(call)).transactionHash;
  };
  if (options.deposit !== undefined) {
    const amount = parseDollars('--deposit', options.deposit);
    await allow(addresses.market, amount);
    await send('deposit', calls.deposit(amount));
  }
  if (options.withdraw !== undefined) {
    const amount =
      options.withdraw === 'all'
        ? await reads.balance(me)
        : parseDollars('--withdraw', options.withdraw);
    if (amount > 0n) await send('withdraw', calls.withdraw(to, amount));
  }
  if (options.stake !== undefined) {
    const amount = parseDollars('--stake', options.stake);
    await allow(addresses.providers, amount);
    await send('stake', calls.stake(amount));
  }
  if (options.leave !== undefined) {
    await send('leave', calls.requestLeave(parseDollars('--leave', options.leave)));
  }
  if (options.collect === true) await send('collect', calls.withdrawStake(to));

  const [tokens, balance, account, gas] = await Promise.all([
    reads.tokens(me),
    reads.balance(me),
    reads.account(me),
    client.getBalance({ address: me }),
  ]);
  const { free, reserved, leaving, leavingAt, done, late, slashed } = account;
  const when = new Date(leavingAt * 1000).toISOString().replace('.000', '');
  return {
    exitCode: EXIT.ok,
    json: {
      ok: true,
      account: me,
      tokens: String(tokens),
      balance: String(balance),
      stake: {
        free: String(free),
        reserved: String(reserved),
        leaving: String(leaving),
        leavingAt,
      },
      jobs: { done, late, slashed },
      gasCoin: String(gas),
      transactions: hashes,
    },
    text: [
      `account     ${me}`,
      `own         ${formatDollars(tokens)}`,
      `in market   ${formatDollars(balance)}`,
      `stake       ${formatDollars(free)} free, ${formatDollars(reserved)} reserved${leaving > 0n ? `, ${formatDollars(leaving)} leaves at ${when}` : ''}`,
      `jobs        ${done} done, ${late} late, ${slashed} slashed`,
    ].join('\n'),
  };
}

function recipient(text: string | undefined, fallback: Address): Address {
  if (text === undefined) return fallback;
  if (isAddress(text)) return getAddress(text);
  throw new UsageError(`--to: expected an address, got "${text}"`);
}
