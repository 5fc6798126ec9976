// Runs forge in this package. Profiles: `fast` for every day, `default` for the whole (foundry.toml).
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {readonly string[]} args
 * @param {string} profile
 * @returns {Promise<{ status: number, output: string }>} Its exit status, and what it has said.
 */
export function forge(args, profile = 'default') {
  const resolve = createRequire(import.meta.url).resolve;
  const runner = join(dirname(resolve('@foundry-rs/forge/package.json')), 'bin.mjs');
  const child = spawn(process.execPath, [runner, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      FOUNDRY_PROFILE: profile,
      // Tests name the code of the contracts instead of holding it: a change of a test compiles the test.
      FOUNDRY_DYNAMIC_TEST_LINKING: 'true',
      FOUNDRY_LINT_LINT_ON_BUILD: 'false',
      NO_COLOR: '1',
    },
  });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => chunks.push(chunk));
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (status) =>
      done({ status: status ?? 1, output: Buffer.concat(chunks).toString() }),
    );
  });
}
