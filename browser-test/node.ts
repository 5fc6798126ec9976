import { CASES, type Fixture } from './cases.ts';
import { derivations } from './derivations.ts';
import { genuineOf, judge, verdictText } from './judging.ts';

// What Node answers: the browser's answers are compared with it.

/** Each by name. */
export interface Answers {
  readonly verdicts: Readonly<Record<string, string>>;
  readonly derivations: Readonly<Record<string, string>>;
}

/** Verdicts on the cases of a fixture, and the parameters that its key gives. */
export function answers(fixture: Fixture, receipt: Uint8Array, key: Uint8Array): Answers {
  const genuine = genuineOf(receipt, key);
  const verdicts = CASES[fixture].map(({ name, change }) => {
    return [name, verdictText(judge({ ...genuine, ...change(genuine) }))] as const;
  });
  return {
    verdicts: Object.fromEntries(verdicts),
    derivations: derivations(genuine.verifyingKey),
  };
}

/** The verdict on a receipt that a browser made. */
export function verdict(receipt: Uint8Array, key: Uint8Array): string {
  return verdictText(judge({ receipt, key }));
}
