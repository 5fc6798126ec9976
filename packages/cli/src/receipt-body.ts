import { basename } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { keccak256 } from '@assay/core/hash';
import type { Bundle } from '@assay/prover/bundle';
import {
  parametersDigest,
  type PortValue,
  type ReceiptBody,
  SUITE_NAME,
  valuesDigest,
} from '@assay/verifier';
import { parseTime } from './parse.ts';
import type { ProvenRun } from './pipeline.ts';

export interface ReceiptOptions {
  /** RFC 3339 in UTC. @default now */
  readonly time?: string | undefined;
  readonly digestInput?: boolean | undefined;
  readonly digestOutput?: boolean | undefined;
  /** The proof goes into this file instead of into the receipt. */
  readonly proofFile?: string | undefined;
}

/** More integers than this are given by digest, asked or not: a receipt stays small. */
const INLINE_VALUES = 65_536;

function portValues(
  bundle: Bundle,
  side: 'inputs' | 'outputs',
  values: ReadonlyMap<string, Int32Array>,
  asDigest: boolean | undefined,
): PortValue[] {
  return bundle.program[side].map(({ name }) => {
    const integers = values.get(name) ?? new Int32Array();
    return asDigest === true || integers.length > INLINE_VALUES
      ? { kind: 'digest', name, elements: integers.length, digest: valuesDigest(integers) }
      : { kind: 'values', name, values: integers };
  });
}

/**
 * What a prover states of a run that it has proven.
 * @throws {AssayError} ASSAY_BUNDLE_NOT_SET_UP
 */
export function receiptBody(
  bundle: Bundle,
  inputs: ReadonlyMap<string, Int32Array>,
  run: ProvenRun,
  nonce: Uint8Array,
  proverKey: Uint8Array,
  options: ReceiptOptions,
): ReceiptBody {
  const key = bundle.verifyingKey;
  if (key === null) {
    throw new AssayError({
      code: 'ASSAY_BUNDLE_NOT_SET_UP',
      shortMessage: `bundle: the model in ${bundle.folder} is not committed`,
    });
  }
  return {
    model: {
      title: key.program.name,
      weights: key.visibility.weights.kind,
      root: key.model.root,
      yReg: key.model.yReg,
    },
    program: key.programDigest,
    suite: {
      name: SUITE_NAME,
      securityBits: key.parameters.targetBits,
      parameters: parametersDigest(key.parameters),
    },
    inputs: portValues(bundle, 'inputs', inputs, options.digestInput),
    outputs: portValues(bundle, 'outputs', run.outputs, options.digestOutput),
    nonce,
    proof: {
      digest: keccak256(run.proof),
      sizeBytes: run.proof.length,
      location:
        options.proofFile === undefined
          ? { kind: 'embedded', data: run.proof }
          : { kind: 'beside', file: basename(options.proofFile) },
    },
    proverKey,
    time: parseTime(options.time),
  };
}
