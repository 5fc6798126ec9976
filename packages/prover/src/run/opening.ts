import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import { platformRandomness } from '@assay/core/randomness';
import type { Port } from '@assay/program';
import { encodeCommitment, type VerifyingKey } from '@assay/verifier';
import {
  commitTensor,
  type OpenedTensor,
  type TensorOpening,
  type UseBudget,
} from '../commitments/index.ts';
import { readOpening, writeOpening } from '../commitments/node/index.ts';
import { withFileErrors, writeFileAtomic } from '../files/index.ts';
import { OPENING_FILES } from './opening-files.ts';

/** Which port's values were committed, and what real values the integers stand for. */
export interface OpeningPort {
  readonly model: string;
  readonly side: 'input' | 'output';
  readonly name: string;
  /** real = scale · (integer − zero) */
  readonly scale: number;
  readonly zero: number;
  /** Provable bits of the proofs that it was made for: so many it is renewed with. */
  readonly securityBits: number;
}

/** The folder that opens a committed tensor. */
export interface Opening {
  readonly folder: string;
  readonly opening: TensorOpening;
  /** Null where another program than this one has made the folder. */
  readonly port: OpeningPort | null;
}

/** Commits values of a port of the model that `key` is for, as its proofs open them. */
export function commitPort(
  engine: Engine,
  key: VerifyingKey,
  port: Port,
  values: Int32Array,
  budget: UseBudget,
): { readonly opening: TensorOpening; readonly opened: OpenedTensor } {
  const { whir, registeredSamples } = key.parameters;
  return commitTensor(
    engine,
    {
      values,
      shape: key.program.tensors[port.tensor]?.shape ?? [],
      logRows: whir.logRows,
      logInverseRate: whir.logInverseRates[0] ?? 0,
      registeredSamples,
      uses: budget.units - 2,
      rowsPerUse: budget.rowsPerUse,
    },
    platformRandomness(),
  );
}

export function openingPort(key: VerifyingKey, side: OpeningPort['side'], port: Port): OpeningPort {
  const { name, scale, zero } = port;
  const { targetBits: securityBits } = key.parameters;
  return { model: key.program.name, side, name, scale, zero, securityBits };
}

/**
 * Writes an opening with its public part and what its integers stand for.
 * @param birthRows - Rows that the proof opens that it is born in, if it is.
 * @throws {AssayError} ASSAY_OPENING_EXISTS, ASSAY_OPENING_IO
 */
export function saveOpening({ folder, opening, port }: Opening, birthRows?: number): void {
  writeOpening(folder, opening, birthRows);
  const path = join(folder, OPENING_FILES.commitment);
  withFileErrors(
    () => {
      writeFileAtomic(path, [encodeCommitment(opening.commitment)]);
      if (port === null) return;
      const text = `${JSON.stringify(port, null, 2)}\n`;
      writeFileAtomic(join(folder, OPENING_FILES.port), [new TextEncoder().encode(text)]);
    },
    ({ reason, cause }) =>
      new AssayError({
        code: 'ASSAY_OPENING_IO',
        shortMessage: `opening: cannot write ${path}`,
        details: reason,
        cause,
      }),
  );
}

/** @throws {AssayError} ASSAY_OPENING_MISSING, ASSAY_OPENING_FORMAT, ASSAY_OPENING_CORRUPT, ASSAY_OPENING_IO */
export function loadOpening(folder: string): Opening {
  const opening = readOpening(folder);
  const path = join(folder, OPENING_FILES.port);
  return { folder, opening, port: existsSync(path) ? readPort(path) : null };
}

const MOST_PORT_BYTES = 2 ** 16;

function readPort(path: string): OpeningPort {
  try {
    if (statSync(path).size <= MOST_PORT_BYTES) {
      const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
      if (isPort(value)) return value;
    }
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) {
      throw new AssayError({
        code: 'ASSAY_OPENING_IO',
        shortMessage: `opening: cannot read ${path}`,
        cause,
      });
    }
  }
  throw new AssayError({
    code: 'ASSAY_OPENING_FORMAT',
    shortMessage: `opening: ${path} does not say what the integers stand for`,
  });
}

function isPort(value: unknown): value is OpeningPort {
  if (typeof value !== 'object' || value === null) return false;
  const { model, side, name, scale, zero, securityBits } = value as Readonly<
    Record<string, unknown>
  >;
  return (
    typeof model === 'string' &&
    (side === 'input' || side === 'output') &&
    typeof name === 'string' &&
    typeof scale === 'number' &&
    typeof zero === 'number' &&
    typeof securityBits === 'number'
  );
}

/**
 * Whether an opening can be an input of the model that `key` is for: same column length and rate, same
 * shape, integers that stand for the same real values, all of them in the input's range.
 * @throws {AssayError} ASSAY_OPENING_MISMATCH
 */
export function checkOpening(key: VerifyingKey, port: Port, { folder, ...made }: Opening): void {
  const refuse = (what: string, details?: string): never => {
    throw new AssayError({
      code: 'ASSAY_OPENING_MISMATCH',
      shortMessage: `${folder} cannot be input "${port.name}": ${what}`,
      details,
    });
  };
  const { commitment, values } = made.opening;
  const { whir, registeredSamples } = key.parameters;
  const [rate = 0] = whir.logInverseRates;
  if (
    commitment.logRows !== whir.logRows ||
    commitment.logInverseRate !== rate ||
    commitment.yReg.length !== registeredSamples
  ) {
    refuse(
      `it is committed in columns of 2^${commitment.logRows} rows at rate 2^-${commitment.logInverseRate}, this model's have 2^${whir.logRows} at 2^-${rate}`,
      'Set one of the two models up with `--like` the other.',
    );
  }
  const tensor = key.program.tensors[port.tensor];
  const shape = tensor?.shape ?? [];
  if (shape.length !== commitment.shape.length || shape.some((n, i) => n !== commitment.shape[i])) {
    refuse(`its shape is [${commitment.shape.join(', ')}], the input's is [${shape.join(', ')}]`);
  }
  const { port: of } = made;
  if (of !== null && (of.scale !== port.scale || of.zero !== port.zero)) {
    refuse(
      `its integers are those of ${of.side} "${of.name}" of ${of.model}, real = ${of.scale} · (integer − ${of.zero}); the input's are ${port.scale} · (integer − ${port.zero})`,
      'Compile this model with `--input-from` the other one.',
    );
  }
  const { lo, hi } = tensor?.range ?? { lo: -Infinity, hi: Infinity };
  const index = values.findIndex((value) => value < lo || value > hi);
  if (index >= 0) refuse(`element ${index} is outside its range [${lo}, ${hi}]`);
}
