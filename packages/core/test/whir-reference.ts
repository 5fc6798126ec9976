import { bytesOfU64, bytesOfWords, ProofWriter } from '../src/codec/index.ts';
import {
  addF,
  addK,
  baseK,
  type K,
  mulF,
  mulK,
  ONE,
  powF,
  rootOfUnity,
  scaleK,
  subK,
  ZERO,
} from '../src/field/index.ts';
import { concatBytes, type HashFunction } from '../src/hash/index.ts';
import { siblingPositions } from '../src/merkle/index.ts';
import {
  finalVariables,
  type OracleShape,
  oracleShapes,
  type WhirParameters,
} from '../src/pcs/index.ts';
import { eqTable, evaluateUnivariate } from '../src/poly/index.ts';
import {
  TAG_FINAL_POLYNOMIAL,
  TAG_OUT_OF_DOMAIN,
  TAG_ROOT,
  TAG_ROUND,
  type Transcript,
} from '../src/transcript/index.ts';

/**
 * The dense WHIR prover: weights materialised, codewords by Horner's rule, everything in plain arrays.
 * Independent of the streaming prover, and the place where malicious provers are made (`Tamper`).
 */

export interface DenseTree {
  readonly rows: readonly Uint32Array[];
  /** Leaves first. */
  readonly layers: readonly (readonly Uint8Array[])[];
  readonly root: Uint8Array;
}

/** The prover's view where it may lie. */
export interface DenseState {
  /** Running claim σ. */
  readonly claim: K;
  readonly f: readonly K[];
  readonly w: readonly K[];
}

/** What a malicious prover sends instead of the honest message. */
export interface Tamper {
  /** Round `index` of all rounds. */
  readonly round?: (index: number, honest: readonly [K, K], state: DenseState) => readonly [K, K];
  /** f_oracle, before it is committed. */
  readonly oracle?: (oracle: number, state: DenseState) => readonly K[];
  readonly answer?: (oracle: number, j: number, honest: K, state: DenseState) => K;
  readonly final?: (state: DenseState) => readonly K[];
  /** Trees of which the rows and siblings are sent. */
  readonly trees?: (oracle: number, honest: readonly DenseTree[]) => readonly DenseTree[];
  readonly nonce?: (honest: bigint) => bigint;
}

/** Everything the transcript answered. */
export interface DenseTrace {
  readonly challenges: K[];
  readonly gammas: K[];
  readonly points: K[][];
  readonly indices: number[][];
}

export interface DenseProof {
  readonly bytes: Uint8Array;
  readonly trace: DenseTrace;
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(3);

/** Rows of the code of `columns`, each an array of coefficients: (Σ_y c[y]·ω^(iy))_c. */
function encodeBase(columns: readonly (readonly number[])[], logDomain: number): Uint32Array[] {
  const omega = rootOfUnity(logDomain);
  return Array.from({ length: 2 ** logDomain }, (_, i) => {
    const x = powF(omega, i);
    return Uint32Array.from(columns, (column) =>
      column.reduceRight((sum, c) => addF(mulF(sum, x), c), 0),
    );
  });
}

function encodeExtension(f: readonly K[], shape: OracleShape): Uint32Array[] {
  const length = 2 ** (shape.variables - shape.folding);
  const columns = Array.from({ length: 2 ** shape.folding }, (_, c) =>
    f.slice(c * length, (c + 1) * length),
  );
  const omega = rootOfUnity(shape.logDomain);
  return Array.from({ length: 2 ** shape.logDomain }, (_, i) => {
    const x = powF(omega, i);
    const row = columns.flatMap((column) =>
      column.reduceRight<K>((sum, c) => addK(scaleK(sum, x), c), ZERO),
    );
    return Uint32Array.from(row);
  });
}

export function denseTree(rows: readonly Uint32Array[], hash: HashFunction): DenseTree {
  let layer = rows.map((row) => hash(concatBytes(LEAF, bytesOfWords(row))));
  const layers = [layer];
  while (layer.length > 1) {
    const below = layer;
    layer = Array.from({ length: below.length / 2 }, (_, i) =>
      hash(concatBytes(NODE, below[2 * i] ?? NODE, below[2 * i + 1] ?? NODE)),
    );
    layers.push(layer);
  }
  return { rows, layers, root: layer[0] ?? NODE };
}

/** Trees over the columns of each slot. `values`: canonical, 2^n of them, column after column. */
export function denseCommit(
  p: WhirParameters,
  values: readonly number[],
  slots: readonly { readonly firstColumn: number; readonly columns: number }[],
  hash: HashFunction,
): DenseTree[] {
  const rows = 2 ** p.logRows;
  return slots.map(({ firstColumn, columns }) => {
    const parts = Array.from({ length: columns }, (_, c) =>
      values.slice((firstColumn + c) * rows, (firstColumn + c + 1) * rows),
    );
    return denseTree(encodeBase(parts, p.logRows + (p.logInverseRates[0] ?? 0)), hash);
  });
}

export function powerTable(z: K, length: number): K[] {
  const table: K[] = [];
  for (let power: K = ONE; table.length < length; power = mulK(power, z)) table.push(power);
  return table;
}

export function innerK(a: readonly K[], b: readonly K[]): K {
  return a.reduce((sum, x, i) => addK(sum, mulK(x, b[i] ?? ZERO)), ZERO);
}

function bindTable(table: readonly K[], r: K): K[] {
  const half = table.length / 2;
  return Array.from({ length: half }, (_, i) => {
    const low = table[i] ?? ZERO;
    return addK(low, mulK(r, subK(table[i + half] ?? ZERO, low)));
  });
}

/** σ' = h(r), the verifier's update. */
function updateClaim(claim: K, [c0, c2]: readonly [K, K], r: K): K {
  const c1 = subK(subK(claim, addK(c0, c0)), c2);
  return addK(c0, mulK(r, addK(c1, mulK(r, c2))));
}

function foldRow(row: Uint32Array, weights: readonly K[], isBase: boolean): K {
  return weights.reduce((sum, weight, c) => {
    const at = 5 * c;
    const symbol: K = isBase
      ? baseK(row[c] ?? 0)
      : [row[at] ?? 0, row[at + 1] ?? 0, row[at + 2] ?? 0, row[at + 3] ?? 0, row[at + 4] ?? 0];
    return addK(sum, mulK(weight, symbol));
  }, ZERO);
}

/** From the first of the k_0 rounds to the end; the caller has observed roots and claims before. */
export function proveDense(options: {
  readonly parameters: WhirParameters;
  readonly transcript: Transcript;
  readonly hash: HashFunction;
  readonly slots: readonly { readonly firstColumn: number; readonly columns: number }[];
  readonly trees: readonly DenseTree[];
  readonly values: readonly number[];
  readonly weights: readonly K[];
  readonly claim: K;
  readonly tamper?: Tamper | undefined;
}): DenseProof {
  const { parameters: p, transcript, hash, slots, tamper = {} } = options;
  const writer = new ProofWriter();
  const trace: DenseTrace = { challenges: [], gammas: [], points: [], indices: [] };
  let f: readonly K[] = options.values.map(baseK);
  let w: readonly K[] = options.weights;
  let claim = options.claim;

  const grind = (bits: number): void => {
    if (bits === 0) return;
    const state = transcript.state();
    let nonce = 0n;
    for (; ; nonce++) {
      const digest = hash(concatBytes(Uint8Array.of(4), state, bytesOfU64(nonce)));
      const low = ((digest[29] ?? 0) << 16) | ((digest[30] ?? 0) << 8) | (digest[31] ?? 0);
      if (low % 2 ** bits === 0) break;
    }
    const sent = tamper.nonce?.(nonce) ?? nonce;
    writer.u64(sent);
    transcript.checkPow(bits, sent);
  };

  const rounds = (count: number, powBits: number): K[] => {
    const challenges: K[] = [];
    for (let round = 0; round < count; round++) {
      const half = f.length / 2;
      const difference = (t: readonly K[]): K[] =>
        Array.from({ length: half }, (_, i) => subK(t[i + half] ?? ZERO, t[i] ?? ZERO));
      const honest = [
        innerK(w.slice(0, half), f.slice(0, half)),
        innerK(difference(w), difference(f)),
      ] as const;
      const message = tamper.round?.(trace.challenges.length, honest, { claim, f, w }) ?? honest;
      writer.ks(message);
      transcript.observeK(TAG_ROUND, message);
      grind(powBits);
      const r = transcript.sampleK();
      trace.challenges.push(r);
      challenges.push(r);
      claim = updateClaim(claim, message, r);
      f = bindTable(f, r);
      w = bindTable(w, r);
    }
    return challenges;
  };

  const shapes = oracleShapes(p);
  let trees = options.trees;
  let committed = slots;
  const open = (
    oracle: number,
    shape: OracleShape,
    folded: readonly K[],
  ): { x: number; value: K }[] => {
    grind(shape.queryPowBits);
    const indices = transcript.sampleIndices(shape.logDomain, shape.queries);
    trace.indices.push(indices);
    const sent = tamper.trees?.(oracle, trees) ?? trees;
    for (const tree of sent) {
      for (const index of indices) writer.words(tree.rows[index] ?? []);
      for (const { layer, index } of siblingPositions(shape.logDomain, indices)) {
        writer.bytes(tree.layers[layer]?.[index] ?? NODE);
      }
    }
    const eq = eqTable(folded);
    const omega = rootOfUnity(shape.logDomain);
    return indices.map((index) => ({
      x: powF(omega, index),
      value: sent.reduce((sum, tree, s) => {
        const { firstColumn = 0, columns = 0 } = committed[s] ?? {};
        const weights = eq.slice(firstColumn, firstColumn + columns);
        return addK(sum, foldRow(tree.rows[index] ?? new Uint32Array(), weights, oracle === 0));
      }, ZERO),
    }));
  };

  for (const [i, shape] of shapes.entries()) {
    const folded = rounds(shape.folding, shape.foldPowBits);
    const next = shapes[i + 1];
    if (next === undefined) {
      const final = tamper.final?.({ claim, f, w }) ?? f;
      writer.ks(final);
      transcript.observeK(TAG_FINAL_POLYNOMIAL, final);
      open(i, shape, folded);
      f = final;
      rounds(finalVariables(p), 0);
      break;
    }
    f = tamper.oracle?.(i + 1, { claim, f, w }) ?? f;
    const tree = denseTree(encodeExtension(f, next), hash);
    writer.bytes(tree.root);
    transcript.observe(TAG_ROOT, tree.root);
    const points: K[] = [];
    const fresh: { table: K[]; value: K }[] = [];
    for (let j = 0; j < next.oodSamples; j++) {
      const z = transcript.sampleK();
      points.push(z);
      const honest = evaluateUnivariate(f, z);
      const y = tamper.answer?.(i + 1, j, honest, { claim, f, w }) ?? honest;
      writer.k(y);
      transcript.observeK(TAG_OUT_OF_DOMAIN, [y]);
      fresh.push({ table: powerTable(z, f.length), value: y });
    }
    trace.points.push(points);
    for (const { x, value } of open(i, shape, folded)) {
      fresh.push({ table: powerTable(baseK(x), f.length), value });
    }
    const gamma = transcript.sampleK();
    trace.gammas.push(gamma);
    let coefficient = gamma;
    for (const { table, value } of fresh) {
      const scale = coefficient;
      w = w.map((x, y) => addK(x, mulK(scale, table[y] ?? ZERO)));
      claim = addK(claim, mulK(scale, value));
      coefficient = mulK(coefficient, gamma);
    }
    trees = [tree];
    committed = [{ firstColumn: 0, columns: 2 ** next.folding }];
  }
  return { bytes: writer.finish(), trace };
}
