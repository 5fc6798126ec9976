import { fileURLToPath } from 'node:url';
import { AssayError } from '@assay/core/errors';
import { readBytes } from '../files.ts';
import type { Picture } from './image.ts';

/** The examples that the demo runs, in the repository that this module lies in. */
const examples = new URL('../../../../examples/', import.meta.url);

export const exampleFile = (name: string, example = 'digits-cnn'): string =>
  fileURLToPath(new URL(`${example}/${name}`, examples));

/** A labelled image that the model was not trained on. */
export interface HeldOut {
  readonly pixels: readonly number[];
  readonly label: number;
}

export interface HeldOutImages {
  /** Name of the model's input. */
  readonly input: string;
  readonly images: readonly HeldOut[];
}

/** @throws {AssayError} ASSAY_FILE_READ where there is no repository */
export function readHeldOut(): HeldOutImages {
  const path = exampleFile('test.json');
  const { input, rows, labels } = JSON.parse(new TextDecoder().decode(readBytes(path))) as {
    input: string;
    rows: readonly (readonly number[])[];
    labels: readonly number[];
  };
  const images = rows.map((pixels, index) => ({ pixels, label: labels[index] ?? Number.NaN }));
  if (images.length === 0) {
    throw new AssayError({ code: 'ASSAY_FILE_READ', shortMessage: `${path} holds no image` });
  }
  return { input, images };
}

export const pictureOf = ({ pixels }: HeldOut): Picture => ({
  pixels,
  width: 8,
  height: 8,
  maximum: 16,
});
