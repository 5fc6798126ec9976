import type { Engine, IntVec } from '@assay/core/engine';
import { equalBytes } from '@assay/core/hash';
import { bytesOfK } from '@assay/core/codec';
import { SALT_BYTES } from '@assay/core/merkle';
import { registeredPoints } from '@assay/core/pcs';
import { answerOutOfDomain, commitColumns, type OpenedTree } from '@assay/core/pcs/prover';
import { fillField, type Randomness } from '@assay/core/randomness';
import { elementCount, layoutTensor } from '@assay/program';
import { commitmentBinding, type PortCommitment } from '@assay/verifier';
import { copyBlock } from '../witness/columns.ts';
import { type StaticSecrets, tailRowsFor, useBudget } from './budget.ts';
import { detachTree } from './detach.ts';
import { openingError, tooManyUses } from './errors.ts';

export interface TensorOptions {
  /** Row-major integers. */
  readonly values: Int32Array;
  /** Of the program's tensor, not of the port. */
  readonly shape: readonly number[];
  /** log2 of column length and inverse rate: those of the model that is to read or to write it. */
  readonly logRows: number;
  readonly logInverseRate: number;
  readonly registeredSamples: number;
  /** N: proofs that are to open it, besides the one it is born in and the one that renews it. */
  readonly uses: number;
  /** Rows of oracle 0 that each of them opens. */
  readonly rowsPerUse: number;
}

/** Everything that opens a committed tensor. Secret: it holds the values. */
export interface TensorOpening extends StaticSecrets {
  readonly commitment: PortCommitment;
  readonly values: Int32Array;
}

/** A committed tensor as a proof takes it; in ordinary memory, none of it in the engine's. */
export interface OpenedTensor {
  readonly values: Int32Array;
  readonly name: Pick<PortCommitment, 'root' | 'yReg'>;
  /** Rows of their tails. */
  readonly tailRows: number;
  /** Whole columns, tails included. */
  readonly columns: readonly Int32Array[];
  readonly tree: OpenedTree;
}

/** Shape and size of the columns that a tensor takes. */
type Placement = Pick<PortCommitment, 'shape' | 'tailRows' | 'logRows' | 'logInverseRate'>;

/** Columns of a tensor: blocks where every program has them that reads it, zeros, then the tails. */
function tensorColumns(place: Placement, values: Int32Array, tails: Int32Array): Int32Array[] {
  const { shape, tailRows, logRows } = place;
  const rows = 2 ** logRows;
  const { columns, blocks } = layoutTensor(shape, logRows, tailRows);
  const all = new Int32Array(columns * rows);
  for (const block of blocks) copyBlock(values, shape, block, all, block.address);
  return Array.from({ length: columns }, (_, c) => {
    const column = all.subarray(c * rows, (c + 1) * rows);
    column.set(tails.subarray(c * tailRows, (c + 1) * tailRows), rows - tailRows);
    return column;
  });
}

/** Encodes, hashes and answers: the same for a tensor that is committed and one that is opened again. */
function commitTo(
  engine: Engine,
  place: Placement,
  { values, tails, salts }: Pick<TensorOpening, 'values' | 'tails' | 'salts'>,
  registeredSamples: number,
): OpenedTensor {
  const { logRows, logInverseRate } = place;
  const columns = tensorColumns(place, values, tails);
  const mark = engine.mark();
  const vectors = columns.map((column): IntVec => {
    const vector = engine.allocInt(column.length);
    engine.writeInts(vector, column);
    return vector;
  });
  const commitment = commitColumns(engine, vectors, logInverseRate, salts);
  const tree = detachTree(engine, commitment);
  const { root } = commitment;
  const binding = commitmentBinding(place);
  const shape = { root, logRows, logInverseRate, columns: columns.length, binding };
  const yReg = registeredPoints(shape, registeredSamples).map(
    (z) => answerOutOfDomain(engine, vectors, z).y,
  );
  engine.release(mark);
  return { values, name: { root, yReg }, tailRows: place.tailRows, columns, tree };
}

/**
 * Commits a tensor on its own: columns with random tails, salted leaves, answers at the points that
 * root, size, tail and shape determine. Several proofs can then name it, and none of them shows it.
 *
 * Caller must: store the opening and start its record of uses (`writeOpening`) before a proof opens it.
 * @throws {RangeError} on values that do not fit the shape
 * @throws {AssayError} ASSAY_USES_TOO_MANY: the columns have no room for the tails
 */
export function commitTensor(
  engine: Engine,
  options: TensorOptions,
  randomness: Randomness,
): { readonly opening: TensorOpening; readonly opened: OpenedTensor } {
  const { values, shape, logRows, logInverseRate, registeredSamples, uses, rowsPerUse } = options;
  if (values.length !== elementCount(shape)) {
    throw new RangeError(
      `commitTensor: expected ${elementCount(shape)} values, got ${values.length}`,
    );
  }
  const budget = useBudget(uses, rowsPerUse);
  const tailRows = tailRowsFor(budget, registeredSamples);
  if (tailRows >= 2 ** logRows) {
    const most = Math.floor((2 ** logRows - 1 - 5 * registeredSamples) / rowsPerUse) - 2;
    throw tooManyUses(logRows, uses, most);
  }
  const place: Placement = { shape, tailRows, logRows, logInverseRate };
  const tails = new Int32Array(layoutTensor(shape, logRows, tailRows).columns * tailRows);
  fillField(randomness, tails);
  const salts = randomness.bytes(SALT_BYTES * 2 ** (logRows + logInverseRate));
  const secrets = { values: values.slice(), tails, salts };
  const opened = commitTo(engine, place, secrets, registeredSamples);
  const opening = { commitment: { ...opened.name, ...place }, ...budget, ...secrets };
  return { opening, opened };
}

/**
 * Columns and tree of a tensor that was committed before, made again from its opening.
 *
 * @throws {AssayError} ASSAY_OPENING_CORRUPT when the opening does not open its commitment
 */
export function openTensor(engine: Engine, opening: TensorOpening): OpenedTensor {
  const { root, yReg } = opening.commitment;
  const opened = commitTo(engine, opening.commitment, opening, yReg.length);
  if (
    !equalBytes(opened.name.root, root) ||
    !equalBytes(bytesOfK(opened.name.yReg), bytesOfK(yReg))
  ) {
    throw openingError(
      'ASSAY_OPENING_CORRUPT',
      'opening: values, tails and salts are not those of its commitment',
    );
  }
  return opened;
}
