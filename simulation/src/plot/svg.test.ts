import { describe, expect, test } from 'vitest';
import { type Axis, curve, type Plot, shareAt, tickLabel, ticksOf } from './plot.ts';
import { renderSvg } from './svg.ts';

const linear: Axis = { label: 'x', min: 0, max: 10 };
const log: Axis = { label: 'y < 1 & more', min: 0.001, max: 1, log: true, percent: true };
const plot: Plot = {
  file: 'example',
  title: 'An example',
  x: linear,
  y: log,
  lines: [{ label: 'a line', color: 0, points: curve(linear, (x) => 0.1 * x) }],
  dots: [
    {
      color: 0,
      points: [
        { x: 1, y: { value: 0.1, sigma: 0.01 } },
        { x: 2, y: { value: 0, sigma: 0 } },
      ],
    },
  ],
  marks: [
    { axis: 'x', at: 5, label: 'threshold' },
    { axis: 'y', at: 0.5, label: 'half' },
  ],
  notes: [{ x: 0.5, y: 0.5, text: 'a side' }],
};

describe('plots', () => {
  test('ticks are round and within the axis', () => {
    expect(ticksOf(linear)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticksOf(log)).toEqual([0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]);
    expect(ticksOf({ label: '', min: -1.6, max: 1.1 })).toContain(0);
    expect(ticksOf(log).map((tick) => tickLabel(log, tick))[0]).toBe('0.1 %');
  });

  test('places on an axis', () => {
    expect(shareAt(linear, 5)).toBe(0.5);
    expect(shareAt(log, 0.1)).toBeCloseTo(2 / 3, 12);
    expect(shareAt(log, 0)).toBe(-1);
    expect(curve(log, (x) => x, 2).map(([x]) => x)).toEqual([0.001, expect.closeTo(0.0316, 4), 1]);
  });

  test('every part is drawn, text is escaped, numbers are finite, bytes repeat', () => {
    const svg = renderSvg(plot);
    for (const text of [
      'An example',
      'a line',
      'threshold',
      'half',
      'a side',
      'y &lt; 1 &amp; more',
    ]) {
      expect(svg).toContain(`>${text}<`);
    }
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(renderSvg(plot)).toBe(svg);
    const opened = svg.match(/<(svg|g|text|clipPath|style|title)\b/g)?.length;
    expect(svg.match(/<\/(svg|g|text|clipPath|style|title)>/g)).toHaveLength(opened ?? 0);
  });
});
