import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a daemon counts; names as in docs/node.md. */
export interface Metrics {
  readonly registry: Registry;
  /** Jobs under way, by state. */
  readonly jobs: Gauge<'state'>;
  /** Jobs that have ended, by how. */
  readonly ended: Counter<'state'>;
  /** Jobs that were not taken, by why. */
  readonly skipped: Counter<'reason'>;
  readonly stepSeconds: Histogram<'step'>;
  readonly stepErrors: Counter<'step'>;
  readonly transactionsPending: Gauge;
  /** Last block of the chain, and last one that was read. */
  readonly chainHead: Gauge;
  readonly chainRead: Gauge;
  readonly chainErrors: Counter;
  readonly reorgs: Counter;
  readonly verdicts: Counter<'verdict'>;
  readonly challenges: Counter<'side' | 'outcome'>;
  readonly requests: Counter<'route' | 'status'>;
}

/** @param collectDefaults - Figures of the process, too: memory, event loop, garbage collection. */
export function createMetrics(collectDefaults: boolean): Metrics {
  const registry = new Registry();
  if (collectDefaults) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  return {
    registry,
    jobs: new Gauge({
      name: 'assay_jobs',
      help: 'Jobs under way by state',
      registers,
      labelNames: ['state'] as const,
    }),
    ended: new Counter({
      name: 'assay_jobs_ended_total',
      help: 'Jobs that have ended by state',
      registers,
      labelNames: ['state'] as const,
    }),
    skipped: new Counter({
      name: 'assay_jobs_skipped_total',
      help: 'Jobs that were not taken',
      registers,
      labelNames: ['reason'] as const,
    }),
    stepSeconds: new Histogram({
      name: 'assay_step_seconds',
      help: 'Time of one step of a job',
      registers,
      labelNames: ['step'] as const,
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300],
    }),
    stepErrors: new Counter({
      name: 'assay_step_errors_total',
      help: 'Steps that failed and are retried',
      registers,
      labelNames: ['step'] as const,
    }),
    transactionsPending: gauge('assay_transactions_pending', 'Transactions that are not settled'),
    chainHead: gauge('assay_chain_head', 'Last block of the chain'),
    chainRead: gauge('assay_chain_read', 'Last block that was read'),
    chainErrors: new Counter({
      name: 'assay_chain_errors_total',
      help: 'Requests to the chain that failed',
      registers,
    }),
    reorgs: new Counter({
      name: 'assay_chain_reorgs_total',
      help: 'Replacements of blocks that were read',
      registers,
    }),
    verdicts: new Counter({
      name: 'assay_verdicts_total',
      help: 'Submissions checked by verdict',
      registers,
      labelNames: ['verdict'] as const,
    }),
    challenges: new Counter({
      name: 'assay_challenge_moves_total',
      help: 'Moves in data challenges',
      registers,
      labelNames: ['side', 'outcome'] as const,
    }),
    requests: new Counter({
      name: 'assay_http_requests_total',
      help: 'Answers of the HTTP server',
      registers,
      labelNames: ['route', 'status'] as const,
    }),
  };
}
