import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { databaseError } from './errors.ts';

/** A process, so that another one with the same number is not taken for it. */
interface Owner {
  readonly pid: number;
  /** Ticks from boot to its start, where /proc tells; else null. */
  readonly started: string | null;
  /** Null where /proc does not tell. */
  readonly boot: string | null;
}

export interface ProcessGuard {
  release(): void;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function identify(pid: number): Owner {
  // Field 22 of stat; the name, field 2, is in parentheses and may hold spaces.
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    started: fields?.[19] ?? null,
    boot: readText('/proc/sys/kernel/random/boot_id')?.trim() ?? null,
  };
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPERM')) return false;
  }
  const now = identify(owner.pid);
  return (
    (owner.boot === null || now.boot === null || owner.boot === now.boot) &&
    (owner.started === null || now.started === null || owner.started === now.started)
  );
}

function parseOwner(text: string): Owner | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value)) return null;
    const { pid } = value;
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
    const started = 'started' in value && typeof value.started === 'string' ? value.started : null;
    const boot = 'boot' in value && typeof value.boot === 'string' ? value.boot : null;
    return { pid, started, boot };
  } catch {
    return null;
  }
}

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}

/** Moves away the file of an owner that is gone. False: somebody else was quicker. */
function removeStale(path: string, text: string): boolean {
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return true;
    throw cause;
  }
  const isStale = readText(aside) === text;
  if (!isStale) {
    // Between reading and renaming another process took over: it gets its file back.
    try {
      linkSync(aside, path);
    } catch (cause) {
      if (!isCode(cause, 'EEXIST')) throw cause;
    }
  }
  rmSync(aside, { force: true });
  return isStale;
}

/**
 * Makes this process the only one that holds `path`. The file of a process that no longer runs is
 * taken over, also when its number has been given to another.
 *
 * @throws {AssayError} ASSAY_DATABASE_IN_USE
 */
export function guardProcess(path: string): ProcessGuard {
  const own = `${JSON.stringify(identify(process.pid))}\n`;
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      writeFileSync(path, own, { flag: 'wx', mode: 0o644 });
      return {
        release: () => {
          if (readText(path) === own) rmSync(path, { force: true });
        },
      };
    } catch (cause) {
      if (!isCode(cause, 'EEXIST')) {
        throw databaseError('ASSAY_DATABASE_IO', `database: ${path}: cannot be written`, '', cause);
      }
    }
    const text = readText(path);
    if (text === null) continue;
    const owner = parseOwner(text);
    if (owner !== null && isAlive(owner)) {
      throw databaseError(
        'ASSAY_DATABASE_IN_USE',
        `database: ${path}: process ${owner.pid} has it open`,
        'One process at a time. Stop that one, or give this one another folder.',
      );
    }
    removeStale(path, text);
  }
  throw databaseError('ASSAY_DATABASE_IN_USE', `database: ${path}: several processes want it`);
}
