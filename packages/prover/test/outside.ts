import type { Program, TensorId } from '@assay/program';
import {
  clampTo,
  fill,
  form,
  product,
  ProgramBuilder,
  seededDraw,
  type Toy,
} from '@assay/runtime/testing';
import { verifyPrepared } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { proveWitness } from '../src/index.ts';
import { tell } from './liar.ts';
import { changedAt, quotientModP } from './rows.ts';
import { type Profile, profileName, proveToy, tensorNamed, toyEngine, toyKey } from './toy-key.ts';

/** Inputs that nobody shows, just outside of their range, by provers that are honest about all the rest. */

/** y = 3x + 1, y wide enough for anything that x might be. */
export function affineToy(lo: number, hi: number): Toy {
  const b = new ProgramBuilder('affine');
  b.node('affine', 'Mul');
  const x = b.input('x', [3], { lo, hi });
  const y = b.output('y', [3], { lo: 4 * lo - 100, hi: 4 * hi + 100 });
  b.define(y, form([b.whole(x, 3)], 1));
  return fill(b.build(), seededDraw(3));
}

/** y = clamp(x·x/8): products and lookups that take more than x may be. */
export function squaredToy(): Toy {
  const b = new ProgramBuilder('squared');
  b.node('squared', 'Mul');
  const x = b.input('x', [3], { lo: -5, hi: 9 });
  b.rescale({
    dims: [3],
    products: [product(b.wholeForm(x), b.wholeForm(x))],
    shift: 3,
    accumulator: { lo: 0, hi: 400 },
    activation: clampTo(0, 7),
    output: b.output('y', [3], { lo: 0, hi: 7 }),
  });
  return fill(b.build(), seededDraw(4));
}

/** Pairs of limbs that confine an input, high before low. */
function limbsOf({ tensors }: Program): readonly (readonly [TensorId, TensorId])[] {
  return tensors.flatMap(({ name }, id) => (name.includes('high limb') ? [[id, id + 1]] : []));
}

/** @param indices - How many elements of x are tried. */
export function describeOutside(
  name: string,
  { program, weights, ...toy }: Toy,
  profiles: readonly Profile[],
  indices = 3,
): void {
  const engine = toyEngine();
  const x = tensorNamed(program, 'x');
  const { lo, hi } = program.tensors[x]?.range ?? { lo: 0, hi: 0 };

  describe(name, () => {
    test.each(profiles.map((profile) => [profileName(profile), profile]))('%s', (_, profile) => {
      const key = toyKey(engine, program, weights, { profile });
      const { program: concealed } = key.argument.system;
      const { trace } = proveToy(engine, key, { program, weights, ...toy });
      const valuesOf = (id: TensorId): Int32Array => trace.get(id) ?? new Int32Array();
      /** What comes after the input is computed honestly, as far as it goes; outputs are what comes out. */
      const claim = (lies: ReadonlyMap<TensorId, Int32Array>): string => {
        const mark = engine.mark();
        const { statement, witness } = tell(engine, key, trace, lies, 0);
        const proof = proveWitness(engine, key, statement, witness);
        engine.release(mark);
        const found = verifyPrepared(key.argument, statement, proof);
        if (found.ok) return 'accepted';
        return found.error.kind === 'proof/opening' ? found.error.error.kind : found.error.kind;
      };
      const input = (index: number, value: number) =>
        [x, changedAt(valuesOf(x), index, value)] as const;
      for (const end of [lo, hi]) expect(claim(new Map([input(1, end)]))).toBe('accepted');
      for (let index = 0; index < indices; index++) {
        for (const value of [lo - 1, hi + 1])
          expect(claim(new Map([input(index, value)]))).toBe('whir/final-claim');
      }

      // Limbs that add up mod p alone: ±(x − end) = radix·high + low.
      for (const [high, low] of limbsOf(concealed)) {
        const relation = concealed.relations.find(
          (r) => r.kind === 'zero' && r.form.terms.some(({ tensor }) => tensor === high),
        );
        if (relation?.kind !== 'zero') throw new Error('no relation');
        const { terms, constant } = relation.form;
        const of = (id: TensorId): number => terms.find((t) => t.tensor === id)?.coefficient ?? 0;
        for (const value of [lo - 1, hi + 1]) {
          for (const rest of [0, -of(high) - 1, -1]) {
            const top = quotientModP(of(x) * value + constant - rest, -of(high));
            const lies = new Map([
              input(0, value),
              [high, changedAt(valuesOf(high), 0, top)],
              [low, changedAt(valuesOf(low), 0, rest)],
            ]);
            expect(claim(lies)).toBe('whir/final-claim');
          }
        }
      }
    });
  });
}
