import { testEngine } from '@assay/core/engine';
import { ONE } from '@assay/core/field';
import { expect, it } from 'vitest';
import { profileEngine } from './profile.ts';

it('counts and times each operation, and changes no result', () => {
  let now = 0;
  const { engine, times, reset } = profileEngine(testEngine(), () => ++now);
  const vector = engine.allocK(4);
  engine.fill(vector, ONE);
  engine.fill(vector, ONE);
  expect(engine.readAllK(vector)).toEqual([ONE, ONE, ONE, ONE]);
  expect(engine.threads).toBe(1);
  expect(times()).toEqual([
    { operation: 'fill', calls: 2, ms: 2 },
    { operation: 'allocK', calls: 1, ms: 1 },
    { operation: 'readAllK', calls: 1, ms: 1 },
  ]);
  reset();
  expect(times()).toEqual([]);
});
