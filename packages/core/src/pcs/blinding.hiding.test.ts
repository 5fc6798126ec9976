import { describe, expect, it } from 'vitest';
import { commitCase, loadColumn, randomK, words } from '../../test/whir-cases.ts';
import { ProofReader, ProofWriter } from '../codec/index.ts';
import { createEngine } from '../engine/index.ts';
import { createWasmExecutor } from '../engine/wasm-executor.ts';
import { invF, type K, mulF, ONE, subF, ZERO } from '../field/index.ts';
import { SALT_BYTES, siblingCount } from '../merkle/index.ts';
import { FrozenTranscript } from '../testing/index.ts';
import type { WhirParameters } from './parameters.ts';
import { powerPiece, proveOpening, proveOutOfDomainPairs, type WeightPiece } from './prover.ts';

/**
 * What a blinded opening gives away, of the prover as it is. With the challenges fixed, every element
 * of F that it sends is a linear function of the columns of f and R: its matrix is what the prover
 * sends for each unit vector. Nothing about the secret entries is learnt if each combination of rows in
 * which the random entries cancel is free of the secret ones. The claim is such a combination, known
 * anyway: five of F. Digests are left out: leaves that are not opened have salts.
 */

const ROUNDS = 3;
const COLUMNS = 2 ** ROUNDS;
const LOG_ROWS = 5;
const ROWS = 2 ** LOG_ROWS;
const MASK_ROWS = 3 * ROUNDS;
const SAMPLES = 2;
const QUERIES = 3;
/** Random rows of a fresh column: t_0 + 5·s_0 + 3·k_0. */
const TAIL = QUERIES + 5 * SAMPLES + MASK_ROWS;

const parameters: WhirParameters = {
  logRows: LOG_ROWS,
  columns: COLUMNS,
  foldings: [ROUNDS],
  logInverseRates: [1],
  queries: [QUERIES],
  oodSamples: [SAMPLES],
  foldPowBits: [0],
  queryPowBits: [0],
  blinding: { powBits: 0 },
};

interface Setting {
  /** Columns from this one on are committed for this proof; the others were before. */
  readonly fresh: number;
  /** Columns that out-of-domain samples are taken of. */
  readonly sampledFrom: number;
  /** What of f is random; W does not read it. */
  readonly isRandom: (column: number, row: number) => boolean;
  /** What else W does not read. */
  readonly isUnread: (column: number, row: number) => boolean;
}

/** Rank of a matrix over F, given by rows. */
function rankF(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row]);
  const width = rows[0]?.length ?? 0;
  let rank = 0;
  for (let column = 0; column < width; column++) {
    const pivot = rows.findIndex((row, i) => i >= rank && row[column] !== 0);
    if (pivot < 0) continue;
    const [found = []] = rows.splice(pivot, 1);
    rows.splice(rank, 0, found);
    const inverse = invF(found[column] ?? 1);
    for (const row of rows.slice(rank + 1)) {
      const factor = mulF(row[column] ?? 0, inverse);
      if (factor === 0) continue;
      for (let c = column; c < width; c++) {
        row[c] = subF(row[c] ?? 0, mulF(factor, found[c] ?? 0));
      }
    }
    rank++;
  }
  return rank;
}

/** All elements of F that a proof holds. */
function wordsOf(bytes: Uint8Array, fresh: number, indices: readonly number[]): number[] {
  const reader = new ProofReader(bytes);
  // Answers, σ_p, rounds, E D b', the final polynomial.
  const elements = reader.ks(SAMPLES + 1 + 2 * ROUNDS + 3 + ROWS).flat();
  for (const [slot, width] of [fresh, COLUMNS - fresh + 5].entries()) {
    for (const _ of indices) {
      if (slot === 1) reader.bytes(SALT_BYTES);
      elements.push(...reader.words(width));
    }
    reader.bytes(32 * siblingCount(LOG_ROWS + 1, indices));
  }
  elements.push(...reader.ks(2 * LOG_ROWS).flat());
  expect(reader.atEnd).toBe(true);
  return elements;
}

/** An entry of f (column below COLUMNS) or of R. */
interface Entry {
  readonly column: number;
  readonly row: number;
}

/** The view of the verifier, one column for each entry of f and R, with all challenges fixed. */
function linearView(setting: Setting): { entries: Entry[]; view: number[][] } {
  const { fresh, sampledFrom, isRandom, isUnread } = setting;
  const next = words(91);
  const challenges = Array.from({ length: 40 }, () => randomK(next));
  const indices = [3, 17, 40];
  const coefficients = Array.from({ length: SAMPLES }, () => randomK(next));
  const weights = Array.from({ length: COLUMNS }, (_, column) =>
    Array.from(
      { length: ROWS },
      (_, row): K => (isRandom(column, row) || isUnread(column, row) ? ZERO : randomK(next)),
    ),
  );
  const engine = createEngine(createWasmExecutor());
  const rows = weights.map((values) => {
    const row = engine.allocK(ROWS);
    engine.writeK(row, values);
    return row;
  });
  const salts = new Uint8Array(SALT_BYTES * 2 * ROWS);
  const entries = Array.from({ length: (COLUMNS + 5) * ROWS }, (_, i) => ({
    column: Math.floor(i / ROWS),
    row: i % ROWS,
  }));
  const images = entries.map(({ column, row }) => {
    const mark = engine.mark();
    const data = (c: number): Int32Array =>
      Int32Array.from({ length: ROWS }, (_, y) => (c === column && y === row ? 1 : 0));
    const own = Array.from({ length: 5 }, (_, j) => loadColumn(engine, data(COLUMNS + j)));
    const { vectors, opened } = commitCase(
      engine,
      Array.from({ length: COLUMNS }, (_, c) => data(c)),
      [
        { firstColumn: 0, columns: fresh },
        { firstColumn: fresh, columns: COLUMNS - fresh },
      ],
      1,
      own,
      (slot) => (slot === 1 ? salts : null),
    );
    const transcript = new FrozenTranscript({ challenges, indices: [indices] });
    const writer = new ProofWriter();
    const sampled = vectors.filter((v) => v !== null).slice(sampledFrom);
    const range = { first: sampledFrom, count: sampled.length };
    const answers = proveOutOfDomainPairs(engine, transcript, writer, sampled, SAMPLES);
    const pieces: WeightPiece[] = rows.map((piece, c) => {
      return { firstColumn: c, columnPart: [ONE], firstRow: 0, row: piece, key: `${c}` };
    });
    for (const [j, { z, columnValues }] of answers.entries()) {
      const coefficient = coefficients[j] ?? ONE;
      pieces.push(powerPiece(engine, z, coefficient, LOG_ROWS, range, columnValues));
    }
    const oracle = { columns: vectors, slots: opened, blinding: own };
    proveOpening(engine, transcript, writer, parameters, oracle, pieces, ZERO);
    engine.release(mark);
    return wordsOf(writer.finish(), fresh, indices);
  });
  const view = (images[0] ?? []).map((_, w) => images.map((image) => image[w] ?? 0));
  return { entries, view };
}

type Kind = 'random' | 'secret' | 'known';

/** Dimension of what is learnt about the secret entries, the claim not counted. */
function leak(setting: Setting, kindOf: (entry: Entry) => Kind): number {
  const { entries, view } = linearView(setting);
  const kinds = entries.map(kindOf);
  const columnsOf = (...wanted: Kind[]): number[][] =>
    view.map((row) => row.filter((_, i) => wanted.includes(kinds[i] ?? 'known')));
  return rankF(columnsOf('random', 'secret')) - rankF(columnsOf('random')) - 5;
}

const isR = ({ column }: Entry): boolean => column >= COLUMNS;
/** All of R is random; of f, the rows that W does not read. */
const allHidden =
  ({ isRandom }: Setting) =>
  (entry: Entry): Kind =>
    isR(entry) || isRandom(entry.column, entry.row) ? 'random' : 'secret';
/** The columns that were committed before are public. */
const freshHidden =
  (setting: Setting) =>
  (entry: Entry): Kind =>
    entry.column < setting.fresh ? 'known' : allHidden(setting)(entry);

const FRESH_TAIL = ROWS - TAIL;
const OPENED_TAIL = ROWS - QUERIES;

/** The columns before `fresh` are public, or hidden with t_0 random rows. */
const modelBefore = (fresh: number, isPublic: boolean, tailFrom = FRESH_TAIL): Setting => ({
  fresh,
  sampledFrom: fresh,
  isRandom: (column, row) => row >= (column >= fresh ? tailFrom : isPublic ? ROWS : OPENED_TAIL),
  isUnread: () => false,
});

/** The same where W reads no column in its last rows: nothing there mixes with random rows. */
const unreadEnds = (setting: Setting): Setting => ({
  ...setting,
  isUnread: (_, row) => row >= FRESH_TAIL,
});

describe('a blinded opening tells no more than its claim', () => {
  it.each([1, 3])('public columns before, fresh ones from %i on', (fresh) => {
    for (const setting of [modelBefore(fresh, true), unreadEnds(modelBefore(fresh, true))]) {
      expect(leak(setting, freshHidden(setting))).toBe(0);
    }
  });

  it.each([1, 3])('hidden columns before, fresh ones from %i on', (fresh) => {
    for (const setting of [modelBefore(fresh, false), unreadEnds(modelBefore(fresh, false))]) {
      expect(leak(setting, allHidden(setting))).toBe(0);
    }
  });

  it.each([4, 6])(
    'control: less than five fresh columns, from %i on: U does not fill K',
    (fresh) => {
      const setting = unreadEnds(modelBefore(fresh, true));
      expect(leak(setting, freshHidden(setting))).toBeGreaterThan(0);
    },
  );

  it('control: a mask that is known', () => {
    // Fresh columns are one half of the first column variable: in that round they hide nothing.
    const setting = unreadEnds(modelBefore(4, true));
    const kind = freshHidden(setting);
    const known = (entry: Entry): Kind =>
      isR(entry) && entry.row >= ROWS - MASK_ROWS ? 'known' : kind(entry);
    expect(leak(setting, known)).toBeGreaterThan(leak(setting, kind));
  });

  it('control: U among the rows that the claim reads', () => {
    const end = ROWS - MASK_ROWS;
    const setting: Setting = {
      ...modelBefore(3, true),
      isRandom: (column, row) => column >= 3 && row < end,
    };
    expect(leak(setting, freshHidden(setting))).toBeGreaterThan(0);
  });

  it('control: fewer random rows than opened ones', () => {
    const setting = modelBefore(3, true, OPENED_TAIL + 1);
    expect(leak(setting, freshHidden(setting))).toBeGreaterThan(0);
  });

  it('control: random rows for the opened ones alone', () => {
    const setting = modelBefore(3, true, OPENED_TAIL);
    expect(leak(setting, freshHidden(setting))).toBeGreaterThan(0);
  });

  it('control: one column of R that is known', () => {
    const setting = modelBefore(3, true);
    const kind = freshHidden(setting);
    const known = (entry: Entry): Kind => (entry.column === COLUMNS + 4 ? 'known' : kind(entry));
    expect(leak(setting, known)).toBeGreaterThan(0);
  });
});
