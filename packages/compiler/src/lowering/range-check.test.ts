import type { Range } from '@assay/program';
import { describe, expect, it } from 'vitest';
import { ProgramBuilder, whole } from './builder.ts';
import { checkRange } from './rescale/digits.ts';

describe('a range check in a clamp table', () => {
  const size = { lo: -512, hi: 511 };
  const any = { lo: -(2 ** 29), hi: 2 ** 29 };

  function lookedUp(range: Range, clamp: Range, tolerated: Range | null): string {
    const builder = new ProgramBuilder('test');
    builder.addNode({ name: 'node', operator: 'Test' });
    const keys = { lo: -4096, hi: 4095 };
    builder.tables.clamp(clamp.lo, clamp.hi, keys, any);
    builder.within(0, () => {
      const tensor = builder.value('x', [3]);
      checkRange(builder, [3], whole(tensor, [3]), range, tensor, tolerated);
    });
    const { relations, tables } = builder.build();
    const relation = relations[0];
    return relation?.kind === 'lookup' ? (tables[relation.table]?.name ?? '') : '';
  }

  // m − x_j in [−512, 511] would make any index an argmax, a low digit in [0, 1023] any clamp ambiguous.
  it.each([
    ['a sign', { lo: 0, hi: 255 }, size],
    ['a digit', { lo: 0, hi: 255 }, { lo: 0, hi: 1023 }],
  ] as const)('%s is never checked by a wider one', (_name, range, clamp) => {
    expect(lookedUp(range, clamp, null)).toBe('range [0, 255]');
  });

  it('the same range is shared', () => {
    expect(lookedUp({ lo: 0, hi: 255 }, { lo: 0, hi: 255 }, null)).toBe('relu to [0, 255]');
  });

  it('a wider one does where only size matters', () => {
    expect(lookedUp({ lo: -300, hi: 300 }, size, any)).toBe('clamp to [-512, 511]');
  });
});
