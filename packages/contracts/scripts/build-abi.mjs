// Writes src/abi/*.ts: for each contract its ABI and, once the contract itself stands, its creation
// bytecode, from what forge builds. Each file names the hash of the Solidity that it came from;
// test/abi.test.ts fails when they have parted.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, 'solidity/src');

/** What is published. Until `source` exists, the ABI is that of the interface and there is no bytecode. */
export const contracts = [
  { name: 'ModelRegistry', interface: 'IModelRegistry' },
  { name: 'ProviderRegistry', interface: 'IProviderRegistry' },
  { name: 'JobMarket', interface: 'IJobMarket' },
  { name: 'Verdicts' },
  { name: 'Terms' },
  { name: 'FraudVerifier', interface: 'IFraudVerifier' },
  { name: 'Disputes', interface: 'IDisputes' },
  { name: 'TestDollar' },
  { name: 'AssayConsumer', interface: 'IAssayConsumer' },
  { name: 'ReceiptVerifier', interface: 'IReceiptVerifier' },
];

/** `JobMarket` → `job-market`. */
const kebab = (name) => name.replace(/(?<!^)(?=[A-Z])/g, '-').toLowerCase();
const camel = (name) => name[0].toLowerCase() + name.slice(1);

/** The Solidity file of a contract, or null. */
function sourceOf({ name, interface: declared }) {
  const candidates = [
    join(sources, `${name}.sol`),
    join(sources, `token/${name}.sol`),
    join(sources, `lib/${name}.sol`),
    ...(declared === undefined ? [] : [join(sources, `interfaces/${declared}.sol`)]),
  ];
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** Code without comments, and without the blanks that are not between two words: strings stay as they are. */
function bare(code) {
  const string = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/;
  const comment = new RegExp(`${string.source}|//[^\\n]*|/\\*[\\s\\S]*?\\*/`, 'g');
  return code
    .replace(comment, (_, text) => text ?? ' ')
    .split(string)
    .map((part, i) =>
      i % 2 === 1 ? part : part.replace(/\s+/g, ' ').replace(/ ?([^\w$ ]) ?/g, '$1'),
    )
    .join('');
}

/** A file and all that it imports, by path; libraries from outside count by their package's version. */
function closure(file, seen = new Map()) {
  if (seen.has(file)) return seen;
  const code = bare(readFileSync(file, 'utf8'));
  seen.set(file, code);
  for (const [, specifier] of code.matchAll(
    /\bimport\s*(?:[^;"']*?from\s*)?["']([^"']+)["']\s*;/g,
  )) {
    if (specifier.startsWith('.')) closure(join(dirname(file), specifier), seen);
    else seen.set(specifier, versionOf(specifier));
  }
  return seen;
}

function versionOf(specifier) {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const owner = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return owner.devDependencies[name] ?? 'unknown';
}

/** sha-256 over the compiler's settings and a contract's sources, comments aside. */
export function sourceHash(contract) {
  const hash = createHash('sha256');
  hash.update(
    readFileSync(join(root, 'foundry.toml'), 'utf8').replace(/\[(fuzz|invariant|fmt)[\s\S]*/, ''),
  );
  const entries = [...closure(sourceOf(contract))].map(([path, code]) => [
    path.startsWith('/') ? relative(sources, path) : path,
    code,
  ]);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, code] of entries) hash.update(`${path}\0${code}\0`);
  return hash.digest('hex');
}

/** Contracts that are there to be published, each with its generated file and the hash it should name. */
export function published() {
  return contracts.flatMap((contract) => {
    const source = sourceOf(contract);
    if (source === null) return [];
    const file = join(root, 'src/abi', `${kebab(contract.name)}.ts`);
    return [{ ...contract, source, file, hash: sourceHash(contract) }];
  });
}

/** The hash that a generated file names, or null. */
export function namedHash(file) {
  if (!existsSync(file)) return null;
  return /^\/\/ Sources: ([0-9a-f]{64})$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? null;
}

function withoutInternalTypes(value) {
  if (Array.isArray(value)) return value.map(withoutInternalTypes);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'internalType')
      .map(([key, inner]) => [key, withoutInternalTypes(inner)]),
  );
}

/** Whether forge builds a file: its errors are shown. */
function builds(source) {
  const resolve = createRequire(import.meta.url).resolve;
  const runner = join(dirname(resolve('@foundry-rs/forge/package.json')), 'bin.mjs');
  const { status } = spawnSync(process.execPath, [runner, 'build', relative(root, source)], {
    cwd: root,
    env: { ...process.env, FOUNDRY_LINT_LINT_ON_BUILD: 'false' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0;
}

function generate({ name, source, hash }) {
  const file = source.split('/').at(-1);
  const built = join(root, 'dist/forge', file, file.replace('.sol', '.json'));
  const artefact = JSON.parse(readFileSync(built, 'utf8'));
  const lines = [
    '// Generated by scripts/build-abi.mjs from what forge builds: not for editing.',
    '/* oxlint-disable max-lines */',
    `// Sources: ${hash}`,
    `export const ${camel(name)}Abi = ${JSON.stringify(withoutInternalTypes(artefact.abi))} as const;`,
  ];
  const { object, linkReferences } = artefact.bytecode;
  if (object !== '0x') {
    if (Object.keys(linkReferences).length > 0) throw new Error(`${name}: libraries to be linked`);
    lines.push(`export const ${camel(name)}Bytecode = '${object}';`);
  }
  return `${lines.join('\n')}\n`;
}

function main() {
  mkdirSync(join(root, 'src/abi'), { recursive: true });
  const exported = [];
  let failed = false;
  for (const contract of published()) {
    if (builds(contract.source)) writeFileSync(contract.file, generate(contract));
    else failed = true;
    if (!existsSync(contract.file)) continue;
    const text = readFileSync(contract.file, 'utf8');
    const names = [...text.matchAll(/^export const (\w+)/gm)].map(([, name]) => name);
    exported.push(`export { ${names.join(', ')} } from './${kebab(contract.name)}.ts';`);
  }
  writeFileSync(join(root, 'src/abi/index.ts'), `${exported.join('\n')}\n`);
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  spawnSync(process.execPath, [biome, 'format', '--write', join(root, 'src/abi')], {
    cwd: join(root, '../..'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (failed) process.exitCode = 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  main();
