import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Bytes at a time when a file is written or hashed. */
export const CHUNK_BYTES: number = 4 * 2 ** 20;

export interface FileDigest {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

let counter = 0;

/** A name in the same folder, so that renaming it to `path` is atomic. Carries the process that writes it. */
export function temporaryName(path: string): string {
  counter += 1;
  return join(dirname(path), `.${basename(path)}.tmp-${process.pid}-${counter}`);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}

/** Removes what writers that no longer run have left in a folder. */
export function removeLeftovers(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = /^\..+\.tmp-(\d+)-\d+$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Makes renames in a folder last. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Permissions of files that everyone may read, of those that hold secrets, and of a folder of them. */
export const READABLE = 0o644;
export const SECRET = 0o600;
export const SECRET_FOLDER = 0o700;

/** Writes and syncs a new file, and digests it on the way. */
export function writeFileSynced(
  path: string,
  chunks: Iterable<Uint8Array>,
  mode: number = READABLE,
): FileDigest {
  const hash = createHash('sha256');
  let bytes = 0;
  const fd = openSync(path, 'wx', mode);
  try {
    for (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/**
 * Under its final name a file is either the old one or the whole new one, whenever the machine
 * stops. On failure the new one is removed.
 */
export function writeFileAtomic(path: string, chunks: Iterable<Uint8Array>): FileDigest {
  const temporary = temporaryName(path);
  try {
    const digest = writeFileSynced(temporary, chunks);
    renameSync(temporary, path);
    syncFolder(dirname(path));
    return digest;
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}
