import { type Outcome, runSuites } from './harness.ts';
import { suites } from './suites/index.ts';

declare global {
  // Set by scripts/browser-test.mjs before the page loads.
  function reportOutcome(outcome: Outcome): void;
  function reportEnd(): void;
}

await runSuites(suites, (outcome) => {
  globalThis.reportOutcome(outcome);
});
globalThis.reportEnd();
