import { type Program, validateProgram } from '@assay/program';
import {
  deriveTrace,
  describeTraceError,
  evaluate,
  instances,
  type TraceProgram,
} from '@assay/program/trace';
import { describe, expect, it } from 'vitest';
import { execute } from '../index.ts';
import {
  argMaxToy,
  fill,
  form,
  product,
  ProgramBuilder,
  seededDraw,
  softmaxToy,
  term,
  along,
} from '../testing/index.ts';
import { commitTrace } from './index.ts';

/** Instances that an honest provider's own trace violates: for each of them it would be slashed. */
function selfAccusations(program: Program, trace: TraceProgram): number {
  let violated = 0;
  for (let seed = 1; seed <= 8; seed++) {
    const { weights, inputs } = fill(program, seededDraw(seed));
    const { trees } = commitTrace(trace, program, weights, execute(program, weights, inputs, null));
    for (const relation of trace.relations)
      for (let element = 0; element < instances(relation); element++) {
        const holds = evaluate(
          relation,
          element,
          ({ list, index }, at) => trees[list][index]?.values[at] ?? 0,
        );
        if (!holds) violated += 1;
      }
  }
  return violated;
}

/** Either there is no trace, or an honest run violates nothing of it. */
function expectNoTrap(program: Program): void {
  const valid = validateProgram(program);
  expect(valid.ok ? null : valid.error).toBeNull();
  const trace = deriveTrace(program);
  if (trace.ok) expect(selfAccusations(program, trace.value)).toBe(0);
  else expect(describeTraceError(trace.error)).not.toBe('');
}

/** q = ⌊x/D⌋ with D − 1 − r confined as `confine` says. */
function division(
  confine: (b: ProgramBuilder, remainder: number, divisor: number) => void,
): Program {
  const b = new ProgramBuilder('division');
  b.node('divide', 'Div');
  const x = b.input('x', [3], { lo: 0, hi: 100 });
  const d = b.input('d', [3], { lo: 20, hi: 30 });
  const q = b.output('q', [3], { lo: 0, hi: 100 });
  const r = b.witness('r', [3]);
  const relation = b.zero([3], form([b.whole(r), b.whole(x, -1)]), [
    product(b.wholeForm(q), b.wholeForm(d)),
  ]);
  b.inRange(r, 0, 29);
  b.divideStep(relation, q, r);
  confine(b, r, d);
  return b.build();
}

/** Models that attackers register: whoever derives and serves them must not be slashed for honest work. */
describe('a hostile model cannot make an honest trace violate its relations', () => {
  it('a bound on the remainder that no step obeys', () => {
    expectNoTrap(
      division((b, r, d) => {
        const y = b.input('y', [3], { lo: 0, hi: 29 });
        const w = b.witness('w', [3]);
        // w is y, and is said to be d − 1 − r as well.
        b.define(w, b.wholeForm(y));
        b.inRange(w, 0, 29);
        b.zero([3], form([b.whole(d), b.whole(r, -1), b.whole(w, -1)], -1));
      }),
    );
  });

  it('a bound on the remainder by a table that is too short', () => {
    expectNoTrap(
      division((b, r, d) => {
        b.node('short', 'Table');
        const table = b.table({
          name: 'short',
          rows: 3,
          keys: 1,
          columns: [{ kind: 'segments', segments: [{ rows: 3, start: 0, slope: 1 }] }],
        });
        b.lookup([3], table, [form([b.whole(d), b.whole(r, -1)], -1)]);
      }),
    );
  });

  it('a maximum that is something else', () => {
    const b = new ProgramBuilder('argmax');
    b.node('argmax', 'ArgMax');
    const x = b.input('x', [2, 3], { lo: -4, hi: 4 });
    const y = b.input('y', [2], { lo: -4, hi: 4 });
    const hot = b.witness('hot', [2, 3]);
    const m = b.witness('m', [2]);
    const index = b.output('index', [2], { lo: 0, hi: 2 });
    b.inRange(hot, 0, 1);
    b.onehotStep(b.wholeForm(x), 1, hot);
    b.zero([2], form([term(hot, [along(0), along(1)], 1, [3])], -1));
    // m is y, and is said to be Σ hot·x as well.
    b.zero([2], form([b.whole(m, -1)]), [
      product(form([term(hot, [along(0), along(1)])]), form([term(x, [along(0), along(1)])]), [3]),
    ]);
    b.inRange(m, -4, 4);
    b.define(m, b.wholeForm(y));
    const later = term(
      hot,
      [
        along(0),
        {
          kind: 'affine',
          offset: 1,
          strides: [
            { axis: 1, stride: 1 },
            { axis: 2, stride: 1 },
          ],
        },
      ],
      -1,
      [3],
    );
    const table = b.table({
      name: 'first',
      rows: 12,
      keys: 1,
      columns: [{ kind: 'segments', segments: [{ rows: 12, start: 0, slope: 1 }] }],
    });
    b.lookup([2, 3], table, [
      form([term(m, [along(0)]), term(x, [along(0), along(1)], -1), later]),
    ]);
    const position = b.constant('position', [3], [0, 1, 2]);
    b.define(index, form([]), [
      product(form([term(hot, [along(0), along(1)])]), form([term(position, [along(1)])]), [3]),
    ]);
    expectNoTrap(b.build());
  });
});

describe('what a compiler makes is no trap either', () => {
  it.each([
    ['softmax', softmaxToy],
    ['arg max', argMaxToy],
  ])('%s', (_, toy) => {
    const { program } = toy(seededDraw(1));
    const trace = deriveTrace(program);
    if (!trace.ok) throw new Error(describeTraceError(trace.error));
    expect(selfAccusations(program, trace.value)).toBe(0);
  });
});
