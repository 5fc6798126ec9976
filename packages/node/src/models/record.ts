import { bytesOfK } from '@assay/core/codec';
import { keccak256 } from '@assay/core/hash';
import { hexOf, type ModelRecord, ZERO_HASH } from '@assay/market';
import {
  elementCount,
  encodeProgram,
  type Port,
  type Program,
  programDigest,
} from '@assay/program';
import { ListTree, relationsTree, type TensorTree, type TraceProgram } from '@assay/program/trace';
import type { VerifyingKey } from '@assay/verifier';

export type DerivedRecord = Omit<ModelRecord, 'predecessor' | 'manifest'>;

const sizes = (ports: readonly Port[]): bigint =>
  ports.reduce(
    (packed, { shape }, i) => packed | (BigInt(elementCount(shape)) << BigInt(32 * i)),
    0n,
  );

export function recordOf(
  program: Program,
  trace: TraceProgram | null,
  constants: readonly TensorTree[],
  key: VerifyingKey | null,
): DerivedRecord {
  return {
    programDigest: hexOf(programDigest(encodeProgram(program))),
    relationsRoot: trace === null ? ZERO_HASH : hexOf(relationsTree(trace.relations).root),
    constantsRoot:
      constants.length === 0 ? ZERO_HASH : hexOf(new ListTree(constants.map((c) => c.root)).root),
    pcsRoot: key === null ? ZERO_HASH : hexOf(key.model.root),
    pcsOod: key === null ? ZERO_HASH : hexOf(keccak256(bytesOfK(key.model.yReg))),
    relations: trace?.relations.length ?? 0,
    constants: trace?.lists[0].length ?? 0,
    inputs: program.inputs.length,
    traces: trace?.lists[2].length ?? 0,
    outputs: program.outputs.length,
    inputSizes: sizes(program.inputs),
    outputSizes: sizes(program.outputs),
  };
}
