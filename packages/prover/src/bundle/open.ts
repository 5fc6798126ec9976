import { closeSync, fstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { equalBytes } from '@assay/core/hash';
import {
  decodeProgram,
  describeProgramError,
  type Program,
  programDigest,
  type Weights,
} from '@assay/program';
import { decodeVerifyingKey, describeKeyError, type VerifyingKey } from '@assay/verifier';
import type { UseBudget } from '../commitments/index.ts';
import { usesFolder } from '../commitments/node/index.ts';
import { CommitmentFiles } from './commitment-file.ts';
import { bundleError, withFiles } from './errors.ts';
import {
  FILES,
  type Manifest,
  openChecked,
  readChecked,
  readManifest,
  SECRET_FILES,
} from './manifest.ts';
import { readTails } from './tails-file.ts';
import { decodeWeights } from './weights-file.ts';

/** What a proof takes of hidden weights besides them: their tails, and where its uses are recorded. */
export interface HiddenModel extends UseBudget {
  /** Last rows of the model columns, column after column. */
  readonly tails: Int32Array;
  /** For `spendUnits`. */
  readonly uses: string;
}

/** A model that was compiled, and, after `setup`, committed. */
export interface Bundle {
  readonly folder: string;
  readonly program: Program;
  readonly programDigest: Uint8Array;
  /** report.json as it was written. */
  readonly report: unknown;
  /** Null before `setup`. */
  readonly verifyingKey: VerifyingKey | null;
  /** Bytes of weights and commitment, which a prover needs. */
  readonly provingKeyBytes: number;
  /** Bytes of verifying-key.cbor, 0 before `setup`. */
  readonly verifyingKeyBytes: number;
  /** The weights, read and checked at each call. */
  weights(): Weights;
  /** @throws {AssayError} ASSAY_BUNDLE_NOT_SET_UP */
  commitment(): CommitmentFiles;
  /** Tails, read and checked at each call; null: public weights, or not set up. */
  hidden(): HiddenModel | null;
  close(): void;
}

export interface OpenOptions {
  /**
   * Digests the large commitment files too, which `open` otherwise leaves to the moment when a row
   * is read. @default false
   */
  readonly full?: boolean;
}

/**
 * Opens a bundle for reading. Any number of readers may have it open.
 *
 * Digests of all small files are checked; files that do not belong to each other are refused.
 *
 * @throws {AssayError} ASSAY_BUNDLE_MISSING, ASSAY_BUNDLE_FORMAT, ASSAY_BUNDLE_CORRUPT, ASSAY_BUNDLE_IO
 */
export function openBundle(folder: string, options: OpenOptions = {}): Bundle {
  const path = resolve(folder);
  const manifest = readManifest(path);
  const sizeOf = (name: string): number => manifest.get(name)?.bytes ?? 0;

  const programBytes = readChecked(path, manifest, FILES.program);
  const program = decodeProgram(programBytes);
  if (!program.ok) {
    throw bundleError('ASSAY_BUNDLE_FORMAT', `bundle: ${describeProgramError(program.error)}`);
  }
  const digest = programDigest(programBytes);
  const report = parseReport(readChecked(path, manifest, FILES.report));
  const verifyingKey = manifest.has(FILES.verifyingKey)
    ? readKey(readChecked(path, manifest, FILES.verifyingKey), digest)
    : null;
  const full = options.full ?? false;
  const files = verifyingKey === null ? null : openCommitment(path, manifest, verifyingKey, full);
  if (full) decodeWeights(readChecked(path, manifest, FILES.weights), program.value);

  return {
    folder: path,
    program: program.value,
    programDigest: digest,
    report,
    verifyingKey,
    provingKeyBytes: [FILES.weights, FILES.rows, FILES.tree, ...SECRET_FILES]
      .map(sizeOf)
      .reduce((sum, bytes) => sum + bytes, 0),
    verifyingKeyBytes: sizeOf(FILES.verifyingKey),
    weights: () => decodeWeights(readChecked(path, manifest, FILES.weights), program.value),
    commitment: () => {
      if (files !== null) return files;
      throw bundleError(
        'ASSAY_BUNDLE_NOT_SET_UP',
        `bundle: the model in ${folder} is not committed`,
        `Run \`assay setup ${folder}\` first.`,
      );
    },
    hidden: () =>
      verifyingKey === null || files === null
        ? null
        : readHidden(path, manifest, verifyingKey, files.wordsPerRow),
    close: () => {
      files?.close();
    },
  };
}

function parseReport(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw bundleError('ASSAY_BUNDLE_FORMAT', `bundle: ${FILES.report} is not JSON`);
  }
}

function readKey(bytes: Uint8Array, digest: Uint8Array): VerifyingKey {
  const key = decodeVerifyingKey(bytes);
  if (!key.ok) throw bundleError('ASSAY_BUNDLE_FORMAT', `bundle: ${describeKeyError(key.error)}`);
  if (!equalBytes(key.value.programDigest, digest)) {
    throw bundleError(
      'ASSAY_BUNDLE_CORRUPT',
      `bundle: ${FILES.verifyingKey} is for another program than ${FILES.program}`,
    );
  }
  return key.value;
}

function openCommitment(
  path: string,
  manifest: Manifest,
  key: VerifyingKey,
  full: boolean,
): CommitmentFiles {
  const isHidden = key.visibility.weights.kind === 'hidden';
  if (SECRET_FILES.some((name) => manifest.has(name) !== isHidden)) {
    throw bundleError(
      'ASSAY_BUNDLE_CORRUPT',
      `bundle: ${FILES.commitment} and ${FILES.verifyingKey} disagree on whether weights are hidden`,
    );
  }
  const opened: number[] = [];
  const open = (name: string): { readonly fd: number; readonly bytes: number } => {
    const fd = openChecked(path, manifest, name, full);
    opened.push(fd);
    return { fd, bytes: fstatSync(fd).size };
  };
  try {
    const rows = open(FILES.rows);
    const tree = open(FILES.tree);
    const salts = isHidden ? open(FILES.salts) : null;
    const files = withFiles(path, () => new CommitmentFiles({ rows, tree, salts }));
    if (!equalBytes(files.root, key.model.root)) {
      throw bundleError(
        'ASSAY_BUNDLE_CORRUPT',
        `bundle: ${FILES.commitment} has another root than ${FILES.verifyingKey}`,
      );
    }
    if (full) readHidden(path, manifest, key, files.wordsPerRow);
    return files;
  } catch (cause) {
    for (const fd of opened) closeSync(fd);
    throw cause;
  }
}

function readHidden(
  path: string,
  manifest: Manifest,
  key: VerifyingKey,
  columns: number,
): HiddenModel | null {
  const { weights } = key.visibility;
  if (weights.kind === 'public') return null;
  const { root, yReg } = key.model;
  const { tailRows } = weights;
  const fd = openChecked(path, manifest, FILES.tails, true);
  const tails = readTails(fd, { root, columns, tailRows, registeredSamples: yReg.length });
  return { ...tails, uses: usesFolder(join(path, FILES.commitment), root) };
}
