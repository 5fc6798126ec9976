import { copyFileSync, chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '@assay/core/engine';
import { platformRandomness } from '@assay/core/randomness';
import type { Program, Weights } from '@assay/program';
import { proveRenewal, renewalRows, setup, type Shown } from '@assay/prover';
import {
  type Bundle,
  type HiddenModel,
  sourceOf,
  writeCommitment,
  writeCompiled,
} from '@assay/prover/bundle';
import { commitTensor, openTensor, unitsFor, type UseBudget } from '@assay/prover/commitments';
import { spendUnits, usesFolder } from '@assay/prover/commitments/node';
import { encodeVerifyingKey, type Renewal, type VerifyingKey } from '@assay/verifier';
import { type Opening, saveOpening } from '@assay/prover/run';
import { expectFree, writeBytes } from '../files.ts';
import { BUNDLE_KEY } from '../keys.ts';
import { registrationRows } from '../pipeline.ts';
import type { Progress } from '../ui/index.ts';

/** The renewal proof, in the folder of what it made. */
export const RENEWAL_FILE = 'renewal.bin';

/** What a new root is to be, and where it goes. */
export interface RenewalRequest {
  readonly folder: string;
  /** Proofs to be left; when not given, as many as before are reserved, of which a model's renewal takes one. */
  readonly proofs: number | undefined;
}

export interface Renewed<T> {
  readonly made: T;
  readonly proof: Uint8Array;
}

/** Proofs that the earlier root was good for. */
const before = ({ units }: UseBudget): number => units - 2;

/** What of a key's visibility `setup` is told by names. */
function shownBy({ program, visibility }: VerifyingKey): Shown {
  const side = (name: 'inputs' | 'outputs'): Shown['inputs'] =>
    new Map(program[name].map((port, i) => [port.name, visibility[name][i]?.kind ?? 'public']));
  return { weights: visibility.weights.kind, inputs: side('inputs'), outputs: side('outputs') };
}

function modelValues(program: Program, weights: Weights): readonly Int32Array[] {
  return program.tensors.flatMap(({ role }, id) =>
    role === 'model' ? [weights.get(id) ?? new Int32Array()] : [],
  );
}

/**
 * A fresh root for the hidden weights of a bundle, in a bundle of its own, with its registration and
 * the proof that it holds the same weights. Spends the use of the earlier root that was kept for this;
 * the proof takes one of the new root's uses. Nothing is written before both proofs are made.
 *
 * @throws {AssayError} ASSAY_USES_EXHAUSTED, ASSAY_RENEWAL, ASSAY_BUNDLE_EXISTS and what `setup` throws
 */
export function renewModel(
  engine: Engine,
  bundle: Bundle,
  { key, hidden }: { readonly key: VerifyingKey; readonly hidden: HiddenModel },
  { folder, proofs }: RenewalRequest,
  progress: Progress,
): Renewed<VerifyingKey> {
  expectFree('ASSAY_BUNDLE_EXISTS', folder);
  const weights = bundle.weights();
  const { whir, targetBits } = key.parameters;
  const made = setup(engine, bundle.program, weights, {
    targetBits,
    logRows: whir.logRows,
    logInverseRate: whir.logInverseRates[0],
    shown: shownBy(key),
    // One of them is for the proof that renews.
    proofs: proofs === undefined ? Math.max(2, before(hidden)) : proofs + 1,
    onStage: (stage) => progress.update(stage === 'register' ? 'registration' : stage, 0, 0),
  });
  const { secrets } = made;
  if (secrets === null) throw new TypeError('renewModel: expected hidden weights');
  const renewal: Renewal = { of: 'model', earlier: key, renewed: made.key };
  const rows = renewalRows(renewal);
  spendUnits(hidden.uses, hidden, rows, 'renewal');
  progress.update('renewal', 0, 0);
  const proof = proveRenewal(engine, renewal, {
    renewed: { tree: made.commitment.opened, tails: secrets.tails },
    earlier: { tree: bundle.commitment(), tails: hidden.tails },
    values: modelValues(bundle.program, weights),
  });
  // Both proofs of the new root are made before its record begins: it begins with their uses spent.
  const units = unitsFor(secrets, registrationRows(made.key)) + unitsFor(secrets, rows);
  const source = {
    ...sourceOf(engine, made.commitment),
    verifyingKey: encodeVerifyingKey(made.key),
    secrets,
    birthRows: units * secrets.rowsPerUse,
  };
  const { program, report } = bundle;
  writeCompiled(folder, { program, weights, report }, { secret: true });
  writeBytes(join(folder, RENEWAL_FILE), proof);
  const signer = join(bundle.folder, BUNDLE_KEY);
  if (existsSync(signer)) {
    copyFileSync(signer, join(folder, BUNDLE_KEY));
    chmodSync(join(folder, BUNDLE_KEY), 0o600);
  }
  writeCommitment(folder, source, (done, total) => progress.update('write', done, total));
  progress.end();
  return { made: made.key, proof };
}

/** The same for a committed tensor: a folder that opens its new root, in the earlier one's place. */
export function renewOpening(
  engine: Engine,
  earlier: Opening,
  { folder, proofs }: RenewalRequest,
  targetBits: number,
  progress: Progress,
): Renewed<Opening> {
  expectFree('ASSAY_OPENING_EXISTS', folder);
  const { opening } = earlier;
  const { shape, logRows, logInverseRate, yReg } = opening.commitment;
  const old = openTensor(engine, opening);
  progress.update('commit', 0, 0);
  const made = commitTensor(
    engine,
    {
      values: opening.values,
      shape,
      logRows,
      logInverseRate,
      registeredSamples: yReg.length,
      uses: proofs ?? before(opening),
      rowsPerUse: opening.rowsPerUse,
    },
    platformRandomness(),
  );
  const renewal: Renewal = {
    of: 'tensor',
    earlier: opening.commitment,
    renewed: made.opening.commitment,
    targetBits,
  };
  const rows = renewalRows(renewal);
  const record = usesFolder(earlier.folder, opening.commitment.root);
  spendUnits(record, opening, rows, 'renewal');
  progress.update('renewal', 0, 0);
  const proof = proveRenewal(engine, renewal, {
    renewed: { tree: made.opened.tree, tails: made.opening.tails },
    earlier: { tree: old.tree, tails: opening.tails },
    values: [opening.values],
  });
  const renewed: Opening = { ...earlier, folder, opening: made.opening };
  saveOpening(renewed, rows);
  writeBytes(join(folder, RENEWAL_FILE), proof);
  progress.end();
  return { made: renewed, proof };
}
