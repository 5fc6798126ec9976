import { AssayError } from '@assay/core/errors';
import type { Engine, IntVec } from '@assay/core/engine';
import { registeredPoints } from '@assay/core/pcs';
import { answerOutOfDomain, type Commitment, commitColumns } from '@assay/core/pcs/prover';
import { type CostModel, type DerivedParameters, deriveParameters } from '@assay/core/security';
import {
  checkProgram,
  describeProgramError,
  encodeProgram,
  layoutProgram,
  type Program,
  type ProgramError,
  programDigest,
  storedElements,
  type System,
  type Weights,
} from '@assay/program';
import { argumentSizes, type VerifyingKey } from '@assay/verifier';
import { fillColumns } from './witness/columns.ts';

export interface SetupOptions {
  /** Provable bits. @default 128 */
  readonly targetBits?: number | undefined;
  /** log2 of the column length; derived when not given. */
  readonly logRows?: number | undefined;
  readonly cost?: Partial<CostModel> | undefined;
}

/** A committed model: what the bundle writes to disk. Rows and tree are in the engine's memory until the caller releases it. */
export interface Setup {
  readonly key: VerifyingKey;
  readonly derived: DerivedParameters;
  readonly columns: readonly IntVec[];
  readonly commitment: Commitment;
}

function refuse(error: ProgramError): AssayError {
  return new AssayError({ code: 'ASSAY_SETUP_PROGRAM', shortMessage: describeProgramError(error) });
}

/** out-of-domain samples of oracle 0 that `deriveParameters` may choose at most; only enters an error term. */
const FRESH_SAMPLES = 2;

function derive(system: System, options: SetupOptions): DerivedParameters {
  const { program } = system;
  const { model, witness } = storedElements(program);
  let most = 4;
  while (2 ** most < model + witness) most++;
  const least = Math.max(2, most - 9);
  const logRows =
    options.logRows === undefined
      ? Array.from({ length: most - least }, (_, i) => least + i)
      : [options.logRows];
  return deriveParameters({
    targetBits: options.targetBits ?? 128,
    logRows,
    columnsFor: (log) => {
      const layout = layoutProgram(program, log);
      const total = layout.witness.firstColumn + layout.witness.columns;
      return { model: layout.model.columns, witness: layout.witness.columns, total };
    },
    sizes: argumentSizes(system, FRESH_SAMPLES, FRESH_SAMPLES),
    cost: options.cost,
  });
}

/**
 * Commits a model: derives ranges, relations and parameters, checks the weights against what the
 * program declares, encodes and hashes the model columns, answers the registered samples.
 *
 * Deterministic: anyone with program and weights gets the same key.
 * @throws {AssayError} ASSAY_SETUP_PROGRAM: the program is not valid, or the weights break what it declares.
 */
export function setup(
  engine: Engine,
  program: Program,
  weights: Weights,
  options: SetupOptions = {},
): Setup {
  const system = checkProgram(program, weights);
  if (!system.ok) throw refuse(system.error);
  const derived = derive(system.value, options);
  const { parameters } = derived;
  const { whir } = parameters;
  const layout = layoutProgram(program, whir.logRows);
  const logInverseRate = whir.logInverseRates[0] ?? 0;
  const columns = fillColumns(engine, program, layout, layout.model, weights);
  const commitment = commitColumns(engine, columns, logInverseRate);
  const { root } = commitment;
  const shape = { root, logRows: whir.logRows, logInverseRate, columns: layout.model.columns };
  const yReg = registeredPoints(shape, parameters.registeredSamples).map(
    (z) => answerOutOfDomain(engine, columns, z).y,
  );
  const key: VerifyingKey = {
    program,
    programDigest: programDigest(encodeProgram(program)),
    parameters,
    model: { root, yReg },
    publicWeights: true,
  };
  return { key, derived, columns, commitment };
}
