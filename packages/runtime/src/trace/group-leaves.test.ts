import { elementCount } from '@assay/program';
import {
  CHALLENGE_LEAVES,
  challengeLeaves,
  describeTraceError,
  LEAF_ELEMENTS,
  type NeededLeaves,
  tableReader,
  tensorKey,
  type TensorRef,
  violated,
} from '@assay/program/trace';
import { deriveTraceWithin } from '@assay/program/trace/testing';
import { describe, expect, it } from 'vitest';
import { mlpToy, seededDraw, TOYS, TraceLiar } from '../testing/index.ts';
import { findFraud, groupLeaves, type SubmittedList, type TreeReader } from './index.ts';

describe.each(
  Object.entries({
    ...TOYS,
    'long sums': (draw: Parameters<typeof mlpToy>[0]) => mlpToy(draw, [300, 70, 3]),
  }),
)('groups of %s', (_, toy) => {
  const { program, weights, inputs } = toy(seededDraw(21));
  const derived = deriveTraceWithin(program, 8);
  if (!derived.ok) throw new Error(describeTraceError(derived.error));
  const trace = derived.value;
  const liar = new TraceLiar(trace, program, weights, inputs, seededDraw(22));

  it('can be asked for', () => {
    for (const group of trace.groups) {
      const most = challengeLeaves(group, trace.relations, tableReader(trace));
      expect(most).toBeLessThanOrEqual(CHALLENGE_LEAVES);
      for (const tensor of group.tensors)
        for (let position = 0; position < elementCount(tensor.dims); position += 7) {
          const found = groupLeaves(trace, liar.honest, tensor, position);
          const count = found.reduce((n, { leaves }) => n + leaves.length, 0);
          expect(count).toBeGreaterThanOrEqual(1);
          expect(count).toBeLessThanOrEqual(most ?? 0);
        }
    }
  });

  it('are enough to prove a lie about one element', async () => {
    for (let i = 0; i < 10; i++) {
      const told = liar.tell('element');
      if (told === null) throw new Error('expected a lie');
      // The leaf that differs first, as a challenge finds it, and then the group's leaves around its elements.
      let asked: readonly NeededLeaves[] | null = null;
      const withheld: string[] = [];
      const own = new Set<string>();
      const reader: TreeReader = {
        ...told.reader,
        async leaf(list: SubmittedList, index: number, leaf: number) {
          const data = await told.reader.leaf(list, index, leaf);
          const tensor = trace.lists[list][index];
          const mine = liar.honest.trees[list][index];
          if (tensor === undefined || mine === undefined) throw new Error('no such tensor');
          if (asked === null) {
            const view = new DataView(data.buffer, data.byteOffset);
            const at = Array.from(
              { length: LEAF_ELEMENTS },
              (_element, j) => LEAF_ELEMENTS * leaf + j,
            ).find((position, j) => view.getInt32(4 * j) !== (mine.values[position] ?? 0));
            asked = groupLeaves(trace, liar.honest, tensor, at ?? 0);
            for (const { tensor: member, leaves } of asked)
              for (const l of leaves) own.add(`${tensorKey(member)} ${l}`);
          }
          const key = `${tensorKey({ list, index } as TensorRef)} ${leaf}`;
          if (!own.has(key)) withheld.push(key);
          return data;
        },
      };
      const proof = await findFraud(trace, liar.honest, reader);
      if (proof === null || 'mention' in proof) throw new Error(`${told.what}: no fraud proof`);
      expect(violated(told.lists, proof)).toEqual({ ok: true, value: true });
      expect(withheld, told.what).toEqual([]);
    }
  });
});
