// Makes a clone ready to run: installs when the lockfile and node_modules disagree, builds what is
// out of date. Everything it says goes to stderr; when nothing is to do it says nothing.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt } from './build-state.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Every package that the lockfile requires on this platform is installed in that version, and nothing else is. */
function isInstalled() {
  const required = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (required === null || installed === null) return false;
  for (const [path, wanted] of Object.entries(required)) {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) continue;
    const actual = installed[path];
    if (actual === undefined) {
      // Binaries for other platforms are in the lockfile only.
      if (wanted.optional === true || wanted.devOptional === true) continue;
      return false;
    }
    if (actual.version !== wanted.version || actual.integrity !== wanted.integrity) return false;
  }
  return Object.keys(installed).every((path) => path in required);
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return null;
  }
}

/** Runs a command with its output on stderr; ends this process with the command's status if it fails. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error !== undefined) console.error(`ready: ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

if (!isInstalled()) {
  console.error('Installing dependencies (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund']);
}
if (!isBuilt(root)) {
  console.error('Building …');
  run(process.execPath, ['scripts/build.mjs']);
}
