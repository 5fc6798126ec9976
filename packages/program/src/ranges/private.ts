import { err, ok, type Result } from '@assay/core/errors';
import type { ProgramError } from '../errors.ts';
import type { Program, Range, Relation, Tensor } from '../types.ts';
import { coarseRange, powerRange } from './coarse.ts';

const sameRange = (a: Range, b: Range): boolean => a.lo === b.lo && a.hi === b.hi;

function roundedTensor(tensor: Tensor): Tensor {
  const { role, range } = tensor;
  if (role !== 'model' || range === null) return tensor;
  return { ...tensor, range: powerRange([range.lo, range.hi]) };
}

function roundedRelation(relation: Relation): Relation {
  if (relation.kind !== 'zero' || relation.declared === null) return relation;
  return { ...relation, declared: coarseRange(relation.declared) };
}

/**
 * The program with what it declares of weights rounded outward until `checkPrivate` accepts it: for programs that were
 * not compiled for private weights. Wider intervals can make relations wrap that did not.
 */
export function roundDeclared(program: Program): Program {
  const { tensors, relations } = program;
  return {
    ...program,
    tensors: tensors.map(roundedTensor),
    relations: relations.map(roundedRelation),
  };
}

/**
 * Whether what a program declares of weights is fit to be seen where the weights are not: ranges of model tensors
 * are [−2^k, 2^k − 1], and declared intervals end at 0 or powers of two on either side of it. Exact intervals are
 * functions of the weights that whoever has the key could read.
 *
 * This finds programs that were compiled for public weights. Nobody's trust rests on it: what else follows from the
 * weights (domains of tables, scales) is for the compiler to round.
 */
export function checkPrivate(program: Program): Result<null, ProgramError> {
  const nodeName = (node: number): string => program.nodes[node]?.name ?? '?';
  for (const { name, role, range, node } of program.tensors) {
    if (role !== 'model' || range === null) continue;
    if (!sameRange(range, powerRange([range.lo, range.hi])))
      return err({ kind: 'program/exact', what: `range of ${name}`, node: nodeName(node), range });
  }
  for (const relation of program.relations) {
    if (relation.kind !== 'zero' || relation.declared === null) continue;
    const { declared: range, node } = relation;
    if (!sameRange(range, coarseRange(range)))
      return err({ kind: 'program/exact', what: 'accumulator', node: nodeName(node), range });
  }
  return ok(null);
}
