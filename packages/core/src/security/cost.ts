import { leafPermutations } from './formulas.ts';

/**
 * Estimated proving time and proof bytes of one oracle: what `deriveParameters` trades against each
 * other. Only an estimate: it decides between parameters that are all strong enough.
 */
export interface CostModel {
  readonly threads: number;
  /** One keccak-f[1600] of the kernels, ns on one thread. */
  readonly permutationNs: number;
  /** One base-field butterfly of a transform. */
  readonly butterflyNs: number;
  /** One integer × K multiply-add. */
  readonly macNs: number;
  /** One product in K. */
  readonly extensionNs: number;
  /** Passes of the opening over the committed columns (`opening.md` §3: one for each distinct row vector). */
  readonly passes: number;
  /** Exchange rate: how many milliseconds of proving one KiB of proof is worth. */
  readonly msPerKiB: number;
  /** The same for one MiB of the model's codeword, which the prover keeps on disk. */
  readonly msPerKeyMiB: number;
}

export const DEFAULT_COST_MODEL: CostModel = {
  threads: 2,
  permutationNs: 180,
  butterflyNs: 1.3,
  macNs: 0.9,
  extensionNs: 6,
  passes: 10,
  msPerKiB: 2,
  msPerKeyMiB: 0.15,
};

/**
 * `msPerKiB` of proofs that hide: pads, tails and blinding columns are more to encode and to hash, and
 * little to send, so that some of the time is bought back for bytes.
 */
export const HIDING_MS_PER_KIB = 1.5;

export interface OracleCost {
  readonly proverMs: number;
  readonly bytes: number;
}

export interface FirstOracleColumns {
  /** Committed before: the model's, and those of committed inputs. */
  readonly model: number;
  /** Committed in this proof. */
  readonly witness: number;
  /** Highest used column + 1. */
  readonly total: number;
}

/** What a blinded opening adds to a first oracle. */
export interface FirstOracleBlinding {
  /** Words of R in a row of the witness. */
  readonly words: number;
  /** Salt before a row of the witness. */
  readonly saltBytes: number;
}

export const WORD_BYTES = 4;
export const K_BYTES = 20;
export const DIGEST_BYTES = 32;
const K_WORDS = 5;
const NONCE_BYTES = 8;

/** What of an oracle's bytes depends neither on its queries nor on proof of work. */
export function fixedBytes(folding: number, oodSamples: number, sendsRoot: boolean): number {
  return (sendsRoot ? DIGEST_BYTES : 0) + (oodSamples + 2 * folding) * K_BYTES;
}

/** Rows and multiproofs. */
export function openedBytes(
  leaves: number,
  siblings: number,
  rowBytes: number,
  trees: number,
): number {
  return leaves * rowBytes + siblings * DIGEST_BYTES * trees;
}

/** Nonces of the fold rounds and of the queries. */
export function nonceBytes(folding: number, foldPowBits: number, queryPowBits: number): number {
  return (foldPowBits > 0 ? folding * NONCE_BYTES : 0) + (queryPowBits > 0 ? NONCE_BYTES : 0);
}

export function grindingNs(bits: number, model: CostModel): number {
  return bits === 0 ? 0 : 2 ** bits * model.permutationNs;
}

/** Encoding and hashing `words` base-field columns per row at 2^logDomain points. */
function commitNs(words: number, saltBytes: number, logDomain: number, model: CostModel): number {
  const rows = 2 ** logDomain;
  const butterflies = (words * rows * logDomain) / 2;
  const permutations = rows * (leafPermutations(saltBytes + words * WORD_BYTES) + 1);
  return butterflies * model.butterflyNs + permutations * model.permutationNs;
}

/** Work that depends on the shape only: commitment, rounds, and for oracle 0 the passes over all columns. */
export function oracleWorkMs(
  shape: { readonly variables: number; readonly folding: number; readonly logDomain: number },
  columns: FirstOracleColumns | null,
  model: CostModel,
  blinding: FirstOracleBlinding = { words: 0, saltBytes: 0 },
): number {
  const values = 2 ** shape.variables;
  let ns: number;
  if (columns === null) {
    const rounds = 4 * values * model.extensionNs;
    ns = commitNs(K_WORDS * 2 ** shape.folding, 0, shape.logDomain, model) + rounds;
  } else {
    const rows = 2 ** (shape.variables - shape.folding);
    const pass = (columns.model + columns.witness) * rows * model.macNs;
    const words = columns.witness + blinding.words;
    ns = commitNs(words, blinding.saltBytes, shape.logDomain, model) + (model.passes + 1) * pass;
  }
  return ns / model.threads / 1e6;
}

/** Adding the weights of the queries to those of the folded polynomial's values. */
export function queryNs(queries: number, folded: number, model: CostModel): number {
  return (queries * folded * model.extensionNs) / 4;
}

/** Work that depends on what is asked of the oracle: grinding, and adding the queries' weights. */
export function oracleQueryMs(
  shape: { readonly variables: number; readonly folding: number },
  asked: {
    readonly queries: number;
    readonly foldPowBits: number;
    readonly queryPowBits: number;
  },
  model: CostModel,
): number {
  const ns =
    shape.folding * grindingNs(asked.foldPowBits, model) +
    grindingNs(asked.queryPowBits, model) +
    queryNs(asked.queries, 2 ** (shape.variables - shape.folding), model);
  return ns / model.threads / 1e6;
}

/** What keeping the model's codeword is counted as. */
export function keyMs(columns: FirstOracleColumns, logDomain: number, model: CostModel): number {
  return ((columns.model * WORD_BYTES * 2 ** logDomain) / 2 ** 20) * model.msPerKeyMiB;
}

/** σ_p, E, D, b' and the nonce before ρ. */
export function blindingBytes(powBits: number): number {
  return 4 * K_BYTES + (powBits > 0 ? NONCE_BYTES : 0);
}

export function finalBytes(variables: number): number {
  return 2 ** variables * K_BYTES + 2 * variables * K_BYTES;
}
