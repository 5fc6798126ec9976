import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tailRowsFor, unitsFor, type UseBudget, useBudget } from '../budget.ts';
import { createUses, spendUnits, unitsLeft, usesFolder } from './uses.ts';

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'assay-uses-'));
  folder = usesFolder(home, new Uint8Array(32).fill(0xab));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});
const code = (value: string) => expect.objectContaining({ code: value });
const started = (uses: number, rows = 60): UseBudget => {
  const budget = useBudget(uses, rows);
  createUses(folder, budget);
  return budget;
};

describe('a budget', () => {
  test('of N uses has a unit for birth and one for renewal, and tails that pay for all', () => {
    const budget = useBudget(10, 60);
    expect(budget).toEqual({ units: 12, rowsPerUse: 60 });
    expect(tailRowsFor(budget, 2)).toBe(12 * 60 + 10);
  });
  test('charges started units', () => {
    const budget = useBudget(10, 60);
    expect([1, 59, 60, 61, 120, 121].map((rows) => unitsFor(budget, rows))).toEqual([
      1, 1, 1, 2, 2, 3,
    ]);
  });
  test('answers misuse', () => {
    for (const bad of [0, -1, 1.5, Number.NaN]) {
      expect(() => useBudget(bad, 60)).toThrow(RangeError);
      expect(() => useBudget(3, bad)).toThrow(RangeError);
      expect(() => unitsFor(useBudget(3, 60), bad)).toThrow(RangeError);
    }
  });
});

describe('a record of uses', () => {
  test('gives each unit once, keeps one for renewal, then refuses', () => {
    const budget = started(3);
    expect(unitsLeft(folder, budget)).toBe(3);
    const units = [1, 2, 3].map(() => spendUnits(folder, budget, 60));
    expect(units).toEqual([[1], [2], [3]]);
    expect(unitsLeft(folder, budget)).toBe(0);
    expect(() => spendUnits(folder, budget, 1)).toThrow(code('ASSAY_USES_EXHAUSTED'));
    expect(() => spendUnits(folder, budget, 1)).toThrow(
      /3 proofs were reserved.*`assay recommit`/s,
    );
    expect(spendUnits(folder, budget, 60, 'renewal')).toEqual([4]);
    expect(() => spendUnits(folder, budget, 60, 'renewal')).toThrow(/Commit anew/);
    expect(readdirSync(folder).toSorted()).toEqual([
      '000000',
      '000001',
      '000002',
      '000003',
      '000004',
    ]);
  });

  test('takes several units where a proof opens more rows, all or none', () => {
    const budget = started(4);
    expect(spendUnits(folder, budget, 61)).toEqual([1, 2]);
    expect(() => spendUnits(folder, budget, 121)).toThrow(/takes 3 of its units and 2 are left/);
    expect(unitsLeft(folder, budget)).toBe(2);
    expect(spendUnits(folder, budget, 120)).toEqual([3, 4]);
  });

  test('charges birth for the rows that it opened', () => {
    const budget = useBudget(5, 60);
    expect(createUses(folder, budget, 130)).toEqual([0, 1, 2]);
    expect(unitsLeft(folder, budget)).toBe(3);
  });

  test('of a renewal that needs more rows takes ordinary units, too', () => {
    const budget = started(3);
    expect(spendUnits(folder, budget, 100, 'renewal')).toEqual([4, 3]);
    expect(unitsLeft(folder, budget)).toBe(2);
  });

  test('is for its owner alone', () => {
    started(2);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, '000000')).mode & 0o777).toBe(0o600);
  });

  test('counts its own names only', () => {
    const budget = started(2);
    for (const name of ['1', '0000001', '000099', 'notes', '.000001']) {
      writeFileSync(join(folder, name), '');
    }
    expect(unitsLeft(folder, budget)).toBe(2);
    expect(spendUnits(folder, budget, 1)).toEqual([1]);
  });

  test('that is gone is not started again', () => {
    const budget = started(2);
    rmSync(folder, { recursive: true });
    expect(() => spendUnits(folder, budget, 1)).toThrow(code('ASSAY_USES_MISSING'));
    expect(() => unitsLeft(folder, budget)).toThrow(code('ASSAY_USES_MISSING'));
    expect(readdirSync(dirname(folder))).toEqual([]);
  });

  test('is not started twice', () => {
    const budget = started(2);
    expect(() => createUses(folder, budget)).toThrow(code('ASSAY_USES_IO'));
    expect(unitsLeft(folder, budget)).toBe(2);
  });

  test('passes on what the system says', () => {
    const budget = started(2);
    const nowhere = join(folder, 'x'.repeat(5000));
    for (const run of [spendUnits, createUses]) {
      expect(() => run(nowhere, budget, 1)).toThrow(code('ASSAY_USES_IO'));
    }
    expect(() => unitsLeft(nowhere, budget)).toThrow(code('ASSAY_USES_IO'));
  });

  test("takes anything of a unit's name for a spent unit", () => {
    const budget = started(2);
    mkdirSync(join(folder, '000001'));
    expect(spendUnits(folder, budget, 1)).toEqual([2]);
  });
});

describe('several processes', () => {
  let tools: string;
  let script: string;
  beforeAll(async () => {
    tools = mkdtempSync(join(tmpdir(), 'assay-spend-'));
    script = join(tools, 'spend.mjs');
    await build({
      stdin: {
        // Waits for a line, then takes `rows` at a time until it is refused; prints what it got.
        contents: `
          import { writeSync } from 'node:fs';
          import { spendUnits } from './uses.ts';
          const [folder, budget, rows] = process.argv.slice(2);
          process.stdin.once('data', () => {
            try {
              for (;;) {
                writeSync(1, spendUnits(folder, JSON.parse(budget), Number(rows)).join(' ') + '\\n');
              }
            } catch (error) {
              writeSync(1, error.code + '\\n');
            }
            process.exit();
          });
          writeSync(1, 'ready\\n');`,
        resolveDir: dirname(fileURLToPath(import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@assay/source'],
      outfile: script,
      logLevel: 'error',
    });
  });
  afterAll(() => {
    rmSync(tools, { recursive: true, force: true });
  });

  interface Spender {
    readonly child: ChildProcess;
    readonly ready: Promise<unknown>;
    /** Complete lines after the first, when the process has ended. */
    readonly lines: Promise<string[]>;
  }
  function spender(budget: UseBudget, rows: number, onLine: (count: number) => void): Spender {
    const child = spawn(process.execPath, [script, folder, JSON.stringify(budget), `${rows}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    const ready = new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      onLine(text.split('\n').length - 2);
    });
    const lines = new Promise<string[]>((resolve) => {
      child.on('close', () => resolve(text.split('\n').slice(1, -1)));
    });
    return { child, ready, lines };
  }
  /** Units in lines that are no error code. */
  const unitsIn = (lines: readonly string[]) =>
    lines
      .filter((line) => !line.startsWith('ASSAY'))
      .flatMap((line) => line.split(' ').map(Number));

  test('that race never get the same unit, and get them all', async () => {
    const budget = started(120);
    const spenders = Array.from({ length: 4 }, () => spender(budget, 60, () => {}));
    await Promise.all(spenders.map(({ ready }) => ready));
    for (const { child } of spenders) child.stdin?.write('go\n');
    const outputs = await Promise.all(spenders.map(({ lines }) => lines));
    for (const lines of outputs) expect(lines.at(-1)).toBe('ASSAY_USES_EXHAUSTED');
    const all = outputs.flatMap(unitsIn);
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    expect(spendUnits(folder, budget, 60, 'renewal')).toEqual([121]);
  });

  test('that take several units at once never share one, and waste none', async () => {
    const budget = started(90);
    const spenders = [130, 61, 130].map((rows) => spender(budget, rows, () => {}));
    await Promise.all(spenders.map(({ ready }) => ready));
    for (const { child } of spenders) child.stdin?.write('go\n');
    const all = (await Promise.all(spenders.map(({ lines }) => lines))).flatMap(unitsIn);
    expect(new Set(all).size).toBe(all.length);
    expect(Math.max(...all)).toBeLessThan(91);
    // Whatever nobody got is still there.
    expect(unitsLeft(folder, budget)).toBe(90 - all.length);
  });

  test('killed at any moment waste units and give none twice', async () => {
    // Far more than a process takes before it is killed.
    const budget = started(3000);
    const got: number[] = [];
    let spent = 1;
    for (const stopAfter of [1, 7, 20]) {
      const { child, ready, lines } = spender(budget, 121, (count) => {
        if (count >= stopAfter) child.kill('SIGKILL');
      });
      await ready;
      child.stdin?.write('go\n');
      const units = unitsIn(await lines);
      expect(units.length).toBeGreaterThanOrEqual(3 * stopAfter);
      got.push(...units);
      // What it was about to take is lost, at most one claim.
      const now = 3001 - unitsLeft(folder, budget);
      expect(now - spent - units.length).toBeGreaterThanOrEqual(0);
      expect(now - spent - units.length).toBeLessThanOrEqual(3);
      spent = now;
    }
    for (let i = 0; i < 30; i++) got.push(...spendUnits(folder, budget, 61));
    expect(new Set(got).size).toBe(got.length);
    expect(got).not.toContain(0);
    expect(got).not.toContain(3001);
  });
});
