import { formatBytes, formatMs, renderTable } from '@assay/cli/ui';
import { type BenchRow, missedTargets } from './row.ts';
import type { Accuracy } from './score/accuracy.ts';

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
  { title: 'hidden' },
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
      hiddenText(row),
      row.accuracy === null ? '–' : describeAccuracy(row.accuracy),
    ]),
  );
}

/** "input, weights", or "nothing": what the profile is. */
export function hiddenText({ hidden, zk }: BenchRow): string {
  return zk ? hidden.join(', ') : 'nothing';
}

/** `1.34`, three digits that count. */
export function ratioText(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(1);
}

/** What hiding costs: multiples of the plain profile in the same run, and the targets they miss. */
export function renderOverPlain(rows: readonly BenchRow[]): string {
  const beside = rows.flatMap((row) => {
    const { overPlain: over } = row;
    return over === null ? [] : [{ row, over }];
  });
  const spread = ({ min, max }: { readonly min: number; readonly max: number }): string =>
    `${ratioText(min)}–${ratioText(max)}`;
  const table = renderTable(
    [
      { title: 'multiples of plain' },
      { title: 'hidden' },
      { title: 'prove (min–max)', align: 'right' },
      { title: 'CPU', align: 'right' },
      { title: 'verify (min–max)', align: 'right' },
      { title: 'CPU', align: 'right' },
      { title: 'proof', align: 'right' },
      { title: 'setup', align: 'right' },
      { title: 'memory', align: 'right' },
      { title: 'keys (p, v)', align: 'right' },
      { title: 'targets' },
      { title: 'missed by' },
    ],
    beside.map(({ row, over }) => {
      const { targets } = over;
      return [
        row.model,
        hiddenText(row),
        `${ratioText(over.prove)} (${spread(over.spread.prove)})`,
        ratioText(over.proveCpu),
        `${ratioText(over.verify)} (${spread(over.spread.verify)})`,
        ratioText(over.verifyCpu),
        ratioText(over.proof),
        ratioText(over.setup),
        ratioText(over.peakMemory),
        `${ratioText(over.provingKey)}, ${ratioText(over.verifyingKey)}`,
        targets === null ? '–' : `${targets.prove}, ${targets.verify}, ${targets.proof}`,
        missedTargets(over),
      ];
    }),
  );
  const registered = rows.flatMap(({ registration, ...row }) =>
    registration === null ? [] : [{ row, registration }],
  );
  if (registered.length === 0) return table;
  const registrations = renderTable(
    [
      { title: 'registration' },
      { title: 'setup', align: 'right' },
      { title: 'of it registration', align: 'right' },
      { title: 'its proof', align: 'right' },
      { title: 'verify-model', align: 'right' },
      { title: 'verify a proof then', align: 'right' },
      { title: 'proofs reserved', align: 'right' },
    ],
    registered.map(({ row, registration }) => [
      row.model,
      formatMs(row.setupMs),
      formatMs(registration.setupMs),
      formatBytes(registration.proofBytes),
      formatMs(registration.verifyModelMs),
      formatMs(row.verifyPreparedMs),
      String(registration.reservedProofs),
    ]),
  );
  return `${table}\n\n${registrations}`;
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
  const name = row.profile === 'plain' ? row.model : `${row.model}, ${row.profile}`;
  return [
    shares(`${name}: stage`, stages, row.proveMs, 'between them'),
    shares(`${name}: kernel`, kernels, row.profiledMs, 'outside kernels'),
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
