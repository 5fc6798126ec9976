import { createProgress, type Progress, silent } from './ui/index.ts';

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Progress on standard error; none with --quiet. */
export function progressFor(options: CommonOptions): Progress {
  if (options.quiet === true) return silent;
  return createProgress(process.stderr, () => performance.now());
}

/** Remarks on standard error, also with --json: they are not part of the result. */
export function warn(options: CommonOptions, warnings: readonly string[]): void {
  if (options.quiet === true) return;
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
}

/** Most memory that this process has ever held: kernels, weights, everything. */
export function peakMemoryBytes(): number {
  return 1024 * process.resourceUsage().maxRSS;
}
