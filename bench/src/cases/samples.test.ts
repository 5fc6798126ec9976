import { describe, expect, it } from 'vitest';
import { parseSamples } from './samples.ts';

describe('parseSamples', () => {
  it('flattens nested arrays, of one sample or a list', () => {
    const one = { x: Float32Array.of(1, 2, 3, 4) };
    expect(parseSamples('{"inputs":{"x":[[1,2],[3,4]]}}', '')).toEqual([one]);
    expect(parseSamples('[{"inputs":{"x":[1,2,3,4]}},{"inputs":{"x":[[[1]],2,3,4]}}]', '')).toEqual(
      [one, one],
    );
  });

  it('takes one array per sample from input_data', () => {
    expect(parseSamples('{"input_data":[[1],[2]],"output_data":[]}', 'in')).toEqual([
      { in: Float32Array.of(1) },
      { in: Float32Array.of(2) },
    ]);
  });

  it.each(['3', '{"x":[1]}', '[{"inputs":{"x":["1"]}}]', '[{"inputs":[1]}]'])(
    'refuses %s',
    (text) => {
      expect(() => parseSamples(text, 'in')).toThrow(
        expect.objectContaining({ code: 'ASSAY_BENCH_SAMPLES' }),
      );
    },
  );
});
