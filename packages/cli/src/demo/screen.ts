import type { StageTime } from '@assay/prover/run';
import { besideEachOther, formatBytes, formatMs, renderTable } from '../ui/index.ts';
import type { DemoAccuracy } from './accuracy.ts';
import { type HeldOut, pictureOf } from './held-out.ts';
import { renderPicture } from './image.ts';

/** A held-out image with its answer, proven and verified. */
export interface ProvenImage {
  readonly image: HeldOut;
  readonly predicted: number;
  readonly proveMs: number;
  readonly stages: readonly StageTime[];
  readonly verifyMs: number;
  readonly proofBytes: number;
  readonly accepted: boolean;
  /** Its receipt. */
  readonly path: string;
}

const PICTURE_COLUMNS = 16;

export function describeImage(proven: ProvenImage, colour: boolean): string {
  const { image, predicted, stages, path } = proven;
  const words = [
    '',
    `predicted  ${predicted}   (labelled ${image.label}, not seen in training)`,
    `proved     in ${formatMs(proven.proveMs)}, ${formatBytes(proven.proofBytes)}`,
    `           ${stages.map(({ name, ms }) => `${name} ${formatMs(ms)}`).join(', ')}`,
    `verified   in ${formatMs(proven.verifyMs)}: ${proven.accepted ? 'accepted' : 'REJECTED'}`,
    `receipt    ${path}`,
  ];
  const picture = renderPicture(pictureOf(image), PICTURE_COLUMNS, colour);
  return besideEachOther([picture, words], 3).join('\n');
}

export interface DemoFigures {
  readonly images: readonly ProvenImage[];
  readonly securityBits: number;
  readonly peakMemoryBytes: number;
  readonly accuracy: DemoAccuracy;
  readonly threads: number;
}

export function renderFigures(figures: DemoFigures): string {
  const { images, accuracy, threads } = figures;
  const median = (valueOf: (image: ProvenImage) => number): number =>
    images.map(valueOf).toSorted((a, b) => a - b)[images.length >> 1] ?? Number.NaN;
  const percent = (count: number): string => `${((100 * count) / accuracy.samples).toFixed(1)} %`;
  return renderTable(
    [{ title: 'figure' }, { title: `median of ${images.length}, ${threads} threads` }],
    [
      ['prove', formatMs(median((image) => image.proveMs))],
      ['verify', formatMs(median((image) => image.verifyMs))],
      ['proof', formatBytes(median((image) => image.proofBytes))],
      ['peak memory', `${formatBytes(figures.peakMemoryBytes)}, with compiler and float model`],
      ['security', `${figures.securityBits} bits, proven`],
      [
        'accuracy',
        `${percent(accuracy.right)} of ${accuracy.samples} held-out images (float model ${percent(accuracy.floatRight)}); ` +
          `${accuracy.equal} with the float model's label`,
      ],
    ],
  );
}
