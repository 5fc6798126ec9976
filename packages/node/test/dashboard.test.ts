import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../src/metrics.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../../docs/grafana/${name}`, import.meta.url), 'utf8');

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

const dashboard = JSON.parse(read('assay-node.json')) as {
  readonly title: string;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly Panel[];
};
const { registry } = createMetrics(true);
const known = registry.getMetricsAsArray().map(({ name }) => name);
/** Series of a histogram are metrics of their own to a query. */
const metricOf = (series: string): string =>
  known.includes(series) ? series : series.replace(/_(bucket|sum|count)$/, '');
const named = (text: string): string[] =>
  [
    ...new Set(
      [...text.matchAll(/\b(?:assay|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => metricOf(name)),
    ),
  ].toSorted();

describe('the Grafana dashboard', () => {
  const expressions = dashboard.panels
    .flatMap(({ targets }) => targets ?? [])
    .map(({ expr }) => expr);

  test('shows every metric of a daemon, and none that it does not have', () => {
    const shown = named(expressions.join('\n'));
    expect(shown.filter((name) => !known.includes(name))).toEqual([]);
    const own = known.filter((name) => name.startsWith('assay_'));
    expect(own.filter((name) => !shown.includes(name))).toEqual([]);
  });

  test('has panels that do not overlap, with ids of their own, of the chosen nodes', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(dashboard.uid).toBe('assay-node');
    const names = dashboard.templating.list.map(({ name }) => name);
    expect(names).toEqual(['datasource', 'instance']);
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { gridPos: a, id, type, targets } of panels) {
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      if (type !== 'row') expect(targets?.length).toBeGreaterThan(0);
      for (const { gridPos: b, id: other } of panels) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart || id === other, `${id} and ${other}`).toBe(true);
      }
    }
    for (const expr of expressions) {
      expect(expr).toContain('instance=~"$instance"');
      for (const [open, close] of ['()', '{}', '[]']) {
        expect(expr.split(open ?? '').length, expr).toBe(expr.split(close ?? '').length);
      }
    }
  });
});

describe('alerts and scraping', () => {
  const alerts = read('assay-alerts.yml');

  test('ask for metrics that there are', () => {
    expect(named(alerts).length).toBeGreaterThan(5);
    expect(named(alerts).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('each has a place in docs/operate.md', () => {
    const page = readFileSync(new URL('../../../docs/operate.md', import.meta.url), 'utf8');
    const all = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name ?? '');
    expect(all.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    const scraped = read('prometheus.yml');
    expect(scraped).toContain('assay-alerts.yml');
    expect(scraped).toContain('job_name: assay');
  });
});
