import { type GeneratedModel, generateCnn, generateMlp } from '../models/generated.ts';
import type { Tensors } from '../pipeline.ts';
import { type Random, seededRandom } from '../random.ts';
import { type BenchCase, noTruth } from './types.ts';

const CALIBRATION_SAMPLES = 10;
const SCORED_SAMPLES = 20;

/** A model with random weights on random inputs. */
function generated(
  name: string,
  generate: (seed: number) => GeneratedModel,
  draw: (random: Random) => number,
): BenchCase {
  return {
    name,
    load() {
      const { bytes, inputShape } = generate(1);
      const random = seededRandom(2);
      const length = inputShape.reduce((a, b) => a * b, 1);
      const samples = (count: number): Tensors[] =>
        Array.from({ length: count }, () => ({
          input: Float32Array.from({ length }, () => draw(random)),
        }));
      return {
        model: bytes,
        calibration: samples(CALIBRATION_SAMPLES),
        scored: samples(SCORED_SAMPLES),
        truth: noTruth,
      };
    },
  };
}

export const generatedModels: readonly BenchCase[] = [
  // Inputs as images have them: intensities from 0 to 1, and from −1 to 1.
  generated(
    'mlp-2m',
    (seed) => generateMlp('mlp-2m', [784, 2000, 60, 4000, 10], seed),
    (random) => random.uniform(),
  ),
  generated(
    'cnn-264k',
    (seed) => generateCnn('cnn-264k', seed),
    (random) => 2 * random.uniform() - 1,
  ),
];
