// What the checks in the browser are given, made in Node the way a user makes it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openBundle } from '@assay/prover/bundle';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const example = join(root, 'examples/breast-cancer-mlp');

/** Runs something in a folder that is removed afterwards. */
async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'assay-browser-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {Promise<object>} the exports of node.ts, which runs the packages as they are built for Node */
export async function loadNodeSide() {
  return inFolder(async (folder) => {
    const outfile = join(folder, 'node.mjs');
    await build({
      entryPoints: [join(root, 'browser-test/node.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'warning',
    });
    return import(pathToFileURL(outfile).href);
  });
}

function assay(...args) {
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'packages/cli/bin/assay.js'), ...args, '--quiet'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (status !== 0) throw new Error(`assay ${args[0]} failed`);
}

/**
 * One run of an example in three receipts: everything shown; the input committed; the weights and the
 * input hidden. With each the key, the integer weights for who proves in the browser, and what Node
 * says of it.
 *
 * @returns {Promise<Map<string, Uint8Array | string>>} files by path, such as /fixture/public/run.receipt
 */
export async function makeFixture({ answers }) {
  return inFolder((folder) => {
    const path = (name) => join(folder, name);
    const samples = join(example, 'samples.json');
    const [sample] = JSON.parse(readFileSync(samples, 'utf8'));
    writeFileSync(path('input.json'), JSON.stringify(sample));
    const compile = (bundle, ...options) => {
      assay('compile', join(example, 'model.onnx'), '--samples', samples, '-o', bundle, ...options);
    };
    const files = new Map();
    const take = (name, bundle) => {
      const receipt = readFileSync(path('run.receipt'));
      const key = readFileSync(join(bundle, 'verifying-key.cbor'));
      const opened = openBundle(bundle);
      const weights = [...opened.weights()].map(([id, values]) => [id, [...values]]);
      opened.close();
      files.set(`/fixture/${name}/run.receipt`, receipt);
      files.set(`/fixture/${name}/verifying-key.cbor`, key);
      files.set(`/fixture/${name}/weights.json`, JSON.stringify(weights));
      files.set(`/fixture/${name}/answers.json`, JSON.stringify(answers(name, receipt, key)));
    };

    const open = path('open');
    compile(open);
    assay('setup', open);
    assay('prove', open, '--input', path('input.json'), '-o', path('run.receipt'));
    take('public', open);

    assay('setup', open, '--commit', 'input');
    assay('commit', open, '--input', path('input.json'), '-o', path('record'));
    assay('prove', open, '--input-commitment', path('record'), '-o', path('run.receipt'));
    take('committed', open);
    files.set('/fixture/committed/commitment.cbor', readFileSync(path('record/commitment.cbor')));

    const closed = path('closed');
    compile(closed, '--private');
    assay('setup', closed, '--private', '--hide', 'input', '--proofs', '2');
    assay('prove', closed, '--input', path('input.json'), '-o', path('run.receipt'));
    take('private', closed);
    return files;
  });
}
