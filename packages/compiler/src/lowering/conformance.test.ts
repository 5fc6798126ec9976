/** ONNX's own operator tests, compiled with their one sample and executed, against the float evaluator. */
import {
  checkModel,
  deriveSystem,
  describeProgramError,
  validateProgram,
  type Program,
  type Weights,
} from '@assay/program';
import { AssayError } from '@assay/core/errors';
import { checkRelations, dequantizeOutput, execute } from '@assay/runtime';
import { describe, expect, test } from 'vitest';
import { casesReason, hasCases } from '../../test/cases.ts';
import { operatorTest, operatorTests } from '../../test/onnx-node.ts';
import { compileGraph } from '../compile-graph.ts';
import { RangeObserver } from '../float/observe.ts';
import { evaluateGraph, simplifyGraph, sizeOf } from '../graph/index.ts';
import { quantizeSample } from '../report/index.ts';

/** What has no lowering yet. */
const refused = /division by a tensor that is not constant/;

/** Elements from 0 to 10,003 of which only differences matter, halves that a scale moves to the other side. */
const beyondResolution = /^test_(log)?softmax_large_number|^test_round$/;

const soundness = (program: Program, weights: Weights): string => {
  const valid = validateProgram(program);
  if (!valid.ok) return describeProgramError(valid.error);
  const ranges = deriveSystem(program);
  if (!ranges.ok) return describeProgramError(ranges.error);
  const model = checkModel(program, weights, ranges.value.ranges);
  return model.ok ? '' : describeProgramError(model.error);
};

const isFinite = (data: Float64Array): boolean => data.every((v) => Number.isFinite(v));

describe.skipIf(!hasCases)(`ONNX operator tests as programs${casesReason}`, () => {
  let compiled = 0;

  test.each(operatorTests())('%s', (name) => {
    const found = operatorTest(name);
    if (found === null || found.graph.inputs.length === 0) return;
    const graph = simplifyGraph(found.graph);
    const { sample } = found;
    const floats = evaluateGraph(graph, sample);
    const expected = graph.outputs.map((output) => floats.get(output)?.data ?? new Float64Array());
    if (graph.outputs.some((output) => sizeOf(graph.values.get(output)?.shape ?? []) === 0)) return;
    if (![...sample.values()].every((x) => isFinite(x.data)) || !expected.every(isFinite)) return;
    const observer = new RangeObserver();
    observer.add(floats);
    let lowered: ReturnType<typeof compileGraph>;
    try {
      lowered = compileGraph(graph, [sample], observer.ranges(), { activationBits: 12 });
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      expect(error.code).toBe('ASSAY_COMPILE_UNSUPPORTED');
      expect(error.details).toMatch(refused);
      return;
    }
    const { program, weights } = lowered;
    expect(soundness(program, weights)).toBe('');
    const trace = execute(program, weights, quantizeSample(program, sample), null);
    expect(checkRelations(program, weights, trace)).toEqual([]);
    if (beyondResolution.test(name)) return;
    for (const [i, port] of program.outputs.entries()) {
      const floatData = expected[i] ?? new Float64Array();
      const span =
        floatData.reduce((a, v) => Math.max(a, v), 0) -
        floatData.reduce((a, v) => Math.min(a, v), 0);
      const actual = dequantizeOutput(port, trace.get(port.tensor) ?? []);
      const worst = actual.reduce(
        (w, v, k) => Math.max(w, Math.abs(v - (floatData[k] ?? Number.NaN))),
        0,
      );
      expect(worst).toBeLessThanOrEqual(span * 2 ** -8);
    }
    compiled += 1;
  });

  test('most of them are compiled', () => {
    expect(compiled).toBeGreaterThanOrEqual(285);
  });
});
