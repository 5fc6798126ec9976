import type { Options, Question } from '../question.ts';
import { bountyQuestion } from './bounty.ts';
import { clocksQuestion } from './clocks.ts';
import { outageQuestion } from './outage.ts';
import { pooledQuestion } from './pooled.ts';
import { populationQuestion } from './population.ts';
import { thresholdQuestion } from './threshold.ts';

/** In the order of the document. */
export const questions: readonly {
  readonly name: string;
  readonly ask: (options: Options) => Question;
}[] = [
  { name: 'threshold', ask: thresholdQuestion },
  { name: 'population', ask: populationQuestion },
  { name: 'bounty', ask: bountyQuestion },
  { name: 'outage', ask: outageQuestion },
  { name: 'pooled', ask: pooledQuestion },
  { name: 'clocks', ask: clocksQuestion },
];
