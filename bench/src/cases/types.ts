import type { Tensors } from '../pipeline.ts';
import type { Truth } from '../score/accuracy.ts';

/** A model with the inputs it is calibrated, timed and scored on. */
export interface BenchCase {
  readonly name: string;
  load(): LoadedCase;
}

export interface LoadedCase {
  readonly model: Uint8Array;
  readonly calibration: readonly Tensors[];
  /** Inputs of the accuracy; the first of them is the one that is proven. */
  readonly scored: readonly Tensors[];
  readonly truth: Truth;
}

export const noTruth: Truth = { labels: null, targets: null };
