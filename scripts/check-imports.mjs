// Who may import whom, computed from the imports that are written in the sources.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** Packages that each package may import: downwards only. */
const below = {
  core: [],
  program: ['core'],
  runtime: ['core', 'program'],
  compiler: ['core', 'program', 'runtime'],
  verifier: ['core', 'program'],
  prover: ['core', 'program', 'runtime', 'verifier'],
  contracts: [],
  market: ['core', 'program', 'runtime', 'verifier', 'prover', 'contracts'],
  node: ['core', 'program', 'runtime', 'verifier', 'prover', 'contracts', 'market'],
  cli: [
    'core',
    'program',
    'compiler',
    'runtime',
    'verifier',
    'prover',
    'contracts',
    'market',
    'node',
  ],
};

/** Packages that run in browsers too: no Node modules. Folders listed here are the exceptions. */
const portable = {
  core: [],
  program: [],
  runtime: ['src/node'],
  verifier: [],
  market: ['src/node', 'src/testing'],
};

/**
 * Imports of a source file: `import … from`, `export … from`, `import()`, `import ''`; not the types `typeof import()`.
 *
 * @returns {{ specifier: string, typeOnly: boolean }[]}
 */
export function importsOf(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  const statement =
    /\b(?:import|export)\s+(type\s)?[\w\s{},*$]*?\bfrom\s*['"]([^'"]+)['"]|(?<!typeof\s+)\bimport\s*(?:\(\s*)?['"]([^'"]+)['"]/g;
  return [...code.matchAll(statement)].map(([, type, from, bare]) => ({
    specifier: from ?? bare,
    typeOnly: type !== undefined,
  }));
}

/** `@noble/hashes/sha3.js` → `@noble/hashes`. */
const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Source file that a specifier stands for: a path inside the project, or null for what is outside. */
function sourceOf(specifier, file, root) {
  if (specifier.startsWith('.')) return resolve(dirname(file), specifier);
  if (!specifier.startsWith('@assay/')) return null;
  const folder = join(root, 'packages', packageOf(specifier).slice('@assay/'.length));
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const target = exports[`.${specifier.slice(packageOf(specifier).length)}`]?.['@assay/source'];
  if (target === undefined) throw new Error(`${file}: '${specifier}' is not exported`);
  return join(folder, target);
}

/**
 * Everything that a source file runs: its imports and theirs, without type-only ones.
 *
 * @returns {{ files: string[], externals: string[] }} project-relative files, and packages from outside
 */
export function closureOf(entry, root = projectRoot) {
  const files = new Set();
  const externals = new Set();
  const visit = (file) => {
    if (files.has(file)) return;
    files.add(file);
    for (const { specifier, typeOnly } of importsOf(readFileSync(file, 'utf8'))) {
      if (typeOnly) continue;
      const source = sourceOf(specifier, file, root);
      if (source === null) externals.add(packageOf(specifier));
      else visit(source);
    }
  };
  visit(join(root, entry));
  return {
    files: sorted([...files].map((file) => relative(root, file))),
    externals: sorted([...externals]),
  };
}

const sorted = (strings) => strings.sort((a, b) => (a < b ? -1 : 1));

/** Sentences about the imports that break a rule; type-only imports count, tests do not. */
export function brokenImportRules(root = projectRoot) {
  const broken = [];
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name);
    if (!existsSync(join(folder, 'src'))) continue;
    if (!(name in below)) broken.push(`packages/${name}: not listed in scripts/check-imports.mjs`);
    const declared = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const dependencies = Object.keys(declared.dependencies ?? {});
    for (const file of sourcesIn(join(folder, 'src'))) {
      const where = relative(root, file);
      for (const { specifier } of importsOf(readFileSync(file, 'utf8'))) {
        const reason = reasonAgainst(specifier, file, folder, name, dependencies, root);
        if (reason !== null) broken.push(`${where}: '${specifier}' ${reason}`);
      }
    }
  }
  return broken;
}

function reasonAgainst(specifier, file, folder, name, dependencies, root) {
  if (specifier.startsWith('.')) {
    const path = resolve(dirname(file), specifier);
    if (!path.startsWith(join(folder, 'src'))) {
      return 'leaves its package: import the package by name';
    }
    return existsSync(path) ? null : 'names no file: endings are written';
  }
  if (isBuiltin(specifier)) {
    const exceptions = portable[name];
    if (exceptions === undefined) return null;
    const inside = exceptions.some((path) => file.startsWith(join(folder, path)));
    return inside ? null : 'is a Node module: this code runs in browsers too';
  }
  const target = packageOf(specifier);
  if (target === declaredName(name)) return 'is the package itself: import by path';
  if (target.startsWith('@assay/') && !(below[name] ?? []).includes(target.slice(7))) {
    return `is not below @assay/${name}`;
  }
  if (!dependencies.includes(target)) return 'is not among the dependencies in package.json';
  sourceOf(specifier, file, root);
  return null;
}

const declaredName = (name) => `@assay/${name}`;

function* sourcesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // AssemblyScript has its own imports; generated code is data.
    if (entry.isDirectory()) {
      if (entry.name !== 'assembly' && entry.name !== 'generated') yield* sourcesIn(path);
    } else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) yield path;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const broken = brokenImportRules();
  for (const sentence of broken) console.error(sentence);
  process.exit(broken.length === 0 ? 0 : 1);
}
