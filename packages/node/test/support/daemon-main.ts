import { readFileSync } from 'node:fs';
import { type DaemonOptions, startDaemon } from '../../src/index.ts';
import { CHEATS, type CheatName, cheatingWork } from '../../src/testing/index.ts';
import { decodeConfig } from './process-config.ts';

/** A daemon in a process of its own: configuration from the file that it is given, log to standard output. */
const { cheat, ...options } = decodeConfig(readFileSync(process.argv[2] ?? '', 'utf8'));
const work: Partial<DaemonOptions> =
  cheat === null ? {} : { alterWork: (honest) => cheatingWork(honest, CHEATS[cheat as CheatName]) };
const stopped = new Promise<void>((done) => {
  process.once('SIGTERM', () => done());
});
const daemon = await startDaemon({
  ...options,
  ...work,
  writeLog: (line) => {
    process.stdout.write(line);
  },
});
await stopped;
await daemon.stop(5000);
process.exit(0);
