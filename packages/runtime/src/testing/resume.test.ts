import { describe, expect, it } from 'vitest';
import { executeReference } from '../index.ts';
import { form, functionTable, ProgramBuilder, resume } from './index.ts';

describe('resume', () => {
  const b = new ProgramBuilder();
  const x = b.input('x', [2], { lo: 0, hi: 9 });
  const y = b.witness('y', [2]);
  b.define(y, form([b.whole(x)], 1));
  const z = b.witness('z', [2]);
  b.apply(
    b.wholeForm(y),
    [2],
    functionTable('f', { lo: 1, hi: 10 }, (v) => v * v),
    z,
  );
  const program = b.build();
  const honest = executeReference(program, new Map(), new Map([[x, Int32Array.of(2, 5)]]));

  it('repeats an honest run from any step', () => {
    for (const first of [0, 1, 2]) expect(resume(program, honest, first)).toEqual(honest);
  });

  it('computes what follows from a changed tensor', () => {
    const changed = new Map(honest).set(y, Int32Array.of(4, 6));
    expect(resume(program, changed, 1).get(z)).toEqual(Int32Array.of(16, 36));
    expect(resume(program, changed, 0).get(y)).toEqual(Int32Array.of(3, 6));
  });

  it('leaves out a step that cannot be done', () => {
    const changed = new Map(honest).set(y, Int32Array.of(11, 6));
    expect(resume(program, changed, 1).get(z)).toEqual(honest.get(z));
  });
});
