import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('the README shows the library example as it is', () => {
  const block = /```js\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? '';
  const example = read('examples/library.mjs');
  const lines = block.split('\n').filter((line) => line.trim() !== '');
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) expect(example).toContain(line);
});

test('the library example runs on a bundle that the built command made', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-library-'));
  try {
    const bundle = join(folder, 'digits');
    const run = (...args: string[]): string =>
      execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    const bin = 'packages/cli/bin/assay.js';
    const data = 'examples/digits-cnn';
    run(bin, 'compile', `${data}/model.onnx`, '--samples', `${data}/samples.json`, '-o', bundle);
    run(bin, 'setup', bundle);
    expect(run('examples/library.mjs', bundle)).toMatch(/^verified label 9 \d+ bytes\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
