import { type Outcome, runSuites } from './harness.ts';
import { pageSuites } from './suites/index.ts';

declare global {
  // Set by scripts/browser-test.mjs before the page loads.
  function reportOutcome(outcome: Outcome): void;
  function reportEnd(): void;
}

await runSuites(pageSuites, (outcome) => {
  globalThis.reportOutcome(outcome);
});

const worker = new Worker('/worker.js', { type: 'module' });
worker.onmessage = ({ data }: MessageEvent<Outcome | null>) => {
  if (data === null) globalThis.reportEnd();
  else globalThis.reportOutcome(data);
};
worker.onerror = (event) => {
  globalThis.reportOutcome({ name: 'worker', error: event.message, ms: 0 });
  globalThis.reportEnd();
};
