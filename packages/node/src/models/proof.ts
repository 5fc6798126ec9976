import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import { bytesOf, hexOf, INPUT_KIND, type JobView, seal, ZERO_HASH } from '@assay/market';
import {
  attemptsOfEach,
  nameOfOpening,
  onlyPort,
  openCommitted,
  planProof,
} from '@assay/market/node';
import type { TensorOpening } from '@assay/prover/commitments';
import { unitsLeft, usesFolder } from '@assay/prover/commitments/node';
import {
  isOpeningFolder,
  loadOpening,
  type Opening,
  OPENING_FILES,
  proveRun,
  receiptBody,
  saveOpening,
} from '@assay/prover/run';
import { encodeReceipt, type SigningKey, type VerifyingKey } from '@assay/verifier';
import type { Proven } from '../provider/index.ts';
import type { ServedModel } from './served-model.ts';

export interface ProofSetting {
  readonly engine: Engine;
  readonly receiptKey: SigningKey;
  /** Where openings of sealed inputs and outputs are kept while a job lasts: secret. */
  readonly folder: string;
  /** RFC 3339 in UTC, whole seconds. */
  readonly time: string;
}

export function isSealed({ params }: JobView): boolean {
  return params.inputKind === INPUT_KIND.sealed;
}

function keyOf({ bundle }: ServedModel): VerifyingKey {
  const key = bundle.verifyingKey;
  if (key !== null) return key;
  throw new AssayError({
    code: 'ASSAY_JOB_MODEL',
    shortMessage: `${bundle.folder} is not set up: it cannot prove`,
  });
}

/** A sealed input as it was opened; text: it is not what the job names. */
export function openSealedInput(
  engine: Engine,
  model: ServedModel,
  job: JobView,
  bytes: Uint8Array,
): TensorOpening | string {
  return openCommitted(engine, keyOf(model), 'inputs', bytesOf(job.params.inputRoot), bytes);
}

/** The folder that opens a job's input, made once; its uses are counted there over crashes. */
function inputFolder(home: string, opening: TensorOpening): Opening {
  const folder = join(home, 'input');
  if (!isOpeningFolder(folder)) saveOpening({ folder, opening, port: null });
  const kept = loadOpening(folder);
  const left = unitsLeft(usesFolder(folder, kept.opening.commitment.root), kept.opening);
  const most = attemptsOfEach(kept.opening);
  if (kept.opening.units - 2 - left < most) return kept;
  throw new AssayError({
    code: 'ASSAY_JOB_ATTEMPTS',
    shortMessage: `${folder}: ${most} proofs were begun for this job: no more are safe`,
    details:
      'Every proof that opens a committed input shows a little of it; so many were reserved.',
  });
}

/**
 * Proves a job's run on a public or a committed input, with the job's id as nonce. An output that the
 * requester wants for itself is committed, and its opening sealed to the job's own key.
 *
 * @param input - Values, if public; else its opening.
 * @throws {AssayError} what `proveRun` throws; ASSAY_JOB_ATTEMPTS
 */
export async function proveJob(
  setting: ProofSetting,
  model: ServedModel,
  job: JobView,
  input: ReadonlyMap<string, Int32Array> | TensorOpening,
): Promise<Proven> {
  const { engine, receiptKey, time } = setting;
  const { outputKey } = job.params;
  const key = keyOf(model);
  const opening = 'commitment' in input ? input : null;
  const home = join(setting.folder, job.id);
  const outputFolder = outputKey === ZERO_HASH ? null : join(home, 'output');
  if (opening !== null || outputFolder !== null) mkdirSync(home, { recursive: true, mode: 0o700 });
  // Of an attempt that was cut short: nobody has seen its root.
  if (outputFolder !== null) rmSync(outputFolder, { recursive: true, force: true });
  const plan = planProof(key, opening, outputFolder);
  const run = proveRun(engine, model.bundle, {
    ...plan,
    inputs: 'commitment' in input ? new Map() : input,
    openings:
      opening === null
        ? new Map()
        : new Map([[onlyPort(key, 'inputs').name, inputFolder(home, opening)]]),
    nonce: bytesOf(job.id),
  });
  const receipt = encodeReceipt(receiptBody(run, receiptKey.publicKey, { time }), receiptKey);
  if (outputFolder === null) return { receipt, sealed: null };
  const made = loadOpening(outputFolder).opening;
  const plaintext = new Uint8Array(readFileSync(join(outputFolder, OPENING_FILES.opening)));
  const output = await seal(outputKey, job.id, 'output', plaintext);
  return { receipt, sealed: { output, root: hexOf(nameOfOpening(made)) } };
}
