// Runs the slow suites (`*.slow.test.ts`); arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
  {
    cwd: dirname(dirname(fileURLToPath(import.meta.url))),
    env: { ...process.env, ASSAY_TESTS: 'slow' },
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
