import type { Command } from 'commander';
import type { Outcome } from './outcome.ts';
import type { CommonOptions } from './terminal.ts';

/** Runs a verb and prints what it has to say. */
export type Runner = (options: CommonOptions, verb: () => Promise<Outcome>) => Promise<void>;

export const EXIT_CODES: string = `
Exit codes: 0 done or verified, 1 rejected, 2 wrong usage, 3 failure.`;

export function verb(
  parent: Command,
  usage: string,
  summary: string,
  examples: readonly string[],
): Command {
  return parent
    .command(usage)
    .description(summary)
    .option('--json', 'print one JSON object instead of text')
    .option('--quiet', 'no progress, no warnings')
    .addHelpText(
      'after',
      `\nExamples:\n${examples.map((line) => `  $ assay ${line}`).join('\n')}\n${EXIT_CODES}`,
    );
}
