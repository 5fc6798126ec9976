import { type Command, CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type Outcome, outcomeOf, toJson, UsageError } from './outcome.ts';
import { buildProgram } from './program.ts';

function print(outcome: Outcome, json: boolean): void {
  const failed = outcome.exitCode === EXIT.usage || outcome.exitCode === EXIT.failure;
  const text = json ? toJson(outcome.json) : outcome.text;
  // With --json the one object is the result, whatever it says; errors in words go beside the result.
  const aside = outcome.stdoutTaken === true || (failed && !json);
  (aside ? process.stderr : process.stdout).write(`${text}\n`);
}

function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** Runs a command line (without node and script). Never throws; the code is the process's. */
export async function runCli(args: readonly string[]): Promise<ExitCode> {
  const json = args.includes('--json');
  let exitCode: ExitCode = EXIT.ok;
  const finish = (outcome: Outcome): void => {
    print(outcome, json);
    exitCode = outcome.exitCode;
  };
  const program = buildProgram(async (_, verb) => {
    try {
      finish(await verb());
    } catch (error) {
      finish(outcomeOf(error));
    }
  });
  for (const command of allCommands(program)) {
    command.exitOverride();
    // With --json a wrong command line is answered in JSON, below.
    if (json) command.configureOutput({ writeErr: () => {} });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      finish(outcomeOf(error));
      return exitCode;
    }
    if (error.exitCode === 0) return EXIT.ok;
    if (json) finish(outcomeOf(new UsageError(error.message.replace(/^error: /, ''))));
    return EXIT.usage;
  }
  return exitCode;
}
