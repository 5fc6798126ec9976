import { readFileSync } from 'node:fs';
import { compile, type Sample, sourcePort } from '@assay/compiler';
import { checkTrace, deriveTrace, describeTraceError } from '@assay/program/trace';
import { executePorts, quantizeInput } from '@assay/runtime';
import { guardTrace, seededDraw, TraceLiar } from '@assay/runtime/testing';
import { describe, expect, it } from 'vitest';

const read = (path: string): Buffer => readFileSync(new URL(path, import.meta.url));

const SHAPES = { encoder: [1, 1, 8, 8], classifier: [1, 24] } as const;

type Nested = number | Nested[];
const samplesOf = (name: keyof typeof SHAPES): Sample[] =>
  (
    JSON.parse(read(`${name}/samples.json`).toString()) as { inputs: Record<string, Nested[]> }[]
  ).map(
    ({ inputs }) =>
      new Map(
        Object.entries(inputs).map(([input, values]) => [
          input,
          { dims: [...SHAPES[name]], data: Float64Array.from(values.flat(3) as number[]) },
        ]),
      ),
  );

describe('the traces of the chain', () => {
  it('are derived, and wrong submissions are proven', async () => {
    const images = samplesOf('encoder');
    const encoder = await compile(read('encoder/model.onnx'), images);
    const [image] = encoder.program.inputs;
    if (image === undefined) throw new TypeError('expected an input');
    const sourceOutputs = images.map((sample) => {
      const { values } = quantizeInput(encoder.program, image, sample.get('image')?.data ?? []);
      const inputs = new Map([[image.name, values]]);
      return executePorts(encoder.program, encoder.weights, inputs, null).outputs;
    });
    const classifier = await compile(read('classifier/model.onnx'), samplesOf('classifier'), {
      inputPorts: new Map([['embedding', sourcePort(encoder.program)]]),
      sourceOutputs,
    });
    for (const { program, weights } of [encoder, classifier]) {
      const trace = deriveTrace(program);
      if (!trace.ok) throw new Error(describeTraceError(trace.error));
      expect(checkTrace(trace.value, program, weights)).toEqual({ ok: true, value: null });
      const [port] = program.inputs;
      const [pixels] = images;
      const values =
        program === encoder.program
          ? quantizeInput(program, image, pixels?.get('image')?.data ?? []).values
          : [...(sourceOutputs[0]?.values() ?? [])][0];
      if (port === undefined || values === undefined) throw new TypeError('expected an input');
      const inputs = new Map([[port.tensor, values]]);
      const liar = new TraceLiar(trace.value, program, weights, inputs, seededDraw(1));
      const { told, unproven } = await guardTrace(trace.value, liar, 3);
      expect(unproven).toEqual([]);
      expect(told.get('element')).toBe(3);
    }
  });
});
