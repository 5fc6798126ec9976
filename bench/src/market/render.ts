import { formatBytes, formatMs, renderTable } from '@assay/cli/ui';
import type { LoadFigures, Percentiles } from './load.ts';

const amount = (value: number): string => Math.round(value).toLocaleString('en');
const latency = ({ p50, p95, p99 }: Percentiles): string =>
  `p50 ${formatMs(p50)}, p95 ${formatMs(p95)}, p99 ${formatMs(p99)}`;

/** The figures in a few lines, and what the transactions cost. */
export function renderLoad(figures: LoadFigures): string {
  const { nodes, calls } = figures;
  return [
    `${figures.jobs} jobs of ${figures.model} through ${nodes.length} providers: all final, right, paid once; no token lost`,
    '',
    `throughput       ${figures.jobsPerSecond.toFixed(2)} jobs/s (${figures.seconds.toFixed(1)} s; posted in ${figures.postSeconds.toFixed(1)} s, ${figures.mostOpen} open at a time)`,
    `post → submitted ${latency(figures.postToSubmittedMs)}`,
    `post → paid      ${latency(figures.postToPaidMs)}`,
    `gas              ${amount(figures.gasPerJob)} per job; ${amount(figures.transactions)} transactions, ${amount(figures.reverted)} of them reverted`,
    '',
    renderTable(
      [
        { title: 'node' },
        { title: 'jobs', align: 'right' },
        { title: 'peak memory', align: 'right' },
        { title: 'steps tried again', align: 'right' },
      ],
      nodes.map(({ name, jobs, peakBytes, stepErrors }) => [
        name,
        amount(jobs),
        peakBytes === null ? '?' : formatBytes(peakBytes),
        amount(stepErrors),
      ]),
    ),
    '',
    renderTable(
      [
        { title: 'call' },
        { title: 'transactions', align: 'right' },
        { title: 'reverted', align: 'right' },
        { title: 'median gas', align: 'right' },
      ],
      calls.map(({ call, transactions, reverted, medianGas }) => [
        call,
        amount(transactions),
        amount(reverted),
        amount(medianGas),
      ]),
    ),
  ].join('\n');
}
