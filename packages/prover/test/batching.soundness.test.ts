import { addK, invK, isZeroK, type K, mulK, negK, ONE, subK, ZERO } from '@assay/core/field';
import {
  TAG_BATCHED_CLAIM,
  TAG_LOGUP_LAYER,
  TAG_LOGUP_TOP,
  TAG_OPERANDS,
  TAG_OUT_OF_DOMAIN,
  TAG_ROUND,
} from '@assay/core/transcript';
import { constantValue } from '@assay/core/linear';
import { multiplicityTensor, type Program, type Trace } from '@assay/program';
import {
  affine,
  along,
  fill,
  form,
  product,
  ProgramBuilder,
  seededDraw,
  term,
  type Toy,
} from '@assay/runtime/testing';
import { instanceCoefficients, type Statement, verifyPrepared } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import type { ProvingKey, Witness } from '../src/index.ts';
import { allValues, forge, type Forgery, type Learned, trueValue } from './forger.ts';
import { batchToy, linearToy } from './programs.ts';
import { changedAt, countRows } from './rows.ts';
import { claimedRun } from './liar.ts';
import type { Lie } from './lying.ts';
import {
  COMMITTED_INPUT,
  HIDDEN_INPUT,
  HIDDEN_WEIGHTS,
  isPlain,
  PLAIN,
  profileName,
  proveToy,
  tensorNamed,
  toyEngine,
  toyKey,
} from './toy-key.ts';

/** Lies that cancel one another unless every relation, position and claim has a coefficient of its own, and lies in the messages between. */

const engine = toyEngine();
const OPENING = 'proof/opening whir/final-claim';

interface Case {
  readonly toy: Toy;
  readonly key: ProvingKey;
  readonly statement: Statement;
  readonly witness: Witness;
}

/** What the l-th claim says. */
const claimed = (learned: Learned, l: number): K => {
  const claim = learned.claims[l];
  return claim === undefined ? ZERO : learned.numeric(claim.value);
};

const profiles = [PLAIN, HIDDEN_INPUT, COMMITTED_INPUT, HIDDEN_WEIGHTS].map(
  (profile) => [profileName(profile), profile] as const,
);

describe.each(profiles)('%s', (_name, profile) => {
  const isHiding = !isPlain(profile);
  const draw = seededDraw(41);
  function caseOf(toy: Toy): Case {
    const key = toyKey(engine, toy.program, toy.weights, { profile });
    const { trace } = proveToy(engine, key, toy);
    return { toy, key, ...claimedRun(engine, key, trace) };
  }
  /** Where only pads' owners see that something is wrong, the opening finds out. */
  const found = (kind: string): string => (isHiding ? OPENING : kind);

  /** The kind of the rejection, and of what is wrong inside. */
  function attempt(
    { key, statement, witness }: Case,
    forgery: Forgery = {},
    said: Statement = statement,
  ): string {
    const proof = forge(engine, key, said, witness, forgery);
    const verdict = verifyPrepared(key.argument, said, proof);
    if (verdict.ok) return 'accepted';
    const { error } = verdict;
    return error.kind === 'proof/opening' || error.kind === 'proof/lookup'
      ? `${error.kind} ${error.error.kind}`
      : error.kind;
  }

  function learn({ key, statement, witness }: Case, said: Statement = statement): Learned {
    let learned: Learned | undefined;
    forge(engine, key, said, witness, { onLearned: (l) => (learned = l) });
    if (learned === undefined) throw new Error('nothing learned');
    return learned;
  }

  /** Outputs moved by ±1 at some places: errors of the relations that define them. */
  function movedOutputs(
    c: Case,
    moves: readonly (readonly [name: string, index: number, by: number])[],
  ): Statement {
    const outputs = new Map(c.statement.outputs);
    for (const [name, index, by] of moves) {
      const values = outputs.get(name) ?? new Int32Array();
      outputs.set(name, changedAt(values, index, (values[index] ?? 0) + by));
    }
    return { ...c.statement, outputs };
  }

  /** y and z both x·w, or both 2x + 3w. */
  const twice = (products: boolean): Program => {
    const b = new ProgramBuilder('twice');
    b.node('twice', 'Test');
    const x = b.input('x', [4, 4], { lo: -9, hi: 9 });
    const w = b.model('w', [4, 4], { lo: -9, hi: 9 });
    for (const name of ['y', 'z']) {
      const out = b.output(name, [4, 4], { lo: -5000, hi: 5000 });
      if (products)
        b.define(out, form([]), [
          product(
            form([term(x, [along(0), along(2)])]),
            form([term(w, [along(2), along(1)])]),
            [4],
          ),
        ]);
      else b.define(out, form([b.whole(x, 2), b.whole(w, 3)]));
    }
    return b.build();
  };
  const cases = {
    'relations with products': caseOf(fill(twice(true), draw)),
    'relations without': caseOf(fill(twice(false), draw)),
  };

  describe('errors that would cancel', () => {
    test.each(Object.entries(cases))('control, %s: the honest proof', (_name, c) => {
      expect(attempt(c)).toBe('accepted');
    });

    test.each(Object.entries(cases))(
      '%s: an error in one relation, its opposite in the other',
      (_name, c) => {
        expect(
          attempt(
            c,
            {},
            movedOutputs(c, [
              ['y', 5, 1],
              ['z', 5, -1],
            ]),
          ),
        ).toBe(OPENING);
      },
    );

    // Axes that shared coordinates of τ* would not tell [0, 1] from [1, 0].
    test.each(Object.entries(cases))(
      '%s: an error at one place, its opposite at the transposed place',
      (_name, c) => {
        expect(
          attempt(
            c,
            {},
            movedOutputs(c, [
              ['y', 1, 1],
              ['y', 4, -1],
            ]),
          ),
        ).toBe(OPENING);
        expect(
          attempt(
            c,
            {},
            movedOutputs(c, [
              ['y', 1, 1],
              ['y', 2, -1],
            ]),
          ),
        ).toBe(OPENING);
      },
    );

    test('a lookup moved to another table, by the table’s id alone', () => {
      // Both tables hold the same integers; 9 lookups in one, 4 in the other.
      const b = new ProgramBuilder('tables');
      b.node('tables', 'Test');
      const column = (rows: number) => [
        { kind: 'segments' as const, segments: [{ rows, start: 0, slope: 1 }] },
      ];
      const small = b.table({ name: 'small', rows: 4, keys: 1, columns: column(4) });
      const large = b.table({ name: 'large', rows: 8, keys: 1, columns: column(8) });
      const x = b.input('x', [9], { lo: 0, hi: 7 });
      const s = b.witness('s', [9]);
      b.define(s, b.wholeForm(x));
      b.lookup([9], small, [b.wholeForm(s)]);
      b.lookup([9], large, [b.wholeForm(x)]);
      const y = b.output('y', [9], { lo: 0, hi: 7 });
      b.define(y, b.wholeForm(s));
      const program = b.build();
      const inputs = new Map([[x, Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3, 0)]]);
      const c = caseOf({ program, weights: new Map(), inputs });
      expect(attempt(c)).toBe('accepted');
      // s = 7 is in the large table only: its multiplicity is moved there.
      const trace: Trace = new Map(
        [...c.witness.trace].map(([id, v]) => [id, changedAt(v, 0, 7)] as const),
      );
      const told = claimedRun(engine, c.key, trace);
      const counts = new Map(told.witness.multiplicities);
      const at = multiplicityTensor(c.key.argument.system.program, large);
      const own = counts.get(at) ?? new Int32Array();
      counts.set(at, changedAt(own, 7, (own[7] ?? 0) + 1));
      const witness = { ...told.witness, multiplicities: counts };
      expect(attempt({ ...c, ...told, witness })).toBe(found('proof/lookup logup/sum'));
    });

    test('a tuple whose components are exchanged', () => {
      // (1, 2) is a row, (2, 1) is not: each component has a coefficient of its own.
      const b = new ProgramBuilder('tuple');
      b.node('tuple', 'Test');
      const column = (values: readonly number[]) => ({ kind: 'listed' as const, values });
      const table = b.table({
        name: 't',
        rows: 2,
        keys: 2,
        columns: [column([1, 3]), column([2, 4])],
      });
      const x = b.input('x', [2], { lo: 0, hi: 4 });
      const z = b.input('z', [2], { lo: 0, hi: 4 });
      b.lookup([2], table, [b.wholeForm(x), b.wholeForm(z)]);
      const y = b.output('y', [2], { lo: 0, hi: 8 });
      b.define(y, form([b.whole(x), b.whole(z)]));
      const inputs = new Map([
        [x, Int32Array.of(1, 3)],
        [z, Int32Array.of(2, 4)],
      ]);
      const c = caseOf({ program: b.build(), weights: new Map(), inputs });
      expect(attempt(c)).toBe('accepted');
      const trace = new Map(c.witness.trace)
        .set(x, Int32Array.of(2, 3))
        .set(z, Int32Array.of(1, 4));
      const told = claimedRun(engine, c.key, trace);
      // As if the rows had been found.
      const at = multiplicityTensor(c.key.argument.system.program, table);
      const counts = new Map(told.witness.multiplicities);
      counts.set(at, c.witness.multiplicities?.get(at) ?? new Int32Array());
      const witness = { ...told.witness, multiplicities: counts };
      expect(attempt({ ...c, ...told, witness })).toBe(found('proof/lookup logup/sum'));
    });

    test('two relations with swapped λ', () => {
      // y = x·w, z = 2·x·w, shown the other way round: true if each had the other's coefficient.
      const b = new ProgramBuilder('swapped');
      b.node('swapped', 'Test');
      const x = b.input('x', [4], { lo: 1, hi: 9 });
      const w = b.model('w', [4], { lo: 1, hi: 9 });
      for (const [name, factor] of [
        ['y', 1],
        ['z', 2],
      ] as const) {
        const out = b.output(name, [4], { lo: -500, hi: 500 });
        b.define(out, form([]), [product(b.wholeForm(x), b.wholeForm(w), [], factor)]);
      }
      const c = caseOf(fill(b.build(), draw));
      expect(attempt(c)).toBe('accepted');
      const [y, z] = ['y', 'z'].map((name) => c.statement.outputs.get(name) ?? new Int32Array());
      const said = {
        ...c.statement,
        outputs: new Map([
          ['y', z ?? new Int32Array()],
          ['z', y ?? new Int32Array()],
        ]),
      };
      const { system } = c.key.argument;
      const [first, second] = system.einsums.instances;
      if (first === undefined || second === undefined) throw new Error('no instances');
      const instances = [
        { ...first, relation: second.relation },
        { ...second, relation: first.relation },
      ];
      const argument = {
        ...c.key.argument,
        system: { ...system, einsums: { ...system.einsums, instances } },
      };
      const proof = forge(engine, { ...c.key, argument }, said, c.witness);
      const verdict = verifyPrepared(c.key.argument, said, proof);
      expect(verdict).toMatchObject({ error: { kind: 'proof/opening' } });
      // It does verify under the swapped batching.
      expect(verifyPrepared(argument, said, proof).ok).toBe(true);
    });
  });

  describe('C and the operands', () => {
    const c = caseOf(batchToy(draw));
    const lie = movedOutputs(c, [['y', 3, (c.statement.outputs.get('y')?.[3] ?? 0) > 7 ? -1 : 1]]);
    const instances = c.key.argument.system.einsums.instances.length;

    test('one product', () => expect(instances).toBe(1));

    /** The accumulator's relation with one committed digit changed: products and linear part disagree. */
    const off: Case = {
      ...c,
      witness: {
        ...c.witness,
        trace: new Map(
          [...c.witness.trace].map(([id, v]) => [
            id,
            id === tensorNamed(c.toy.program, 'dense.rem') ? changedAt(v, 0, (v[0] ?? 0) ^ 1) : v,
          ]),
        ),
      },
    };
    const balanced: Case = {
      ...off,
      witness: { ...off.witness, multiplicities: countRows(c.key, off.witness.trace) },
    };
    // The claims about the operands come after it, and in the hiding profile the checks of S6.
    const claimOfC = ({ claims }: Learned): number =>
      claims.length - (isHiding ? 1 : 0) - 2 * instances - 1;
    const errorOfC = (learned: Learned): K => {
      const values = allValues(balanced.key, balanced.witness);
      const at = claimOfC(learned);
      return subK(claimed(learned, at), trueValue(learned, at, values));
    };
    const change = (tag: number, index: number, by: (m: readonly K[]) => readonly K[]): Lie => ({
      tag,
      index,
      change: by,
    });

    test('C from the products: the linear parts say otherwise', () => {
      expect(isZeroK(errorOfC(learn(balanced)))).toBe(false);
      expect(attempt(balanced)).toBe(OPENING);
    });

    test('C from the linear parts: the products say otherwise', () => {
      const error = errorOfC(learn(balanced));
      const lies = [change(TAG_BATCHED_CLAIM, 0, ([s = ZERO]) => [addK(s, error)])];
      expect(attempt(balanced, { lies })).toBe(found('proof/operands'));
    });

    test('a false C for a true statement', () => {
      const lies = [change(TAG_BATCHED_CLAIM, 0, ([s = ZERO]) => [addK(s, ONE)])];
      expect(attempt(c, { lies })).toBe(found('proof/operands'));
    });

    test.each([0, 1])('operand %i alone', (side) => {
      const lies = [
        change(TAG_OPERANDS, 0, (m) => m.map((v, i) => (i === side ? addK(v, ONE) : v))),
      ];
      expect(attempt(c, { lies })).toBe(found('proof/operands'));
    });

    test('operands with the right product', () => {
      const two = addK(ONE, ONE);
      const lies = [
        change(TAG_OPERANDS, 0, ([l = ZERO, r = ZERO]) => [mulK(l, two), mulK(r, invK(two))]),
      ];
      expect(attempt(c, { lies })).toBe(OPENING);
    });

    test.each([
      ['left', 0],
      ['right', 1],
    ] as const)('%s operands of two products that balance', (side, at) => {
      const two = cases['relations with products'];
      const { transcribed, numeric } = learn(two);
      const { instances: both } = two.key.argument.system.einsums;
      const coefficients = instanceCoefficients(two.key.argument, transcribed.lambda);
      // Instances of one shape: what the last claim gains with each operand, up to a common factor.
      const gains = both.map((_instance, i) => {
        const { left, right } = transcribed.operands[i] ?? {};
        const other = numeric((side === 'left' ? right : left) ?? constantValue(ZERO));
        return mulK(coefficients[i] ?? ZERO, other);
      });
      const [g0 = ZERO, g1 = ZERO] = gains;
      const lies = [
        change(TAG_OPERANDS, 0, (m) =>
          m.map((v, i) => (i === at ? addK(v, g1) : i === at + 2 ? subK(v, g0) : v)),
        ),
      ];
      expect(attempt(two, { lies })).toBe(OPENING);
    });

    test('operands exchanged', () => {
      const lies = [change(TAG_OPERANDS, 0, ([l = ZERO, r = ZERO]) => [r, l])];
      expect(attempt(c, { lies })).toBe(OPENING);
    });

    test('C and operands that fit one another, for a false run', () => {
      // The last claim is affine in C: with operands scaled, some C fits; the linear parts do not.
      const learned = learn(balanced);
      const { inner, operands } = learned.transcribed;
      const skipped = inner.reduce(mulK, ONE);
      const [operand] = operands;
      const left = learned.numeric(operand?.left ?? constantValue(ZERO));
      const right = learned.numeric(operand?.right ?? constantValue(ZERO));
      const lies = [
        change(TAG_OPERANDS, 0, () => [addK(left, ONE), right]),
        change(TAG_BATCHED_CLAIM, 0, ([s = ZERO]) => [addK(s, mulK(right, invK(skipped)))]),
      ];
      expect(attempt(balanced, { lies })).toMatch(/^proof/);
    });

    test('a false output, whatever is claimed between', () => {
      expect(attempt(c, {}, lie)).toMatch(/^proof\/(lookup|opening)/);
    });

    test('an out-of-domain answer alone', () => {
      for (const index of [0, 1]) {
        const lies = [change(TAG_OUT_OF_DOMAIN, index, ([y = ZERO]) => [addK(y, ONE)])];
        expect(attempt(c, { lies })).toBe(OPENING);
      }
    });
  });

  describe("LogUp's last claims", () => {
    const c = caseOf(batchToy(draw));
    const { variables } = c.key.argument.system.lookups;
    const last = variables - (isHiding ? 1 : 6);
    const layer = (change: Lie['change'], index = last): string =>
      attempt(c, { lies: [{ tag: TAG_LOGUP_LAYER, index, change }] });

    test('there are layers below the top', () => expect(variables).toBeGreaterThan(5));

    test.each([0, 1, 2, 3])('evaluation %i of the last layer alone', (at) => {
      expect(layer((m) => m.map((v, i) => (i === at ? addK(v, ONE) : v)))).toBe(
        found('proof/lookup logup/layer'),
      );
    });

    test('a numerator and what the other needs for it', () => {
      // n0·d1 + n1·d0 stays.
      expect(
        layer(([n0 = ZERO, n1 = ZERO, d0 = ZERO, d1 = ZERO]) => [
          addK(n0, d0),
          subK(n1, d1),
          d0,
          d1,
        ]),
      ).toBe(OPENING);
    });

    test('denominators alone, so that sum and product stay', () => {
      // The other solution of n0·d1 + n1·d0 = a, d0·d1 = b.
      expect(
        layer(([n0 = ZERO, n1 = ZERO, d0 = ZERO, d1 = ZERO]) => [
          n0,
          n1,
          mulK(mulK(n0, d1), invK(n1)),
          mulK(mulK(n1, d0), invK(n0)),
        ]),
      ).toBe(OPENING);
    });

    test('denominators with the right product', () => {
      // d0·t, d1/t and numerators to match.
      const t = addK(ONE, ONE);
      expect(
        layer(([n0 = ZERO, n1 = ZERO, d0 = ZERO, d1 = ZERO]) => [
          mulK(n0, t),
          mulK(n1, invK(t)),
          mulK(d0, t),
          mulK(d1, invK(t)),
        ]),
      ).toBe(OPENING);
    });

    test('children exchanged', () => {
      expect(layer(([n0 = ZERO, n1 = ZERO, d0 = ZERO, d1 = ZERO]) => [n1, n0, d1, d0])).toBe(
        OPENING,
      );
    });

    test('the same in a layer above is found one layer on', () => {
      expect(layer(([n0 = ZERO, n1 = ZERO, d0 = ZERO, d1 = ZERO]) => [n1, n0, d1, d0], 0)).toBe(
        found('proof/lookup logup/layer'),
      );
    });

    const top = (change: Lie['change']): string =>
      attempt(c, { lies: [{ tag: TAG_LOGUP_TOP, index: 0, change }] });

    if (isHiding) {
      test('a root that is zero, and another one', () => {
        expect(top(() => [ZERO])).toBe('proof/lookup logup/zero-denominator');
        expect(top(([d = ZERO]) => [addK(d, ONE)])).toBe(OPENING);
      });
    } else {
      test('fractions of the top layer that do not add up', () => {
        expect(top((m) => m.map((v, i) => (i === 0 ? addK(v, ONE) : v)))).toBe(
          'proof/lookup logup/sum',
        );
      });

      test('a zero denominator, and a fraction 0/0', () => {
        expect(top((m) => m.map((v, i) => (i === 33 ? ZERO : v)))).toBe(
          'proof/lookup logup/zero-denominator',
        );
        expect(top((m) => m.map((v, i) => (i === 1 || i === 33 ? ZERO : v)))).toBe(
          'proof/lookup logup/zero-denominator',
        );
      });

      test('a top layer that adds up and is another', () => {
        // N_0 += D_0, N_1 −= D_1
        expect(
          top((m) =>
            m.map((v, i) =>
              i === 0 ? addK(v, m[32] ?? ZERO) : i === 1 ? addK(v, negK(m[33] ?? ZERO)) : v,
            ),
          ),
        ).toBe(found('proof/lookup logup/layer'));
      });
    }

    test('a round of LogUp, and one of the sumcheck', () => {
      const rounds = (variables * (variables - 1)) / 2 - (isHiding ? 0 : 10);
      const round = (index: number): string =>
        attempt(c, {
          lies: [
            { tag: TAG_ROUND, index, change: (m) => m.map((v, i) => (i === 0 ? addK(v, ONE) : v)) },
          ],
        });
      expect(round(0)).toBe(found('proof/lookup logup/layer'));
      expect(round(rounds - 1)).toBe(found('proof/lookup logup/layer'));
      expect(round(rounds)).toBe(found('proof/operands'));
    });
  });

  describe('relations that leave nothing behind but their claim', () => {
    const c = caseOf(linearToy(draw));

    test('a linear relation off by one at any place', () => {
      expect(attempt(c)).toBe('accepted');
      for (let i = 0; i < 6; i++)
        expect(attempt(c, {}, movedOutputs(c, [['y', i, 1]]))).toBe(OPENING);
    });

    test('a constant that counts beyond its box', () => {
      // y = x + 7 on 5 of 8 places: a constant that also counted outside would need more than y holds.
      const b = new ProgramBuilder('constant');
      b.node('constant', 'Add');
      const x = b.input('x', [5], { lo: 0, hi: 9 });
      const y = b.output('y', [5], { lo: 0, hi: 99 });
      b.define(y, form([b.whole(x)], 7), [product(form([], 3), form([b.whole(x)], 2))]);
      const boxed = caseOf(fill(b.build(), draw));
      expect(attempt(boxed)).toBe('accepted');
      expect(attempt(boxed, {}, movedOutputs(boxed, [['y', 4, 1]]))).toBe(OPENING);
    });

    test('a view that reads zero outside its tensor', () => {
      const b = new ProgramBuilder('zero');
      b.node('zero', 'Pad');
      const x = b.input('x', [3], { lo: 0, hi: 9 });
      const s = b.witness('s', [3]);
      b.define(s, b.wholeForm(x));
      const y = b.output('y', [6], { lo: 0, hi: 9 });
      b.define(y, form([term(s, [affine(-2, [0, 1])])]));
      const padded = caseOf(fill(b.build(), draw));
      expect(attempt({ ...padded, witness: { ...padded.witness, padding: () => 5 } })).toBe(
        'accepted',
      );
      for (const i of [0, 1, 5])
        expect(attempt(padded, {}, movedOutputs(padded, [['y', i, 1]]))).toBe(OPENING);
    });
  });
});
