import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { caseNamed, cases } from './cases/index.ts';
import { type ProfileName, profileNames } from './profiles.ts';
import type { TaskContext } from './tasks.ts';

export const usage: string = `npm run bench -- [NAME …] [--model FILE [--samples FILE] [--input NAME]] [options]

  NAME          ${cases.map((entry) => entry.name).join(', ')}; none: all of them;
                kernels: the kernels on one thread, beside a yardstick;
                market: jobs through three providers on a local chain
  --model FILE  a model of your own; --samples: its samples (default: samples.json beside it);
                --input: the input that EZKL's input_data is for (default: input)
  --runs N      repetitions (default 7)
  --threads N   default: all cores
  --bits N      provable security aimed at (default 128)
  --zk          beside the plain profile one whose proofs hide the input, with parameters of its own.
                They take turns; multiples of plain are medians of those of each turn, by the clock
                and by processor time (CPU), which a busy machine changes less
  --zk-private  and one whose proofs hide the weights too: compiled and registered for that
  --jobs N      jobs that market posts at once (default 1000)
  --json        one JSON object a line: plain, zk, zk-private
  --markdown    the tables of the README`;

const KERNELS = 'kernels';
const MARKET = 'market';

export interface Options {
  /** Whether the kernels are asked for. */
  readonly kernels: boolean;
  /** Jobs for the market; null: it is not asked for. */
  readonly marketJobs: number | null;
  readonly targets: readonly TaskContext['model'][];
  readonly runs: number;
  readonly threads: number;
  readonly securityBits: number;
  readonly profiles: readonly ProfileName[];
  readonly format: 'text' | 'json' | 'markdown';
}

/** Null: help is asked for. @throws {TypeError} on options that do not exist or lack a value; {AssayError} on unknown names */
export function parseOptions(args: readonly string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      samples: { type: 'string' },
      input: { type: 'string', default: 'input' },
      runs: { type: 'string', default: '7' },
      threads: { type: 'string', default: String(availableParallelism()) },
      bits: { type: 'string', default: '128' },
      jobs: { type: 'string', default: '1000' },
      zk: { type: 'boolean', default: false },
      'zk-private': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { model, input } = values;
  const kernels = positionals.includes(KERNELS);
  const market = positionals.includes(MARKET);
  const names = positionals.filter((name) => name !== KERNELS && name !== MARKET);
  const named = names.map((name) => ({ kind: 'case', name: caseNamed(name).name }) as const);
  const all = cases.map(({ name }) => ({ kind: 'case', name }) as const);
  const targets: TaskContext['model'][] = [...named];
  if (model !== undefined) {
    const samples = values.samples ?? join(dirname(model), 'samples.json');
    targets.push({ kind: 'file', path: existing(model), samples: existing(samples), input });
  }
  if (values.json && values.markdown) throw new TypeError('--json and --markdown: give one');
  return {
    kernels,
    marketJobs: market ? positive('--jobs', values.jobs) : null,
    targets: targets.length === 0 && !kernels && !market ? all : targets,
    runs: positive('--runs', values.runs),
    threads: positive('--threads', values.threads),
    securityBits: positive('--bits', values.bits),
    profiles: profileNames.slice(0, values['zk-private'] ? 3 : values.zk ? 2 : 1),
    format: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
  };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`${option}: expected a positive integer, got '${text}'`);
}

function existing(path: string): string {
  if (existsSync(path)) return path;
  throw new TypeError(`${path}: no such file`);
}
