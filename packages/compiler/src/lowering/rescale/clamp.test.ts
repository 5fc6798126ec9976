import { deriveRanges } from '@assay/program';
import { expect, it } from 'vitest';
import { ProgramBuilder, whole } from '../builder.ts';
import type { Linear } from '../linear.ts';
import { fullClamp, settle } from './settle.ts';

/** z − x, clamped by blocks of 4096. What the relations enforce on x is four times as wide as what it is. */
const blocksOf = (privateSteps: number | null, terms: number) => {
  const builder = new ProgramBuilder('blocks', privateSteps);
  builder.addNode({ name: 'node', operator: 'MatMul' });
  return builder.within(0, () => {
    const x = builder.input('x', [2], { lo: 0, hi: 2 ** 30 });
    const z = builder.input('z', [2], { lo: 0, hi: terms });
    const linear: Linear = {
      dims: [[2]],
      products: [
        {
          kind: 'weights',
          coefficient: 1,
          sums: [],
          left: whole(x, [2]),
          scale: 1,
          range: { lo: 0, hi: 2 ** 28 },
          weights: Float64Array.of(-1, -1),
          outAxes: [0],
        },
      ],
      terms: [
        {
          kind: 'term',
          coefficient: 1,
          form: whole(z, [2]),
          scale: 1,
          range: { lo: 0, hi: terms },
        },
      ],
      offsets: [],
      constant: 0,
    };
    const target = { scale: 1, range: { lo: 0, hi: 4095 }, flexible: false };
    const options = { shift: 0, limbBits: 12, clampRows: { perElement: 2, free: 0 } };
    settle(builder, linear, target, fullClamp, options, false);
    const program = builder.build();
    expect(deriveRanges(program)).toMatchObject({ ok: true });
    const table = program.tables.find(({ name }) => name.endsWith('by blocks'));
    const [keys] = table?.columns ?? [];
    const [all] = keys?.kind === 'segments' ? keys.segments : [];
    return all === undefined ? null : { lo: all.start, hi: all.start + all.rows - 1 };
  });
};

it('blocks are as many as there may be', () => {
  expect(blocksOf(null, 300_000_000)).toEqual({ lo: -(2 ** 16), hi: 73_242 });
});

it('for private weights rounded outward', () => {
  expect(blocksOf(1, 300_000_000)).toEqual({ lo: -(2 ** 16), hi: 2 ** 17 });
  expect(blocksOf(8, 300_000_000)).toEqual({ lo: -(2 ** 16), hi: 9 * 2 ** 13 });
});

it('unless the relation could then wrap', () => {
  expect(blocksOf(1, 600_000_000)).toEqual({ lo: -(2 ** 16), hi: 146_484 });
});
