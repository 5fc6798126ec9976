import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  removeLeftovers,
  SECRET,
  SECRET_FOLDER,
  syncFolder,
  temporaryName,
  withFileErrors,
  writeFileSynced,
} from '../../files/index.ts';
import { openingError } from '../errors.ts';
import type { TensorOpening } from '../tensor.ts';
import { decodeOpening, encodeOpening } from './opening-file.ts';
import { createUses, usesFolder } from './uses.ts';

const OPENING = 'opening.bin';

/** Reading: what is not there is missing. Writing: it is the system that refuses. */
function withOpening<T>(folder: string, mode: 'read' | 'write', run: () => T): T {
  return withFileErrors(run, ({ kind, reason, cause }) =>
    mode === 'read' && kind === 'missing'
      ? openingError(
          'ASSAY_OPENING_MISSING',
          `opening: ${folder} is not an opening`,
          existsSync(folder)
            ? `It has no ${OPENING}: \`assay commit\` writes one.`
            : 'There is no such folder.',
          cause,
        )
      : openingError('ASSAY_OPENING_IO', `opening: ${folder}: ${reason}`, undefined, cause),
  );
}

/**
 * Writes the opening of a committed tensor: a folder with `opening.bin` and the record of its uses,
 * for its owner alone. It appears under its name when it is complete, or not at all; nothing is ever
 * replaced: an opening that is lost is lost for good.
 *
 * @param birthRows - Rows that the proof opens that the tensor is born in. One use is reserved for it
 * in any case, and spent here.
 * @throws {AssayError} ASSAY_OPENING_EXISTS, ASSAY_OPENING_IO, ASSAY_USES_EXHAUSTED
 */
export function writeOpening(folder: string, opening: TensorOpening, birthRows = 1): void {
  const target = resolve(folder);
  withOpening(target, 'write', () => {
    if (existsSync(target) && readdirSync(target).length > 0) {
      throw openingError(
        'ASSAY_OPENING_EXISTS',
        `opening: ${folder} exists and is not empty`,
        'Choose another folder.',
      );
    }
    mkdirSync(dirname(target), { recursive: true });
    removeLeftovers(dirname(target));
    const temporary = temporaryName(target);
    mkdirSync(temporary, { mode: SECRET_FOLDER });
    try {
      writeFileSynced(join(temporary, OPENING), [encodeOpening(opening)], SECRET);
      createUses(usesFolder(temporary, opening.commitment.root), opening, birthRows);
      syncFolder(temporary);
      renameSync(temporary, target);
      syncFolder(dirname(target));
    } catch (cause) {
      rmSync(temporary, { recursive: true, force: true });
      throw cause;
    }
  });
}

/**
 * Reads an opening. `openTensor` shows whether it opens its commitment; `spendUnits` on
 * `usesFolder(folder, root)` takes a use.
 *
 * @throws {AssayError} ASSAY_OPENING_MISSING, ASSAY_OPENING_FORMAT, ASSAY_OPENING_CORRUPT, ASSAY_OPENING_IO
 */
export function readOpening(folder: string): TensorOpening {
  const target = resolve(folder);
  const path = join(target, OPENING);
  return withOpening(target, 'read', () => {
    const bytes = readFileSync(path);
    return decodeOpening(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), path);
  });
}
