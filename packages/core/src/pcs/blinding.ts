import { type K, mulK, ONE } from '../field/index.ts';
import { powersK } from './weights.ts';

/**
 * The blinded opening. All that the argument asks of a commitment that hides is
 *
 *   commit    columns f_c whose last rows are random, and columns of randomness R, under one root
 *             with salted leaves;
 *   open      one linear functional Σ_b W(b)·f(b) = σ over all roots, W zero on the random rows (but
 *             for the out-of-domain weights); nothing but σ is learnt.
 *
 * Another hiding commitment may take this one's place behind `verifyOpening` and `proveOpening`: their
 * callers know the number of random rows and columns, and nothing of what follows.
 *
 * Names. M rows, k = k_0 rounds on the column variables. The five columns R^(0..4) of uniform words lie
 * in the last root's rows, behind its columns, and are no columns of f: R_1 = Σ_j R^(j)·X^j is a vector
 * over K. U = its last 3k rows; u_je = R_1 at row M − 3k + 3j + e, j < k, e < 3.
 *
 *   p(x_1 .. x_k) = Σ_j (u_j0 + u_j1·x_j + u_j2·x_j²)          p(α) = ⟨v, R_1⟩,  v = α_j^e on U
 *
 *   a  send σ_p = Σ_{x in {0,1}^k} p(x);  ρ' ≠ 0;  claim σ + ρ'·σ_p
 *   b  k rounds on Ŵ·f̂ + ρ'·p  ->  B;  α;  w' = Ŵ(α, ·),  f_1 = f̂(α, ·)
 *   c  send E = p(α),  D = ⟨w', R_1⟩,  b' = ⟨v, f_1⟩;  A := B − ρ'·E
 *   d  proof of work;  ρ ≠ 0;  γ';  g = f_1 + ρ·R_1;  claim ⟨w' + γ'·v, g⟩ = A + ρ·D + γ'·(b' + ρ·E)
 *
 * and the plain opening goes on with g in place of f_1: a row of the first oracle folds to
 * Σ_c eq(α, c)·f_c(x) + Σ_j ρ·X^j·R^(j)(x).
 *
 * Why it hides: ρ'·p, three coefficients a round, makes the rounds uniform but for σ; R_1 makes g
 * uniform; the random rows make opened rows and out-of-domain answers uniform. U lies in the random
 * rows: on data rows g would give u away.
 * Why it is sound: f, R and σ_p are fixed before ρ', and A, D, E, b' before ρ and γ', in which
 * A + ρ·D + γ'·(b' + ρ·E) is a polynomial with one coefficient for each of the four values.
 */

/** Columns of R: one for each coordinate of K. */
export const BLINDING_COLUMNS = 5;

/** K = F[X]/(X^5 − 2). */
export const X: K = [0, 1, 0, 0, 0];

/** Rows of U: the mask has three coefficients for each round. */
export function maskRows(rounds: number): number {
  return 3 * rounds;
}

/** v on U: 1, α_j, α_j² for each round j. p(α) = ⟨v, R_1⟩. */
export function maskWeights(challenges: readonly K[]): K[] {
  return challenges.flatMap((r) => [ONE, r, mulK(r, r)]);
}

/** factor·X^j, j < 5: what the columns of R are multiplied by, for factor·R_1. */
export function blindingCoefficients(factor: K): K[] {
  return powersK(X, BLINDING_COLUMNS, factor);
}
