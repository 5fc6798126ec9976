import {
  decodeReceipt,
  decodeVerifyingKey,
  type OwnValues,
  type ReceiptBody,
  type Verdict,
  type VerifyError,
  type VerifyingKey,
  verifyReceipt,
} from '@assay/verifier';

/** What a verifier is handed: two files, and what it knows itself. */
export interface Presented {
  readonly receipt: Uint8Array;
  readonly key: Uint8Array;
  readonly own?: OwnValues;
}

/** A receipt as it was made and its key, as bytes and decoded. */
export interface Genuine extends Presented {
  readonly body: ReceiptBody;
  readonly verifyingKey: VerifyingKey;
}

export function genuineOf(receipt: Uint8Array, key: Uint8Array): Genuine {
  const [decoded, verifyingKey] = [decodeReceipt(receipt), decodeVerifyingKey(key)];
  if (!decoded.ok) throw new Error(`the receipt is refused: ${decoded.error.kind}`);
  if (!verifyingKey.ok) throw new Error(`the key is refused: ${verifyingKey.error.kind}`);
  return { receipt, key, body: decoded.value.body, verifyingKey: verifyingKey.value };
}

export function judge({ receipt, key, own }: Presented): Verdict<VerifyError> {
  const decoded = decodeVerifyingKey(key);
  if (!decoded.ok) throw new Error(`the key is refused: ${decoded.error.kind}`);
  return verifyReceipt(receipt, decoded.value, own);
}

/** A verdict as text that can be compared: all of it but the receipt. */
export function verdictText(verdict: Verdict<VerifyError>): string {
  return JSON.stringify({ ...verdict, receipt: null });
}

/** Kinds of a verdict's reason and of the errors in it, outermost first; empty: accepted. */
export function reasonsOf({ reason }: Verdict<VerifyError>): string[] {
  const kinds: string[] = [];
  let error: unknown = reason;
  while (typeof error === 'object' && error !== null && 'kind' in error) {
    kinds.push(String(error.kind));
    error = 'error' in error ? error.error : null;
  }
  return kinds;
}
