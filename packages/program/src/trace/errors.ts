import type { MerkleError } from '@assay/core/merkle';
import { describeProgramError, type ProgramError } from '../errors.ts';
import type { ListId } from './types.ts';

/** Why a descriptor, an opening or a proof is refused. A relation that holds is not an error. */
export type TraceError =
  /** Bytes that are no encoding of a relation body. */
  | {
      readonly kind: 'trace/encoding';
      readonly reason: 'truncated' | 'trailing' | 'tag' | 'count' | 'integer';
      readonly offset: number;
    }
  /** A descriptor outside the limits, or whose parts do not fit one another. */
  | { readonly kind: 'trace/structure'; readonly where: string; readonly reason: string }
  /** The body is not the relation at this index under the relations root. */
  | { readonly kind: 'trace/relation'; readonly index: number; readonly reason: string }
  | { readonly kind: 'trace/element'; readonly element: bigint; readonly instances: number }
  /** `opening` is its position in the proof. */
  | { readonly kind: 'trace/opening'; readonly opening: number; readonly reason: string }
  | { readonly kind: 'trace/multiproof'; readonly opening: number; readonly cause: MerkleError }
  /** An element that the check reads lies in a leaf that no opening holds. */
  | {
      readonly kind: 'trace/leaf';
      readonly list: ListId;
      readonly index: number;
      readonly leaf: number;
    }
  | { readonly kind: 'trace/padding'; readonly reason: string }
  /** A program whose trace no contract could check. `node` names the node of the source model. */
  | {
      readonly kind: 'trace/refused';
      readonly node: string;
      readonly tensor: string;
      readonly reason: string;
    }
  /** The program itself is refused. */
  | { readonly kind: 'trace/program'; readonly cause: ProgramError };

/** One sentence for people. */
export function describeTraceError(error: TraceError): string {
  switch (error.kind) {
    case 'trace/encoding':
      return `relation: not an encoding: ${error.reason} at byte ${error.offset}`;
    case 'trace/structure':
      return `relation: ${error.where}: ${error.reason}`;
    case 'trace/relation':
      return `relation ${error.index} is not in the program: ${error.reason}`;
    case 'trace/element':
      return `element ${error.element} is outside the relation's ${error.instances} instances`;
    case 'trace/opening':
      return `opening ${error.opening}: ${error.reason}`;
    case 'trace/multiproof':
      return `opening ${error.opening}: ${error.cause.kind}`;
    case 'trace/leaf':
      return `leaf ${error.leaf} of tensor ${error.index} of list ${error.list} is read but not opened`;
    case 'trace/padding':
      return `padding: ${error.reason}`;
    case 'trace/program':
      return describeProgramError(error.cause);
    case 'trace/refused':
      return `node ${error.node}: tensor ${error.tensor} ${error.reason}`;
  }
}
