import type { VerifyingKey } from './key/index.ts';
import { judgeReceipt, type OwnValues, type Verdict } from './receipt/index.ts';
import type { VerifyError } from './stages/errors.ts';
import { verifyProof } from './verify.ts';

/**
 * `judgeReceipt` with `verifyProof`: the whole verification of a receipt.
 *
 * Total: any bytes give a verdict.   Rejects: every `verdict/…` kind.
 * Caller must: read `verdict.checked`. What is not 'checked' was not compared with a value of the
 * verifier's own.
 */
export function verifyReceipt(
  bytes: Uint8Array,
  key: VerifyingKey,
  own: OwnValues = {},
): Verdict<VerifyError> {
  return judgeReceipt(bytes, key, own, verifyProof);
}
