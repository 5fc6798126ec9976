// Runs forge in this package. Profiles: `fast` for every day, `default` for the whole (foundry.toml).
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {readonly string[]} args
 * @param {string} profile
 * @returns {{ status: number, output: string }}
 */
export function forge(args, profile = 'default') {
  const resolve = createRequire(import.meta.url).resolve;
  const runner = join(dirname(resolve('@foundry-rs/forge/package.json')), 'bin.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [runner, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: {
      ...process.env,
      FOUNDRY_PROFILE: profile,
      // Tests name the code of the contracts instead of holding it: a change of a test compiles the test.
      FOUNDRY_DYNAMIC_TEST_LINKING: 'true',
      FOUNDRY_LINT_LINT_ON_BUILD: 'false',
      NO_COLOR: '1',
    },
  });
  return { status: status ?? 1, output: `${stdout}${stderr}` };
}
