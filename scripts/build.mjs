// Builds everything, in dependency order: WASM kernels, worker sources, TypeScript projects, and the
// few files that are JavaScript already.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inputsOf, recordBuilt } from './build-state.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const steps = [
  ['scripts/build-kernels.mjs'],
  ['scripts/build-workers.mjs'],
  ['node_modules/typescript/bin/tsc', '-b'],
];

const inputs = inputsOf(root);
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
for (const name of readdirSync(join(root, 'packages')))
  copyJavaScript(join(root, 'packages', name));
recordBuilt(root, inputs);

/** Generated .js and .d.ts sources (protobuf code): the compiler resolves them but does not emit them. */
function copyJavaScript(folder) {
  const source = join(folder, 'src');
  if (!existsSync(source)) return;
  for (const path of readdirSync(source, { recursive: true })) {
    if (!path.endsWith('.js') && !path.endsWith('.d.ts')) continue;
    const target = join(folder, 'dist', path);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(source, path), target);
  }
}
