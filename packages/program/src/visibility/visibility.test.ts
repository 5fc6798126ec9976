import { expect, test } from 'vitest';
import { rescaleProgram } from '../../test/programs.ts';
import {
  isHiding,
  type PortVisibility,
  publicVisibility,
  sameVisibility,
  secretTensors,
  type Visibility,
} from './visibility.ts';

const program = rescaleProgram(-100, 100, 4, -7, 6);
const committed = (tailRows: number): PortVisibility => ({ kind: 'committed', tailRows });
const all: readonly Visibility[] = [
  publicVisibility(program),
  ...[{ kind: 'hidden' } as const, committed(3), committed(4)].flatMap((port) => [
    { ...publicVisibility(program), inputs: [port] },
    { ...publicVisibility(program), outputs: [port] },
  ]),
  { ...publicVisibility(program), weights: { kind: 'hidden', tailRows: 3 } },
  { ...publicVisibility(program), weights: { kind: 'hidden', tailRows: 4 } },
  ...(['model', 'tensor'] as const).flatMap((of) =>
    [3, 4].map(
      (tailRows): Visibility => ({
        ...publicVisibility(program),
        weights: { kind: 'hidden', tailRows: 3 },
        renews: { of, tailRows },
      }),
    ),
  ),
  { ...publicVisibility(program), inputs: [] },
  { ...publicVisibility(program), outputs: [{ kind: 'public' }, { kind: 'public' }] },
];

test('two are the same if every port and the weights are', () => {
  for (const [i, a] of all.entries())
    for (const [j, b] of all.entries())
      expect(sameVisibility(a, structuredClone(b)), `${i} and ${j}`).toBe(i === j);
});

test('whatever is not public makes a proof hiding', () => {
  expect(all.map(isHiding)).toEqual([false, ...new Array<boolean>(12).fill(true), false, false]);
});

test('the plain profile keeps no secret', () => {
  expect(secretTensors(program, publicVisibility(program)).size).toBe(0);
});
