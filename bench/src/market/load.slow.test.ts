import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { caseNamed } from '../cases/index.ts';
import { projectRoot } from '../root.ts';
import { measureLoad } from './load.ts';
import { renderLoad } from './render.ts';

/** Inside the workspace, so that what stays outside the bundle is found. */
const script = join(projectRoot, `bench/dist/e2e/daemon-${process.pid}.mjs`);

/** Everything but the project's own packages is loaded, not bundled. */
const outside: Plugin = {
  name: 'outside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      path.startsWith('@assay/') ? undefined : { path, external: true },
    );
  },
};

beforeAll(() =>
  build({
    entryPoints: [join(projectRoot, 'bench/src/market/daemon-main.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@assay/source'],
    plugins: [outside],
    logLevel: 'error',
  }),
);
afterAll(() => {
  rmSync(script, { force: true });
});

test('twenty jobs through three providers: nothing lost, doubled or stuck', async () => {
  const name = 'breast-cancer-mlp';
  const model = caseNamed(name).load();
  // Throws when a job is not final, not right, not paid once, or a token is missing.
  const figures = await measureLoad({ jobs: 20, name, model, script });
  expect(figures.jobs).toBe(20);
  expect(figures.jobsPerSecond).toBeGreaterThan(0);
  expect(figures.postToPaidMs.p50).toBeGreaterThan(figures.postToSubmittedMs.p50);
  expect(figures.nodes.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(20);
  const calls = new Map(figures.calls.map((cost) => [cost.call, cost]));
  for (const call of ['post', 'submit']) expect(calls.get(call)?.transactions).toBe(20);
  expect((calls.get('lock')?.transactions ?? 0) - (calls.get('lock')?.reverted ?? 0)).toBe(20);
  expect(renderLoad(figures)).toContain('20 jobs of breast-cancer-mlp through 3 providers');
});
