import { compileCase, operatorCases } from '@assay/compiler/testing';
import { describe, test } from 'vitest';
import { integersOf } from './describe-models.ts';
import { wasmEngine } from './proving.ts';
import { examine } from './suite.ts';

/**
 * The compiler's own cases, one graph for each way of lowering an operator.
 *
 * @param everyElement - Proofs of a lie about every element where there are few, of toys always.
 */
export function describeGraphs(everyElement = false): void {
  const engine = wasmEngine();
  describe('every lowering, proven and lied about', () => {
    test.each(operatorCases().map((c) => [c.name, c] as const))('%s', (_name, c) => {
      const { program, weights } = compileCase(c);
      const [sample = new Map()] = c.samples;
      const inputs = integersOf(program, sample);
      examine(engine, { program, weights, inputs }, everyElement || c.toy);
    });
  });
}
