import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensors } from '../pipeline.ts';
import { type Random, seededRandom } from '../random.ts';
import { projectRoot } from '../root.ts';
import { argmax } from '../score/accuracy.ts';
import { flat, parseSamples } from './samples.ts';
import { type BenchCase, noTruth } from './types.ts';

/** Models from elsewhere, beside the repository; a clone on its own has none. */
const folder = join(projectRoot, '..', 'shared', 'cases', 'models');
const read = (...path: string[]): Buffer => readFileSync(join(folder, ...path));

const GENERATED_INPUTS = 1000;
const GENERATED_CALIBRATION = 50;

/** 30 labelled samples (`output_data` is the label, one-hot); calibrated on the first 10, scored on all. */
const labelled = (name: string): BenchCase => ({
  name,
  load() {
    const text = read(name, 'samples.json').toString();
    const samples = parseSamples(text, 'input');
    const { output_data: answers } = JSON.parse(text) as { output_data: number[][] };
    return {
      model: read(name, 'model.onnx'),
      calibration: samples.slice(0, 10),
      scored: samples,
      truth: { labels: answers.map((answer) => argmax(flat(answer))), targets: null },
    };
  },
});

interface ArticleWord {
  readonly index: number;
  readonly idf: number;
}

/**
 * Articles are bags of words: counts times idf. An article draws from a few dozen words of its own,
 * so that words repeat as they do in text.
 */
const articles: BenchCase = {
  name: 'article-classification',
  load() {
    const vocabulary = JSON.parse(
      read('article-classification', 'vocab.json').toString(),
    ) as Record<string, ArticleWord>;
    const words = Object.values(vocabulary);
    return drawn('article-classification', 11, (random) => {
      const bag = new Float32Array(words.length);
      const topic = Array.from({ length: 10 + random.below(50) }, () => pick(words, random));
      const length = 20 + random.below(230);
      for (let i = 0; i < length; i++) {
        const { index, idf } = pick(topic, random);
        bag[index] = (bag[index] ?? 0) + idf;
      }
      return bag;
    });
  },
};

interface AuthorizationVocabulary {
  readonly vocab_mapping: Record<string, { readonly index: number }>;
  readonly feature_mapping: Record<string, readonly string[]>;
}

/** A request has one bucket of each feature: budget, trust, amount, … */
const authorization: BenchCase = {
  name: 'authorization',
  load() {
    const { vocab_mapping: buckets, feature_mapping: features } = JSON.parse(
      read('authorization', 'vocab.json').toString(),
    ) as AuthorizationVocabulary;
    const groups = Object.values(features).filter((names) => names.length > 0);
    return drawn('authorization', 12, (random) => {
      const hot = new Float32Array(Object.keys(buckets).length);
      for (const names of groups) hot[buckets[pick(names, random)]?.index ?? 0] = 1;
      return hot;
    });
  },
};

function drawn(
  name: string,
  seed: number,
  draw: (random: Random) => Float32Array,
): ReturnType<BenchCase['load']> {
  const random = seededRandom(seed);
  const inputs = (count: number): Tensors[] =>
    Array.from({ length: count }, () => ({ input: draw(random) }));
  return {
    model: read(name, 'model.onnx'),
    calibration: inputs(GENERATED_CALIBRATION),
    scored: inputs(GENERATED_INPUTS),
    truth: noTruth,
  };
}

function pick<T>(values: readonly T[], random: Random): T {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new RangeError('pick: expected a non-empty list, got []');
  return value;
}

export const sharedModels: readonly BenchCase[] = existsSync(folder)
  ? [labelled('cnn-cifar'), labelled('mlp-iris'), articles, authorization]
  : [];
