import { AssayError } from '@assay/core/errors';
import type { Tensors } from '../pipeline.ts';

/**
 * Samples of a JSON file: a list of `{"inputs": {name: nested arrays}}` or one of these, or EZKL's
 * `{"input_data": [[…], …]}` of a model with one input, an array per sample.
 *
 * @param onlyInput - name of the input that `input_data` is for
 * @throws {AssayError} ASSAY_BENCH_SAMPLES
 */
export function parseSamples(text: string, onlyInput: string): Tensors[] {
  const value: unknown = JSON.parse(text);
  if (isRecord(value) && Array.isArray(value['input_data'])) {
    return value['input_data'].map((row: unknown) => ({ [onlyInput]: flat(row) }));
  }
  return (Array.isArray(value) ? value : [value]).map((sample: unknown) => {
    if (!isRecord(sample) || !isRecord(sample['inputs'])) {
      throw badSamples('expected {"inputs": {…}}, a list of these, or {"input_data": […]}');
    }
    const inputs = Object.entries(sample['inputs']);
    return Object.fromEntries(inputs.map(([name, array]) => [name, flat(array)]));
  });
}

/** Nested arrays of numbers, row major. */
export function flat(value: unknown): Float32Array {
  const numbers: number[] = [];
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(visit);
    else if (typeof part === 'number') numbers.push(part);
    else throw badSamples(`expected numbers in nested arrays, got ${typeof part}`);
  };
  visit(value);
  return Float32Array.from(numbers);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badSamples(details: string): AssayError {
  return new AssayError({
    code: 'ASSAY_BENCH_SAMPLES',
    shortMessage: 'The samples cannot be read.',
    details,
  });
}
