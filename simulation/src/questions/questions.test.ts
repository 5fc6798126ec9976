import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SEED, QUICK } from '../options.ts';
import { type Options, type Question, verdictOf } from '../question.ts';
import { deviation } from '../statistics.ts';
import { summarize } from '../report.ts';
import { gasQuestion } from './gas.ts';
import { questions } from './index.ts';

const seed = 3;
const options = { seed, scale: QUICK };
const document = new URL('../../../docs/market-simulation.md', import.meta.url);

const answers = new Map<string, Question>();
function answerTo(name: string, ask: (options: Options) => Question): Question {
  const answer = answers.get(name) ?? ask(options);
  answers.set(name, answer);
  return answer;
}

describe('questions, with few events', () => {
  test.each(questions)('$name: simulation and closed form agree within 5σ', ({ name, ask }) => {
    const answer = answerTo(name, ask);
    expect(answer.name).toBe(name);
    for (const row of answer.rows) {
      const where = `${name}, seed ${seed}: ${row.label}: ${row.simulated.value} ± ${row.simulated.sigma} for ${row.closed}`;
      expect(Math.abs(deviation(row.simulated, row.closed)), where).toBeLessThan(5);
      expect(verdictOf(row), where).not.toBe('WRONG SIDE');
    }
    expect(answer.honestSlashes).toBe(0);
    // Beyond 3σ are as few as chance explains.
    const { estimates, beyond } = summarize([answer]);
    expect(beyond).toBeLessThanOrEqual(Math.max(1, Math.ceil(0.03 * estimates)));
    expect(answer.plots.length).toBeGreaterThan(0);
  });

  // The others take seconds, and draw from the same kind of stream.
  const fast = questions.filter(
    ({ name }) => !['threshold', 'population', 'bounty'].includes(name),
  );

  test.each(fast)('$name: the same seed gives the same numbers', ({ name, ask }) => {
    expect(ask(options).rows).toEqual(answerTo(name, ask).rows);
  });

  test('another seed gives others', () => {
    const values = (at: number): number[] =>
      gasQuestion({ ...options, seed: at }).rows.map((row) => row.simulated.value);
    expect(values(seed + 1)).not.toEqual(values(seed));
  });

  test('the document has every question and every figure', () => {
    const text = readFileSync(document, 'utf8');
    expect(text).toContain(`seed ${DEFAULT_SEED}`);
    for (const { name, ask } of questions) {
      const { title, plots } = answerTo(name, ask);
      expect(text).toContain(`## ${title}`);
      for (const plot of plots) {
        expect(text).toContain(`figures/${plot.file}.svg`);
        const file = new URL(`figures/${plot.file}.svg`, document);
        expect(readFileSync(file, 'utf8')).toContain('<svg');
      }
    }
  });
});
