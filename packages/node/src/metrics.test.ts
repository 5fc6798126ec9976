import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('docs/node.md lists every metric, and no other', async () => {
  const page = readFileSync(new URL('../../../docs/node.md', import.meta.url), 'utf8');
  const named = new Set([...page.matchAll(/`(assay_[a-z_]+)/g)].map(([, name]) => name));
  const { registry } = createMetrics(false);
  const known = registry.getMetricsAsArray().map(({ name }) => name);
  expect([...named].toSorted()).toEqual(known.toSorted());
});
