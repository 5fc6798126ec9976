import { AssayError } from '@assay/core/errors';
import type { Engine } from '@assay/core/engine';
import { equalBytes } from '@assay/core/hash';
import type { Port, PortVisibility, Visibility } from '@assay/program';
import {
  keyShowing,
  openTensor,
  portBudget,
  tailRowsFor,
  type TensorOpening,
  withPort,
} from '@assay/prover/commitments';
import { decodeOpening, encodeOpening } from '@assay/prover/commitments/node';
import { checkOpening, commitPort, type OutputCommitment } from '@assay/prover/run';
import { commitmentName, type VerifyingKey } from '@assay/verifier';

/** Whoever may come to open an input that is sealed for one job: its provider, a rescuer, and one to spare. */
const HOLDERS = 3;

/**
 * Proofs that one holder of a sealed input may begin: each counts on its own, and together they stay below
 * what was reserved. More than one, where there is room: a crash costs one.
 */
export function attemptsOfEach({ units }: Pick<TensorOpening, 'units'>): number {
  // One unit was spent at birth, one is for a renewal.
  return Math.max(1, Math.floor((units - 2) / HOLDERS));
}

/** Sealed jobs have one input and one output. @throws {AssayError} ASSAY_SEALED_PORTS */
export function onlyPort({ program }: VerifyingKey, side: 'inputs' | 'outputs'): Port {
  const [port] = program[side];
  if (port !== undefined && program[side].length === 1) return port;
  throw new AssayError({
    code: 'ASSAY_SEALED_PORTS',
    shortMessage: `a sealed job has one of its model's ${side}; this model has ${program[side].length}`,
  });
}

export function nameOfOpening({ commitment: { root, yReg } }: TensorOpening): Uint8Array {
  return commitmentName(root, yReg);
}

/**
 * Commits an input for one job: the name goes into the job, the bytes are sealed to its provider.
 * @throws {AssayError} ASSAY_SEALED_PORTS, ASSAY_USES_TOO_MANY: the model's columns are too short
 */
export function commitInput(
  engine: Engine,
  key: VerifyingKey,
  values: Int32Array,
): { readonly name: Uint8Array; readonly bytes: Uint8Array } {
  const budget = portBudget(key, { side: 'inputs', index: 0 });
  const port = onlyPort(key, 'inputs');
  // A provider and a rescuer, at least.
  const least = budget.units - 2 < 2 ? portBudget(key, { side: 'inputs', index: 0 }, 2) : budget;
  const { opening } = commitPort(engine, key, port, values, least);
  return { name: nameOfOpening(opening), bytes: encodeOpening(opening) };
}

/**
 * What was sealed, if it opens the commitment of that name and fits the model's port. Text: what is wrong.
 * Any bytes are judged.   Cost: commits to the values again.
 */
export function openCommitted(
  engine: Engine,
  key: VerifyingKey,
  side: 'inputs' | 'outputs',
  name: Uint8Array,
  bytes: Uint8Array,
): TensorOpening | string {
  try {
    const port = onlyPort(key, side);
    const opening = decodeOpening(bytes, 'what was sealed');
    if (!equalBytes(nameOfOpening(opening), name)) return 'it opens another commitment';
    checkOpening(key, port, { folder: 'what was sealed', opening, port: null });
    openTensor(engine, opening);
    return opening;
  } catch (error) {
    if (error instanceof AssayError) return error.shortMessage;
    throw error;
  }
}

/** What a proof for a job shows, and where the opening of a committed output goes. */
export interface JobPlan {
  readonly key: VerifyingKey;
  readonly commitOutputs: ReadonlyMap<string, OutputCommitment>;
}

/**
 * The key of a proof for a job: all ports public, but for an input that was committed and an output that is
 * to be, whatever `setup` was told.
 * @param input - Null: public.
 * @param outputFolder - Where the output's opening goes; null: public.
 * @throws {AssayError} ASSAY_PROVE_VISIBILITY, ASSAY_SEALED_PORTS
 */
export function planProof(
  own: VerifyingKey,
  input: TensorOpening | null,
  outputFolder: string | null,
): JobPlan {
  const open = (ports: readonly unknown[]): PortVisibility[] =>
    ports.map(() => ({ kind: 'public' }));
  const { inputs, outputs } = own.visibility;
  let shown: Visibility = { ...own.visibility, inputs: open(inputs), outputs: open(outputs) };
  if (input !== null) {
    const { tailRows } = input.commitment;
    shown = withPort(shown, { side: 'inputs', index: 0 }, { kind: 'committed', tailRows });
  }
  if (outputFolder === null) return { key: keyShowing(own, shown), commitOutputs: new Map() };
  const place = { side: 'outputs', index: 0 } as const;
  const budget = portBudget(keyShowing(own, shown), place, 1);
  const tailRows = tailRowsFor(budget, own.parameters.registeredSamples);
  return {
    key: keyShowing(own, withPort(shown, place, { kind: 'committed', tailRows })),
    commitOutputs: new Map([[onlyPort(own, 'outputs').name, { folder: outputFolder, budget }]]),
  };
}
