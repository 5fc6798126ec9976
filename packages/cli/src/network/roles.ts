import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalName } from './network-file.ts';

/** A daemon of a local network, in a process of its own. */
export interface Role {
  readonly name: LocalName;
  /** Where its log goes. */
  readonly log: string;
  readonly process: ChildProcess;
  /** Ends it gracefully; by force after `graceMs`. @default 30000 */
  stop(graceMs?: number): Promise<void>;
}

const GRACE_MS = 30_000;

/** Starts `assay provide` or `assay watch` as one of the named accounts; its log goes into the network's folder. */
export function startRole(
  folder: string,
  name: LocalName,
  verb: 'provide' | 'watch',
  args: readonly string[],
): Role {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  const log = join(home, 'log.jsonl');
  const file = openSync(log, 'a', 0o644);
  const script = process.argv[1] ?? '';
  const child = spawn(
    process.execPath,
    [script, verb, '--network', folder, '--account', name, '--folder', home, ...args],
    { stdio: ['ignore', file, file] },
  );
  closeSync(file);
  const exited = new Promise<void>((done) => {
    child.once('exit', () => {
      done();
    });
  });
  const killWithUs = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killWithUs);
  return {
    name,
    log,
    process: child,
    stop: async (graceMs = GRACE_MS) => {
      process.off('exit', killWithUs);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(force);
    },
  };
}
