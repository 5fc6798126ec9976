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

/**
 * Proofs that may open an input that is sealed for one job: a first provider and a rescuer, each with
 * attempts that a crash has cost. Whoever has the opening counts apart, so that each takes at most a third.
 */
const SEALED_USES = 9;
export const ATTEMPTS_OF_EACH: number = SEALED_USES / 3;

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

/** Commits an input for one job: the name goes into the job, the bytes are sealed to its provider. */
export function commitInput(
  engine: Engine,
  key: VerifyingKey,
  values: Int32Array,
): { readonly name: Uint8Array; readonly bytes: Uint8Array } {
  const budget = portBudget(key, { side: 'inputs', index: 0 }, SEALED_USES);
  const { opening } = commitPort(engine, key, onlyPort(key, 'inputs'), values, budget);
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
