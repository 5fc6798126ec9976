// Whether the build is up to date: digests over the paths, sizes and times of its inputs and
// outputs. Milliseconds, where asking the compiler takes seconds.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const stampOf = (root) => join(root, 'build', 'state');

export function isBuilt(root) {
  const stamp = stampOf(root);
  if (!existsSync(stamp)) return false;
  return readFileSync(stamp, 'utf8') === inputsOf(root) + outputsOf(root);
}

/** @param inputs - `inputsOf` from before the build: what is edited meanwhile is not built. */
export function recordBuilt(root, inputs) {
  mkdirSync(join(root, 'build'), { recursive: true });
  writeFileSync(stampOf(root), inputs + outputsOf(root));
}

/** Sources, build scripts and settings. Tests are not built. */
export function inputsOf(root) {
  const hash = createHash('sha256');
  for (const folder of projects(root)) {
    for (const file of ['package.json', 'tsconfig.json']) addFile(hash, root, join(folder, file));
    addFolder(hash, root, join(folder, 'src'), (path) => !isGenerated(path) && !isTest(path));
  }
  addFolder(hash, root, 'scripts', () => true);
  for (const file of ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json']) {
    addFile(hash, root, file);
  }
  return `${hash.digest('hex')}\n`;
}

/** Generated sources, and whether each project was compiled. */
function outputsOf(root) {
  const hash = createHash('sha256');
  for (const folder of projects(root)) {
    addFolder(hash, root, join(folder, 'src'), isGenerated);
    hash.update(`${folder} ${existsSync(join(root, folder, 'dist', '.tsbuildinfo'))}\n`);
  }
  return `${hash.digest('hex')}\n`;
}

const projects = (root) => [
  ...readdirSync(join(root, 'packages')).map((name) => join('packages', name)),
  'bench',
  'simulation',
];

const isGenerated = (path) => /[\\/]generated[\\/]/.test(path);
const isTest = (path) => path.endsWith('.test.ts');

function addFolder(hash, root, folder, isWanted) {
  const path = join(root, folder);
  if (!existsSync(path)) return;
  const entries = readdirSync(path, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const child = join(folder, entry.name);
    if (entry.isDirectory()) addFolder(hash, root, child, isWanted);
    else if (isWanted(child)) addFile(hash, root, child);
  }
}

function addFile(hash, root, file) {
  const stat = statSync(join(root, file), { throwIfNoEntry: false });
  hash.update(stat === undefined ? `${file} missing\n` : `${file} ${stat.size} ${stat.mtimeMs}\n`);
}
