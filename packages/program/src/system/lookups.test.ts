import { addK, type K, mulK, negK, ONE, scaleK, subK, toF, ZERO } from '@assay/core/field';
import { eqTable } from '@assay/core/poly';
import { describe, expect, test } from 'vitest';
import { programOf, rescaleProgram, sumForm, tensorOf, wholeForm } from '../../test/programs.ts';
import { multiplicityTensor } from '../layout/pseudo-tensors.ts';
import { elementCount } from '../shape/dimensions.ts';
import { columnValues, rangeTable } from '../tables/columns.ts';
import { SeededRandom } from '../testing/random.ts';
import type { Form, Program, TensorId } from '../types.ts';
import { viewIndexer } from '../views/indexer.ts';
import { ViewWeights } from '../views/weights.ts';
import { publicVisibility, type Visibility } from '../visibility/visibility.ts';
import { type Functional, type LookupChallenges, lookupFunctionals } from './claims.ts';
import { evaluatePublic } from './evaluate.ts';
import { lookupTree } from './sections.ts';
import { deriveSystem, secretForm, type System } from './system.ts';

function indices(dims: readonly number[]): number[][] {
  let out: number[][] = [[]];
  for (const length of dims) out = out.flatMap((h) => Array.from({ length }, (_, i) => [...h, i]));
  return out;
}

type Values = ReadonlyMap<TensorId, Int32Array>;

function formAt(program: Program, form: Form, dims: readonly number[], values: Values) {
  const readers = form.terms.map(({ tensor, coefficient, view, sums }) => {
    const at = viewIndexer(view, program.tensors[tensor]?.shape ?? [], [...dims, ...sums]);
    return (index: readonly number[]): number =>
      indices(sums).reduce((sum, tail) => {
        const flat = at([...index, ...tail]);
        return sum + (flat < 0 ? 0 : coefficient * (values.get(tensor)?.[flat] ?? 0));
      }, 0);
  });
  return (index: readonly number[]): number =>
    readers.reduce((sum, read) => sum + read(index), form.constant);
}

/** Every fraction of the tree, leaf by leaf; r is the blind one's denominator. */
function leaves(system: System, challenges: LookupChallenges, values: Values, r: K) {
  const { program, lookups } = system;
  const size = 2 ** lookups.variables;
  const numerators = new Array<K>(size).fill(ZERO);
  const denominators = new Array<K>(size).fill(ONE);
  const fraction = (tuple: readonly number[], table: number): K =>
    tuple.reduce(
      (sum, value, j) => subK(sum, scaleK(challenges.betas[j] ?? ZERO, toF(value))),
      subK(challenges.shift, scaleK(challenges.betas[lookups.width] ?? ZERO, toF(table + 1))),
    );
  for (const { item, offset } of lookups.sections) {
    if (item.kind === 'blind') {
      denominators[offset] = r;
      continue;
    }
    const table = item.kind === 'lookup' ? item.relation.table : item.table;
    const columns = (program.tables[table]?.columns ?? []).map(columnValues);
    const entries =
      item.kind === 'lookup'
        ? item.relation.entries.map((entry) => formAt(program, entry, item.relation.dims, values))
        : [];
    for (const local of indices(item.block.length)) {
      const index = local.map((i, a) => i + (item.block.start[a] ?? 0));
      const place = local.reduce((at, i, a) => at * 2 ** (item.block.bits[a] ?? 0) + i, 0);
      const row = index[0] ?? 0;
      const tuple =
        item.kind === 'lookup'
          ? entries.map((entry) => entry(index))
          : columns.map((c) => c[row] ?? 0);
      const count = values.get(multiplicityTensor(program, table))?.[row] ?? 0;
      numerators[offset + place] = item.kind === 'lookup' ? ONE : negK(scaleK(ONE, toF(count)));
      denominators[offset + place] = fraction(tuple, table);
    }
  }
  return { numerators, denominators };
}

function randomValues(random: SeededRandom, program: Program): Map<TensorId, Int32Array> {
  const draw = (count: number): Int32Array =>
    Int32Array.from({ length: count }, () => random.integer(-50, 50));
  const values = new Map(program.tensors.map(({ shape }, id) => [id, draw(elementCount(shape))]));
  for (const [table, { rows }] of program.tables.entries())
    values.set(multiplicityTensor(program, table), draw(rows));
  return values;
}

const hidden = (program: Program): Visibility => ({
  ...publicVisibility(program),
  inputs: program.inputs.map(() => ({ kind: 'hidden' })),
});

/** Lookups of shapes that are cut in blocks, and tables of several columns. */
function manyLookups(): Program {
  const base = rescaleProgram(-100, 100, 4, -7, 6);
  const shape = [5, 130];
  const wide = base.tensors.length;
  return {
    ...base,
    tensors: [...base.tensors, tensorOf('c', 'constant', shape, { lo: -50, hi: 50 })].map((t) =>
      t.role === 'constant' ? { ...t, data: new Array<number>(650).fill(1) } : t,
    ),
    tables: [...base.tables, rangeTable('other', { lo: -500, hi: 268 })],
    relations: [
      ...base.relations,
      {
        kind: 'lookup',
        dims: shape,
        table: 2,
        entries: [sumForm([wholeForm(wide, shape, 3)], 7)],
        node: 0,
      },
    ],
  };
}

describe('LogUp’s claims', () => {
  test.each([
    ['plain', publicVisibility],
    ['hiding', hidden],
  ] as const)(
    '%s: numerator and denominator at a point are the sums over the leaves',
    (name, of) => {
      const random = new SeededRandom(20261202);
      for (const program of [rescaleProgram(-100, 100, 4, -7, 6), manyLookups()]) {
        const derived = deriveSystem(program, of(program));
        if (!derived.ok) throw new Error(JSON.stringify(derived.error));
        const system = derived.value;
        const { lookups } = system;
        expect(lookups.sections.filter(({ item }) => item.kind === 'blind')).toHaveLength(
          name === 'plain' ? 0 : 1,
        );
        for (let round = 0; round < 3; round++) {
          const point = random.ks(lookups.variables);
          const challenges = { shift: random.k(), betas: random.ks(lookups.width + 1) };
          const values = randomValues(random, system.program);
          const r = random.k();
          const weights = new ViewWeights({ lookup: point, outer: [], inner: [] });
          const found = lookupFunctionals(system, weights, challenges, point);
          const all = leaves(system, challenges, values, r);
          const eq = eqTable(point);
          const sum = (leaf: readonly K[]): K =>
            leaf.reduce((total, k, i) => addK(total, mulK(k, eq[i] ?? ZERO)), ZERO);
          const value = (functional: Functional): K => {
            const { terms, constant } = evaluatePublic(functional, weights, values);
            expect(terms).toEqual([]);
            return constant;
          };
          expect(value(found.numerator)).toEqual(sum(all.numerators));
          expect(addK(value(found.denominator), mulK(found.blind, r))).toEqual(
            sum(all.denominators),
          );
          if (name === 'plain') expect(found.blind).toEqual(ZERO);
        }
      }
    },
  );

  test('the blind fraction is the last, and there is none without lookups', () => {
    const program = manyLookups();
    const plain = lookupTree(program);
    const blind = lookupTree(program, true);
    expect(blind.sections.slice(0, -1)).toEqual(plain.sections);
    expect(blind.sections.at(-1)).toMatchObject({
      offset: plain.total,
      item: { kind: 'blind', size: 0 },
    });
    expect(blind.total).toBe(plain.total + 1);
    const nothing = programOf({ tensors: [tensorOf('w', 'model', [3], { lo: 0, hi: 1 })] });
    expect(lookupTree(nothing, true)).toEqual(lookupTree(nothing));
    expect(lookupTree(nothing, true).total).toBe(0);
  });
});

describe('what is secret', () => {
  const program: Program = {
    ...manyLookups(),
    tensors: [...manyLookups().tensors, tensorOf('w', 'model', [2], { lo: 0, hi: 1 })],
  };
  const [x, hi, rem, y, c, w] = [0, 1, 2, 3, 4, 5];
  const secretOf = (change: Partial<Visibility>): number[] => {
    const derived = deriveSystem(program, { ...publicVisibility(program), ...change });
    if (!derived.ok) throw new Error(JSON.stringify(derived.error));
    const { secret, program: concealed } = derived.value;
    const tables = concealed.tables.map((_, table) => multiplicityTensor(concealed, table));
    const ids = [...secret].sort((a, b) => a - b);
    expect(ids.slice(-tables.length)).toEqual(ids.length === 0 ? [] : tables);
    for (const id of concealed.tensors.keys())
      expect(secretForm(derived.value, wholeForm(id, []))).toBe(secret.has(id));
    const sum = sumForm([wholeForm(c, []), wholeForm(hi, [])]);
    expect(secretForm(derived.value, sum)).toBe(ids.length > 0);
    return ids.slice(0, -tables.length);
  };

  test('nothing in the plain profile', () => {
    expect(secretOf({})).toEqual([]);
  });

  test('the witness, as soon as anything is hidden, and what is', () => {
    expect(secretOf({ inputs: [{ kind: 'hidden' }] })).toEqual([x, hi, rem]);
    expect(secretOf({ outputs: [{ kind: 'committed', tailRows: 3 }] })).toEqual([hi, rem, y]);
    expect(secretOf({ weights: { kind: 'hidden', tailRows: 3 } })).toEqual([hi, rem, w]);
  });
});
