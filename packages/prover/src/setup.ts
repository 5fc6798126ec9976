import { AssayError } from '@assay/core/errors';
import type { Engine, IntVec } from '@assay/core/engine';
import { TWO_ADICITY } from '@assay/core/field';
import { SALT_BYTES } from '@assay/core/merkle';
import { registeredPoints } from '@assay/core/pcs';
import { answerOutOfDomain, type Commitment, commitColumns } from '@assay/core/pcs/prover';
import { fillField, platformRandomness, type Randomness } from '@assay/core/randomness';
import { padCount } from '@assay/core/linear';
import type { CostModel, DerivedParameters } from '@assay/core/security';
import {
  checkPrivate,
  checkProgram,
  describeProgramError,
  encodeProgram,
  isHiding,
  type Layout,
  layoutProgram,
  type Program,
  type ProgramError,
  programDigest,
  storedElements,
  type Visibility,
  type Weights,
} from '@assay/program';
import { deriveForVisibility, padShape, tailBinding, type VerifyingKey } from '@assay/verifier';
import {
  budgetForRows,
  DEFAULT_PROOFS,
  openedRows,
  type StaticSecrets,
  tailRowsFor,
  type UseBudget,
} from './commitments/index.ts';
import { register } from './register.ts';
import { fillColumns, writeTails } from './witness/columns.ts';

/** What is shown of one port, or of the weights. */
export type PortKind = 'public' | 'committed' | 'hidden';

/** What proofs show: every port that is not named is public. */
export interface Shown {
  readonly weights?: 'public' | 'hidden' | undefined;
  readonly inputs?: ReadonlyMap<string, PortKind> | undefined;
  readonly outputs?: ReadonlyMap<string, PortKind> | undefined;
}

export interface SetupOptions {
  /** Provable bits. @default 128 */
  readonly targetBits?: number | undefined;
  /** log2 of the column length; derived when not given. */
  readonly logRows?: number | undefined;
  /** mu_0; derived when not given. */
  readonly logInverseRate?: number | undefined;
  /** What proofs show. @default everything */
  readonly shown?: Shown | undefined;
  /** Proofs that a static root (hidden weights, committed ports) is good for. @default 32 */
  readonly proofs?: number | undefined;
  readonly cost?: Partial<CostModel> | undefined;
  readonly onStage?: ((stage: 'commit' | 'register') => void) | undefined;
}

/** A committed model: what the bundle writes to disk. Rows and tree are in the engine's memory until the caller releases it. */
export interface Setup {
  readonly key: VerifyingKey;
  readonly derived: DerivedParameters;
  readonly columns: readonly IntVec[];
  readonly commitment: Commitment;
  /** Null: the weights are public. */
  readonly secrets: StaticSecrets | null;
}

/** Answers in the name of a static root. */
const REGISTERED_SAMPLES = 2;

function refuse(error: ProgramError): AssayError {
  return new AssayError({ code: 'ASSAY_SETUP_PROGRAM', shortMessage: describeProgramError(error) });
}

/** The key shows the program: it must not tell of weights that are hidden. @throws {AssayError} ASSAY_SETUP_PRIVATE */
function expectPrivate(program: Program): void {
  const fit = checkPrivate(program);
  if (fit.ok) return;
  throw new AssayError({
    code: 'ASSAY_SETUP_PRIVATE',
    shortMessage: `the program was not made for private weights: ${describeProgramError(fit.error)}`,
    details: 'Compile it with --private (`privateWeights`).',
  });
}

/**
 * The visibility that the names ask for, with static tails for `uses` openings of `rowsPerUse` rows.
 * @throws {AssayError} ASSAY_SETUP_VISIBILITY: a port that the program does not have.
 */
export function visibilityOf(program: Program, shown: Shown, tailRows: number): Visibility {
  const side = (name: 'inputs' | 'outputs'): Visibility['inputs'] => {
    const kinds = shown[name] ?? new Map<string, PortKind>();
    for (const port of kinds.keys()) {
      if (program[name].some((p) => p.name === port)) continue;
      const known = program[name].map((p) => p.name).join(', ');
      throw new AssayError({
        code: 'ASSAY_SETUP_VISIBILITY',
        shortMessage: `the program has no ${name.slice(0, -1)} ${port}`,
        details: `It has: ${known}.`,
      });
    }
    return program[name].map((port) => {
      const kind = kinds.get(port.name) ?? 'public';
      return kind === 'committed' ? { kind, tailRows } : { kind };
    });
  };
  return {
    weights: shown.weights === 'hidden' ? { kind: 'hidden', tailRows } : { kind: 'public' },
    inputs: side('inputs'),
    outputs: side('outputs'),
  };
}

/** About as many rows as one opening shows: what column lengths are guessed by. */
const TYPICAL_QUERIES = 64;

/** Column lengths to be tried: from about 512 columns to one, and long enough for tails. */
function candidates(program: Program, visibility: Visibility): number[] {
  const { model, witness } = storedElements(program);
  let most = 4;
  while (2 ** most < model + witness) most++;
  const least = Math.max(2, most - 9);
  // A tail is longer than a small model's columns, that of many openings by far.
  const { inputs, outputs, weights: own } = visibility;
  const tails = [...inputs, ...outputs, own].flatMap((v) => ('tailRows' in v ? [v.tailRows] : []));
  const tailBits = Math.ceil(Math.log2(Math.max(1, ...tails)));
  const room = tails.length > 0 ? Math.max(16, tailBits + 3) : isHiding(visibility) ? 12 : 0;
  const end = Math.min(Math.max(most, room), TWO_ADICITY);
  return Array.from({ length: end - least }, (_, i) => least + i);
}

function drawModelSecrets(
  columns: number,
  layout: Layout,
  logInverseRate: number,
  budget: UseBudget,
  randomness: Randomness,
): StaticSecrets {
  const tails = new Int32Array(columns * layout.model.tailRows);
  fillField(randomness, tails);
  const leaves = 2 ** (layout.logRows + logInverseRate);
  return { ...budget, tails, salts: randomness.bytes(SALT_BYTES * leaves) };
}

/**
 * Commits a model: derives ranges, relations and parameters, checks the weights against what the
 * program declares, encodes and hashes the model columns, answers the registered samples. Hidden
 * weights are committed with random tails and salts, and registered.
 *
 * Deterministic for public weights: anyone with program and weights gets the same key.
 * @throws {AssayError} ASSAY_SETUP_PROGRAM: the program is not valid, or the weights break what it declares;
 * ASSAY_SETUP_PRIVATE: it says more of weights that are to be hidden than powers of two.
 */
export function setup(
  engine: Engine,
  program: Program,
  weights: Weights,
  options: SetupOptions = {},
): Setup {
  return setupWith(engine, program, weights, platformRandomness(), options);
}

/** `setup` with the randomness given: tests repeat a commitment with it. */
export function setupWith(
  engine: Engine,
  program: Program,
  weights: Weights,
  randomness: Randomness,
  options: SetupOptions = {},
): Setup {
  const checked = checkProgram(program, weights);
  if (!checked.ok) throw refuse(checked.error);
  const { shown = {}, proofs = DEFAULT_PROOFS } = options;
  if (shown.weights === 'hidden') expectPrivate(program);
  const visibility = (queries: number): Visibility =>
    visibilityOf(program, shown, tailRowsFor(budgetForRows(proofs, queries), REGISTERED_SAMPLES));
  const result = deriveForVisibility({
    program,
    visibility,
    targetBits: options.targetBits ?? 128,
    logRows:
      options.logRows === undefined
        ? candidates(program, visibility(TYPICAL_QUERIES))
        : [options.logRows],
    logInverseRates: options.logInverseRate === undefined ? undefined : [options.logInverseRate],
    cost: options.cost,
  });
  if (!result.ok) throw refuse(result.error);
  const { derived, system } = result.value;
  const { parameters } = derived;
  const { whir } = parameters;
  const queries = openedRows(parameters);
  const own = visibility(queries);
  const layout = layoutProgram(system.program, whir.logRows, {
    visibility: own,
    tailRows: parameters.tailRows,
    pads: padCount(padShape(system)),
  });
  const logInverseRate = whir.logInverseRates[0] ?? 0;
  options.onStage?.('commit');
  const columns = fillColumns(engine, system.program, layout, layout.model, weights);
  const secrets =
    own.weights.kind === 'hidden'
      ? drawModelSecrets(
          columns.length,
          layout,
          logInverseRate,
          budgetForRows(proofs, queries),
          randomness,
        )
      : null;
  if (secrets !== null) writeTails(engine, columns, layout.model.tailRows, secrets.tails);
  const commitment = commitColumns(engine, columns, logInverseRate, secrets?.salts ?? null);
  const shape = {
    root: commitment.root,
    logRows: whir.logRows,
    logInverseRate,
    columns: layout.model.columns,
    binding: tailBinding(layout.model),
  };
  const yReg = registeredPoints(shape, parameters.registeredSamples).map(
    (z) => answerOutOfDomain(engine, columns, z).y,
  );
  const bare: VerifyingKey = {
    program,
    programDigest: programDigest(encodeProgram(program)),
    parameters,
    model: { root: commitment.root, yReg },
    visibility: own,
    registration: null,
  };
  if (secrets === null) return { key: bare, derived, columns, commitment, secrets };
  options.onStage?.('register');
  const tree = commitment.opened;
  const registration = register(engine, bare, { weights, tree, tails: secrets.tails }, randomness);
  return { key: { ...bare, registration }, derived, columns, commitment, secrets };
}
