import { parseArgs } from 'node:util';
import { questions } from './questions/index.ts';

export const QUICK = 0.02;
export const DEFAULT_SEED = 1;

export const usage: string = `npm run simulate [-- options]

  --quick        fewer events: seconds; writes no files
  --seed N       default ${DEFAULT_SEED}
  --only NAME    one question (again for more): ${questions.map(({ name }) => name).join(', ')}
  --json         one JSON object a line
  --out FOLDER   where market-simulation.md and figures/ go (default docs, for a whole run with the
                 default seed only)
Exit code 1 where a simulated number contradicts its closed form.`;

export interface Arguments {
  readonly seed: number;
  readonly scale: number;
  readonly only: readonly string[];
  readonly json: boolean;
  /** null: write nothing. */
  readonly out: string | null;
}

/** Null: help is asked for. @throws {TypeError} on options that do not exist or are malformed */
export function parseOptions(args: readonly string[]): Arguments | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new TypeError(`--seed: expected an integer >= 0, got '${values.seed}'`);
  }
  for (const name of values.only) {
    if (!questions.some((question) => question.name === name)) {
      throw new TypeError(`--only: no question '${name}'`);
    }
  }
  const whole = !values.quick && values.only.length === 0 && seed === DEFAULT_SEED;
  return {
    seed,
    scale: values.quick ? QUICK : 1,
    only: values.only,
    json: values.json,
    out: values.out ?? (whole ? 'docs' : null),
  };
}
