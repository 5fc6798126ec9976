import { ModelProtoSchema } from '@assay/compiler/onnx/proto';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { generateCnn, generateMlp } from './generated.ts';

describe('generated models', () => {
  it('are the same for the same seed', () => {
    const [first, second, other] = [1, 1, 2].map((seed) => generateMlp('m', [4, 3, 2], seed).bytes);
    expect(first).toEqual(second);
    expect(first).not.toEqual(other);
  });

  it('have the layers asked for', () => {
    const { bytes, parameters } = generateMlp('m', [4, 3, 2], 1);
    const { graph } = fromBinary(ModelProtoSchema, bytes);
    expect(graph?.node.map((node) => node.opType)).toEqual(['Gemm', 'Relu', 'Gemm']);
    expect(parameters).toBe(4 * 3 + 3 + 3 * 2 + 2);
  });

  it('have the sizes of the figures they are compared with', () => {
    expect(generateMlp('mlp-2m', [784, 2000, 60, 4000, 10], 1).parameters).toBe(1_974_070);
    expect(generateCnn('cnn-264k', 1).parameters).toBe(263_848);
  });

  it('scale weights so that layers keep the variance', () => {
    const { graph } = fromBinary(ModelProtoSchema, generateMlp('m', [400, 300], 1).bytes);
    const raw = graph?.initializer[0]?.rawData ?? new Uint8Array();
    const weights = new Float32Array(raw.slice().buffer);
    const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
    expect(weights).toHaveLength(400 * 300);
    expect(Math.abs(variance / (2 / 400) - 1)).toBeLessThan(0.02);
  });
});
