import { describe, expect, it } from 'vitest';
import { forge } from '../scripts/forge.mjs';
import { forget, measured, recorded } from '../scripts/gas.mjs';

const MINUTES = 60_000;

// Compiling takes most of it; fuzzing at length and the invariants' long runs are in forge.slow.test.ts.
describe('contracts', () => {
  it('pass their tests', { timeout: 20 * MINUTES }, async () => {
    forget();
    const { status, output } = await forge(['test'], 'fast');
    expect(status, output.slice(-20_000)).toBe(0);
    expect(output).toMatch(/, 0 failed, 0 skipped \(\d+ total tests\)/);
  });

  it('cost what snapshots/gas.json says (else: node packages/contracts/scripts/gas.mjs)', () => {
    expect(measured()).toEqual(recorded());
  });
});
