import { toHex } from '@assay/core/hash';
import { describeVerifyError } from '../describe.ts';
import { describeReceiptError } from './errors.ts';
import type { Checked, CheckState, ShownPort, Verdict, VerdictReason } from './verdict.ts';

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
    case 'verdict/not-shown':
      return `${reason.side} "${reason.port}" is ${reason.shown} in the receipt: there is nothing to compare your values with`;
    case 'verdict/commitment-name':
      return reason.actual === null
        ? `${reason.side} "${reason.port}" is not committed: it has no name to compare with ${reason.expected}`
        : `${reason.side} "${reason.port}" is the committed ${reason.actual}, not ${reason.expected}`;
    case 'verdict/visibility':
      return `the receipt hides what proofs of this model cannot hide: ${describeVerifyError(reason.error)}`;
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
  hidden: 'not shown',
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

/** "hidden" or "committed as NAME"; of public ports there is nothing to say. */
function concealed({ side, port, shown, commitmentName }: ShownPort): string[] {
  if (shown === 'public') return [];
  const said = shown === 'hidden' ? 'hidden' : `committed as ${commitmentName}`;
  // An output is what the relations make it; an input is what the prover chose, in its range.
  const range = side === 'input' ? ', and in its range' : '';
  return [`  ${side.padEnd(11)} "${port}" is ${said}${range}`];
}

/** What the proof does not show, in plain words. */
function hides<E>({ accepted, ports, receipt }: Verdict<E>): string[] {
  if (!accepted) return [];
  const weights =
    receipt?.body.model.weights === 'hidden'
      ? [
          '  weights     hidden: the registration proof in your key shows that they are in their ranges',
        ]
      : [];
  return [...weights, ...ports.flatMap(concealed)];
}

/** "the model gave this output on this input", with what is not shown in it. */
function claimOf<E>({ ports, receipt }: Verdict<E>): string {
  const phrase = (side: ShownPort['side']): string => {
    const own = ports.filter((port) => port.side === side);
    const kinds = new Set(own.map(({ shown }) => shown));
    if (kinds.size === 0 || !(kinds.has('committed') || kinds.has('hidden'))) return `this ${side}`;
    if (kinds.has('public')) return `${side}s of which some are not shown`;
    return kinds.has('hidden') ? `an ${side} that is not shown` : `the ${side} of this name`;
  };
  const model = receipt?.body.model.weights === 'hidden' ? 'this private model' : 'the model';
  return `${model} gave ${phrase('output')} on ${phrase('input')}`;
}

/** A verdict in plain words, a line each: the answer, then what it rests on. */
export function explainVerdict<E>(
  verdict: Verdict<E>,
  describeProofError: (error: E) => string,
): readonly string[] {
  const { reason, checked, receipt } = verdict;
  const head =
    reason === null
      ? `VERIFIED at ${verdict.securityBits} bits: ${claimOf(verdict)}`
      : `REJECTED: ${describeReason(reason, describeProofError)}`;
  const lines = PARTS.map(([part, words]) => `  ${words.padEnd(11)} ${STATES[checked[part]]}`);
  const from =
    receipt === null
      ? []
      : [
          `  claimed     "${receipt.body.model.title}", prover ${toHex(receipt.body.proverKey)}, ${receipt.body.time}`,
        ];
  return [head, ...lines, ...hides(verdict), ...from];
}
