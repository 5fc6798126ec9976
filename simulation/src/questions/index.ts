import type { Options, Question } from '../question.ts';
import { bountyQuestion } from './bounty.ts';
import { clocksQuestion } from './clocks.ts';
import { collusionQuestion } from './collusion.ts';
import { delayQuestion } from './delay.ts';
import { gasQuestion } from './gas.ts';
import { griefingQuestion } from './griefing.ts';
import { outageQuestion } from './outage.ts';
import { pooledQuestion } from './pooled.ts';
import { populationQuestion } from './population.ts';
import { sizeQuestion } from './size.ts';
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
  { name: 'collusion', ask: collusionQuestion },
  { name: 'griefing', ask: griefingQuestion },
  { name: 'clocks', ask: clocksQuestion },
  { name: 'delay', ask: delayQuestion },
  { name: 'size', ask: sizeQuestion },
  { name: 'gas', ask: gasQuestion },
];
