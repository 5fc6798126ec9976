import { type K, mulK, ONE } from '../field/index.ts';

/**
 * A batched sumcheck has as many rounds as its largest instance has variables. A smaller instance g_i
 * of n_i variables enters n − n_i rounds late: it stands for
 *
 *   X_1 ⋯ X_{n−n_i} · g_i(X_{n−n_i+1}, …, X_n),
 *
 * whose sum over the cube is that of g_i. So all instances end at suffixes of one point.
 */
export function instancePoint(point: readonly K[], variables: number): K[] {
  return point.slice(point.length - variables);
}

/** r_1 ⋯ r_{n−n_i}: the factor of an instance of `variables` variables in the final claim. */
export function delayFactor(point: readonly K[], variables: number): K {
  return point.slice(0, point.length - variables).reduce(mulK, ONE);
}
