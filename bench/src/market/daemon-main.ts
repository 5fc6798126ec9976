import { readFileSync } from 'node:fs';
import { startDaemon } from '@assay/node';
import { decodeConfig } from './daemon-config.ts';

// A provider in a process of its own: its configuration is the file that it is given, its log goes to
// standard error, and where it listens is its first line on standard output.
const config = decodeConfig(readFileSync(process.argv[2] ?? '', 'utf8'));
const stopped = new Promise<void>((done) => {
  process.once('SIGTERM', () => {
    done();
  });
});
const daemon = await startDaemon(config);
process.stdout.write(`${daemon.url}\n`);
await stopped;
await daemon.stop(5000);
process.exit(0);
