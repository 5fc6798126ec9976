// Runs tests of one copy of the tree, again and again: transformed modules are kept, but for those that
// change. `process.send` gives the tests that ran, by name, with whether they passed; null: none could.
import { join } from 'node:path';
import { createVitest } from 'vitest/node';

const directory = process.cwd();
const vitest = await createVitest('test', {
  root: directory,
  config: join(directory, 'vitest.config.ts'),
  watch: false,
  // Threads end with this process, whatever they are doing.
  pool: 'threads',
  maxWorkers: 1,
  reporters: [{}],
});

async function run({ file, pattern, changed }) {
  for (const path of changed) vitest.invalidateFile(join(directory, path));
  vitest.setGlobalTestNamePattern(pattern);
  const specifications = await vitest.globTestSpecifications([file]);
  const { testModules } = await vitest.runTestSpecifications(specifications);
  // Results of earlier runs are there too.
  const own = testModules.filter(({ moduleId }) => moduleId === join(directory, file));
  const ran = own.flatMap(({ children }) =>
    [...children.allTests()].flatMap((test) => {
      const { state } = test.result();
      const isRun = state === 'passed' || state === 'failed';
      return isRun
        ? [{ name: test.fullName.replaceAll(' > ', ' '), passed: state === 'passed' }]
        : [];
    }),
  );
  return ran.length === 0 ? null : ran;
}

process.on('message', (request) => {
  run(request).then(
    (ran) => process.send(ran),
    () => process.send(null),
  );
});
