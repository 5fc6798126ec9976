import { describe, expect, test } from 'vitest';
import { modelCases } from './cases/index.ts';
import { wasmEngine } from './proving.ts';
import { COMBINATIONS, compileFor, nameOf, proveShown } from './visibilities.ts';

const all = Object.values(modelCases).flatMap((make) => make());
/** One case of each operator: a toy where there is one. */
const byOperator = new Map(
  [...all.filter((c) => !c.toy), ...all.filter((c) => c.toy)].map((c) => [c.operator, c]),
);

describe('all combinations of what is shown', () => {
  const engine = wasmEngine();
  test.each([...byOperator])('%s', async (_operator, c) => {
    for (const shown of COMBINATIONS) {
      expect(proveShown(engine, await compileFor(c, shown), shown), nameOf(shown)).toBe('accepted');
    }
  });
});
