import { bytesOfK } from '@assay/core/codec';
import type { Result } from '@assay/core/errors';
import { equalBytes, keccak256, toHex } from '@assay/core/hash';
import { keyFor } from '../argument/derive.ts';
import { parametersDigest, SUITE_NAME, type VerifyingKey } from '../key/index.ts';
import type { Statement } from '../statement.ts';
import { decodeReceipt } from './decode.ts';
import { modelName } from './digests.ts';
import { verifySignature } from './dsse.ts';
import { resolvePorts } from './ports.ts';
import type { Receipt, ReceiptBody } from './types.ts';
import type {
  Checked,
  CheckState,
  OwnValues,
  ShownPort,
  Verdict,
  VerdictReason,
} from './verdict.ts';

/** Verification of the proof itself: `verifyProof`. */
export type ProofCheck<E> = (
  key: VerifyingKey,
  statement: Statement,
  proof: Uint8Array,
) => Result<unknown, E>;

type Reason = VerdictReason<never>;

/** A key is somebody's: below this it needs the verifier's own word. */
const LEAST_SECURITY_BITS = 100;

function checkModel(body: ReceiptBody, key: VerifyingKey): Reason | null {
  if (!equalBytes(body.model.root, key.model.root)) return { kind: 'verdict/model', field: 'root' };
  if (!equalBytes(bytesOfK(body.model.yReg), bytesOfK(key.model.yReg))) {
    return { kind: 'verdict/model', field: 'yReg' };
  }
  if (body.model.weights !== key.visibility.weights.kind) {
    return { kind: 'verdict/model', field: 'weights' };
  }
  return body.model.title === key.program.name ? null : { kind: 'verdict/model', field: 'title' };
}

function checkSuite(body: ReceiptBody, key: VerifyingKey): Reason | null {
  const { suite } = body;
  if (suite.name !== SUITE_NAME) return { kind: 'verdict/suite', field: 'name' };
  if (suite.securityBits !== key.parameters.targetBits) {
    return { kind: 'verdict/suite', field: 'securityBits' };
  }
  return null;
}

function proofBytes(body: ReceiptBody, own: OwnValues): Uint8Array | Reason {
  const { location, digest } = body.proof;
  if (location.kind === 'beside' && own.proof === undefined) {
    return { kind: 'verdict/proof-needed', file: location.file };
  }
  const bytes = location.kind === 'embedded' ? location.data : own.proof;
  return bytes !== undefined && equalBytes(keccak256(bytes), digest)
    ? bytes
    : { kind: 'verdict/proof-digest' };
}

/** What one side rests on: the least that was done for any of its ports that is not hidden. */
function stateOf(ports: readonly ShownPort[]): CheckState {
  const states = ports.map(({ state }) => state);
  const least = (['from receipt', 'checked', 'hidden'] as const).find((s) => states.includes(s));
  return least ?? 'checked';
}

/**
 * Whether a receipt shows that the model in `key` gave this output on this input.
 *
 * In this order: the bytes are a receipt; its signature is its prover's; the prover, the model and
 * the nonce are the ones that the verifier expects, where it said so; model, program and suite are
 * the key's, the suite for what the receipt hides; inputs, outputs and names of committed ones are the
 * verifier's own, where given; the proof is the one the receipt names, and it holds for exactly these
 * values. Hidden weights: the registration proof in the key holds too.
 *
 * Total: any bytes give a verdict. A value that only the receipt supplies never makes a check pass
 * by being compared with itself: `verdict.checked` says of each where it came from.
 *
 * Rejects: every `verdict/…` kind.   Cost: linear in the bytes, and one verification of a proof.
 * Remains to be checked: that `key` is the key one means (`own.modelName` names its weights,
 * `own.program` what is done with them), and that the values not marked 'checked' are acceptable. The time is the prover's word.
 */
export function judgeReceipt<E>(
  bytes: Uint8Array,
  key: VerifyingKey,
  own: OwnValues,
  checkProof: ProofCheck<E>,
): Verdict<E> {
  const checked: { -readonly [part in keyof Checked]: CheckState } = {
    signature: 'not reached',
    proverKey: 'not reached',
    modelName: 'not reached',
    program: 'not reached',
    suite: 'not reached',
    input: 'not reached',
    output: 'not reached',
    nonce: 'not reached',
    proof: 'not reached',
  };
  const name = toHex(modelName(key.model.root, key.model.yReg));
  const ports: ShownPort[] = [];
  let receipt: Receipt | null = null;
  const verdict = (reason: VerdictReason<E> | null): Verdict<E> => ({
    accepted: reason === null,
    reason,
    checked,
    securityBits: key.parameters.targetBits,
    modelName: name,
    ports,
    receipt,
  });
  const fail = (part: keyof Checked, reason: VerdictReason<E>): Verdict<E> => {
    checked[part] = 'failed';
    return verdict(reason);
  };

  const decoded = decodeReceipt(bytes);
  if (!decoded.ok) return verdict({ kind: 'verdict/receipt', error: decoded.error });
  receipt = decoded.value;
  const { body, payload, signature } = receipt;

  if (!verifySignature(payload, signature, body.proverKey)) {
    return fail('signature', { kind: 'verdict/signature' });
  }
  checked.signature = 'checked';

  if (own.proverKey !== undefined && !equalBytes(own.proverKey, body.proverKey)) {
    const [expected, actual] = [toHex(own.proverKey), toHex(body.proverKey)];
    return fail('proverKey', { kind: 'verdict/prover-key', expected, actual });
  }
  checked.proverKey = own.proverKey === undefined ? 'from receipt' : 'checked';

  if (own.modelName !== undefined && own.modelName.toLowerCase() !== name) {
    const expected = own.modelName.toLowerCase();
    return fail('modelName', { kind: 'verdict/model-name', expected, actual: name });
  }
  const model = checkModel(body, key);
  if (model !== null) return fail('modelName', model);
  checked.modelName = own.modelName === undefined ? 'from key' : 'checked';

  if (!equalBytes(body.program, key.programDigest)) {
    const [expected, actual] = [toHex(key.programDigest), toHex(body.program)];
    return fail('program', { kind: 'verdict/program', expected, actual });
  }
  const program = own.program?.toLowerCase();
  if (program !== undefined && program !== toHex(key.programDigest)) {
    return fail('program', {
      kind: 'verdict/program',
      expected: program,
      actual: toHex(key.programDigest),
    });
  }
  checked.program = program === undefined ? 'from key' : 'checked';

  const bits = own.securityBits ?? LEAST_SECURITY_BITS;
  if (!(key.parameters.targetBits >= bits)) {
    return fail('suite', {
      kind: 'verdict/security',
      expected: bits,
      actual: key.parameters.targetBits,
    });
  }

  const suite = checkSuite(body, key);
  if (suite !== null) return fail('suite', suite);

  const { program: source } = key;
  const ownInputs = { values: own.inputs, names: own.inputNames };
  const ownOutputs = { values: own.outputs, names: own.outputNames };
  const inputs = resolvePorts('input', source.inputs, body.inputs, ownInputs);
  const outputs = resolvePorts('output', source.outputs, body.outputs, ownOutputs);
  if (!inputs.ok) return fail('input', inputs.error);
  if (!outputs.ok) return fail('output', outputs.error);

  // What is hidden decides the parameters, which both sides derive.
  const shown = keyFor(key, {
    weights: key.visibility.weights,
    inputs: inputs.value.visibility,
    outputs: outputs.value.visibility,
  });
  if (!shown.ok) return fail('suite', { kind: 'verdict/visibility', error: shown.error });
  if (!equalBytes(body.suite.parameters, parametersDigest(shown.value.parameters))) {
    return fail('suite', { kind: 'verdict/suite', field: 'parameters' });
  }
  checked.suite = 'from key';
  ports.push(...inputs.value.shown, ...outputs.value.shown);
  checked.input = stateOf(inputs.value.shown);
  checked.output = stateOf(outputs.value.shown);

  if (own.nonce !== undefined && !equalBytes(own.nonce, body.nonce)) {
    const [expected, actual] = [toHex(own.nonce), toHex(body.nonce)];
    return fail('nonce', { kind: 'verdict/nonce', expected, actual });
  }
  checked.nonce =
    own.nonce !== undefined ? 'checked' : body.nonce.length > 0 ? 'from receipt' : 'not given';

  const proof = proofBytes(body, own);
  if (!(proof instanceof Uint8Array)) return fail('proof', proof);
  const statement: Statement = {
    inputs: inputs.value.values,
    outputs: outputs.value.values,
    committed: { inputs: inputs.value.committed, outputs: outputs.value.committed },
    nonce: body.nonce,
  };
  const proven = checkProof(shown.value, statement, proof);
  if (!proven.ok) return fail('proof', { kind: 'verdict/proof', error: proven.error });
  checked.proof = 'checked';
  return verdict(null);
}
