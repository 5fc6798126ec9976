// Takes each rejection out of the verifier in turn and expects the test that is named for it to fail.
//
//   npm run test:mutations [-- --only TEXT] [--jobs N]
//
// Works in copies of the working tree. Fails when a mutation goes unnoticed, when a snippet is not where
// it was, and when the verifier has a rejection that no mutation takes out.
import { fork } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { files, mutations as listed, withoutEffect } from './mutations/index.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({
  options: { only: { type: 'string' }, jobs: { type: 'string', default: '2' } },
});
const timeoutMs = 120_000;

/** Sources are those of the first copy: the tree itself may change meanwhile. */
let tree = root;
const source = (file) => readFileSync(join(tree, file), 'utf8');
const lineOf = (text, offset) => text.slice(0, offset).split('\n').length;

/** Text of a call's arguments, from the opening bracket at `open`. */
function argumentsAt(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if ('([{'.includes(text[at])) depth++;
    else if (')]}'.includes(text[at]) && --depth === 0) return text.slice(open + 1, at);
  }
  throw new Error('unbalanced');
}

/** Reasons that the tests have in other words. */
const written = {
  'needs an ${role} tensor': 'needs an output tensor',
  'its relation does not have what it produces': 'what a step produces occurs in its relation',
};

/** `c.require(condition, where, reason)` and `c.limit(what, actual, limit)`: each replaced by a check that always passes. */
function checkerMutations(file) {
  const text = source(file);
  return [...text.matchAll(/\bc\.(require|limit)\(/g)].map((match) => {
    const inside = argumentsAt(text, match.index + match[0].length - 1);
    const strings = [...inside.matchAll(/(['`])((?:(?!\1).)*)\1/g)].map((m) => m[2]);
    const isLimit = match[1] === 'limit';
    const said = (isLimit ? strings[0] : strings.at(-1)) ?? '';
    const name = isLimit ? said.replace('${where}: ', '') : (written[said] ?? said);
    return {
      name,
      file,
      offset: match.index,
      length: match[0].length,
      replace: '((..._: unknown[]) => true)(',
      test: ['packages/program/test/validate.test.ts', name],
    };
  });
}

function placed(mutation) {
  const text = source(mutation.file);
  if (mutation.offset !== undefined) return { ...mutation, line: lineOf(text, mutation.offset) };
  const offset = text.indexOf(mutation.find);
  if (offset < 0 || text.indexOf(mutation.find, offset + 1) >= 0)
    throw new Error(
      `${mutation.file}: "${mutation.name}" is ${offset < 0 ? 'not there' : 'there twice'}:\n${mutation.find}`,
    );
  return { ...mutation, offset, length: mutation.find.length, line: lineOf(text, offset) };
}

/** Places where the verifier says no. Definitions of what says so are none. */
function rejections(file) {
  const text = source(file);
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, (comment) => ' '.repeat(comment.length));
  return [
    ...code.matchAll(
      /(?<![.\w])err\(|\.requireZero\(|(?<!function )\bcheckPow\(run|\.checkPow\(|\bc\.(?:require|limit)\(|\.fail\(/g,
    ),
  ].map((match) => ({
    file,
    offset: match.index + match[0].search(/\w/),
    line: lineOf(text, match.index),
  }));
}

function uncovered(mutations) {
  const spans = [...mutations, ...withoutEffect.map(placed)].flatMap((m) => {
    const text = source(m.file);
    const own = [{ file: m.file, from: m.offset, to: m.offset + m.length }];
    if (m.covers === undefined) return own;
    const from = text.indexOf(m.covers);
    if (from < 0) throw new Error(`${m.file}: nothing to cover: ${m.covers}`);
    return [...own, { file: m.file, from, to: from + m.covers.length }];
  });
  return files
    .flatMap(rejections)
    .filter(
      (site) =>
        !spans.some((s) => s.file === site.file && s.from <= site.offset && site.offset < s.to),
    );
}

/** A copy of the working tree whose packages are its own and whose other modules are this one's. */
function copyTree(from, directory) {
  const skipped = new Set(['node_modules', 'dist', '.git', '.vite']);
  for (const entry of [
    'packages',
    'scripts',
    'vectors',
    'vitest.config.ts',
    'package.json',
    'tsconfig.base.json',
  ])
    cpSync(join(from, entry), join(directory, entry), {
      recursive: true,
      filter: (path) => !skipped.has(basename(path)),
    });
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, '@assay'), { recursive: true });
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (entry !== '@assay' && !entry.startsWith('.vite'))
      symlinkSync(join(root, 'node_modules', entry), join(modules, entry));
  }
  for (const entry of readdirSync(join(directory, 'packages')))
    symlinkSync(join(directory, 'packages', entry), join(modules, '@assay', entry));
  return directory;
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** One copy of the tree, and the process that runs its tests: a new one after a run that did not end. */
class Workplace {
  #process = null;
  /** Files that the process has seen otherwise than they are now. */
  #changed = new Set();

  constructor(directory) {
    this.directory = directory;
  }

  write(file, text) {
    writeFileSync(join(this.directory, file), text);
    this.#changed.add(file);
  }

  /** Tests that were run, by name, with whether they passed; null if there were none. */
  run(file, names) {
    this.#process ??= fork(join(root, 'scripts/mutations/worker.mjs'), {
      cwd: this.directory,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const worker = this.#process;
    return new Promise((resolve) => {
      const end = (ran) => {
        clearTimeout(timer);
        worker.removeAllListeners();
        resolve(ran);
      };
      const timer = setTimeout(() => {
        this.close();
        end(null);
      }, timeoutMs);
      worker.once('message', end);
      worker.once('exit', () => {
        this.#process = null;
        end(null);
      });
      worker.send({
        file,
        pattern: names.map(escaped).join('|'),
        changed: [...this.#changed],
      });
      this.#changed.clear();
    });
  }

  close() {
    this.#process?.removeAllListeners();
    this.#process?.kill('SIGKILL');
    this.#process = null;
  }
}

/** Does something with all items, one at a time in each workplace. */
async function share(workplaces, items, work) {
  const queue = [...items];
  await Promise.all(
    workplaces.map(async (workplace) => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift())
        await work(workplace, item);
    }),
  );
}

async function baseline(workplaces, mutations) {
  const problems = [];
  await share(workplaces, new Set(mutations.map(({ test }) => test[0])), async (at, file) => {
    const names = [
      ...new Set(mutations.filter(({ test }) => test[0] === file).map(({ test }) => test[1])),
    ];
    const ran = await at.run(file, names);
    if (ran === null) {
      problems.push(`${file} cannot be run`);
      return;
    }
    for (const { name } of ran.filter(({ passed }) => !passed))
      problems.push(`${file}: "${name}" fails as it is`);
    for (const name of names)
      if (!ran.some((test) => test.name.includes(name)))
        problems.push(`${file} has no test "${name}"`);
  });
  return problems;
}

async function attempt(workplace, mutation) {
  const { file, offset, length, replace, test } = mutation;
  const text = readFileSync(join(workplace.directory, file), 'utf8');
  workplace.write(file, text.slice(0, offset) + replace + text.slice(offset + length));
  try {
    const ran = await workplace.run(test[0], [test[1]]);
    if (ran === null) return 'the tests could not be run';
    return ran.some(({ passed }) => !passed) ? null : `no test "${test[1]}" noticed`;
  } finally {
    workplace.write(file, text);
  }
}

const directory = mkdtempSync(join(tmpdir(), 'assay-mutations-'));
const workplaces = [];
const clear = () => {
  for (const workplace of workplaces) workplace.close();
  rmSync(directory, { recursive: true, force: true });
};
process.once('SIGINT', () => {
  clear();
  process.exit(130);
});
const started = Date.now();
try {
  const jobs = Math.max(1, Number(options.jobs));
  tree = copyTree(root, join(directory, '0'));
  workplaces.push(new Workplace(tree));
  while (workplaces.length < jobs)
    workplaces.push(new Workplace(copyTree(tree, join(directory, `${workplaces.length}`))));
  const all = [...listed, ...files.flatMap(checkerMutations)].map(placed);
  const missing = uncovered(all);
  for (const { file, line } of missing)
    console.error(`${file}:${line}: a rejection that no mutation takes out`);
  const chosen = all.filter(
    ({ file, name }) => options.only === undefined || `${file} ${name}`.includes(options.only),
  );
  const expectPassing = async (when) => {
    const problems = await baseline(workplaces, chosen);
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) throw new Error(`the tests do not pass as they are ${when}`);
  };
  await expectPassing('to begin with');
  let unnoticed = 0;
  await share(workplaces, chosen, async (workplace, mutation) => {
    const problem = await attempt(workplace, mutation);
    if (problem === null) return;
    unnoticed++;
    console.error(`${mutation.file}:${mutation.line}: "${mutation.name}": ${problem}`);
  });
  // A mutation that stayed would be noticed by every test after it.
  await expectPassing('in the end');
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${chosen.length} rejections taken out, ${unnoticed} unnoticed, ${missing.length} not listed (${seconds} s)`,
  );
  if (unnoticed > 0 || missing.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  clear();
}
