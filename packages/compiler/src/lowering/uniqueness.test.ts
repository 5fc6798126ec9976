import { execute } from '@assay/runtime';
import { describe, expect, it } from 'vitest';
import { quantizeSample } from '../report/index.ts';
import { compileCase, operatorCases, traceSearch } from '../testing/index.ts';

/** Inputs tried of each toy: its samples. */
describe('toy programs have one trace for each input', () => {
  it.each(
    operatorCases()
      .filter((c) => c.toy)
      .map((c) => [c.name, c] as const),
  )('%s', (_name, c) => {
    const { program, weights } = compileCase(c);
    const search = traceSearch(program);
    let tried = 0;
    for (const sample of c.samples) {
      const trace = execute(program, weights, quantizeSample(program, sample), null);
      const found = search(weights, trace);
      expect(found.solutions).toBe(1);
      tried += found.tried;
    }
    // A search that tried nothing but the honest values would prove nothing.
    expect(tried).toBeGreaterThanOrEqual(c.samples.length);
  });

  it('but more without the range of a remainder, or without the rescale', () => {
    const c = operatorCases().find(({ name }) => name === 'toy rescale and relu');
    if (c === undefined) throw new TypeError('expected the case');
    const { program, weights } = compileCase(c);
    const [sample] = c.samples;
    if (sample === undefined) throw new TypeError('expected a sample');
    const trace = execute(program, weights, quantizeSample(program, sample), null);
    program.relations.forEach((relation, dropped) => {
      const table = relation.kind === 'lookup' ? program.tables[relation.table] : undefined;
      const loose = { ...program, relations: program.relations.filter((_, i) => i !== dropped) };
      const outcome = (): number => traceSearch(loose)(weights, trace).solutions;
      if (table?.name.startsWith('range') === true) expect(outcome()).toBe(2);
      else if (relation.kind === 'zero' && relation.products.length > 0) expect(outcome()).toBe(2);
      else expect(() => expect(outcome()).toBe(1)).toThrow();
    });
  });
});
