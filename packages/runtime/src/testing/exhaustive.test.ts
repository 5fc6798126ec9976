import type { Program, Relation } from '@assay/program';
import { describe, expect, it } from 'vitest';
import {
  argMaxToy,
  convToy,
  form,
  maxPoolToy,
  mlpToy,
  product,
  ProgramBuilder,
  seededDraw,
  softmaxToy,
  solveRelations,
  type Toy,
  viewsToy,
  whyNotUnique,
  wideClampToy,
} from './index.ts';

const UNIQUE: Readonly<Record<string, (seed: number) => Toy>> = {
  mlp: (seed) => mlpToy(seededDraw(seed), [3, 2, 2], 3, 3),
  conv: (seed) =>
    convToy(seededDraw(seed), {
      channels: 1,
      filters: 2,
      size: [3, 3],
      kernel: [2, 2],
      pads: [0, 0],
    }),
  maxpool: (seed) => maxPoolToy(seededDraw(seed)),
  softmax: (seed) => softmaxToy(seededDraw(seed)),
  argmax: (seed) => argMaxToy(seededDraw(seed)),
  views: (seed) => viewsToy(seededDraw(seed)),
  'wide clamp': (seed) => wideClampToy(seededDraw(seed)),
};

/** The program without some relation. */
function without(program: Program, drop: (relation: Relation, id: number) => boolean): Program {
  const kept = program.relations.filter((relation, id) => !drop(relation, id));
  const renumber = (id: number): number => kept.indexOf(program.relations[id] as Relation);
  const steps = program.steps.map((step) =>
    'relation' in step ? { ...step, relation: renumber(step.relation) } : step,
  );
  return { ...program, relations: kept, steps };
}

describe('exhaustive search', () => {
  it.each(Object.entries(UNIQUE))('%s: the honest trace is the only solution', (_, make) => {
    for (const seed of [1, 2, 3]) {
      const { program, weights, inputs } = make(seed);
      expect(whyNotUnique(program, weights, inputs)).toBeNull();
    }
  });

  it('agrees with plain enumeration of every assignment', () => {
    // x + y + z = 7, z in [0, 3]; x, y in [0, 3]; x·y − w = 0; w free but defined.
    const b = new ProgramBuilder();
    const [x, y, z, w] = ['x', 'y', 'z', 'w'].map((name) => b.witness(name, [])) as [
      number,
      number,
      number,
      number,
    ];
    const relation = b.zero([], form([b.whole(x), b.whole(y), b.whole(z)], -7));
    b.digits(relation, [[z, 0]]);
    for (const tensor of [x, y, z]) b.inRange(tensor, 0, 3);
    b.define(w, form([]), [product(b.wholeForm(x), b.wholeForm(y))]);
    // x and y have no step of their own: made by one that does not bind them.
    b.onehotStep(form([], 0), 0, x);
    b.onehotStep(form([], 0), 0, y);
    const { solutions, complete, undetermined } = solveRelations(b.build(), new Map(), new Map(), {
      limit: 1000,
    });
    const expected = [];
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++)
        if (7 - i - j >= 0 && 7 - i - j < 4) expected.push([i, j, 7 - i - j, i * j]);
    }
    const found = solutions.map((trace) => [x, y, z, w].map((tensor) => trace.get(tensor)?.[0]));
    expect(complete).toBe(true);
    expect(undetermined).toEqual([]);
    expect(found.map(String).sort()).toEqual(expected.map(String).sort());
  });

  it('keeps outputs inside their declared ranges', () => {
    // y = 5 − z, z in [0, 9], y declared in [0, 3].
    const b = new ProgramBuilder();
    const z = b.witness('z', []);
    const y = b.output('y', [], { lo: 0, hi: 3 });
    b.onehotStep(form([], 0), 0, z);
    b.define(y, form([b.whole(z, -1)], 5));
    b.inRange(z, 0, 9);
    const { solutions, complete } = solveRelations(b.build(), new Map(), new Map(), { limit: 100 });
    expect(complete).toBe(true);
    expect(solutions.map((trace) => trace.get(z)?.[0])).toEqual([2, 3, 4, 5]);
  });

  it('finds the second solution when a remainder has no range', () => {
    const { program, weights, inputs } = mlpToy(seededDraw(1), [2, 1], 3, 3);
    const open = without(
      program,
      (relation) => relation.kind === 'lookup' && relation.entries.length === 1,
    );
    expect(whyNotUnique(open, weights, inputs)).toMatch(/another solution has/);
  });

  it('finds quotients one multiple of p away when the remainder is too wide', () => {
    // q·3 + r = 10 with r in [0, 2^20): thousands of quotients.
    const b = new ProgramBuilder();
    const x = b.input('x', [], { lo: 0, hi: 10 });
    const q = b.witness('q', []);
    const r = b.witness('r', []);
    const relation = b.zero([], form([b.whole(r), b.whole(x, -1)]), [
      product(b.wholeForm(q), form([], 3)),
    ]);
    b.divideStep(relation, q, r);
    b.inRange(r, 0, 2 ** 20 - 1);
    const inputs = new Map([[x, Int32Array.of(10)]]);
    const { solutions, complete } = solveRelations(b.build(), new Map(), inputs, { limit: 5 });
    expect(solutions.length).toBe(5);
    expect(complete).toBe(false);
  });

  it('finds the tie broken the other way when the order is not enforced', () => {
    const { program, weights } = argMaxToy(seededDraw(1));
    const inputs = new Map([[0, Int32Array.of(1, 3, 3, 2, 2, 2)]]);
    expect(whyNotUnique(program, weights, inputs)).toBeNull();
    const loose = without(
      program,
      (relation) => relation.kind === 'lookup' && program.tables[relation.table]?.name === 'slack',
    );
    expect(whyNotUnique(loose, weights, inputs)).toMatch(/another solution has hot/);
  });

  it('reports elements that nothing determines', () => {
    const b = new ProgramBuilder();
    const x = b.witness('x', [2]);
    b.onehotStep(form([], 0), 0, x);
    const { undetermined } = solveRelations(b.build(), new Map(), new Map());
    expect(undetermined).toEqual([
      { tensor: x, index: 0 },
      { tensor: x, index: 1 },
    ]);
    expect(whyNotUnique(b.build(), new Map(), new Map())).toBe('nothing determines x[0]');
  });

  it('says when relations contradict each other, and when it gives up', () => {
    const b = new ProgramBuilder();
    const x = b.witness('x', [1]);
    b.onehotStep(form([], 0), 0, x);
    b.inRange(x, 0, 1);
    b.zero([1], form([b.whole(x)], -5));
    expect(whyNotUnique(b.build(), new Map(), new Map())).toBe('there is no solution');
    const { program, weights, inputs } = mlpToy(seededDraw(1));
    expect(whyNotUnique(program, weights, inputs, { guesses: 3 })).toBe(
      'no solution after 3 guesses',
    );
  });
});
