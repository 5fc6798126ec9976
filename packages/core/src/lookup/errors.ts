import type { ReadFailure } from '../codec/index.ts';

/** Why a LogUp-GKR proof was rejected. `layer`: its number of variables. */
export type LogupError =
  /** The message that could not be read. */
  | {
      readonly kind: 'logup/encoding';
      readonly layer: number;
      readonly part: 'top' | 'round' | 'children';
      readonly failure: ReadFailure;
    }
  /** A fraction of the top layer, or the root, has no value. */
  | { readonly kind: 'logup/zero-denominator'; readonly index: number }
  /** The fractions of the top layer do not add up to zero. */
  | { readonly kind: 'logup/sum' }
  /** A coordinate of the point is 0, so that s(1) does not follow from the claim (probability 2^−154 a round). */
  | { readonly kind: 'logup/zero-coordinate'; readonly layer: number; readonly round: number }
  /** The claim about a layer is not what its children's evaluations make. */
  | { readonly kind: 'logup/layer'; readonly layer: number };
