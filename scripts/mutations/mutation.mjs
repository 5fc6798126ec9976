/** Mutations of one file: `mutation(name, find, replace, [test file, test name], { covers })`. */
export const within = (file) => (name, find, replace, test, more) => ({
  name,
  file,
  find,
  replace,
  test,
  ...more,
});

/** A test file of forging provers. */
export const prover = (name) => `packages/prover/test/${name}.soundness.test.ts`;
