import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  type ReadStream,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { type ArtefactName, expectArtefactName, isArtefactName } from '../artefacts/index.ts';

/** Files by their sha-256 in a folder. Under its name a file is whole, or not there. */
export class ArtefactStore {
  readonly folder: string;
  #counter = 0;

  /** Makes the folder if need be, and removes what writers that were killed have left. @throws {AssayError} ASSAY_ARTEFACT_IO */
  constructor(folder: string) {
    this.folder = folder;
    this.#io(() => {
      mkdirSync(folder, { recursive: true });
      for (const name of readdirSync(folder)) {
        if (name.startsWith('.tmp-')) rmSync(join(folder, name), { force: true });
      }
    });
  }

  /**
   * Writes, syncs and renames. What is there already is not written again.
   *
   * @param isSynced - False: a power cut may take it, and it is then not here: for what can be made again
   * @throws {AssayError} ASSAY_ARTEFACT_IO, ASSAY_DISK_FULL
   */
  put(bytes: Uint8Array, isSynced = true): ArtefactName {
    const name = createHash('sha256').update(bytes).digest('hex');
    const target = join(this.folder, name);
    if (existsSync(target)) return name;
    this.#counter += 1;
    const temporary = join(this.folder, `.tmp-${process.pid}-${this.#counter}`);
    this.#io(() => {
      try {
        const file = openSync(temporary, 'wx', 0o644);
        try {
          for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
          if (isSynced) fsyncSync(file);
        } finally {
          closeSync(file);
        }
        renameSync(temporary, target);
        if (!isSynced) return;
        const folder = openSync(this.folder, 'r');
        try {
          fsyncSync(folder);
        } finally {
          closeSync(folder);
        }
      } catch (cause) {
        rmSync(temporary, { force: true });
        throw cause;
      }
    });
    return name;
  }

  has(name: string): boolean {
    return isArtefactName(name) && existsSync(join(this.folder, name));
  }

  /** Null: not here. A file that is no longer what its name says is removed, and not here either. */
  get(name: string): Uint8Array | null {
    if (!this.has(name)) return null;
    return this.#io(() => {
      const bytes = readFileSync(join(this.folder, name));
      if (createHash('sha256').update(bytes).digest('hex') === name) {
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      }
      rmSync(join(this.folder, name), { force: true });
      return null;
    });
  }

  /** Size and stream of an artefact, for serving; null: not here. */
  open(name: string): { readonly bytes: number; readonly stream: () => ReadStream } | null {
    if (!this.has(name)) return null;
    const path = join(this.folder, name);
    return this.#io(() => ({ bytes: statSync(path).size, stream: () => createReadStream(path) }));
  }

  /** Names of all that is here. */
  names(): readonly ArtefactName[] {
    return this.#io(() => readdirSync(this.folder).filter(isArtefactName));
  }

  remove(name: string): void {
    const path = join(this.folder, expectArtefactName(name));
    this.#io(() => {
      rmSync(path, { force: true });
    });
  }

  #io<T>(run: () => T): T {
    try {
      return run();
    } catch (cause) {
      const full = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
      throw new AssayError({
        code: full ? 'ASSAY_DISK_FULL' : 'ASSAY_ARTEFACT_IO',
        shortMessage: full ? `no space left for ${this.folder}` : `${this.folder} cannot be used`,
        details: String(cause),
        cause,
      });
    }
  }
}
