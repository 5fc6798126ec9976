import { describeEngine } from '../../test/describe-engine.ts';
import { createEngine, testEngine } from './engine.ts';
import { referenceExecutor } from './reference-executor.ts';

describeEngine('reference', testEngine);
// Shards of a few elements: every way of splitting is taken.
describeEngine('reference, split', () =>
  createEngine(referenceExecutor({ threads: 3 }), { shardNs: 50 }),
);
