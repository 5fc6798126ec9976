import type { ProofReader } from '../codec/index.ts';
import { err, ok, type Result } from '../errors.ts';
import { addK, equalK, type K, mulK, powF, rootOfUnity, ZERO } from '../field/index.ts';
import { DIGEST_BYTES } from '../hash/index.ts';
import { rowHash, SALT_BYTES, siblingCount, verifyMultiproof } from '../merkle/index.ts';
import {
  eqTable,
  evaluateMle,
  evaluateUnivariateAtBase,
  innerProduct,
  powerMle,
  powerMleAtBase,
} from '../poly/index.ts';
import { TAG_FINAL_POLYNOMIAL, TAG_ROOT, type Transcript } from '../transcript/index.ts';
import { verifyBlindedRounds } from './blinding-verifier.ts';
import type { WhirError } from './errors.ts';
import { readOutOfDomainPairs } from './out-of-domain.ts';
import {
  finalVariables,
  type OracleShape,
  oracleShapes,
  validateWhirParameters,
  type WhirParameters,
} from './parameters.ts';
import { checkPow, readable, type Run, type Stage, verifyRounds, type WeightTerm } from './run.ts';

/** Columns [firstColumn, firstColumn + columns) of oracle 0 are committed under `root`. */
export interface RootSlot {
  readonly root: Uint8Array;
  readonly firstColumn: number;
  readonly columns: number;
  /** Each leaf has 32 random bytes in front of its row: unopened rows cannot be guessed. */
  readonly salted: boolean;
}

/** A query answered: the folded row is the folded codeword's symbol at x = ω^index. */
interface Query {
  readonly index: number;
  readonly x: number;
  readonly value: K;
}

/** Rows and multiproof of one tree. `fold` reduces a row to its share of the folded symbol. */
function openTree(
  run: Run,
  at: { readonly oracle: number; readonly slot: number },
  tree: { readonly root: Uint8Array; readonly salted: boolean; readonly words: number },
  logLeaves: number,
  indices: readonly number[],
  fold: (row: Uint32Array) => K,
): Stage<K[]> {
  const values: K[] = [];
  const leaves: Uint8Array[] = [];
  for (const _ of indices) {
    const salt = run.reader.bytes(tree.salted ? SALT_BYTES : 0);
    const salted = readable(run, at.oracle, 'salt');
    if (!salted.ok) return salted;
    const row = run.reader.words(tree.words);
    const read = readable(run, at.oracle, 'row');
    if (!read.ok) return read;
    leaves.push(rowHash(row, salt));
    values.push(fold(row));
  }
  const siblings: Uint8Array[] = [];
  const count = siblingCount(logLeaves, indices);
  for (let i = 0; i < count; i++) siblings.push(run.reader.bytes(DIGEST_BYTES));
  const read = readable(run, at.oracle, 'sibling');
  if (!read.ok) return read;
  const proof = verifyMultiproof(tree.root, logLeaves, indices, leaves, siblings);
  return proof.ok ? ok(values) : err({ kind: 'whir/merkle', ...at, error: proof.error });
}

/** Σ_c eq(α, c)·row_c over a row of elements of K, column major. */
function foldExtensionRow(row: Uint32Array, eq: readonly K[]): K {
  return eq.reduce((sum, weight, c) => {
    const at = 5 * c;
    const symbol: K = [
      row[at] ?? 0,
      row[at + 1] ?? 0,
      row[at + 2] ?? 0,
      row[at + 3] ?? 0,
      row[at + 4] ?? 0,
    ];
    return addK(sum, mulK(weight, symbol));
  }, ZERO);
}

/**
 * Proof of work, indices, rows: the folded symbols of oracle i at the sampled points.
 *
 * @param blinding - Coefficients of the words behind the last slot's columns; [] if there are none.
 */
function openOracle(
  run: Run,
  oracle: number,
  shape: OracleShape,
  slots: readonly RootSlot[],
  blinding: readonly K[],
): Stage<Query[]> {
  const worked = checkPow(run, oracle, shape.queryPowBits, 'query');
  if (!worked.ok) return worked;
  const logLeaves = shape.logDomain;
  const indices = run.transcript.sampleIndices(logLeaves, shape.queries);
  const eq = eqTable(run.point.slice(run.point.length - shape.folding));
  let values = indices.map((): K => ZERO);
  for (const [slot, { root, salted, firstColumn, columns }] of slots.entries()) {
    const behind = slot === slots.length - 1 ? blinding : [];
    const weights = [...eq.slice(firstColumn, firstColumn + columns), ...behind];
    const at = { oracle, slot };
    const tree = { root, salted, words: oracle === 0 ? weights.length : 5 * weights.length };
    const opened = openTree(run, at, tree, logLeaves, indices, (row) =>
      oracle === 0 ? innerProduct(row, weights) : foldExtensionRow(row, weights),
    );
    if (!opened.ok) return opened;
    const shares = opened.value;
    values = values.map((value, l) => addK(value, shares[l] ?? ZERO));
  }
  const omega = rootOfUnity(logLeaves);
  return ok(
    indices.map((index, l) => ({ index, x: powF(omega, index), value: values[l] ?? ZERO })),
  );
}

/** Slots lie in column order inside the columns in use, without overlap. */
function checkSlots(slots: readonly RootSlot[], columns: number): Stage<null> {
  let free = 0;
  for (const [slot, { root, firstColumn, columns: count }] of slots.entries()) {
    const placed =
      Number.isInteger(firstColumn) &&
      Number.isInteger(count) &&
      firstColumn >= free &&
      count >= 1 &&
      firstColumn + count <= columns &&
      root.length === DIGEST_BYTES;
    if (!placed) return err({ kind: 'whir/slots', slot });
    free = firstColumn + count;
  }
  return slots.length > 0 ? ok(null) : err({ kind: 'whir/slots', slot: -1 });
}

/**
 * Verifies Σ_b W(b)·f(b) = claim, f the virtual polynomial whose columns are committed under the
 * slots' roots and zero elsewhere.
 *
 * Layout of the proof (k = K element, u = u64 nonce, absent where its slot has 0 bits; every count
 * follows from the parameters and the sampled indices):
 *
 *   blinded only:                 σ_p k
 *   rounds(k_0):                  h(0) k, h(∞) k, nonce u                              each round
 *   blinded only:                 E k, D k, b' k, nonce u
 *   for i = 0 .. R−1:             root_{i+1} 32 bytes; y k, s_{i+1} times; nonce u;
 *                                 opening of oracle i; rounds(k_{i+1})
 *   last:                         f_F 2^m_F k; nonce u; opening of oracle R; m_F × (h(0) k, h(∞) k)
 *   opening of oracle 0:          for each slot: rows of u32 in index order, then siblings; a salted
 *                                 slot's row has its salt, 32 bytes, in front, and, blinded, the last
 *                                 slot's row has the five words of R behind its columns
 *   opening of oracle i > 0:      rows of 5·2^k_i u32 in index order, then siblings
 *
 * Source:      WHIR (eprint 2024/1586); `pcs.md` §1.4. Fresh claims are batched onto the running
 *              claim from γ^1 on: with γ^0 an error could move from the one into the other.
 * Rejects:     every kind of `WhirError`.
 * Soundness:   the terms of `securityBudget` named S8.
 * Transcript:  tags 12 (mask), 3, 5 (rounds), 12, 5 (blinding), 1, 2, 5 (next oracle), 6, 5 (final
 *              polynomial).
 * Caller must: have observed the roots, answered p.oodSamples[0] out-of-domain samples, done the
 *              proof of work before γ, and batched all claims into `claim` and W; test `reader.atEnd`.
 *
 * @param evaluateWeight - W's multilinear extension at the given n coordinates.
 */
export function verifyOpening(
  transcript: Transcript,
  reader: ProofReader,
  p: WhirParameters,
  slots: readonly RootSlot[],
  claim: K,
  evaluateWeight: (point: readonly K[]) => K,
): Result<null, WhirError> {
  const valid = validateWhirParameters(p);
  if (!valid.ok) return valid;
  const placed = checkSlots(slots, p.columns);
  if (!placed.ok) return placed;

  const run: Run = { transcript, reader, claim, point: [] };
  const shapes = oracleShapes(p);
  const terms: WeightTerm[] = [];
  let committed: readonly RootSlot[] = slots;
  let blinding: readonly K[] = [];
  for (const [i, shape] of shapes.entries()) {
    if (i === 0 && p.blinding !== null) {
      const blinded = verifyBlindedRounds(run, shape, p.blinding);
      if (!blinded.ok) return blinded;
      terms.push(blinded.value.term);
      blinding = blinded.value.coefficients;
    } else {
      const folded = verifyRounds(run, i, shape.folding, shape.foldPowBits);
      if (!folded.ok) return folded;
    }
    const next = shapes[i + 1];
    if (next === undefined) break;

    const root = reader.bytes(DIGEST_BYTES);
    const rootRead = readable(run, i + 1, 'root');
    if (!rootRead.ok) return rootRead;
    transcript.observe(TAG_ROOT, root);
    const pairs = readOutOfDomainPairs(transcript, reader, next.oodSamples);
    const pairsRead = readable(run, i + 1, 'out-of-domain');
    if (!pairsRead.ok) return pairsRead;
    const opened = openOracle(run, i, shape, committed, blinding);
    if (!opened.ok) return opened;

    const gamma = transcript.sampleK();
    const fresh = [
      ...pairs.map(({ z, y }) => ({
        value: y,
        evaluate: (rest: readonly K[]) => powerMle(z, rest),
      })),
      ...opened.value.map(({ x, value }) => ({
        value,
        evaluate: (rest: readonly K[]) => powerMleAtBase(x, rest),
      })),
    ];
    let coefficient = gamma;
    for (const { value, evaluate } of fresh) {
      run.claim = addK(run.claim, mulK(coefficient, value));
      terms.push({ bound: run.point.length, coefficient, evaluate });
      coefficient = mulK(coefficient, gamma);
    }
    committed = [{ root, firstColumn: 0, columns: 2 ** next.folding, salted: false }];
    blinding = [];
  }

  const last = shapes.length - 1;
  const lastShape = shapes[last];
  if (lastShape === undefined) return err({ kind: 'whir/final-claim' });
  const variables = finalVariables(p);
  const final = reader.ks(2 ** variables);
  const finalRead = readable(run, last, 'final');
  if (!finalRead.ok) return finalRead;
  transcript.observeK(TAG_FINAL_POLYNOMIAL, final);
  const opened = openOracle(run, last, lastShape, committed, blinding);
  if (!opened.ok) return opened;
  for (const { index, x, value } of opened.value) {
    if (!equalK(evaluateUnivariateAtBase(final, x), value)) {
      return err({ kind: 'whir/final-query', index });
    }
  }
  const bound = verifyRounds(run, last, variables, 0);
  if (!bound.ok) return bound;

  const weight = terms.reduce(
    (sum, { bound, coefficient, evaluate }) =>
      addK(sum, mulK(coefficient, evaluate(run.point.slice(bound)))),
    evaluateWeight(run.point),
  );
  const value = evaluateMle(final, run.point.slice(run.point.length - variables));
  return equalK(run.claim, mulK(weight, value)) ? ok(null) : err({ kind: 'whir/final-claim' });
}
