import { compileCase, operatorCases } from '@assay/compiler/testing';
import { deriveSystem } from '@assay/program';
import { execute } from '@assay/runtime';
import { expect, test } from 'vitest';
import { describeGraphs } from './describe-graphs.ts';
import { integersOf } from './describe-models.ts';
import { Liar } from './lies.ts';
import { RelationSystem } from './relations.ts';
import { findOut } from './suite.ts';

describeGraphs();

test('a program that leaves out a range does not find every lie out', () => {
  const c = operatorCases().find(({ name }) => name === 'toy rescale and relu');
  if (c === undefined) throw new TypeError('expected the case');
  const { program, weights } = compileCase(c);
  const [sample = new Map()] = c.samples;
  const honest = execute(program, weights, integersOf(program, sample), null);
  let ranges = 0;
  program.relations.forEach((relation, dropped) => {
    const loose = { ...program, relations: program.relations.filter((_, i) => i !== dropped) };
    const system = new RelationSystem({ ...loose, steps: [] }, honest);
    if (relation.kind !== 'lookup' || relation.entries.length !== 1) return;
    ranges++;
    const steps = program.steps.map((step) =>
      'relation' in step && step.relation > dropped
        ? { ...step, relation: step.relation - 1 }
        : step,
    );
    const liar = new Liar(new RelationSystem({ ...loose, steps }, honest), honest);
    expect(() => findOut(system, liar)).toThrow('not found out');
    expect(deriveSystem({ ...loose, steps }).ok).toBe(false);
  });
  expect(ranges).toBeGreaterThan(0);
});
