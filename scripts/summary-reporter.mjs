/** Vitest reporter: closes a run with its counts alone on a line. */
export class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      // A file that fails to load, or whose hooks fail, has errors of its own.
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1;
      }
    }
    // A run of no suites has nothing to sum up.
    if (modules.length === 0 && counts.failed === 0) return;
    const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`;
    console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
  }
}
