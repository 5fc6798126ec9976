import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../bin/assay.js', import.meta.url));

test('the demo goes on to a market: paid, slashed, rescued, private; not a unit of money is lost', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-demo-market-'));
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [script, 'demo', '--json', '--quiet', '-o', folder],
      { encoding: 'utf8', timeout: 580_000 },
    );
    expect(stderr).toBe('');
    const { ok, market } = JSON.parse(stdout);
    expect(market.chapters).toMatchObject([
      { state: 'final', answer: expect.stringContaining('labelled') },
      { state: 'slashed', answer: null },
      { state: 'final', answer: expect.stringContaining('labelled') },
      { state: 'final', answer: 'benign, labelled benign' },
    ]);
    const told = market.lines.map(({ what }: { what: string }) => what);
    expect(told).toEqual(
      expect.arrayContaining(['paid', 'slashed', 'late', 'rescued', 'delivered']),
    );
    const fraud = market.lines.find(({ what }: { what: string }) => what === 'slashed');
    expect(fraud.gas).toBeLessThan(1_500_000);
    expect(BigInt(market.sum)).toBe(0n);
    expect(ok).toBe(true);
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);
