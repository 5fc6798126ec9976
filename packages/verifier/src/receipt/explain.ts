import { toHex } from '@assay/core/hash';
import { describeReceiptError } from './errors.ts';
import type { Checked, CheckState, Verdict, VerdictReason } from './verdict.ts';

function whose(of: 'receipt' | 'own'): string {
  return of === 'own' ? 'your values' : 'the receipt';
}

function at(port: string, index: number | null): string {
  return index === null ? `"${port}"` : `"${port}" at element ${index}`;
}

/** One sentence for people. `describeProofError` puts a verification error into words. */
export function describeReason<E>(
  reason: VerdictReason<E>,
  describeProofError: (error: E) => string,
): string {
  switch (reason.kind) {
    case 'verdict/receipt':
      return `not a receipt: ${describeReceiptError(reason.error)}`;
    case 'verdict/signature':
      return 'the signature is not by the prover named in the receipt';
    case 'verdict/prover-key':
      return `the prover is ${reason.actual}, not ${reason.expected}`;
    case 'verdict/model-name':
      return `the verifying key is for model ${reason.actual}, not ${reason.expected}`;
    case 'verdict/model':
      return `the receipt is for another model than the verifying key: ${reason.field} differs`;
    case 'verdict/program':
      return `the receipt is for program ${reason.actual}, the verifying key for ${reason.expected}`;
    case 'verdict/security':
      return `the verifying key promises ${reason.actual} provable bits, at least ${reason.expected} are asked for`;
    case 'verdict/suite':
      return `the receipt and the verifying key differ in the suite: ${reason.field}`;
    case 'verdict/ports':
      return `the ${reason.side}s of ${whose(reason.of)} are not those of the model: ${reason.expected.join(', ')}`;
    case 'verdict/port-length':
      return `${reason.side} "${reason.port}" of ${whose(reason.of)} has ${reason.actual} elements, the model's has ${reason.expected}`;
    case 'verdict/input':
      return `the receipt is for another input: ${at(reason.port, reason.index)} differs from yours`;
    case 'verdict/output':
      return `the receipt states another output: ${at(reason.port, reason.index)} differs from yours`;
    case 'verdict/values-needed':
      return `the receipt has only a digest of ${reason.side} "${reason.port}": give your own values to verify it`;
    case 'verdict/nonce':
      return `the nonce is "${reason.actual}", not "${reason.expected}": the receipt may be an old one`;
    case 'verdict/proof-needed':
      return `the receipt does not carry its proof: give the file ${reason.file}`;
    case 'verdict/proof-digest':
      return 'the proof is not the one that the receipt names';
    case 'verdict/proof':
      return `the proof does not hold for this model, input, output and nonce: ${describeProofError(reason.error)}`;
  }
}

const STATES: Readonly<Record<CheckState, string>> = {
  checked: 'checked',
  'from key': 'as in your verifying key',
  'from receipt': 'taken from the receipt, not compared with a value of yours',
  'not given': 'none in the receipt, none asked for',
  failed: 'FAILED',
  'not reached': 'not reached',
};

/** Order and words of the checks in `explainVerdict`. */
const PARTS: readonly (readonly [keyof Checked, string])[] = [
  ['signature', 'signature'],
  ['proverKey', 'prover key'],
  ['modelName', 'model'],
  ['program', 'program'],
  ['suite', 'suite'],
  ['input', 'input'],
  ['output', 'output'],
  ['nonce', 'nonce'],
  ['proof', 'proof'],
];

/** A verdict in plain words, a line each: the answer, then what it rests on. */
export function explainVerdict<E>(
  verdict: Verdict<E>,
  describeProofError: (error: E) => string,
): readonly string[] {
  const { reason, checked, receipt } = verdict;
  const head =
    reason === null
      ? `VERIFIED at ${verdict.securityBits} bits: the model gave this output on this input`
      : `REJECTED: ${describeReason(reason, describeProofError)}`;
  const lines = PARTS.map(([part, words]) => `  ${words.padEnd(11)} ${STATES[checked[part]]}`);
  const from =
    receipt === null
      ? []
      : [
          `  claimed     "${receipt.body.model.title}", prover ${toHex(receipt.body.proverKey)}, ${receipt.body.time}`,
        ];
  return [head, ...lines, ...from];
}
