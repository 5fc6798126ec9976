import { err, ok, type Result } from '@assay/core/errors';
import { deriveRanges } from '../../ranges/derive.ts';
import { determineSteps } from '../../ranges/determined.ts';
import type { Program } from '../../types.ts';
import type { TraceError } from '../errors.ts';
import { TRACE_LIMITS } from '../limits.ts';
import {
  type Coordinate,
  type DefinitionGroup,
  LIST,
  type TensorRef,
  type TraceForm,
  type TraceRelation,
  type TraceView,
} from '../types.ts';
import { depthsOf } from './cost.ts';
import { Draft } from './draft.ts';
import { definitionGroups } from './groups.ts';
import { lintTrace } from './lint.ts';
import { Orders } from './orders.ts';
import { Refusal } from './refusal.ts';
import { Steps } from './steps.ts';
import { Sums } from './sums.ts';
import type { DerivedTensor, DraftTensor, TraceProgram } from './types.ts';

function plain({ list, index, dims, order }: TensorRef): TensorRef {
  return { list, index, dims, order };
}

function plainView({ tensor, factors }: TraceView): TraceView {
  return {
    tensor: plain(tensor),
    factors: factors.map((factor) =>
      factor.kind === 'gather' ? { ...factor, table: plain(factor.table) } : factor,
    ),
  };
}

function plainForm({ bias, terms }: TraceForm): TraceForm {
  return {
    bias,
    terms: terms.map(({ coefficient, view }) => ({ coefficient, view: plainView(view) })),
  };
}

function plainRelation(relation: TraceRelation): TraceRelation {
  switch (relation.kind) {
    case 'linear':
    case 'range':
      return { ...relation, form: plainForm(relation.form) };
    case 'einsum':
      return {
        ...relation,
        x: plainView(relation.x),
        y: plainView(relation.y),
        partials: relation.partials === null ? null : plain(relation.partials),
        claim: plainForm(relation.claim),
      };
    case 'lookup':
      return {
        ...relation,
        value: plainForm(relation.value),
        table: plain(relation.table),
        coordinates: relation.coordinates.map(
          (coordinate): Coordinate =>
            coordinate.kind === 'keyed'
              ? { ...coordinate, form: plainForm(coordinate.form) }
              : coordinate,
        ),
      };
  }
}

/** Numbers trace tensors in the order of their groups. @returns new indices by old ones */
function renumber(
  traces: readonly DraftTensor[],
  groups: readonly DefinitionGroup[],
): readonly number[] {
  const indices = traces.map((_, index) => index);
  let next = 0;
  for (const { tensors } of groups)
    for (const { list, index } of tensors)
      if (list === LIST.trace) {
        indices[index] = next;
        next += 1;
      }
  return indices;
}

function finish(draft: Draft): TraceProgram {
  const [constants, inputs, traces, outputs] = draft.lists;
  const groups = definitionGroups(draft);
  const indices = renumber(traces, groups);
  const plainTensor = (tensor: DraftTensor): DerivedTensor => {
    const { list, index, dims, order, name, range, node, proven } = tensor;
    const { origin: made } = tensor;
    const origin =
      made.kind === 'copy' && made.list === LIST.trace
        ? { ...made, index: indices[made.index] ?? made.index }
        : made;
    return { list, index, dims, order, name, range, origin, node, proven };
  };
  for (const tensor of traces) tensor.index = indices[tensor.index] ?? tensor.index;
  return {
    lists: [
      constants.map(plainTensor),
      inputs.map(plainTensor),
      traces.toSorted((a, b) => a.index - b.index).map(plainTensor),
      outputs.map(plainTensor),
    ],
    relations: draft.relations.map(plainRelation),
    nodes: draft.nodes,
    groups: groups.map(
      ({ tensors, relations }): DefinitionGroup => ({ tensors: tensors.map(plain), relations }),
    ),
  };
}

/**
 * The trace that a contract can check of runs of a program: its tensors with leaf orders, relations over single
 * elements, and definition groups. A function of the program alone: everyone derives the same.
 *
 *   Relations of the program that fix what steps produce (`determineSteps`) become Linear, Einsum or Lookup;
 *   combinations that an einsum would have to multiply, sums inside forms, further products and forms of more than
 *   16 terms are committed as tensors of their own, defined by one relation each; every input, trace and output
 *   tensor has a Range. Chunks, orders of sums and leaf orders are chosen so that each check fits 1,024 products
 *   and 24 KiB, with prefix sums where a sum is longer and copies where a tensor is read along two orders.
 *
 * Caller must: have validated the program (`validateProgram`); with weights, ask `checkTrace`.
 * Errors: trace/program (ranges or uniqueness), trace/refused (what a contract could not check).
 */
export function deriveTrace(program: Program): Result<TraceProgram, TraceError> {
  return deriveTraceWithin(program, TRACE_LIMITS.chunk);
}

/** `deriveTrace` with shorter chunks, for tests of prefix sums: not what anyone else derives. */
export function deriveTraceWithin(
  program: Program,
  chunk: number,
): Result<TraceProgram, TraceError> {
  const ranges = deriveRanges(program);
  if (!ranges.ok) return err({ kind: 'trace/program', cause: ranges.error });
  const steps = determineSteps(program, ranges.value);
  if (!steps.ok) return err({ kind: 'trace/program', cause: steps.error });
  try {
    const draft = new Draft(program, ranges.value);
    new Steps(draft, new Sums(draft)).derive(steps.value);
    // Prefix sums, copies and their relations are still to come: at most three of each for an einsum.
    const more = 3 * draft.relations.filter(({ kind }) => kind === 'einsum').length;
    const [constants, inputs, traces, outputs] = draft.lists;
    const depths = depthsOf(draft.relations.length + 2 * more, [
      constants.length + more,
      inputs.length,
      traces.length + more,
      outputs.length,
    ]);
    const readTable = (ref: TensorRef): readonly number[] => {
      const origin = constants[ref.index]?.origin;
      return origin?.kind === 'listed' ? origin.values : [];
    };
    new Orders(draft, depths, readTable, chunk).assign();
    const trace = finish(draft);
    const error = lintTrace(program, trace);
    return error === null ? ok(trace) : err(error);
  } catch (error) {
    if (error instanceof Refusal) return err(error.error);
    throw error;
  }
}
