/** For tests only: proofs and commitments that a given source of randomness repeats. Whoever knows the seed sees all that a proof hides. */
export { proveWith } from '../prove.ts';
export { setupWith } from '../setup.ts';
