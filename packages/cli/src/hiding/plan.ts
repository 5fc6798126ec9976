import { resolve } from 'node:path';
import type { Port, PortVisibility, Visibility } from '@assay/program';
import { keyShowing, portBudget, tailRowsFor, withPort } from '@assay/prover/commitments';
import type { VerifyingKey } from '@assay/verifier';
import { type OutputCommitment, checkOpening, loadOpening, type Opening } from '@assay/prover/run';
import { UsageError } from '../outcome.ts';
import { byPort, type PortRef, portsNamed, portText } from './port-names.ts';

/** What `prove` is told to show and to hide, where it is not what `setup` was told. */
export interface ShowOptions {
  readonly hide?: readonly string[];
  readonly show?: readonly string[];
  /** [NAME=]FOLDER, of openings that are there. */
  readonly inputCommitment?: readonly string[];
  /** [NAME=]FOLDER, of openings to be made. */
  readonly commitOutput?: readonly string[];
  /** Proofs that committed outputs are good for. */
  readonly uses?: number;
}

/** What a proof will show, and what it takes. */
export interface RunPlan {
  readonly key: VerifyingKey;
  readonly openings: ReadonlyMap<string, Opening>;
  readonly commitOutputs: ReadonlyMap<string, OutputCommitment>;
  /** Inputs whose values have to be given. */
  readonly given: readonly Port[];
}

/** Refuses a port that two options speak of. */
class Mentions {
  readonly #by: Map<string, string> = new Map();

  add(ref: PortRef, option: string): void {
    const text = portText(ref);
    const before = this.#by.get(text);
    if (before !== undefined && before !== option) {
      throw new UsageError(`${text}: ${before} and ${option} say different things of it`);
    }
    this.#by.set(text, option);
  }
}

/**
 * The key for what the options ask to be shown, and the secrets that its proof takes. Without options
 * it is what `setup` was told.
 * @throws {UsageError} on options that contradict each other, or leave a committed port without folder
 * @throws {AssayError} ASSAY_OPENING_…, ASSAY_PROVE_VISIBILITY, ASSAY_USES_TOO_MANY
 */
export function planRun(key: VerifyingKey, options: ShowOptions): RunPlan {
  const { program } = key;
  const mentions = new Mentions();
  let shown: Visibility = key.visibility;
  const set = (ref: PortRef, option: string, as: PortVisibility): void => {
    mentions.add(ref, option);
    shown = withPort(shown, ref, as);
  };
  for (const [option, kind] of [
    ['hide', 'hidden'],
    ['show', 'public'],
  ] as const) {
    for (const text of options[option] ?? []) {
      for (const ref of portsNamed(program, `--${option}`, text)) {
        set(ref, `--${option}`, { kind });
      }
    }
  }

  const openings = new Map<string, Opening>();
  const named = byPort(program, 'inputs', '--input-commitment', options.inputCommitment);
  for (const [name, { ref, rest: folder }] of named) {
    const opening = loadOpening(folder);
    checkOpening(key, ref.port, opening);
    const { tailRows } = opening.opening.commitment;
    set(ref, '--input-commitment', { kind: 'committed', tailRows });
    openings.set(name, opening);
  }

  const { uses } = options;
  if (uses !== undefined && options.commitOutput === undefined) {
    throw new UsageError('--uses: no output is committed', 'It belongs to --commit-output.');
  }
  const commitOutputs = new Map<string, OutputCommitment>();
  const folders = new Set<string>();
  const made = byPort(program, 'outputs', '--commit-output', options.commitOutput);
  for (const [name, { ref, rest: folder }] of made) {
    if (folders.has(resolve(folder))) throw new UsageError(`--commit-output: ${folder} twice`);
    folders.add(resolve(folder));
    const asSetUp = key.visibility.outputs[ref.index]?.kind === 'committed' && uses === undefined;
    const budget = portBudget(asSetUp ? key : keyShowing(key, shown), ref, uses);
    const tailRows = tailRowsFor(budget, key.parameters.registeredSamples);
    set(ref, '--commit-output', { kind: 'committed', tailRows });
    commitOutputs.set(name, { folder, budget });
  }

  const committed = (side: PortRef['side']): readonly string[] =>
    program[side].filter((_, i) => shown[side][i]?.kind === 'committed').map(({ name }) => name);
  for (const [side, folderOf, option] of [
    ['inputs', openings, '--input-commitment'],
    ['outputs', commitOutputs, '--commit-output'],
  ] as const) {
    const missing = committed(side).find((name) => !folderOf.has(name));
    if (missing === undefined) continue;
    throw new UsageError(
      `${side.slice(0, -1)} "${missing}" is committed in proofs of this model: give ${option} FOLDER`,
      side === 'inputs'
        ? '`assay commit` makes one. Or --show or --hide it in this proof.'
        : 'Or --show or --hide it in this proof.',
    );
  }
  return {
    key: keyShowing(key, shown),
    openings,
    commitOutputs,
    given: program.inputs.filter(({ name }) => !openings.has(name)),
  };
}
