import { closeSync, fstatSync } from 'node:fs';
import { P } from '@assay/core/field';
import { equalBytes } from '@assay/core/hash';
import { tailRowsFor, type UseBudget } from '../commitments/index.ts';
import {
  corrupt,
  HEADER_BYTES,
  readExactly,
  readHeader,
  TAILS_MAGIC,
} from './commitment-format.ts';
import { withFiles } from './errors.ts';

/** What tails.bin must agree with. */
export interface TailsOf {
  readonly root: Uint8Array;
  readonly columns: number;
  readonly tailRows: number;
  readonly registeredSamples: number;
}

/** Tails of hidden weights and the openings that they pay for. */
export interface Tails extends UseBudget {
  /** Last rows of the model columns, column after column. */
  readonly tails: Int32Array;
}

/** Reads tails.bin from a descriptor and closes it. @throws {AssayError} ASSAY_BUNDLE_FORMAT, ASSAY_BUNDLE_CORRUPT */
export function readTails(fd: number, of: TailsOf): Tails {
  try {
    return withFiles('commitment/tails.bin', () => {
      const { count, words, root, extra } = readHeader(fd, TAILS_MAGIC);
      const [units, rowsPerUse] = extra;
      if (
        !equalBytes(root, of.root) ||
        count !== of.columns ||
        words !== of.tailRows ||
        units < 3 ||
        tailRowsFor({ units, rowsPerUse }, of.registeredSamples) !== words ||
        fstatSync(fd).size !== HEADER_BYTES + 4 * words * count
      ) {
        throw corrupt('tails.bin does not belong to rows.bin and verifying-key.cbor');
      }
      const tails = new Int32Array(readExactly(fd, 4 * words * count, HEADER_BYTES).buffer);
      if (!tails.every((value) => value >= 0 && value < P)) {
        throw corrupt('tails.bin holds what is not canonical');
      }
      return { units, rowsPerUse, tails };
    });
  } finally {
    closeSync(fd);
  }
}
