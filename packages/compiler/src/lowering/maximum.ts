/**
 * Maxima as trees of max(a, b) = b + relu(a − b): one committed element and one lookup in the shared relu
 * table per pair. Results stay sums of views; they are committed where the sum grows long.
 */
import { addForms, scaleForm, whole, type ProgramBuilder } from './builder.ts';
import { checkRange } from './rescale/index.ts';
import { atomsOf, materialise, type Value } from './value.ts';

/** Views in one form beyond which the maximum is committed: each is a weight of its own in later claims. */
const LONGEST = 3;

/** Both over the same atoms and at the same scale. */
export const maximum = (builder: ProgramBuilder, a: Value, b: Value): Value => {
  const atoms = atomsOf(a);
  const difference = addForms(a.form, b.form, -1);
  const keys = { lo: a.range.lo - b.range.hi, hi: a.range.hi - b.range.lo };
  const range = { lo: Math.max(a.range.lo, b.range.lo), hi: Math.max(a.range.hi, b.range.hi) };
  if (keys.lo >= 0) return a;
  if (keys.hi <= 0) return b;
  let top = 1;
  while (top - 1 < keys.hi) top *= 2;
  const table = builder.tables.clamp(0, top - 1, keys, { lo: -(2 ** 29), hi: 2 ** 29 });
  const excess = builder.value('excess', atoms);
  const relation = builder.lookup(
    atoms,
    table,
    [difference, whole(excess, atoms)],
    [{ tensor: excess, range: { lo: 0, hi: top - 1 } }],
  );
  builder.step({ kind: 'lookup', relation, outputs: [{ column: 1, tensor: excess }] });
  return { ...a, form: addForms(b.form, whole(excess, atoms)), range };
};

/** Far inside the field: what a bound that only has to keep sums from wrapping may be. */
const ANY_RANGE = { lo: -(2 ** 24), hi: 2 ** 24 };

/** A maximum is range checked when its parts alone would bound it more loosely than by this factor. */
const LOOSEST = 4;

/**
 * Commits a maximum. Its relation bounds it by the sum of its parts' ranges, a few times too wide: as long
 * as that is all, accumulators that read it only have a little less room.
 */
export const holdMaximum = (builder: ProgramBuilder, value: Value): Value => {
  const enforced = builder.enforced(value.form, atomsOf(value));
  const held = materialise(builder, value, 'maximum');
  const tensor = held.form.terms[0]?.tensor;
  if (enforced.hi - enforced.lo > LOOSEST * (value.range.hi - value.range.lo)) {
    checkRange(builder, atomsOf(held), held.form, held.range, tensor ?? null, ANY_RANGE);
  }
  return held;
};

/** Largest of values at equal atoms and scale, by halves. */
export const maximumOf = (builder: ProgramBuilder, values: readonly Value[]): Value => {
  let level = [...values];
  while (level.length > 1) {
    const next: Value[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      const [a, b] = [level[i], level[i + 1]];
      if (a === undefined || b === undefined) continue;
      const m = maximum(builder, a, b);
      next.push(!isShort(m) && level.length > 2 ? holdMaximum(builder, m) : m);
    }
    if (level.length % 2 === 1) next.push(...level.slice(-1));
    level = next;
  }
  const [only] = level;
  if (only === undefined) throw new TypeError('maximumOf: expected values');
  return only;
};

/** A lone view of a committed tensor: nothing to gain from committing it. */
export const isSimple = (value: Value): boolean => value.form.terms.length <= 1;

export const isShort = (value: Value): boolean => value.form.terms.length <= LONGEST;

export const negated = (value: Value): Value => ({
  ...value,
  form: scaleForm(value.form, -1),
  range: { lo: -value.range.hi, hi: -value.range.lo },
});
