import type { Program, RelationId, TensorId } from '@assay/program';
import { nodeLabel, tensorLabel } from '../errors.ts';

/**
 * One place where a trace is not what the program says. `wraps`: wrong over the integers, but right mod p: a
 * proof could not tell, and the no-wrap rule is broken.
 */
export type Violation =
  /** form + Σ products = residual, not 0. */
  | {
      readonly kind: 'zero';
      readonly relation: RelationId;
      readonly index: readonly number[];
      readonly node: number;
      readonly residual: bigint;
      readonly wraps: boolean;
    }
  /** (entries) is no row of the table. */
  | {
      readonly kind: 'lookup';
      readonly relation: RelationId;
      readonly index: readonly number[];
      readonly node: number;
      readonly entries: readonly bigint[];
      readonly wraps: boolean;
    }
  /** A value outside the declared range of its tensor. */
  | {
      readonly kind: 'range';
      readonly tensor: TensorId;
      readonly index: readonly number[];
      readonly node: number;
      readonly value: number;
    };

/** One sentence for people. */
export function describeViolation(program: Program, violation: Violation): string {
  const where = `${nodeLabel(program, violation.node)}:`;
  const index = `[${violation.index.join()}]`;
  switch (violation.kind) {
    case 'zero':
      return `${where} relation ${violation.relation} at ${index} is ${violation.residual}, not 0${violation.wraps ? ' (but 0 mod p)' : ''}`;
    case 'lookup':
      return `${where} relation ${violation.relation} at ${index}: (${violation.entries.join()}) is no row of its table${violation.wraps ? ' (but is mod p)' : ''}`;
    case 'range':
      return `${where} ${tensorLabel(program, violation.tensor)} at ${index}: ${violation.value} is outside its declared range`;
  }
}
