import { describe, expect, test } from 'vitest';
import { parseOptions, usage } from './options.ts';
import type { Question } from './question.ts';
import {
  formatted,
  grouped,
  renderDocument,
  renderJson,
  renderSummary,
  renderText,
  summarize,
} from './report.ts';

const question: Question = {
  name: 'example',
  title: 'Is it so?',
  text: ['Because.'],
  rows: [
    {
      label: 'one',
      closed: 0.5,
      simulated: { value: 0.51, sigma: 0.01 },
      unit: 'percent',
      headline: true,
    },
    { label: 'two', closed: -1, simulated: { value: -1, sigma: 0 }, unit: 'number' },
    { label: 'three', closed: 2, simulated: { value: 2.1, sigma: 0.1 }, unit: 'number', limit: 1 },
    { label: 'four', closed: 2, simulated: { value: 3, sigma: 0.1 }, unit: 'number' },
  ],
  plots: [
    {
      file: 'example',
      title: 'Plot',
      x: { label: '', min: 0, max: 1 },
      y: { label: '', min: 0, max: 1 },
      lines: [],
      dots: [],
    },
  ],
  events: 1234567,
  honestSlashes: 0,
};

describe('report', () => {
  test('numbers', () => {
    expect(formatted(0.123456, 'percent')).toBe('12.35 %');
    expect(formatted(-0.00001, 'number')).toBe('−1.00e-5');
    expect(formatted(Infinity, 'number')).toBe('∞');
    expect(grouped(1234567)).toBe('1,234,567');
  });

  test('text has closed form, simulated value, interval and verdict', () => {
    const lines = renderText(question).split('\n');
    expect(lines[2]).toMatch(/one +50 % +51 % +48 % … 54 % +1\.0 +agrees/);
    expect(lines[3]).toMatch(/two +−1 +−1 +exact +agrees/);
    expect(lines[4]).toMatch(/over the limit \(≤ 1\)$/);
    expect(lines[5]).toMatch(/DIFFERS$/);
  });

  test('sums', () => {
    const summary = summarize([question]);
    expect(summary).toMatchObject({ rows: 4, estimates: 3, contradictions: 1, overLimit: 1 });
    expect(renderSummary(summary)).toContain('contradictions: 1');
  });

  test('document: headline rows, figures, the others counted', () => {
    const text = renderDocument([question], 1);
    expect(text).toContain('## Is it so?');
    expect(text).toContain('![Plot](figures/example.svg)');
    expect(text).toContain('| one | 50 % | 51 % |');
    expect(text).toMatch(/^\| 3 more rows in the run [| ]+ 2 agree \|$/m);
    expect(text).toContain('| [Is it so?](#is-it-so) | three | 2.1 | ≤ 1 |');
  });

  test('JSON: one object a row', () => {
    const rows = renderJson(question)
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(rows).toHaveLength(4);
    expect(rows[2]).toMatchObject({ question: 'example', limit: 1, verdict: 'over the limit' });
  });
});

describe('options', () => {
  test('a whole run writes to docs, a part or a quick one nowhere unless told', () => {
    expect(parseOptions([])).toMatchObject({ seed: 1, scale: 1, out: 'docs', json: false });
    expect(parseOptions(['--quick'])).toMatchObject({ out: null });
    expect(parseOptions(['--seed', '2'])).toMatchObject({ seed: 2, out: null });
    expect(parseOptions(['--only', 'gas', '--out', '/tmp/x'])).toMatchObject({
      only: ['gas'],
      out: '/tmp/x',
    });
    expect(parseOptions(['--help'])).toBeNull();
    expect(usage).toContain('threshold');
  });

  test.each([[['--seed', 'x']], [['--only', 'nothing']], [['--wrong']]])(
    '%j is refused',
    (args) => {
      expect(() => parseOptions(args)).toThrow(TypeError);
    },
  );
});
