import { formatBytes, formatMs } from '@assay/cli/ui';
import { ratioText } from './report.ts';
import { type BenchRow, missedTargets, type OverPlain } from './row.ts';
import type { Accuracy } from './score/accuracy.ts';

/** The tables of the README: the plain profile, and what hiding costs beside it. */
export function renderMarkdown(rows: readonly BenchRow[]): string {
  const plain = rows.filter(({ profile }) => profile === 'plain');
  const beside = rows.flatMap((row) => {
    const { overPlain: over } = row;
    return over === null ? [] : [{ row, over }];
  });
  const zk = beside.filter(({ row }) => row.profile === 'zk');
  const hiddenWeights = beside.filter(({ row }) => row.registration !== null);
  return [
    table(PLAIN, plain.map(plainCells)),
    ...(zk.length === 0 ? [] : [table(ZK, zk.map(zkCells))]),
    ...(hiddenWeights.length === 0 ? [] : [table(PRIVATE, hiddenWeights.map(privateCells))]),
  ].join('\n\n');
}

const PLAIN = [
  'model',
  'setup',
  'prove',
  'verify',
  'proof',
  'memory',
  'keys',
  'plain',
  'agrees with the float model',
];
const ZK = [
  'model, input hidden',
  'prove',
  '× plain',
  'verify',
  '× plain',
  'proof',
  '× plain',
  'memory',
  'over target',
];
const PRIVATE = [
  'model, input and weights hidden',
  'setup',
  'of it registration',
  'registration proof',
  'verify-model',
  'prove',
  'verify, key prepared',
  'proof',
  'keys',
];

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(line)].join('\n');
}

function counted(parameters: number): string {
  if (parameters < 1000) return `${parameters} parameters`;
  if (parameters < 1_000_000) return `${Math.round(parameters / 1000)}k parameters`;
  return `${(parameters / 1_000_000).toFixed(1)}M parameters`;
}

/** `**48 ms** (37–75)`, the extremes in the median's unit. */
function timeText(
  median: number,
  { min, max }: { readonly min: number; readonly max: number },
): string {
  const extreme = (ms: number): string =>
    median < 10 ? ms.toFixed(1) : median < 1000 ? String(Math.round(ms)) : (ms / 1000).toFixed(2);
  return `**${formatMs(median)}** (${extreme(min)}–${extreme(max)})`;
}

const wholeBytes = (bytes: number): string =>
  bytes < 2 ** 20 ? `${Math.round(bytes / 1024)} KiB` : `${Math.round(bytes / 2 ** 20)} MiB`;

function plainCells(row: BenchRow): string[] {
  return [
    `${row.model}: ${counted(row.parameters)}`,
    formatMs(row.setupMs),
    timeText(row.proveMs, row.spread.proveMs),
    timeText(row.verifyMs, row.spread.verifyMs),
    wholeBytes(row.proofBytes),
    wholeBytes(row.peakMemoryBytes),
    `${formatBytes(row.provingKeyBytes)}, ${formatBytes(row.verifyingKeyBytes)}`,
    formatMs(row.inferMs),
    row.accuracy === null ? '–' : agreement(row.accuracy),
  ];
}

function agreement({ top1, samples, cosine, labelled, determination }: Accuracy): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  if (determination !== null) {
    const { program, float } = determination;
    return `R² ${program.toFixed(3)}, float ${float.toFixed(3)}`;
  }
  if (labelled !== null && samples > 30) {
    return `${percent(labelled.program)} % right, float ${percent(labelled.float)} %`;
  }
  if (top1 === null) return `cosine ${cosine.toFixed(6)}`;
  return `${Math.round(top1 * samples)} / ${samples} same label, cosine ${cosine.toFixed(6)}`;
}

interface Beside {
  readonly row: BenchRow;
  readonly over: OverPlain;
}

function zkCells({ row, over }: Beside): string[] {
  const of = (measure: 'prove' | 'verify' | 'proof', cpu?: number): string => {
    const processor = cpu === undefined ? '' : `, CPU ${ratioText(cpu)}`;
    return `${ratioText(over[measure])}${processor} (≤ ${over.targets?.[measure] ?? '–'})`;
  };
  return [
    row.model,
    timeText(row.proveMs, row.spread.proveMs),
    of('prove', over.proveCpu),
    timeText(row.verifyMs, row.spread.verifyMs),
    of('verify', over.verifyCpu),
    wholeBytes(row.proofBytes),
    of('proof'),
    wholeBytes(row.peakMemoryBytes),
    missedTargets(over),
  ];
}

function privateCells({ row }: Beside): string[] {
  const { registration } = row;
  if (registration === null) return [row.model];
  return [
    row.model,
    formatMs(row.setupMs),
    formatMs(registration.setupMs),
    wholeBytes(registration.proofBytes),
    formatMs(registration.verifyModelMs),
    timeText(row.proveMs, row.spread.proveMs),
    timeText(row.verifyPreparedMs, row.spread.verifyPreparedMs),
    wholeBytes(row.proofBytes),
    `${formatBytes(row.provingKeyBytes)}, ${formatBytes(row.verifyingKeyBytes)}`,
  ];
}
