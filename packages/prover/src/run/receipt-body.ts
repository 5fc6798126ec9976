import { basename } from 'node:path';
import { keccak256 } from '@assay/core/hash';
import {
  parametersDigest,
  type PortValue,
  type ReceiptBody,
  SUITE_NAME,
  valuesDigest,
} from '@assay/verifier';
import type { ProvenRun } from './prove-run.ts';

export interface ReceiptOptions {
  /** RFC 3339 in UTC, whole seconds. */
  readonly time: string;
  readonly digestInput?: boolean | undefined;
  readonly digestOutput?: boolean | undefined;
  /** The proof goes into this file instead of into the receipt. */
  readonly proofFile?: string | undefined;
}

/** More integers than this are given by digest, asked or not: a receipt stays small. */
const INLINE_VALUES = 65_536;

function portValues(
  { key, statement }: ProvenRun,
  side: 'inputs' | 'outputs',
  asDigest: boolean | undefined,
): PortValue[] {
  return key.program[side].map(({ name }, i): PortValue => {
    const shown = key.visibility[side][i] ?? { kind: 'public' };
    if (shown.kind === 'hidden') return { kind: 'hidden', name };
    if (shown.kind === 'committed') {
      const committed = statement.committed?.[side].get(name);
      if (committed === undefined) {
        throw new TypeError(`receiptBody: expected the commitment of "${name}"`);
      }
      return { kind: 'committed', name, ...committed, tailRows: shown.tailRows };
    }
    const integers = statement[side].get(name) ?? new Int32Array();
    return asDigest === true || integers.length > INLINE_VALUES
      ? { kind: 'digest', name, elements: integers.length, digest: valuesDigest(integers) }
      : { kind: 'values', name, values: integers };
  });
}

/** What a prover states of a run that it has proven: of hidden ports nothing, of committed ones their names. */
export function receiptBody(
  run: ProvenRun,
  proverKey: Uint8Array,
  options: ReceiptOptions,
): ReceiptBody {
  const { key, statement } = run;
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
    inputs: portValues(run, 'inputs', options.digestInput),
    outputs: portValues(run, 'outputs', options.digestOutput),
    nonce: statement.nonce,
    proof: {
      digest: keccak256(run.proof),
      sizeBytes: run.proof.length,
      location:
        options.proofFile === undefined
          ? { kind: 'embedded', data: run.proof }
          : { kind: 'beside', file: basename(options.proofFile) },
    },
    proverKey,
    time: options.time,
  };
}
