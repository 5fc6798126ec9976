// Runs the slow suites (`*.slow.test.ts`); arguments go to vitest. Without any: first those that only
// compute, two at a time; then those in which real processes keep the market's clocks, one at a time.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLOCKS = ['e2e.slow', 'demo-market.slow', 'load.slow'];

function run(args) {
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...args],
    {
      cwd: dirname(dirname(fileURLToPath(import.meta.url))),
      env: { ...process.env, ASSAY_TESTS: 'slow' },
      stdio: 'inherit',
    },
  );
  if (status !== 0) process.exit(status ?? 1);
}

const given = process.argv.slice(2);
if (given.length > 0) run(given);
else {
  run(CLOCKS.flatMap((name) => ['--exclude', `**/*${name}*`]));
  run([...CLOCKS, '--no-file-parallelism']);
}
