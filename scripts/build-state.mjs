// Whether the build is up to date: a digest over the inputs' paths, sizes and times, kept beside the
// outputs. Milliseconds, where asking the compiler takes seconds.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const stampOf = (root) => join(root, 'build', 'state');

export function isBuilt(root) {
  const stamp = stampOf(root);
  if (!existsSync(stamp)) return false;
  return readFileSync(stamp, 'utf8') === stateOf(root);
}

export function recordBuilt(root) {
  mkdirSync(join(root, 'build'), { recursive: true });
  writeFileSync(stampOf(root), stateOf(root));
}

export function forgetBuilt(root) {
  if (existsSync(stampOf(root))) writeFileSync(stampOf(root), '');
}

/** Sources (generated ones included, so that a deleted one is missed), build scripts and settings; outputs by presence only. */
function stateOf(root) {
  const hash = createHash('sha256');
  const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name));
  for (const folder of [...packages, 'bench']) {
    for (const file of ['package.json', 'tsconfig.json']) addFile(hash, root, join(folder, file));
    addFolder(hash, root, join(folder, 'src'));
    hash.update(`${folder} ${existsSync(join(root, folder, 'dist'))}\n`);
  }
  addFolder(hash, root, 'scripts');
  for (const file of ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json']) {
    addFile(hash, root, file);
  }
  return hash.digest('hex');
}

function addFolder(hash, root, folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return;
  const entries = readdirSync(path, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const child = join(folder, entry.name);
    if (entry.isDirectory()) addFolder(hash, root, child);
    else if (!entry.name.endsWith('.test.ts')) addFile(hash, root, child);
  }
}

function addFile(hash, root, file) {
  const stat = statSync(join(root, file), { throwIfNoEntry: false });
  hash.update(stat === undefined ? `${file} missing\n` : `${file} ${stat.size} ${stat.mtimeMs}\n`);
}
