// Runs browser-test/ in headless Chromium: the page is bundled, served from this machine with the
// headers that shared memory needs, and reports one outcome per check.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { loadNodeSide, makeFixture } from '../browser-test/fixture.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const timeoutMs = 5 * 60_000;

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @returns {Promise<Map<string, Uint8Array>>} bundles by path: /page.js, /worker.js */
async function bundleScripts() {
  const outdir = join(root, 'browser-test');
  const { outputFiles } = await build({
    entryPoints: [join(outdir, 'page.ts'), join(outdir, 'worker.ts')],
    outdir,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    conditions: ['@assay/source'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return new Map(outputFiles.map(({ path, contents }) => [`/${basename(path)}`, contents]));
}

/** What the page asks Node: its verdict on a receipt and a key, both in hex. */
async function judge(request, response, verdict) {
  const { receipt, key } = JSON.parse(await text(request));
  const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
  response.end(verdict(bytes(receipt), bytes(key)));
}

/** Serves the page, its scripts, the fixture and verdicts, and nothing else, on a free port of the loopback interface. */
async function serve(scripts, fixture, { verdict }) {
  const html =
    '<!doctype html><title>Assay</title><link rel="icon" href="data:,">' +
    '<script type="module" src="/page.js"></script>';
  const server = createServer((request, response) => {
    if (request.url === '/verdict' && request.method === 'POST') {
      judge(request, response, verdict).catch((error) => {
        console.error(error);
        response.writeHead(500).end();
      });
      return;
    }
    const script = scripts.get(request.url ?? '');
    const file = fixture.get(request.url ?? '');
    const body = request.url === '/' ? html : (script ?? file);
    const type = file === undefined ? 'text/html' : 'application/octet-stream';
    response.writeHead(body === undefined ? 404 : 200, {
      'Content-Type': script === undefined ? type : 'text/javascript',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Opens the page; resolves when it has run all its checks, with what went wrong outside them. */
async function runPage(page, url, onOutcome) {
  let close = () => {};
  const ended = new Promise((resolve) => {
    close = resolve;
  });
  const timer = setTimeout(() => close(`no end after ${timeoutMs / 1000} s`), timeoutMs);
  page.on('pageerror', (error) => close(`uncaught in the page: ${error.stack ?? error.message}`));
  page.on('crash', () => close('the page crashed'));
  page.on('console', (message) => console.log(`  [page] ${message.text()}`));
  await page.exposeFunction('reportOutcome', onOutcome);
  await page.exposeFunction('reportEnd', () => close(null));
  await page.goto(url);
  const problem = await ended;
  clearTimeout(timer);
  return problem;
}

if (!existsSync(executablePath)) {
  console.error(
    `No browser at ${executablePath}: install Debian's chromium, or set CHROMIUM_PATH.`,
  );
  process.exit(1);
}

const counts = { passed: 0, failed: 0 };
const node = await loadNodeSide();
const server = await serve(await bundleScripts(), await makeFixture(node), node);
const browser = await chromium.launch({ executablePath, args: flags });
try {
  const page = await browser.newPage();
  const url = `http://127.0.0.1:${server.address().port}/`;
  const problem = await runPage(page, url, ({ name, error, ms }) => {
    counts[error === null ? 'passed' : 'failed'] += 1;
    console.log(`${error === null ? '✓' : '✗'} ${name} (${Math.round(ms)} ms)`);
    if (error !== null) console.log(`    ${error.replaceAll('\n', '\n    ')}`);
  });
  if (problem !== null) {
    counts.failed += 1;
    console.log(`✗ ${problem}`);
  }
} finally {
  await browser.close();
  server.close();
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
