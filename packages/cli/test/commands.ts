import type { Outcome } from '../src/outcome.ts';
import { outcomeOf } from '../src/outcome.ts';

/** A refusal or a verdict, as a program that runs the command with --json sees it. */
export interface Answer {
  readonly code: number;
  readonly json: {
    readonly ok: boolean;
    readonly error?: {
      readonly code: string;
      readonly message: string;
      readonly details: string | null;
      readonly problems?: readonly {
        readonly node: string;
        readonly operator: string;
        readonly opset: number | null;
        readonly reason: string;
      }[];
    };
    readonly [field: string]: unknown;
  };
  /** What people read. */
  readonly text: string;
}

/** Runs a verb in this process. What it throws is an outcome too; a defect stays one, ASSAY_UNEXPECTED. */
export async function answer(verb: () => Promise<Outcome>): Promise<Answer> {
  const outcome = await verb().catch(outcomeOf);
  return {
    code: outcome.exitCode,
    json: JSON.parse(JSON.stringify(outcome.json)) as Answer['json'],
    text: outcome.text,
  };
}
