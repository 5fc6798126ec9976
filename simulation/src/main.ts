import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Arguments, parseOptions, usage } from './options.ts';
import { renderSvg } from './plot/svg.ts';
import type { Question } from './question.ts';
import { questions } from './questions/index.ts';
import { renderDocument, renderJson, renderSummary, renderText, summarize } from './report.ts';

function run(options: Arguments): number {
  const answers: Question[] = [];
  for (const { name, ask } of questions) {
    if (options.only.length > 0 && !options.only.includes(name)) continue;
    const answer = ask({ seed: options.seed, scale: options.scale });
    answers.push(answer);
    console.log(options.json ? renderJson(answer) : renderText(answer));
  }
  if (options.out !== null) writeFiles(options.out, answers, options.seed);
  const summary = summarize(answers);
  if (!options.json) console.log(renderSummary(summary));
  return summary.contradictions === 0 ? 0 : 1;
}

function writeFiles(folder: string, answers: readonly Question[], seed: number): void {
  const figures = join(folder, 'figures');
  mkdirSync(figures, { recursive: true });
  for (const plot of answers.flatMap((answer) => answer.plots)) {
    writeFileSync(join(figures, `${plot.file}.svg`), renderSvg(plot));
  }
  writeFileSync(join(folder, 'market-simulation.md'), renderDocument(answers, seed));
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) console.log(usage);
  else process.exitCode = run(options);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`simulate: ${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
