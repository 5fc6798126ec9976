import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { encodeProgram, type Program, type Weights } from '@assay/program';
import type { StaticSecrets } from '../commitments/index.ts';
import { createUses, usesFolder } from '../commitments/node/index.ts';
import {
  type FileDigest,
  READABLE,
  removeLeftovers,
  SECRET,
  syncFolder,
  temporaryName,
  writeFileAtomic,
  writeFileSynced,
} from '../files/index.ts';
import {
  type CommitmentSource,
  rowChunks,
  saltChunks,
  tailChunks,
  treeChunks,
} from './commitment-format.ts';
import { bundleError, withFiles } from './errors.ts';
import { encodeManifest, FILES, readManifest, SECRET_FILES } from './manifest.ts';
import { encodeWeights } from './weights-file.ts';

export interface CompiledModel {
  readonly program: Program;
  readonly weights: Weights;
  /** Becomes report.json: accuracy against the float model, layer by layer. */
  readonly report: unknown;
}

export interface WriteOptions {
  /** Replaces a bundle that is there. Anything else that is there is never touched. @default false */
  readonly replace?: boolean;
  /** The weights are to be hidden: from the first byte on they, and what was measured of them, are for the owner alone. @default false */
  readonly secret?: boolean;
}

/**
 * Writes a compiled model as a new bundle: program.cbor, weights.bin, report.json, manifest.json.
 * The folder appears under its name when it is complete, or not at all.
 *
 * @throws {AssayError} ASSAY_BUNDLE_EXISTS, ASSAY_BUNDLE_IO
 */
export function writeCompiled(
  folder: string,
  model: CompiledModel,
  options: WriteOptions = {},
): void {
  const target = resolve(folder);
  withFiles(target, () => {
    const occupied = existsSync(target) && readdirSync(target).length > 0;
    if (occupied && !(options.replace === true && existsSync(join(target, FILES.manifest)))) {
      throw bundleError(
        'ASSAY_BUNDLE_EXISTS',
        `bundle: ${folder} exists and is not empty`,
        existsSync(join(target, FILES.manifest))
          ? 'Replace the bundle with --force, or choose another folder.'
          : 'It is not a bundle, so it is left as it is. Choose another folder.',
      );
    }
    mkdirSync(dirname(target), { recursive: true });
    removeLeftovers(dirname(target));
    const temporary = temporaryName(target);
    mkdirSync(temporary);
    try {
      const files = new Map<string, FileDigest>();
      const write = (name: string, bytes: Uint8Array, mode: number): void => {
        files.set(name, writeFileSynced(join(temporary, name), [bytes], mode));
      };
      const ofWeights = options.secret === true ? SECRET : READABLE;
      write(FILES.program, encodeProgram(model.program), READABLE);
      write(FILES.weights, encodeWeights(model.weights), ofWeights);
      const report = `${JSON.stringify(model.report ?? null, null, 2)}\n`;
      write(FILES.report, new TextEncoder().encode(report), ofWeights);
      writeFileSynced(join(temporary, FILES.manifest), [encodeManifest(files)]);
      syncFolder(temporary);
      if (occupied) replaceFolder(temporary, target);
      else renameSync(temporary, target);
      syncFolder(dirname(target));
    } catch (cause) {
      rmSync(temporary, { recursive: true, force: true });
      throw cause;
    }
  });
}

/** What `compile` and `setup` write. Anything else in a bundle's folder is its owner's: a key, notes. */
const OWN: ReadonlySet<string> = new Set(Object.values(FILES));

/** A folder cannot be renamed onto one that is not empty: the old one is moved away first. */
function replaceFolder(temporary: string, target: string): void {
  for (const name of readdirSync(target)) {
    if (!OWN.has(name)) renameSync(join(target, name), join(temporary, name));
  }
  const old = temporaryName(target);
  renameSync(target, old);
  renameSync(temporary, target);
  rmSync(old, { recursive: true, force: true });
}

export interface Commitment extends CommitmentSource {
  /** `encodeVerifyingKey` of the key that names this commitment's root. */
  readonly verifyingKey: Uint8Array;
  /** What hides the columns of hidden weights. @default public weights */
  readonly secrets?: StaticSecrets | null | undefined;
  /** Rows that the registration proof opened: spent at birth. @default what one use pays for */
  readonly birthRows?: number | undefined;
}

/** A file of a commitment before it is written. */
interface Part {
  readonly name: string;
  readonly chunks: Iterable<Uint8Array>;
  readonly mode: number;
}

/** In the order in which they are written; `onProgress` follows the two large ones. */
function partsOf(
  commitment: Commitment,
  onProgress: (done: number, total: number) => void,
): readonly Part[] {
  const secrets = commitment.secrets ?? null;
  // A codeword shows what it encodes: rows of hidden weights are secret like the weights.
  const mode = secrets === null ? READABLE : SECRET;
  const rowBytes = 4 * commitment.wordsPerRow * commitment.rows;
  const treeBytes = 64 * commitment.rows;
  const total = rowBytes + treeBytes;
  const rows = rowChunks(commitment, (done, of) => onProgress((rowBytes * done) / of, total));
  const tree = treeChunks(commitment, (done, of) =>
    onProgress(rowBytes + (treeBytes * done) / of, total),
  );
  return [
    ...(secrets === null
      ? []
      : [
          { name: FILES.salts, chunks: saltChunks(commitment, secrets), mode },
          { name: FILES.tails, chunks: tailChunks(commitment, secrets), mode },
        ]),
    { name: FILES.rows, chunks: rows, mode },
    { name: FILES.tree, chunks: tree, mode },
    { name: FILES.verifyingKey, chunks: [commitment.verifyingKey], mode: READABLE },
  ];
}

/**
 * Adds commitment and verifying key to a compiled bundle. All files are complete before the first of
 * them gets its name, and the manifest that makes them part of the bundle is last: interrupted while
 * it writes, which is what takes time, the bundle is what it was before; interrupted between two
 * renames, a bundle that was set up before is refused until `setup` is run again.
 *
 * Of hidden weights everything that shows them is for the owner alone, and the record of the root's
 * uses is started. Records of roots before it stay: they never count for this one.
 *
 * @param onProgress - called with bytes written and to be written.
 * @throws {AssayError} ASSAY_BUNDLE_MISSING, ASSAY_BUNDLE_FORMAT, ASSAY_BUNDLE_IO, ASSAY_USES_EXHAUSTED
 */
export function writeCommitment(
  folder: string,
  commitment: Commitment,
  onProgress: (done: number, total: number) => void = () => {},
): void {
  const target = resolve(folder);
  const manifest = readManifest(target);
  const secrets = commitment.secrets ?? null;
  const contents = partsOf(commitment, onProgress);
  withFiles(target, () => {
    const home = join(target, FILES.commitment);
    mkdirSync(home, { recursive: true });
    removeLeftovers(target);
    removeLeftovers(home);
    const parts = contents.map((part) => {
      const path = join(target, part.name);
      return { ...part, path, temporary: temporaryName(path) };
    });
    const files = new Map(manifest);
    for (const name of SECRET_FILES) files.delete(name);
    try {
      for (const { name, temporary, chunks, mode } of parts) {
        files.set(name, writeFileSynced(temporary, chunks, mode));
      }
      if (secrets !== null) {
        for (const name of [FILES.weights, FILES.report]) chmodSync(join(target, name), SECRET);
        const uses = usesFolder(home, commitment.root);
        // Written once more, a root keeps the record that it has.
        if (!existsSync(uses)) createUses(uses, secrets, commitment.birthRows);
      }
    } catch (cause) {
      for (const { temporary } of parts) rmSync(temporary, { force: true });
      throw cause;
    }
    for (const { temporary, path } of parts) renameSync(temporary, path);
    syncFolder(home);
    writeFileAtomic(join(target, FILES.manifest), [encodeManifest(files)]);
    for (const name of SECRET_FILES) {
      if (!files.has(name)) rmSync(join(target, name), { force: true });
    }
  });
}
