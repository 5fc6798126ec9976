import { formatBytes, formatMs, renderTable } from '@assay/cli/ui';
import type { OperationTime } from './kernels/profile.ts';
import type { Provenance } from './machine.ts';
import type { Accuracy } from './score/accuracy.ts';
import type { Spread } from './statistics.ts';

/** One line of `npm run bench -- … --json`. Times are medians of `runs`; `spread` has their extremes. */
export interface BenchRow extends Provenance {
  readonly model: string;
  readonly compileMs: number;
  readonly setupMs: number;
  readonly proveMs: number;
  readonly verifyMs: number;
  readonly inferMs: number;
  readonly proofBytes: number;
  readonly provingKeyBytes: number;
  readonly verifyingKeyBytes: number;
  /** Resident memory of a process that loads the bundle and proves once. */
  readonly peakMemoryBytes: number;
  readonly setupPeakMemoryBytes: number;
  readonly securityBits: number;
  readonly zk: boolean;
  readonly threads: number;
  readonly accuracy: Accuracy | null;
  readonly proveOverInfer: number;
  readonly runs: number;
  readonly spread: Readonly<Record<'proveMs' | 'verifyMs' | 'inferMs', Spread>>;
  readonly stages: Readonly<Record<string, number>>;
  /** Times of the engine's operations in one more proof that took `profiledMs`, the longest first. */
  readonly kernels: readonly OperationTime[];
  readonly profiledMs: number;
}

const columns = [
  { title: 'model' },
  { title: 'setup', align: 'right' },
  { title: 'infer', align: 'right' },
  { title: 'prove (min–max)', align: 'right' },
  { title: 'verify', align: 'right' },
  { title: 'proof', align: 'right' },
  { title: 'keys (p, v)', align: 'right' },
  { title: 'memory', align: 'right' },
  { title: 'bits', align: 'right' },
  { title: 'zk' },
  { title: 'agrees with float', align: 'right' },
] as const;

export function renderRows(rows: readonly BenchRow[]): string {
  return renderTable(
    columns,
    rows.map((row) => [
      row.model,
      formatMs(row.setupMs),
      formatMs(row.inferMs),
      `${formatMs(row.proveMs)} (${formatMs(row.spread.proveMs.min)}–${formatMs(row.spread.proveMs.max)})`,
      formatMs(row.verifyMs),
      formatBytes(row.proofBytes),
      `${formatBytes(row.provingKeyBytes)}, ${formatBytes(row.verifyingKeyBytes)}`,
      formatBytes(row.peakMemoryBytes),
      String(row.securityBits),
      row.zk ? 'yes' : 'no',
      row.accuracy === null ? '–' : describeAccuracy(row.accuracy),
    ]),
  );
}

/** `30/30, cosine 0.99997`, with the labelled accuracy or R² of program and float model where known. */
export function describeAccuracy(accuracy: Accuracy): string {
  const { top1, cosine, samples, labelled, determination } = accuracy;
  const parts = [`cosine ${cosine.toFixed(5)}`];
  if (top1 !== null) parts.unshift(`${Math.round(top1 * samples)}/${samples}`);
  if (labelled !== null) {
    const percent = (share: number): string => (100 * share).toFixed(1);
    parts.push(`${percent(labelled.program)} % right (float ${percent(labelled.float)} %)`);
  }
  if (determination !== null) {
    const { program, float } = determination;
    parts.push(`R² ${program.toFixed(3)} (float ${float.toFixed(3)})`);
  }
  return parts.join(', ');
}

/** Where a proof's time goes, by the prover's stages and by the engine's operations. */
export function renderShares(row: BenchRow): string {
  const stages = Object.entries(row.stages).map(([name, ms]) => ({ name, ms }));
  const kernels = row.kernels.map(({ operation, ms }) => ({ name: operation, ms }));
  return [
    shares(`${row.model}: stage`, stages, row.proveMs, 'between them'),
    shares(`${row.model}: kernel`, kernels, row.profiledMs, 'outside kernels'),
  ].join('\n\n');
}

/** Parts below this share are added up. */
const SMALL_SHARE = 0.005;

function shares(
  title: string,
  parts: readonly { readonly name: string; readonly ms: number }[],
  wholeMs: number,
  remainder: string,
): string {
  const large = parts.filter(({ ms }) => ms >= SMALL_SHARE * wholeMs);
  const sum = (some: typeof parts): number => some.reduce((total, { ms }) => total + ms, 0);
  const rows = [
    ...large.toSorted((a, b) => b.ms - a.ms),
    { name: 'smaller ones', ms: sum(parts) - sum(large) },
    { name: remainder, ms: Math.max(0, wholeMs - sum(parts)) },
  ];
  return renderTable(
    [{ title }, { title: 'time', align: 'right' }, { title: 'share', align: 'right' }],
    rows.map(({ name, ms }) => [name, formatMs(ms), `${((100 * ms) / wholeMs).toFixed(1)} %`]),
  );
}

export function renderProvenance({ machine, node, commit, threads, runs }: BenchRow): string {
  return `${machine}; Node ${node}; commit ${commit ?? '–'}; ${threads} threads; medians of ${runs}`;
}
