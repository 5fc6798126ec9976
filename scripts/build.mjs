// Builds everything, in dependency order: WASM kernels, worker sources, TypeScript projects.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forgetBuilt, recordBuilt } from './build-state.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const steps = [
  ['scripts/build-kernels.mjs'],
  ['scripts/build-workers.mjs'],
  ['node_modules/typescript/bin/tsc', '-b'],
];

forgetBuilt(root);
for (const [script, ...args] of steps) {
  if (!existsSync(join(root, script))) continue;
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`build: ${script} failed`);
    process.exit(status ?? 1);
  }
}
recordBuilt(root);
