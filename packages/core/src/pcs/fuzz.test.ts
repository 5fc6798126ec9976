import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { denseCase, proveCase, SMALL, verdict, verifyCase } from '../../test/whir-cases.ts';
import type { WhirParameters } from './parameters.ts';

const c = denseCase(31);
const { bytes } = proveCase(c);

const index = fc.nat({ max: bytes.length - 1 });
/** Overwrite, insert, delete, copy within, cut. */
const edit = fc.oneof(
  fc.record({
    at: index,
    kind: fc.constant('set' as const),
    data: fc.uint8Array({ maxLength: 40 }),
  }),
  fc.record({
    at: index,
    kind: fc.constant('insert' as const),
    data: fc.uint8Array({ maxLength: 40 }),
  }),
  fc.record({
    at: index,
    kind: fc.constant('delete' as const),
    data: fc.uint8Array({ maxLength: 64 }),
  }),
  fc.record({ at: index, kind: fc.constant('cut' as const), data: fc.constant(new Uint8Array()) }),
);

function apply(
  proof: Uint8Array,
  edits: readonly { at: number; kind: string; data: Uint8Array }[],
): Uint8Array {
  return edits.reduce((b, { at, kind, data }) => {
    const before = b.slice(0, at);
    if (kind === 'cut') return before;
    const skip = kind === 'insert' ? 0 : data.length;
    const middle = kind === 'delete' ? new Uint8Array() : data;
    return Uint8Array.from([...before, ...middle, ...b.slice(at + skip)]);
  }, proof);
}

describe('verifyOpening is total', () => {
  it('control: the honest proof', () => {
    expect(verdict(verifyCase(c, bytes))).toBe('ok');
  });

  it('mutated proofs are rejected without a throw', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const changed = apply(bytes, edits);
        if (changed.length === bytes.length && changed.every((b, i) => b === bytes[i])) return;
        expect(verdict(verifyCase(c, changed))).not.toBe('ok');
      }),
      { seed: 41, numRuns: 2000 },
    );
  });

  it('arbitrary bytes are rejected without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (random) => {
        expect(verdict(verifyCase(c, random))).not.toBe('ok');
      }),
      { seed: 42, numRuns: 500 },
    );
  });

  it('arbitrary parameters and slots are rejected without a throw', () => {
    const small = fc.oneof(fc.integer({ min: -1, max: 30 }), fc.double());
    const list = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 4 });
    const parameters: fc.Arbitrary<WhirParameters> = fc.record({
      logRows: fc.oneof(fc.constant(SMALL.logRows), small),
      columns: fc.oneof(fc.constant(SMALL.columns), small),
      foldings: fc.oneof(fc.constant(SMALL.foldings), list),
      logInverseRates: fc.oneof(fc.constant(SMALL.logInverseRates), list),
      queries: fc.oneof(fc.constant(SMALL.queries), list),
      oodSamples: fc.oneof(fc.constant(SMALL.oodSamples), list),
      foldPowBits: fc.oneof(fc.constant(SMALL.foldPowBits), list),
      queryPowBits: fc.oneof(fc.constant(SMALL.queryPowBits), list),
      blinding: fc.oneof(fc.constant(null), fc.record({ powBits: small })),
    });
    const slots = fc.array(
      fc.record({
        firstColumn: fc.oneof(fc.nat({ max: 8 }), small),
        columns: fc.oneof(fc.nat({ max: 8 }), small),
        root: fc.uint8Array({ minLength: 31, maxLength: 33 }),
        salted: fc.boolean(),
      }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(parameters, slots, (p, roots) => {
        const same = JSON.stringify(p) === JSON.stringify(SMALL);
        const random = verdict(
          verifyCase({ ...c, parameters: p, weights: [] }, bytes.slice(0, 900), { roots }),
        );
        expect(random).not.toBe('ok');
        if (!same) expect(random).toMatch(/^whir\//);
      }),
      { seed: 43, numRuns: 2000 },
    );
  });
});
