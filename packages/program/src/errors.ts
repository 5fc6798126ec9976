import type { Range } from './types.ts';

/** Why a program is refused. `node` names the node of the source model where there is one. */
export type ProgramError =
  | { readonly kind: 'program/encoding'; readonly reason: string }
  | {
      readonly kind: 'program/limit';
      readonly what: string;
      readonly limit: number;
      readonly actual: number;
    }
  | { readonly kind: 'program/structure'; readonly where: string; readonly reason: string }
  | {
      readonly kind: 'program/unbounded';
      readonly tensor: string;
      readonly node: string;
    }
  | {
      readonly kind: 'program/wrap';
      readonly relation: number;
      readonly node: string;
      readonly what: string;
      readonly lo: number;
      readonly hi: number;
    }
  | {
      readonly kind: 'program/ambiguous';
      readonly tensor: string;
      readonly node: string;
      readonly step: 'digits' | 'lookup' | 'divide' | 'onehot';
    }
  | {
      readonly kind: 'program/weights';
      readonly tensor: string;
      readonly node: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'program/exact';
      readonly what: string;
      readonly node: string;
      readonly range: Range;
    };

/** One sentence for people. */
export function describeProgramError(error: ProgramError): string {
  switch (error.kind) {
    case 'program/encoding':
      return `program: not a canonical encoding: ${error.reason}`;
    case 'program/limit':
      return `program: ${error.what} is ${error.actual}, more than ${error.limit}`;
    case 'program/structure':
      return `program: ${error.where}: ${error.reason}`;
    case 'program/unbounded':
      return `node ${error.node}: nothing enforces a range on tensor ${error.tensor}`;
    case 'program/wrap':
      return `node ${error.node}: ${error.what} of relation ${error.relation} can reach [${error.lo}, ${error.hi}], outside (-p, p)`;
    case 'program/ambiguous':
      return `node ${error.node}: the relations leave tensor ${error.tensor} more than one value (step ${error.step})`;
    case 'program/weights':
      return `node ${error.node}: tensor ${error.tensor}: ${error.reason}`;
    case 'program/exact':
      return `node ${error.node}: ${error.what} is declared as [${error.range.lo}, ${error.range.hi}], which says more of the weights than powers of two`;
  }
}
