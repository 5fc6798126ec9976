/** Import, rewrites and the evaluator against onnxruntime, on models that nobody would write. */
import { expect, test } from 'vitest';
import { generator } from '../../test/fuzz.ts';
import { randomInputs } from '../../test/graphs.ts';
import { nonsense } from '../../test/nonsense.ts';
import { AssayError } from '@assay/core/errors';
import { evaluateGraph, simplifyGraph, type DenseTensor, type FloatGraph } from '../graph/index.ts';
import { importModel } from '../onnx/index.ts';
import { FloatSession } from './index.ts';

const imported = (bytes: Uint8Array): FloatGraph | null => {
  try {
    return importModel(bytes, { limits: { maxElements: 2 ** 14 } });
  } catch (error) {
    if (error instanceof AssayError) return null;
    throw error;
  }
};

/** null where onnxruntime has no such operator, checks more, or does not run it. */
const reference = async (
  bytes: Uint8Array,
  inputs: ReadonlyMap<string, DenseTensor>,
): Promise<Map<string, DenseTensor> | null> => {
  try {
    const session = await FloatSession.create(bytes);
    const values = await session.run(inputs);
    await session.release();
    return values;
  } catch (error) {
    if (error instanceof AssayError) return null;
    throw error;
  }
};

const agree = (a: DenseTensor, b: DenseTensor): boolean => {
  const size = b.data.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 1);
  return (
    a.dims.join() === b.dims.join() &&
    a.data.every((v, i) => {
      const w = b.data[i] ?? 0;
      return v === w || Math.abs(v - w) <= 1e-4 * size || (Number.isNaN(v) && Number.isNaN(w));
    })
  );
};

test('every tensor of the graph and of the simplified graph', async () => {
  let compared = 0;
  for (let seed = 1; compared < 250; seed += 1) {
    const bytes = nonsense(generator(seed));
    const graph = imported(bytes);
    const inputs = graph === null ? null : randomInputs(graph, 5);
    const expected = inputs === null ? null : await reference(bytes, inputs);
    if (graph === null || inputs === null || expected === null) continue;
    compared += 1;
    for (const g of [graph, simplifyGraph(graph)]) {
      for (const [name, value] of evaluateGraph(g, inputs)) {
        const other = expected.get(name);
        // Indices of maxima depend on ties, which rounding decides.
        if (other === undefined || g.values.get(name)?.dtype === 'int64') continue;
        expect(
          agree(value, other),
          `seed ${seed}, ${name}: ${value.data.slice(0, 8)} and ${other.data.slice(0, 8)}`,
        ).toBe(true);
      }
    }
  }
});
