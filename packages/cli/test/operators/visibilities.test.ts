import { describe, expect, test } from 'vitest';
import { modelCases } from './cases/index.ts';
import { wasmEngine } from './proving.ts';
import { COMBINATIONS, compileFor, nameOf, proveShown } from './visibilities.ts';

/** Every case in one combination, another for each: `visibilities.slow.test.ts` has all for every operator. */
describe('a proof that hides', () => {
  const engine = wasmEngine();
  const cases = Object.values(modelCases).flatMap((make) => make());
  const hiding = COMBINATIONS.slice(1);
  test.each(
    cases.map((c, i) => {
      const shown = hiding[(5 * i) % hiding.length] ?? hiding[0];
      if (shown === undefined) throw new TypeError('expected a combination');
      return [c.name, nameOf(shown), c, shown] as const;
    }),
  )('%s: %s', async (_name, _shown, c, shown) => {
    expect(proveShown(engine, await compileFor(c, shown), shown)).toBe('accepted');
  });
});
