import { existsSync, readdirSync, rmSync } from 'node:fs';
import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import type { Port } from '@assay/program';
import {
  type Argument,
  describeVerifyError,
  prepareArgument,
  type Statement,
  type VerifyingKey,
} from '@assay/verifier';
import { type Bundle, provingKey } from '../bundle/index.ts';
import { type OpenedTensor, openTensor, unitsFor, type UseBudget } from '../commitments/index.ts';
import { spendUnits, unitsLeft, usesFolder } from '../commitments/node/index.ts';
import { prove } from '../prove.ts';
import { commitPort, type Opening, openingPort, saveOpening } from './opening.ts';

/** An output that is to be committed: where its opening goes, and what it reserves. */
export interface OutputCommitment {
  readonly folder: string;
  readonly budget: UseBudget;
}

/** A run to be proven: what is shown of it, and the secrets of committed ports. */
export interface RunRequest {
  /** The key for what the proof shows. @default the bundle's own */
  readonly key?: VerifyingKey | undefined;
  /** Values of the inputs that no commitment opens. */
  readonly inputs: ReadonlyMap<string, Int32Array>;
  /** Openings of committed inputs, by port name. */
  readonly openings?: ReadonlyMap<string, Opening> | undefined;
  /** Committed outputs, by port name. */
  readonly commitOutputs?: ReadonlyMap<string, OutputCommitment> | undefined;
  readonly nonce: Uint8Array;
}

export interface StageTime {
  readonly name: string;
  readonly ms: number;
}

export interface ProvenRun {
  readonly key: VerifyingKey;
  readonly proof: Uint8Array;
  /** What the proof is about: values of public ports, names of committed ones. */
  readonly statement: Statement;
  /** All outputs: those that are not public are for the prover alone. */
  readonly outputs: ReadonlyMap<string, Int32Array>;
  readonly stages: readonly StageTime[];
}

/**
 * Proves one run of a bundle that is set up. Uses of every static root that it opens are spent before
 * it is begun, and stay spent if it fails. Openings of committed outputs are on disk before, too, and
 * removed if it fails: nobody has seen their roots then. `onStage`: what begins; null at the end.
 *
 * @throws {AssayError} ASSAY_USES_EXHAUSTED, ASSAY_OPENING_CORRUPT, ASSAY_OPENING_EXISTS and what
 *   `provingKey` and `prove` throw
 */
export function proveRun(
  engine: Engine,
  bundle: Bundle,
  request: RunRequest,
  onStage: (name: string | null) => void = () => {},
): ProvenRun {
  const stages: StageTime[] = [];
  let current: { name: string; since: number } | null = null;
  const begin = (name: string | null): void => {
    const now = performance.now();
    if (current !== null) stages.push({ name: current.name, ms: now - current.since });
    current = name === null ? null : { name, since: now };
    onStage(name);
  };
  begin('load');
  const { openings = none, commitOutputs = none, inputs, nonce } = request;
  const own = provingKey(bundle);
  const { key: shown = bundle.verifyingKey } = request;
  const argument =
    shown === null || shown === bundle.verifyingKey ? own.argument : argumentOf(shown);
  for (const { folder } of commitOutputs.values()) expectFree(folder);
  const committedInputs = new Map(
    [...openings].map(([name, { opening }]) => [name, openTensor(engine, opening)]),
  );
  const rows = argument.key.parameters.whir.queries[0] ?? 1;
  spendUses(bundle, openings, rows);

  const written: string[] = [];
  const commitOutput = (port: Port, values: Int32Array): OpenedTensor => {
    const { folder, budget } = commitOutputs.get(port.name) ?? {};
    if (folder === undefined || budget === undefined) {
      throw new TypeError(`proveRun: expected a folder for output "${port.name}"`);
    }
    const { key } = argument;
    const { opening, opened } = commitPort(engine, key, port, values, budget);
    saveOpening({ folder, opening, port: openingPort(key, 'output', port) }, rows);
    written.push(folder);
    return opened;
  };
  try {
    const options = { nonce, committedInputs, commitOutput, onStage: begin };
    const { proof, statement, outputs } = prove(engine, { ...own, argument }, inputs, options);
    begin(null);
    return { key: argument.key, proof, statement, outputs, stages };
  } catch (cause) {
    for (const folder of written) rmSync(folder, { recursive: true, force: true });
    throw cause;
  }
}

const none: ReadonlyMap<string, never> = new Map<string, never>();

function argumentOf(key: VerifyingKey): Argument {
  const argument = prepareArgument(key);
  if (argument.ok) return argument.value;
  throw new AssayError({
    code: 'ASSAY_VERIFYING_KEY',
    shortMessage: describeVerifyError(argument.error),
  });
}

/** Spends uses of the model's root and of those of committed inputs. @throws {AssayError} ASSAY_USES_EXHAUSTED */
function spendUses(bundle: Bundle, openings: ReadonlyMap<string, Opening>, rows: number): void {
  const hidden = bundle.hidden();
  const roots = [
    ...(hidden === null ? [] : [{ record: hidden.uses, budget: hidden }]),
    ...[...openings.values()].map(({ folder, opening }) => ({
      record: usesFolder(folder, opening.commitment.root),
      budget: opening,
    })),
  ];
  // First the ones that are used up: they refuse, and the others lose nothing.
  const short = ({ record, budget }: (typeof roots)[number]): number =>
    Number(unitsLeft(record, budget) < unitsFor(budget, rows));
  for (const { record, budget } of roots.toSorted((a, b) => short(b) - short(a))) {
    spendUnits(record, budget, rows);
  }
}

/** Asked before anything is spent on it. */
function expectFree(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new AssayError({
    code: 'ASSAY_OPENING_EXISTS',
    shortMessage: `${folder} exists and is not empty`,
    details: 'Choose another folder.',
  });
}
