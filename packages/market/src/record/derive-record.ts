import { bytesOfK } from '@assay/core/codec';
import { AssayError, err, type Result } from '@assay/core/errors';
import { keccak256 } from '@assay/core/hash';
import {
  elementCount,
  encodeProgram,
  type Port,
  type Program,
  programDigest,
  type Weights,
} from '@assay/program';
import {
  checkTrace,
  deriveTrace,
  describeTraceError,
  LIST,
  ListTree,
  relationsTree,
  type TensorTree,
  type TraceError,
  type TraceProgram,
} from '@assay/program/trace';
import { commitConstants } from '@assay/runtime/trace';
import type { VerifyingKey } from '@assay/verifier';
import { hexOf, ZERO_HASH } from '../hex.ts';
import type { ModelRecord } from '../jobs/index.ts';

/** What follows from program, weights and key; `predecessor` and `manifest` are the registrant's. */
export type DerivedRecord = Omit<ModelRecord, 'predecessor' | 'manifest'>;

export interface ModelSource {
  readonly program: Program;
  /** Null: not here, or hidden: no trace evidence. */
  readonly weights: Weights | null;
  /** Null: no proof evidence. */
  readonly key: VerifyingKey | null;
}

/** A model as the market knows it, with what it was derived with. */
export interface DerivedModel {
  readonly record: DerivedRecord;
  /** Null: contracts cannot check it. */
  readonly trace: TraceProgram | null;
  /** Why there is no trace. */
  readonly refusal: 'weights are hidden' | TraceError | null;
  /** Trees of the Constant list; empty without a trace. */
  readonly constants: readonly TensorTree[];
}

/** Ports that a record has room for, on each side. */
const MOST_PORTS = 8;

/** Elements of each tensor, u32 each, the first in the lowest bits. */
function packedSizes(ports: readonly Port[], side: 'inputs' | 'outputs'): bigint {
  if (ports.length > MOST_PORTS) {
    throw new AssayError({
      code: 'ASSAY_RECORD_PORTS',
      shortMessage: `a model of the market has at most ${MOST_PORTS} ${side}, this one has ${ports.length}`,
    });
  }
  return ports.reduce(
    (packed, { shape }, i) => packed | (BigInt(elementCount(shape)) << BigInt(32 * i)),
    0n,
  );
}

/**
 * What every run of the model can be committed to. Whoever locks a job has to submit a trace whatever
 * the input, so weights with which some input leaves int32 are as good as no trace.
 */
function provenTrace(program: Program, weights: Weights): Result<TraceProgram, TraceError> {
  const derived = deriveTrace(program);
  if (!derived.ok) return derived;
  if (derived.value.lists[LIST.trace].length === 0)
    return err({
      kind: 'trace/refused',
      node: program.nodes[0]?.name ?? '?',
      tensor: program.outputs[0]?.name ?? '?',
      reason: 'follows from the inputs at once: a trace of no tensors has no root',
    });
  const checked = checkTrace(derived.value, program, weights);
  return checked.ok ? derived : checked;
}

/**
 * The record of a model, from program, weights and key alone: whoever uses a model derives it and
 * compares, for the registry vouches for nothing. A program whose trace cannot be derived, or not for
 * these weights (`checkTrace`), or whose weights are hidden, has zero roots there, and proof evidence
 * only.
 *
 * Cost: a hash for every 32 elements of the weights, and a pass over all products.
 * @throws {AssayError} ASSAY_RECORD_PORTS: more than eight inputs or outputs
 */
export function deriveRecord({ program, weights, key }: ModelSource): DerivedModel {
  const hidden = weights === null || key?.visibility.weights.kind === 'hidden';
  const derived = hidden ? null : provenTrace(program, weights);
  const trace = derived?.ok === true ? derived.value : null;
  const constants =
    trace === null || weights === null ? [] : commitConstants(trace, program, weights);
  const record: DerivedRecord = {
    programDigest: hexOf(programDigest(encodeProgram(program))),
    relationsRoot: trace === null ? ZERO_HASH : hexOf(relationsTree(trace.relations).root),
    constantsRoot:
      trace === null ? ZERO_HASH : hexOf(new ListTree(constants.map(({ root }) => root)).root),
    pcsRoot: key === null ? ZERO_HASH : hexOf(key.model.root),
    pcsOod: key === null ? ZERO_HASH : hexOf(keccak256(bytesOfK(key.model.yReg))),
    relations: trace?.relations.length ?? 0,
    constants: trace?.lists[0].length ?? 0,
    inputs: program.inputs.length,
    traces: trace?.lists[2].length ?? 0,
    outputs: program.outputs.length,
    inputSizes: packedSizes(program.inputs, 'inputs'),
    outputSizes: packedSizes(program.outputs, 'outputs'),
  };
  const refusal = derived === null ? 'weights are hidden' : derived.ok ? null : derived.error;
  return { record, trace, refusal, constants };
}

/** Why a model has no trace evidence, in words; null: it has. */
export function describeRefusal({ refusal }: Pick<DerivedModel, 'refusal'>): string | null {
  return typeof refusal === 'string' || refusal === null ? refusal : describeTraceError(refusal);
}

/** Fields in which a registered record is not the one that was derived here: empty when it is. */
export function recordDifferences(
  derived: DerivedRecord,
  registered: ModelRecord,
): readonly (keyof DerivedRecord)[] {
  const names = Object.keys(derived) as (keyof DerivedRecord)[];
  return names.filter((name) => {
    const [mine, theirs] = [derived[name], registered[name]];
    return typeof mine === 'string' && typeof theirs === 'string'
      ? mine.toLowerCase() !== theirs.toLowerCase()
      : mine !== theirs;
  });
}

/** A record to register. */
export function withProvenance(
  record: DerivedRecord,
  provenance: Partial<Pick<ModelRecord, 'predecessor' | 'manifest'>> = {},
): ModelRecord {
  return { ...record, predecessor: ZERO_HASH, manifest: ZERO_HASH, ...provenance };
}
