import { describe, expect, it } from 'vitest';
import { forge } from '../scripts/forge.mjs';

const MINUTES = 60_000;

describe('contracts, at length', () => {
  it('pass 10,000 fuzz runs of each test, and the invariants', {
    timeout: 40 * MINUTES,
  }, async () => {
    const { status, output } = await forge(['test']);
    expect(status, output.slice(-20_000)).toBe(0);
    expect(output).toMatch(/, 0 failed, 0 skipped \(\d+ total tests\)/);
  });
});
