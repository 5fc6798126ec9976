import { err, ok, type Result } from '@assay/core/errors';
import { checkModel } from '../../ranges/check-model.ts';
import { deriveRanges } from '../../ranges/derive.ts';
import { elementCount } from '../../shape/dimensions.ts';
import type { Program, Range, Weights } from '../../types.ts';
import { unravel } from '../check.ts';
import type { TraceError } from '../errors.ts';
import { chunkCount, tensorKey } from '../structure.ts';
import { LIST, type TraceRelation, type TraceView } from '../types.ts';
import { constantValues } from './constants.ts';
import { tableReader } from './dearest.ts';
import { fitsInt32 } from './draft.ts';
import { boxIndices, compilePositions } from './positions.ts';
import type { DerivedTensor, TraceProgram } from './types.ts';

type Einsum = Extract<TraceRelation, { kind: 'einsum' }>;

/** Sums beyond this would not be exact. */
const EXACT = 2 ** 52;

/** Logical axes below `outer` that a view changes along. */
function outerAxes(view: TraceView, outer: number): readonly number[] {
  const axes = view.factors.flatMap((factor) =>
    factor.kind === 'affine'
      ? factor.strides.map(({ axis }) => axis)
      : factor.kind === 'gather'
        ? [factor.axis]
        : factor.axes,
  );
  return [...new Set(axes)].filter((axis) => axis < outer).sort((a, b) => a - b);
}

class Bounds {
  readonly #trace: TraceProgram;
  readonly #program: Program;
  readonly #weights: Weights;
  readonly #tensors = new Map<string, DerivedTensor>();

  constructor(trace: TraceProgram, program: Program, weights: Weights) {
    this.#trace = trace;
    this.#program = program;
    this.#weights = weights;
    for (const list of trace.lists)
      for (const tensor of list) this.#tensors.set(tensorKey(tensor), tensor);
  }

  tensor(view: TraceView): DerivedTensor | undefined {
    return this.#tensors.get(tensorKey(view.tensor));
  }

  /**
   * Interval of the prefix sums P_c of an einsum, for every value of the varying operand in its range (or 0, where it
   * is outside) and the fixed one's values:   Σ_{t <= c} min(w·lo, w·hi) … Σ_{t <= c} max(w·lo, w·hi).
   * With `last`, of the whole sum alone. Null: no operand is fixed, or sums that would not be exact.
   */
  prefixes(relation: Einsum, last: boolean): Range | null {
    const { domain, sum, chunk } = relation;
    const isConstant = (view: TraceView): boolean => view.tensor.list === LIST.constant;
    const sides = [relation.x, relation.y];
    const fixed = sides.find(isConstant);
    const varying = sides.find((view) => view !== fixed);
    const tensor = fixed === undefined ? undefined : this.tensor(fixed);
    const range = varying === undefined ? undefined : this.tensor(varying)?.range;
    if (fixed === undefined || tensor === undefined || range === undefined) return null;
    const values = constantValues(this.#program, this.#weights, tensor);
    const lo = Math.min(0, range.lo);
    const hi = Math.max(0, range.hi);
    const at = compilePositions(fixed, [...domain, ...sum], tableReader(this.#trace));
    const axes = outerAxes(fixed, domain.length);
    const inner = Array.from({ length: elementCount(sum) }, (_, t) => unravel(t, sum));
    const chunks = chunkCount(relation);
    let low = 0;
    let high = 0;
    for (const outer of boxIndices(axes.map((axis) => domain[axis] ?? 1))) {
      const index = domain.map(() => 0);
      for (const [i, axis] of axes.entries()) index[axis] = outer[i] ?? 0;
      let least = 0;
      let most = 0;
      for (const [t, tail] of inner.entries()) {
        const position = at([...index, ...tail]);
        const w = position < 0 ? 0 : (values[position] ?? 0);
        least += Math.min(w * lo, w * hi);
        most += Math.max(w * lo, w * hi);
        const ends = t === inner.length - 1 || (t + 1) % chunk === 0;
        const c = Math.floor(t / chunk);
        if (!ends || (c === chunks - 1) !== last) continue;
        low = Math.min(low, least);
        high = Math.max(high, most);
      }
      if (most - least > EXACT) return null;
    }
    return { lo: low, hi: high };
  }
}

/**
 * What a model's record must establish about weights: they are what the program declares (`checkModel`), and no input
 * takes a prefix sum or a product of the trace out of int32. Anyone with the weights can run it.
 *
 * Errors: trace/program (program/weights), trace/refused.
 */
export function checkTrace(
  trace: TraceProgram,
  program: Program,
  weights: Weights,
): Result<null, TraceError> {
  const ranges = deriveRanges(program);
  if (!ranges.ok) return err({ kind: 'trace/program', cause: ranges.error });
  const model = checkModel(program, weights, ranges.value);
  if (!model.ok) return err({ kind: 'trace/program', cause: model.error });
  const bounds = new Bounds(trace, program, weights);
  for (const tensor of trace.lists[LIST.trace]) {
    if (tensor.proven) continue;
    const refuse = (reason: string): Result<never, TraceError> =>
      err({
        kind: 'trace/refused',
        node: program.nodes[tensor.node]?.name ?? '?',
        tensor: tensor.name,
        reason,
      });
    const { origin } = tensor;
    const key = tensorKey(tensor);
    const relation = trace.relations.find(
      (r): r is Einsum =>
        r.kind === 'einsum' &&
        (origin.kind === 'prefix'
          ? r.partials !== null && tensorKey(r.partials) === key
          : r.claim.terms.length === 1 &&
            r.claim.bias === 0 &&
            r.claim.terms.some((t) => tensorKey(t.view.tensor) === key)),
    );
    const total =
      relation === undefined ? null : bounds.prefixes(relation, origin.kind !== 'prefix');
    if (relation === undefined || total === null) return refuse('is not confined to int32');
    const scale = origin.kind === 'prefix' ? 1 : Math.abs(relation.scale);
    if (!fitsInt32({ lo: scale * total.lo, hi: scale * total.hi }))
      return refuse(`reaches [${total.lo}, ${total.hi}], not int32`);
  }
  return ok(null);
}
