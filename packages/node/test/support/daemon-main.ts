import { readFileSync } from 'node:fs';
import { type DaemonOptions, startDaemon } from '../../src/index.ts';
import { CHEATS, type CheatName, cheatingWork } from '../../src/testing/index.ts';
import { decodeConfig } from './process-config.ts';

/** A daemon in a process of its own: configuration from the file that it is given, log to standard output. */
const { cheat, ...options } = decodeConfig(readFileSync(process.argv[2] ?? '', 'utf8'));
const work: Partial<DaemonOptions> =
  cheat === null ? {} : { alterWork: (honest) => cheatingWork(honest, CHEATS[cheat as CheatName]) };
const daemon = await startDaemon({
  ...options,
  ...work,
  writeLog: (line) => {
    process.stdout.write(line);
  },
});
process.once('SIGTERM', () => {
  void daemon.stop(5000).then(() => process.exit(0));
});
