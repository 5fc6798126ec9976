import type { ReadFailure } from '../codec/index.ts';
import type { MerkleError } from '../merkle/index.ts';
import type { WhirParametersError } from './parameters.ts';

/** Why an opening was rejected. `oracle` is the one being folded or opened. */
export type WhirError =
  | WhirParametersError
  /** Slots overlap, leave the columns in use, or name a root that is not 32 bytes. */
  | { readonly kind: 'whir/slots'; readonly slot: number }
  | {
      readonly kind: 'whir/encoding';
      readonly oracle: number;
      readonly part:
        | 'round'
        | 'root'
        | 'out-of-domain'
        | 'final'
        | 'nonce'
        | 'salt'
        | 'row'
        | 'sibling'
        | 'mask sum'
        | 'blinding';
      readonly failure: ReadFailure;
    }
  | {
      readonly kind: 'whir/proof-of-work';
      readonly oracle: number;
      readonly before: 'fold' | 'query' | 'blinding';
    }
  /** A factor that must hide something is zero. No honest proof has it: the prover starts anew. */
  | { readonly kind: 'whir/zero-challenge'; readonly of: 'mask' | 'blinding' }
  | {
      readonly kind: 'whir/merkle';
      readonly oracle: number;
      readonly slot: number;
      readonly error: MerkleError;
    }
  /** A row of the last oracle does not fold to the final polynomial's value. */
  | { readonly kind: 'whir/final-query'; readonly index: number }
  /** The last claim is not Ŵ(r)·f_F(r). */
  | { readonly kind: 'whir/final-claim' };
