import { equalBytes, toHex } from '@assay/core/hash';
import {
  describeReason,
  describeVerifyError,
  judgeReceipt,
  modelName,
  type OwnValues,
  type VerifyingKey,
  verifyProof,
} from '@assay/verifier';
import type { Program } from '@assay/program';
import { bytesOf, hexOf, sameHex, ZERO_HASH } from '../hex.ts';
import type { JobView } from '../chain/index.ts';
import {
  decodeValues,
  describeValuesError,
  EVIDENCE,
  INPUT_KIND,
  valuesRoot,
} from '../jobs/index.ts';

/** What a requester, watcher or verifier has of its own to judge a submission by. */
export interface OwnSide {
  readonly program: Program;
  /** Needed for proof evidence: of the model's own bundle, not from the provider. */
  readonly key: VerifyingKey | null;
  /** Public inputs by port name; none for sealed ones. */
  readonly inputs: ReadonlyMap<string, Int32Array>;
}

/** pass and fail are for sure; unverifiable: something is missing to tell. */
export type Judgement =
  | { readonly verdict: 'pass' }
  | { readonly verdict: 'fail'; readonly reason: string }
  | { readonly verdict: 'unverifiable'; readonly reason: string };

const pass: Judgement = { verdict: 'pass' };
const fail = (reason: string): Judgement => ({ verdict: 'fail', reason });
const unverifiable = (reason: string): Judgement => ({ verdict: 'unverifiable', reason });

/**
 * Whether output bytes are those of a submission: right in length and range, and of the root that the
 * contract keeps. It says nothing of whether they are the model's answer.
 */
export function checkOutput(job: JobView, program: Program, output: Uint8Array): Judgement {
  if (job.submission === null) return unverifiable('nothing has been submitted');
  const values = decodeValues(program, program.outputs, output);
  if (!values.ok) return fail(describeValuesError(values.error));
  const root = hexOf(valuesRoot(program.outputs, output));
  return sameHex(root, job.submission.content.outputRoot)
    ? pass
    : fail('the output is not the one that was submitted');
}

/**
 * Whether a receipt proves a submission: the receipt's proof holds under the requester's own key, for the
 * requester's own input, the submitted output, and a nonce that is the job's id, so that no proof of
 * another job passes. `output`: the public output as submitted; null: it is hidden, and its name is compared.
 *
 * Total: any bytes are judged.   Cost: one verification of a proof (60 ms).
 */
export function checkReceipt(
  job: JobView,
  own: OwnSide,
  output: Uint8Array | null,
  receipt: Uint8Array,
): Judgement {
  const { submission, params } = job;
  if (submission === null) return unverifiable('nothing has been submitted');
  if ((params.evidence & EVIDENCE.proof) === 0) return unverifiable('the job asks for no proof');
  if (own.key === null) return unverifiable('there is no verifying key to judge by');
  const { key, program } = own;
  const values: { -readonly [name in keyof OwnValues]: OwnValues[name] } = {
    modelName: toHex(modelName(key.model.root, key.model.yReg)),
    program: toHex(key.programDigest),
    nonce: bytesOf(job.id),
  };
  if (params.inputKind !== INPUT_KIND.sealed) values.inputs = own.inputs;
  if (output !== null) {
    const decoded = decodeValues(program, program.outputs, output);
    if (!decoded.ok) return fail(describeValuesError(decoded.error));
    values.outputs = decoded.value;
  }
  const verdict = judgeReceipt(receipt, key, values, verifyProof);
  if (!verdict.accepted) {
    return verdict.reason === null
      ? fail('rejected')
      : fail(describeReason(verdict.reason, describeVerifyError));
  }
  const names = (side: 'input' | 'output'): string[] =>
    verdict.ports.flatMap((port) =>
      port.side === side && port.commitmentName !== null ? [port.commitmentName] : [],
    );
  if (params.inputKind === INPUT_KIND.sealed) {
    const [name, ...others] = names('input');
    if (name === undefined || others.length > 0 || !sameHex(`0x${name}`, params.inputRoot)) {
      return fail('the proof is not about the input that the job names');
    }
  }
  if (output === null && params.outputKey !== ZERO_HASH) {
    const [name, ...others] = names('output');
    const root = bytesOf(submission.content.outputRoot);
    if (name === undefined || others.length > 0 || !equalBytes(bytesOf(name), root)) {
      return fail('the proof is not about the output that was submitted');
    }
  }
  return pass;
}
