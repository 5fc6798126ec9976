import { toHex } from '@assay/core/hash';
import { EXIT } from '../exit-codes.ts';
import { STANDARD } from '../files.ts';
import { newKey, writeKey } from '../keys.ts';
import type { Outcome } from '../outcome.ts';

export interface KeygenOptions {
  readonly output: string;
}

/** A new Ed25519 key for signing receipts. */
export async function keygen(options: KeygenOptions): Promise<Outcome> {
  const key = newKey();
  writeKey(options.output, key);
  const publicKey = toHex(key.publicKey);
  return {
    exitCode: EXIT.ok,
    json: { ok: true, file: options.output, publicKey },
    text: `key         ${options.output} (keep it secret)\npublic key  ${publicKey}`,
    stdoutTaken: options.output === STANDARD,
  };
}
