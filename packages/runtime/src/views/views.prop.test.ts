import { elementCount, viewIndexer } from '@assay/program';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIdentityView } from '../identity-view.ts';
import { coordinates, indices } from '../reference/evaluate.ts';
import { identityView, randomView, seededDraw } from '../testing/index.ts';
import { compileView, windowedCopy } from './compile.ts';
import { type Loop, simplify, walk } from './loops.ts';

const shapes = fc.array(fc.constantFrom(1, 2, 3, 4, 6), { maxLength: 4 });
const seeds = fc.integer();

describe('compiled views', () => {
  it('read what the view indexer says', () => {
    fc.assert(
      fc.property(shapes, shapes, seeds, (shape, dims, seed) => {
        const view = randomView(seededDraw(seed), shape, dims);
        const data = Int32Array.from({ length: elementCount(shape) }, (_, i) => i + 1);
        const at = viewIndexer(view, shape, dims);
        const compiled = compileView(view, shape, dims);
        const source = compiled.windows === null ? data : windowedCopy(compiled.windows, data);
        for (const index of indices(dims)) {
          const flat = at(index);
          const inside =
            !compiled.empty &&
            compiled.axes.every(
              ({ from, to }, a) => (index[a] ?? 0) >= from && (index[a] ?? 0) < to,
            );
          const offset = compiled.axes.reduce(
            (sum, { stride, table }, a) =>
              sum + (table === null ? stride * (index[a] ?? 0) : (table[index[a] ?? 0] ?? NaN)),
            compiled.base,
          );
          expect(inside ? source[offset] : 0).toBe(flat < 0 ? 0 : data[flat]);
        }
      }),
      { seed: 11, numRuns: 1000 },
    );
  });

  it('are the identity exactly when every element reads itself', () => {
    let identities = 0;
    fc.assert(
      fc.property(shapes, shapes, fc.boolean(), seeds, (shape, other, same, seed) => {
        const dims = same ? shape : other;
        const view = randomView(seededDraw(seed), shape, dims);
        const at = viewIndexer(view, shape, dims);
        const count = elementCount(dims);
        const expected =
          count === elementCount(shape) &&
          Array.from({ length: count }, (_, i) => at(coordinates(i, dims)) === i).every(
            (yes) => yes,
          );
        if (expected) identities++;
        expect(isIdentityView(view, shape, dims)).toBe(expected);
      }),
      { seed: 12, numRuns: 3000 },
    );
    expect(identities).toBeGreaterThan(200);
    expect(isIdentityView(identityView([2, 3]), [2, 3], [2, 3])).toBe(true);
  });
});

describe('loop nests', () => {
  it('visit the same pairs of places when simplified', () => {
    const loop = fc.record({
      length: fc.constantFrom(1, 2, 3, 40),
      target: fc.constantFrom(0, 1, 2, 3, 6, 40, 120),
      source: fc.constantFrom(0, 1, 2, 3, 6, 40, -1),
      listed: fc.boolean(),
    });
    const pairs = (loops: readonly Loop[], offset: number): string[] => {
      const found: string[] = [];
      walk(loops, 5, offset, (t, s, inner) => {
        for (let i = 0; i < inner.length; i++) {
          const move = inner.table === null ? i * inner.source : inner.table[i];
          found.push(`${t + i * inner.target}:${s + (move ?? NaN)}`);
        }
      });
      return found.sort();
    };
    fc.assert(
      fc.property(fc.array(loop, { maxLength: 4 }), (records) => {
        const loops = records.map(({ length, target, source, listed }) => {
          const table = listed ? Int32Array.from({ length }, (_, i) => (i * i * 7) % 11) : null;
          return { length, target, source: listed ? 0 : source, table };
        });
        const nest: Loop[] =
          loops.length === 0 ? [{ length: 1, target: 0, source: 0, table: null }] : loops;
        const { loops: simpler, offset } = simplify(nest);
        expect(simpler.length).toBeLessThanOrEqual(nest.length);
        expect(pairs(simpler, offset)).toEqual(pairs(nest, 0));
      }),
      { seed: 13, numRuns: 500 },
    );
  });
});
