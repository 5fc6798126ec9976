import type { ProofWriter } from '../codec/index.ts';
import type { Engine, IntVec, KVec } from '../engine/index.ts';
import { addK, equalK, type K, ONE, powF, rootOfUnity, ZERO } from '../field/index.ts';
import { eqTable } from '../poly/index.ts';
import {
  TAG_FINAL_POLYNOMIAL,
  TAG_OUT_OF_DOMAIN,
  TAG_ROOT,
  TAG_ROUND,
  type Transcript,
} from '../transcript/index.ts';
import { BLINDING_COLUMNS } from './blinding.ts';
import { type Blinding, blindFolded, RoundMask } from './blinding-prover.ts';
import { commitRows, type OpenedTree, writeOpening } from './commit.ts';
import { grind } from './grind.ts';
import {
  finalVariables,
  type OracleShape,
  oracleShapes,
  validateWhirParameters,
  type WhirParameters,
} from './parameters.ts';
import { type ColumnRange, powerOfTwoK, powersK } from './weights.ts';

export { unluckyChallenge } from './blinding-prover.ts';
export { isIndependentPoints } from './rank.ts';
export {
  answerOutOfDomain,
  type Commitment,
  commitColumns,
  type OpenedTree,
  type OutOfDomainAnswer,
  proveOutOfDomainPairs,
} from './commit.ts';
export { grind } from './grind.ts';

/** A row vector that is written when it is needed, and again when it is needed again. */
export interface RowOnDemand {
  readonly length: number;
  /** Writes all of it; dst has `length` elements, in any state. */
  readonly write: (dst: KVec) => void;
}

/**
 * A summand of the weight W: entry (firstColumn + c, firstRow + y) is columnPart[c]·row[y]. The
 * batching coefficient is part of `columnPart`.
 */
export interface WeightPiece {
  readonly firstColumn: number;
  readonly columnPart: readonly K[];
  readonly firstRow: number;
  /** One value for each row from firstRow on; only read. */
  readonly row: KVec | RowOnDemand;
  /** Pieces with one key have the same firstRow and row: they share a pass over the columns. */
  readonly key: string;
  /** Σ_y row[y]·column c at firstRow + y, where it is known already: spares that column's part of the pass. */
  readonly known?: ReadonlyMap<number, K> | undefined;
}

/** The columns under one root. Column order, no overlap. Behind the last one's lie the columns of R. */
export interface OpenedSlot {
  readonly firstColumn: number;
  readonly columns: number;
  readonly tree: OpenedTree;
}

export interface FirstOracle {
  /** 2^k_0 columns or fewer; null and missing ones are zero. */
  readonly columns: readonly (IntVec | null)[];
  readonly slots: readonly OpenedSlot[];
  /** R^(0..4), uniform words, for a blinded opening; they are in the last slot's rows. Otherwise null. */
  readonly blinding: readonly IntVec[] | null;
}

/**
 * coefficient·z^(c·M + y) over `range`'s columns c = 0, 1, … and rows y: an out-of-domain pair as a
 * piece.
 *
 * @param columnValues - p_c(z) of the range's columns, from `answerOutOfDomain`.
 */
export function powerPiece(
  engine: Engine,
  z: K,
  coefficient: K,
  logRows: number,
  range: ColumnRange,
  columnValues?: readonly K[],
): WeightPiece {
  const row: RowOnDemand = {
    length: 2 ** logRows,
    write: (dst) => engine.powers(z, ONE, dst),
  };
  return {
    firstColumn: range.first,
    columnPart: powersK(powerOfTwoK(z, logRows), range.count, coefficient),
    firstRow: 0,
    row,
    key: `power ${z.join()}`,
    known: columnValues && new Map(columnValues.map((value, c) => [range.first + c, value])),
  };
}

/** Pieces of one key: a sum of A[c] over columns times one row vector. */
interface Group {
  readonly firstRow: number;
  readonly row: KVec | RowOnDemand;
  readonly columnParts: K[];
  readonly known: Map<number, K>;
}

function groupPieces(pieces: readonly WeightPiece[], columns: number): Group[] {
  const groups = new Map<string, Group>();
  for (const { key, firstRow, row, firstColumn, columnPart, known } of pieces) {
    if (!(firstColumn >= 0 && firstColumn + columnPart.length <= columns)) {
      const got = `${firstColumn}+${columnPart.length}`;
      throw new RangeError(`proveOpening: expected pieces within ${columns} columns, got ${got}`);
    }
    let group = groups.get(key);
    if (group === undefined) {
      const columnParts = Array.from({ length: columns }, (): K => ZERO);
      group = { firstRow, row, columnParts, known: new Map() };
      groups.set(key, group);
    }
    for (const [c, value] of columnPart.entries()) {
      const sum = group.columnParts[firstColumn + c] ?? ZERO;
      group.columnParts[firstColumn + c] = addK(sum, value);
    }
    for (const [c, value] of known ?? []) group.known.set(c, value);
  }
  return [...groups.values()];
}

/** Rows on demand are made once if all of them together are no larger than this. */
const KEPT_ROW_BYTES = 2 ** 26;
const K_BYTES = 20;

function makeRow(engine: Engine, row: KVec | RowOnDemand): KVec {
  if ('ptr' in row) return row;
  const vec = engine.allocK(row.length);
  row.write(vec);
  return vec;
}

/** Makes all rows if that takes little memory; otherwise W exists one row at a time only. */
function keepRows(engine: Engine, groups: readonly Group[]): Group[] {
  const bytes = groups.reduce((sum, { row }) => sum + K_BYTES * row.length, 0);
  if (bytes > KEPT_ROW_BYTES) return [...groups];
  return groups.map((group) => ({ ...group, row: makeRow(engine, group.row) }));
}

/** Q[c] = Σ_y row[y]·f(c, firstRow + y) for all columns: also where A is zero, folding mixes them. */
function columnDots(engine: Engine, group: Group, columns: readonly (IntVec | null)[]): K[] {
  const { firstRow, row, known } = group;
  const missing: { readonly column: number; readonly part: IntVec }[] = [];
  for (const [column, x] of columns.entries()) {
    if (x === null || known.has(column)) continue;
    missing.push({ column, part: { ptr: x.ptr + 4 * firstRow, length: row.length } });
  }
  const mark = engine.mark();
  const dots = engine.dotInts(
    missing.map(({ part }) => part),
    makeRow(engine, row),
  );
  engine.release(mark);
  const values = columns.map((x, c): K => (x === null ? ZERO : (known.get(c) ?? ZERO)));
  for (const [i, { column }] of missing.entries()) values[column] = dots[i] ?? ZERO;
  return values;
}

/** What a sumcheck leaves: bound tables and the challenges. */
interface Bound {
  readonly f: KVec;
  readonly w: KVec;
  readonly challenges: K[];
}

function proveRounds(
  engine: Engine,
  transcript: Transcript,
  writer: ProofWriter,
  tables: { readonly f: KVec; readonly w: KVec },
  rounds: number,
  powBits: number,
  mask: RoundMask | null = null,
): Bound {
  let { f, w } = tables;
  const challenges: K[] = [];
  for (let round = 0; round < rounds; round++) {
    const own = engine.quadraticRound(w, f);
    const message = mask === null ? own : mask.add(own);
    writer.ks(message);
    transcript.observeK(TAG_ROUND, message);
    grind(engine, transcript, writer, powBits);
    const r = transcript.sampleK();
    challenges.push(r);
    mask?.bind(r);
    f = engine.bind(f, r);
    w = engine.bind(w, r);
  }
  return { f, w, challenges };
}

/**
 * The first k_0 rounds on vectors over (column, group): Σ_c Σ_g A_g[c]·Q_g[c] is the claim, and both
 * are linear in the column variables, which are bound first. W itself never exists. Blinded, f and w
 * come out as g = f_1 + ρ·R_1 and w' + γ'·v.
 * Source: `opening.md` §3, steps 1–4.
 */
function proveFirstRounds(
  engine: Engine,
  transcript: Transcript,
  writer: ProofWriter,
  shape: OracleShape,
  columns: readonly (IntVec | null)[],
  blinding: Blinding | null,
  groups: readonly Group[],
  claim: K,
): Bound & { readonly consistent: boolean } {
  const rows = 2 ** (shape.variables - shape.folding);
  const f = engine.allocK(rows);
  const w = engine.allocK(rows);
  const mark = engine.mark();
  const width = 2 ** Math.ceil(Math.log2(Math.max(1, groups.length)));
  const parts = engine.allocK(columns.length * width);
  const dots = engine.allocK(columns.length * width);
  const kept = keepRows(engine, groups);
  const groupDots = kept.map((group) => columnDots(engine, group, columns));
  const spread = (values: readonly (readonly K[])[]): K[] => {
    const all = new Array<K>(columns.length * width).fill(ZERO);
    for (const [g, own] of values.entries()) {
      for (let c = 0; c < columns.length; c++) all[c * width + g] = own[c] ?? ZERO;
    }
    return all;
  };
  engine.writeK(parts, spread(groups.map((group) => group.columnParts)));
  engine.writeK(dots, spread(groupDots));
  const consistent = equalK(engine.dot(parts, dots), claim);

  const mask = blinding && RoundMask.start(engine, transcript, writer, blinding, shape.folding);
  const bound = proveRounds(
    engine,
    transcript,
    writer,
    { f: dots, w: parts },
    shape.folding,
    shape.foldPowBits,
    mask,
  );
  const { challenges } = bound;
  engine.fill(w, ZERO);
  for (const [g, { firstRow, row }] of kept.entries()) {
    const inner = engine.mark();
    engine.axpy(
      engine.readK(bound.w, g),
      makeRow(engine, row),
      engine.slice(w, firstRow, row.length),
    );
    engine.release(inner);
  }
  engine.combineInts(columns, eqTable(challenges), f);
  if (blinding !== null && mask !== null) {
    blindFolded(engine, transcript, writer, blinding, mask, { f, w, challenges });
  }
  engine.release(mark);
  return { f, w, challenges, consistent };
}

/** w += Σ_j γ^(1+j)·pw(z_j) + Σ_l γ^(1+s+l)·pw(x_l): fresh claims start at γ^1. */
function addQueryWeights(
  engine: Engine,
  w: KVec,
  gamma: K,
  points: readonly K[],
  xs: readonly number[],
): void {
  const coefficients = powersK(gamma, points.length + xs.length, gamma);
  const mark = engine.mark();
  const powers = engine.allocK(w.length);
  for (const [j, z] of points.entries()) {
    engine.powers(z, coefficients[j] ?? ZERO, powers);
    engine.axpy(ONE, powers, w);
  }
  engine.release(mark);
  engine.addPowers(xs, coefficients.slice(points.length), w);
}

function lastColumns({ slots }: FirstOracle): ColumnRange {
  const last = slots.at(-1);
  return { first: last?.firstColumn ?? 0, count: last?.columns ?? 0 };
}

function checkArguments(
  p: WhirParameters,
  oracle: FirstOracle,
  pieces: readonly WeightPiece[],
): void {
  const valid = validateWhirParameters(p);
  if (!valid.ok) {
    const { field, oracle: i, value } = valid.error;
    throw new RangeError(`proveOpening: expected valid parameters, got ${field}[${i}] = ${value}`);
  }
  const rows = 2 ** p.logRows;
  if (oracle.columns.length > 2 ** (p.foldings[0] ?? 0)) {
    throw new RangeError(
      `proveOpening: expected at most 2^${p.foldings[0]} columns, got ${oracle.columns.length}`,
    );
  }
  for (const column of [...oracle.columns, ...(oracle.blinding ?? [])]) {
    if (column !== null && column.length !== rows) {
      throw new RangeError(`proveOpening: expected columns of ${rows}, got ${column.length}`);
    }
  }
  const expected = p.blinding === null ? undefined : BLINDING_COLUMNS;
  if (oracle.blinding?.length !== expected) {
    throw new RangeError(
      `proveOpening: expected ${expected ?? 'no'} columns of R, got ${oracle.blinding?.length ?? 'none'}`,
    );
  }
  for (const { firstRow, row } of pieces) {
    if (!(firstRow >= 0 && firstRow + row.length <= rows)) {
      const got = `${firstRow}+${row.length}`;
      throw new RangeError(`proveOpening: expected pieces within ${rows} rows, got ${got}`);
    }
  }
}

/**
 * Proves Σ_b W(b)·f(b) = claim for W the sum of the pieces; the layout is `verifyOpening`'s.
 * With `p.blinding` the proof says nothing else about f (`blinding.ts`), if its columns end in enough
 * random rows and R is uniform, both drawn for this proof alone.
 *
 * A false claim gives a proof that does not verify: the messages do not depend on it.
 * Cost:         one pass over the columns for each key, one more to fold; then the later oracles.
 * Memory:       two vectors of M elements of K, and the later oracles; the pieces' rows are the caller's.
 * Transcript:   as `verifyOpening`.
 * Caller must:  as there; observe the slots' roots before.
 *
 * @returns Whether the claim holds, that is, whether the proof will verify.
 * @throws {RangeError} when parameters, columns and pieces do not fit together.
 * @throws {AssayError} ASSAY_UNLUCKY_CHALLENGE: the randomness must be drawn anew (five fresh columns: once
 * in 2^31 proofs; nine: once in 2^154).
 */
export function proveOpening(
  engine: Engine,
  transcript: Transcript,
  writer: ProofWriter,
  p: WhirParameters,
  oracle: FirstOracle,
  pieces: readonly WeightPiece[],
  claim: K,
): boolean {
  checkArguments(p, oracle, pieces);
  const mark = engine.mark();
  const shapes = oracleShapes(p);
  const first = shapes[0];
  if (first === undefined) throw new RangeError('proveOpening: expected an oracle, got none');
  const columns = Array.from({ length: 2 ** first.folding }, (_, c) => oracle.columns[c] ?? null);
  const groups = groupPieces(pieces, columns.length);
  const blinding =
    p.blinding === null || oracle.blinding === null
      ? null
      : { ...p.blinding, columns: oracle.blinding, fresh: lastColumns(oracle) };
  const started = proveFirstRounds(
    engine,
    transcript,
    writer,
    first,
    columns,
    blinding,
    groups,
    claim,
  );
  let { f, w } = started;

  let committed = oracle.slots.map((slot) => slot.tree);
  const openAt = (shape: OracleShape): number[] => {
    grind(engine, transcript, writer, shape.queryPowBits);
    const indices = transcript.sampleIndices(shape.logDomain, shape.queries);
    for (const tree of committed) writeOpening(writer, tree, shape.logDomain, indices);
    return indices;
  };
  let shape = first;
  for (const next of shapes.slice(1)) {
    const rows = engine.encodeK(f, next.folding, next.logInverseRate);
    const commitment = commitRows(engine, rows);
    writer.bytes(commitment.root);
    transcript.observe(TAG_ROOT, commitment.root);
    const points: K[] = [];
    for (let j = 0; j < next.oodSamples; j++) {
      const z = transcript.sampleK();
      const y = engine.evaluateUnivariate(f, z);
      writer.k(y);
      transcript.observeK(TAG_OUT_OF_DOMAIN, [y]);
      points.push(z);
    }
    const omega = rootOfUnity(shape.logDomain);
    const xs = openAt(shape).map((index) => powF(omega, index));
    addQueryWeights(engine, w, transcript.sampleK(), points, xs);
    committed = [commitment.opened];
    shape = next;
    const { folding, foldPowBits } = next;
    ({ f, w } = proveRounds(engine, transcript, writer, { f, w }, folding, foldPowBits));
  }

  const final = engine.readAllK(f);
  writer.ks(final);
  transcript.observeK(TAG_FINAL_POLYNOMIAL, final);
  openAt(shape);
  proveRounds(engine, transcript, writer, { f, w }, finalVariables(p), 0);
  engine.release(mark);
  return started.consistent;
}
