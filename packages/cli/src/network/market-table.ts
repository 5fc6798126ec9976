import { isEnded, type JobView, type MarketView } from '@assay/market';
import type { Address, Hex } from 'viem';
import { renderTable } from '../ui/index.ts';
import { formatDollars } from './amounts.ts';

/** Stake of a provider, and what has become of its jobs. */
export interface ProviderFigures {
  readonly address: Address;
  readonly endpoint: string;
  readonly free: bigint;
  readonly reserved: bigint;
  readonly done: number;
  readonly late: number;
  readonly slashed: number;
}

export interface MarketFigures {
  readonly view: MarketView;
  readonly providers: readonly ProviderFigures[];
  /** Titles of models by id, where they are known. */
  readonly titles: ReadonlyMap<Hex, string>;
  /** Names of accounts by address in lower case, where they are known. */
  readonly names: ReadonlyMap<string, string>;
  readonly head: bigint;
  /** Unix seconds of the head. */
  readonly now: number;
}

/** First and last digits of a hash or an address. */
export function short(hex: Hex): string {
  return `${hex.slice(0, 8)}…${hex.slice(-4)}`;
}

export function nameOf(names: ReadonlyMap<string, string>, address: Address): string {
  return names.get(address.toLowerCase()) ?? short(address);
}

const EVIDENCE_WORDS = ['', 'trace', 'proof', 'trace + proof'];

/** Newest jobs first. */
export function renderJobs(figures: MarketFigures, most: number): string {
  const { view, titles, names, now } = figures;
  const jobs = [...view.jobs.values()].toSorted((a, b) =>
    Number(b.posted.number - a.posted.number),
  );
  const rows = jobs
    .slice(0, most)
    .map((job) => [
      short(job.id),
      titles.get(job.params.modelId) ?? short(job.params.modelId),
      job.state,
      EVIDENCE_WORDS[job.params.evidence] ?? '',
      formatDollars(job.lock?.price ?? job.params.maxPrice),
      job.lock === null ? '' : nameOf(names, job.lock.provider),
      clockOf(job, now),
    ]);
  const more = jobs.length - rows.length;
  const table = renderTable(
    [
      { title: 'job' },
      { title: 'model' },
      { title: 'state' },
      { title: 'evidence' },
      { title: 'price', align: 'right' },
      { title: 'provider' },
      { title: 'clock' },
    ],
    rows,
  );
  return more > 0 ? `${table}\n… and ${more} earlier ones` : table;
}

/** What a job waits for, and how long yet. */
function clockOf(job: JobView, now: number): string {
  if (isEnded(job.state)) return '';
  const left = (until: number): string => (until > now ? `${until - now} s` : 'over');
  switch (job.state) {
    case 'open':
      return `lock: ${left(job.params.lockBy)}`;
    case 'locked':
      return job.lock === null ? '' : `work: ${left(job.lock.due)}`;
    case 'submitted': {
      const open = job.challenges.length;
      const disputes = open === 0 ? '' : `, ${open} challenge${open === 1 ? '' : 's'}`;
      return job.submission === null ? '' : `window: ${left(job.submission.windowEnd)}${disputes}`;
    }
    case 'rescue':
      return job.rescue === null ? '' : `rescue: ${left(job.rescue.until)}`;
    default:
      return '';
  }
}

export function renderProviders({ providers, names }: MarketFigures): string {
  return renderTable(
    [
      { title: 'provider' },
      { title: 'free stake', align: 'right' },
      { title: 'reserved', align: 'right' },
      { title: 'done', align: 'right' },
      { title: 'late', align: 'right' },
      { title: 'slashed', align: 'right' },
      { title: 'endpoint' },
    ],
    providers.map((provider) => [
      nameOf(names, provider.address),
      formatDollars(provider.free),
      formatDollars(provider.reserved),
      String(provider.done),
      String(provider.late),
      String(provider.slashed),
      provider.endpoint,
    ]),
  );
}

export function renderMarket(figures: MarketFigures, mostJobs: number): string {
  const { view, head } = figures;
  const open = [...view.jobs.values()].filter(({ state }) => !isEnded(state)).length;
  return [
    `block ${head}: ${view.models.size} models, ${figures.providers.length} providers, ${view.jobs.size} jobs (${open} open)`,
    '',
    renderProviders(figures),
    '',
    renderJobs(figures, mostJobs),
  ].join('\n');
}
