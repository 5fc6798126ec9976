import type { MarketEvent } from '@assay/market';
import type { Hex } from 'viem';
import { expect, test } from 'vitest';
import { type Facts, findFaults } from './check.ts';
import { metricSum } from './provider-process.ts';

const A: Hex = '0x00000000000000000000000000000000000000a1';
const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
const STAKE = 100n;

/** Events of a job that went well; the checks look at these fields alone. */
const event = (name: string, job: Hex, args: object = {}): MarketEvent =>
  ({ contract: 'market', name, args: { job, ...args } }) as unknown as MarketEvent;

function lifeOf(job: Hex, price = 7n): MarketEvent[] {
  const content = { outputRoot: hash(2), traceRoot: hash(3) };
  return [
    event('Posted', job),
    event('Locked', job, { provider: A, price }),
    event('Submitted', job, { output: hash(1), content }),
    event('Finalized', job, { price }),
  ];
}

const jobs = [hash(100), hash(101)].map((id) => ({
  id,
  output: hash(1),
  outputRoot: hash(2),
  traceRoot: hash(3),
})) as unknown as Facts['jobs'];

const good: Facts = {
  jobs,
  events: jobs.flatMap(({ id }) => lifeOf(id)),
  money: {
    minted: 1000n,
    accounts: 880n,
    inMarket: 20n,
    inProviders: 100n,
    inDisputes: 0n,
    requester: 6n,
    providers: [14n],
    deposited: 20n,
  },
  standings: [
    {
      address: A,
      stake: STAKE,
      free: STAKE,
      reserved: 0n,
      done: 2,
      late: 0,
      faulty: 0,
      slashed: 0,
    },
  ],
  leftovers: [{ name: 'provider-1', count: 0 }],
};

test('a run without faults', () => {
  expect(findFaults(good)).toEqual([]);
});

const without = (name: string): MarketEvent[] =>
  good.events.filter((e) => e.name !== name || !('job' in e.args) || e.args.job !== hash(100));
const replaced = (name: string, args: object): MarketEvent[] => [
  ...without(name),
  event(name, hash(100), args),
];
const submission = (changes: object): object => ({
  output: hash(1),
  content: { outputRoot: hash(2), traceRoot: hash(3), ...changes },
});
const [standing] = good.standings;

test.each<[string, Partial<Facts>, RegExp]>([
  ['lost', { events: without('Finalized') }, /Finalized 0 times/],
  ['doubled', { events: [...good.events, ...lifeOf(hash(100)).slice(3)] }, /Finalized 2 times/],
  ['locked twice', { events: [...good.events, ...lifeOf(hash(100)).slice(1, 2)] }, /Locked 2/],
  ['of nobody', { events: [...good.events, event('Posted', hash(9))] }, /nobody posted it/],
  ['faulted', { events: [...good.events, event('Faulted', hash(100), { fault: 0 })] }, /fault 0/],
  ['another price', { events: replaced('Finalized', { price: 8n }) }, /paid another price/],
  [
    'another output',
    { events: replaced('Submitted', { ...submission({}), output: hash(5) }) },
    /another output$/,
  ],
  [
    'another output root',
    { events: replaced('Submitted', submission({ outputRoot: hash(5) })) },
    /another output root/,
  ],
  [
    'another trace',
    { events: replaced('Submitted', submission({ traceRoot: hash(5) })) },
    /another trace root/,
  ],
  ['a token lost', { money: { ...good.money, accounts: 879n } }, /tokens were lost/],
  ['the market short', { money: { ...good.money, requester: 5n } }, /the market holds more/],
  ['unpaid', { money: { ...good.money, providers: [13n] } }, /providers have another sum/],
  ['not refunded', { money: { ...good.money, deposited: 21n } }, /requester has another rest/],
  ['stuck', { leftovers: [{ name: 'provider-1', count: 1 }] }, /1 transactions or jobs are left/],
  ...(standing === undefined
    ? []
    : ([
        ['stake reserved', { standings: [{ ...standing, reserved: 1n }] }, /not whole and free/],
        ['stake short', { standings: [{ ...standing, free: 99n }] }, /not whole and free/],
        ['miscounted', { standings: [{ ...standing, done: 1 }] }, /the registry counts 1/],
        ['late', { standings: [{ ...standing, late: 1 }] }, /late, or slashed/],
      ] as [string, Partial<Facts>, RegExp][])),
])('%s', (_, changes, fault) => {
  expect(findFaults({ ...good, ...changes }).join('\n')).toMatch(new RegExp(fault.source, 'm'));
});

test('sums of metrics', () => {
  const text =
    '# HELP a_total x\na_total{state="x"} 3\na_total{state="y"} 4\na_total_more 9\nb 2\n';
  expect(metricSum(text, 'a_total')).toBe(7);
  expect(metricSum(text, 'a_total', 'state="y"')).toBe(4);
  expect(metricSum(text, 'b')).toBe(2);
  expect(metricSum(text, 'c')).toBe(0);
});
