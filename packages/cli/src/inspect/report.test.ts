import { expect, test } from 'vitest';
import { layersOf, publicNumberLines, publicNumbersOf, publicTable } from './report.ts';

const numbers = Array.from({ length: 10 }, (_, i) => ({
  node: `mul_${i}`,
  operator: 'Mul',
  what: `factor ${i}`,
}));

test('constants that stay public are listed, the first of many', () => {
  expect(publicNumberLines([])).toEqual([expect.stringMatching(/no constant of the model$/)]);
  const lines = publicNumberLines(numbers);
  expect(lines[0]).toMatch(/constants of the model \(10\):$/);
  expect(lines.slice(1, 3)).toEqual(['            mul_0: factor 0', '            mul_1: factor 1']);
  expect(lines.at(-1)).toBe('            and 2 more (`assay inspect` lists them)');
  expect(publicTable(numbers)).toContain('mul_9  Mul       factor 9');
});

test('a report may be anybody’s', () => {
  expect(publicNumbersOf({ public: [numbers[0], 7, { node: 1 }] })).toEqual([numbers[0]]);
  for (const report of [null, 3, [], {}, { public: 'all' }]) {
    expect(publicNumbersOf(report)).toBeNull();
    expect(layersOf(report)).toEqual([]);
  }
});
