import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseSamples } from './samples.ts';
import { type BenchCase, noTruth } from './types.ts';

/** Any model with samples: all of them calibrate, and are scored. */
export function fileCase(model: string, samples: string, onlyInput: string): BenchCase {
  return {
    name: basename(model, '.onnx'),
    load() {
      const inputs = parseSamples(readFileSync(samples, 'utf8'), onlyInput);
      return { model: readFileSync(model), calibration: inputs, scored: inputs, truth: noTruth };
    },
  };
}
