/** A named group of checks that run in the page. A check passes unless it throws. */
export interface Suite {
  readonly name: string;
  readonly checks: readonly Check[];
}

export interface Check {
  readonly name: string;
  run(): void | Promise<void>;
}

/** What the page hands to the script that opened it: one line per check. */
export interface Outcome {
  readonly name: string;
  /** Null: passed. */
  readonly error: string | null;
  readonly ms: number;
}

export async function runSuites(
  suites: readonly Suite[],
  report: (outcome: Outcome) => void,
): Promise<void> {
  for (const suite of suites) {
    for (const check of suite.checks) {
      const start = performance.now();
      let error: string | null = null;
      try {
        await check.run();
      } catch (cause) {
        error = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      }
      report({ name: `${suite.name}: ${check.name}`, error, ms: performance.now() - start });
    }
  }
}

/** @throws {Error} with both values when they differ (compared as JSON) */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`);
}

export function expectTrue(value: boolean, what: string): void {
  if (!value) throw new Error(`expected ${what}`);
}
