import { describe, expect, test } from 'vitest';
import { LIMITS } from '../shape/limits.ts';
import { validateProgram } from '../shape/validate.ts';
import { deriveSystem } from '../system/system.ts';
import type { Program, Relation, Tensor, ViewFactor } from '../types.ts';
import { registrationProgram } from './registration-program.ts';

/** A few kilobytes that ask for a registration of many relations: whoever verifies derives it. */

const along = (axis: number): ViewFactor => ({
  kind: 'affine',
  offset: 0,
  strides: [{ axis, stride: 1 }],
});

/** y = Σ w·x, `count` times over, with so many weights of so many bits that their sums are cut. */
function sumsProgram(count: number, length: number, weightBits: number, declared: number): Program {
  const half = 2 ** (weightBits - 1);
  const tensor = { shape: [1], range: null, data: null, node: 0 } as const;
  const tensors: Tensor[] = [
    { ...tensor, name: 'x', role: 'input', range: { lo: 0, hi: 1_000_000 } },
    { ...tensor, name: 'w', role: 'model', shape: [length], range: { lo: -half, hi: half - 1 } },
    ...Array.from({ length: count }, (_, i): Tensor => {
      return { ...tensor, name: `y${i}`, role: 'witness' };
    }),
  ];
  const relations = Array.from({ length: count }, (_, i): Relation => {
    const whole = (id: number, axis: number, coefficient = 1) => ({
      terms: [{ tensor: id, coefficient, view: [along(axis)], sums: [] }],
      constant: 0,
    });
    return {
      kind: 'zero',
      dims: [1],
      form: whole(2 + i, 0, -1),
      products: [{ coefficient: 1, sums: [length], left: whole(1, 1), right: whole(0, 0) }],
      declared: { lo: -declared, hi: declared },
      node: 0,
    };
  });
  return {
    name: 'sums',
    tensors,
    tables: [],
    relations,
    steps: relations.map((_, relation) => ({
      kind: 'digits',
      relation,
      outputs: [{ tensor: 2 + relation, low: 0 }],
    })),
    inputs: [{ name: 'x', tensor: 0, shape: [1], scale: 1, zero: 0, meaning: 'number' }],
    outputs: [],
    nodes: [{ name: 'sums', operator: 'Test' }],
  };
}

describe('a program whose registration would be larger than any program', () => {
  const program = sumsProgram(120, 2 ** 18, 18, 2 ** 29);

  test('is a program like any other', () => {
    expect(validateProgram(program).ok).toBe(true);
    expect(deriveSystem(program).ok).toBe(true);
  });

  test('is refused as soon as that is known', () => {
    const made = registrationProgram(program);
    expect(made).toMatchObject({ ok: false, error: { kind: 'program/limit', what: 'relations' } });
    if (made.ok || made.error.kind !== 'program/limit') return;
    // One relation's share beyond it, and no more.
    expect(made.error.actual).toBeLessThan(LIMITS.relations + 4096);
  });
});
