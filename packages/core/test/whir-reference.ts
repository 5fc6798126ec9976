import { bytesOfU64, bytesOfWords, ProofWriter } from '../src/codec/index.ts';
import {
  addF,
  addK,
  baseK,
  invK,
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
  TAG_HIDING,
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
  /** One in front of each row, or none. */
  readonly salts: readonly Uint8Array[] | null;
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
  /** What the mask adds to ⟨w, f⟩ in the first rounds of a blinded opening. */
  readonly masked?: K | undefined;
}

/** Where E, D and b' are due; `claim` is B. */
export interface BlindedState extends DenseState {
  /** ρ'. */
  readonly maskFactor: K;
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
  /** The first of the rows of R that the mask is taken from. */
  readonly maskRow?: (honest: number) => number;
  readonly maskSum?: (honest: K, state: DenseState) => K;
  /** E, D, b'. */
  readonly blinding?: (honest: readonly K[], state: BlindedState) => readonly K[];
}

/** Everything the transcript answered. */
export interface DenseTrace {
  readonly challenges: K[];
  readonly gammas: K[];
  readonly points: K[][];
  readonly indices: number[][];
  /** ρ', ρ, γ' of a blinded opening. */
  readonly blinding: K[];
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

export function denseTree(
  rows: readonly Uint32Array[],
  hash: HashFunction,
  salts: readonly Uint8Array[] | null = null,
): DenseTree {
  let layer = rows.map((row, i) =>
    hash(concatBytes(LEAF, salts?.[i] ?? new Uint8Array(), bytesOfWords(row))),
  );
  const layers = [layer];
  while (layer.length > 1) {
    const below = layer;
    layer = Array.from({ length: below.length / 2 }, (_, i) =>
      hash(concatBytes(NODE, below[2 * i] ?? NODE, below[2 * i + 1] ?? NODE)),
    );
    layers.push(layer);
  }
  return { rows, salts, layers, root: layer[0] ?? NODE };
}

/** Salts of the leaves of slot `slot`, or null. */
export type DenseSalts = (slot: number, leaves: number) => readonly Uint8Array[] | null;

/**
 * Trees over the columns of each slot. `values`: canonical, 2^n of them, column after column.
 * `blinding`: the columns behind the last slot's.
 */
export function denseCommit(
  p: WhirParameters,
  values: readonly number[],
  slots: readonly { readonly firstColumn: number; readonly columns: number }[],
  hash: HashFunction,
  blinding: readonly (readonly number[])[] = [],
  salts: DenseSalts = () => null,
): DenseTree[] {
  const rows = 2 ** p.logRows;
  const logDomain = p.logRows + (p.logInverseRates[0] ?? 0);
  return slots.map(({ firstColumn, columns }, slot) => {
    const parts = Array.from({ length: columns }, (_, c) =>
      values.slice((firstColumn + c) * rows, (firstColumn + c + 1) * rows),
    );
    if (slot === slots.length - 1) parts.push(...blinding.map((column) => [...column]));
    return denseTree(encodeBase(parts, logDomain), hash, salts(slot, 2 ** logDomain));
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

/** All points of {0,1}^m. */
function hypercube(m: number): K[][] {
  return m === 0
    ? [[]]
    : hypercube(m - 1).flatMap((x) => [
        [...x, ZERO],
        [...x, ONE],
      ]);
}

/** The mask of a blinded opening, by its definition. */
class DenseMask {
  readonly #u: readonly K[];
  readonly factor: K;

  constructor(u: readonly K[], factor: K) {
    this.#u = u;
    this.factor = factor;
  }

  /** p(x) = Σ_j (u_j0 + u_j1·x_j + u_j2·x_j²). */
  at(x: readonly K[]): K {
    return innerK(
      this.#u,
      x.flatMap((r) => [ONE, r, mulK(r, r)]),
    );
  }

  /** Σ of p over all points of {0,1}^k that begin with `bound`. */
  sum(bound: readonly K[]): K {
    const free = this.#u.length / 3 - bound.length;
    return hypercube(free).reduce((sum, x) => addK(sum, this.at([...bound, ...x])), ZERO);
  }

  /** c0 and c2 of ρ'·Σ p(bound, X, ·), from its values at 0, 1, 2. */
  round(bound: readonly K[]): readonly [K, K] {
    const [h0, h1, h2] = [0, 1, 2].map((x) => this.sum([...bound, baseK(x)]));
    const second = subK(addK(h0 ?? ZERO, h2 ?? ZERO), addK(h1 ?? ZERO, h1 ?? ZERO));
    const half = invK(baseK(2));
    return [mulK(this.factor, h0 ?? ZERO), mulK(this.factor, mulK(half, second))];
  }
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
  /** R^(0..4), which the last tree's rows end in, if the parameters are blinded. */
  readonly blinding?: readonly (readonly number[])[] | undefined;
  readonly tamper?: Tamper | undefined;
}): DenseProof {
  const { parameters: p, transcript, hash, slots, blinding = [], tamper = {} } = options;
  const writer = new ProofWriter();
  const trace: DenseTrace = { challenges: [], gammas: [], points: [], indices: [], blinding: [] };
  const sampleBlinding = (): K => {
    const challenge = transcript.sampleK();
    trace.blinding.push(challenge);
    return challenge;
  };
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

  const rounds = (count: number, powBits: number, mask: DenseMask | null = null): K[] => {
    const challenges: K[] = [];
    for (let round = 0; round < count; round++) {
      const half = f.length / 2;
      const difference = (t: readonly K[]): K[] =>
        Array.from({ length: half }, (_, i) => subK(t[i + half] ?? ZERO, t[i] ?? ZERO));
      const [mask0, mask2] = mask?.round(challenges) ?? [ZERO, ZERO];
      const honest = [
        addK(innerK(w.slice(0, half), f.slice(0, half)), mask0),
        addK(innerK(difference(w), difference(f)), mask2),
      ] as const;
      const masked = mask === null ? ZERO : mulK(mask.factor, mask.sum(challenges));
      const state = { claim, f, w, masked };
      const message = tamper.round?.(trace.challenges.length, honest, state) ?? honest;
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
      for (const index of indices) {
        if (tree.salts !== null) writer.bytes(tree.salts[index] ?? NODE);
        writer.words(tree.rows[index] ?? []);
      }
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
        const behind = oracle === 0 && s === sent.length - 1 ? blindingWeights : [];
        const weights = [...eq.slice(firstColumn, firstColumn + columns), ...behind];
        return addK(sum, foldRow(tree.rows[index] ?? new Uint32Array(), weights, oracle === 0));
      }, ZERO),
    }));
  };

  /** ρ·X^j. */
  let blindingWeights: K[] = [];
  const blindedRounds = (shape: OracleShape, powBits: number): K[] => {
    // R_1 = Σ_j R^(j)·X^j
    const r1 = (blinding[0] ?? []).map((_, y): K => {
      const at = (j: number): number => blinding[j]?.[y] ?? 0;
      return [at(0), at(1), at(2), at(3), at(4)];
    });
    const lastRows = r1.length - 3 * shape.folding;
    const from = tamper.maskRow?.(lastRows) ?? lastRows;
    const u = r1.slice(from, from + 3 * shape.folding);
    const honestSum = new DenseMask(u, ONE).sum([]);
    const sum = tamper.maskSum?.(honestSum, { claim, f, w }) ?? honestSum;
    writer.k(sum);
    transcript.observeK(TAG_HIDING, [sum]);
    const mask = new DenseMask(u, sampleBlinding());
    claim = addK(claim, mulK(mask.factor, sum));
    const folded = rounds(shape.folding, shape.foldPowBits, mask);

    const v = r1.map((): K => ZERO);
    for (const [j, r] of folded.entries()) {
      for (const e of [0, 1, 2]) v[lastRows + 3 * j + e] = [ONE, r, mulK(r, r)][e] ?? ZERO;
    }
    const masked = mulK(mask.factor, mask.at(folded));
    const honest = [mask.at(folded), innerK(w, r1), innerK(v, f)];
    const state = { claim, f, w, masked, maskFactor: mask.factor };
    const message = tamper.blinding?.(honest, state) ?? honest;
    const [e = ZERO, d = ZERO, b = ZERO] = message;
    writer.ks(message);
    transcript.observeK(TAG_HIDING, message);
    grind(powBits);
    const rho = sampleBlinding();
    const gamma = sampleBlinding();
    const a = subK(claim, mulK(mask.factor, e));
    claim = addK(addK(a, mulK(rho, d)), mulK(gamma, addK(b, mulK(rho, e))));
    f = f.map((x, y) => addK(x, mulK(rho, r1[y] ?? ZERO)));
    w = w.map((x, y) => addK(x, mulK(gamma, v[y] ?? ZERO)));
    blindingWeights = [0, 1, 2, 3, 4].map((j) =>
      mulK(rho, powerTable([0, 1, 0, 0, 0], 5)[j] ?? ZERO),
    );
    return folded;
  };

  for (const [i, shape] of shapes.entries()) {
    const folded =
      i === 0 && p.blinding !== null
        ? blindedRounds(shape, p.blinding.powBits)
        : rounds(shape.folding, shape.foldPowBits);
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
