import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { projectRoot } from './root.ts';

/** Where and of what a figure was taken. */
export interface Provenance {
  readonly machine: string;
  readonly node: string;
  /** Short hash, with '+' when files differ from it; null outside a repository. */
  readonly commit: string | null;
}

export function provenance(): Provenance {
  const cores = cpus();
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  return {
    machine: `${cores[0]?.model.trim() ?? 'unknown'}, ${cores.length} cores, ${memoryGiB} GiB`,
    node: process.version,
    commit: commit(),
  };
}

function commit(): string | null {
  const git = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync('git', args, { cwd: projectRoot, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  };
  const hash = git('rev-parse', '--short', 'HEAD');
  if (hash === null) return null;
  return git('status', '--porcelain') === '' ? hash : `${hash}+`;
}
