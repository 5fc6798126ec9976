import { err, ok, type Result } from '@assay/core/errors';
import type { Hex } from 'viem';
import { type ArtefactName, isArtefactName } from './names.ts';

export interface ManifestEntry {
  readonly sha256: ArtefactName;
  readonly bytes: number;
}

/** What a submission's `artefacts` is the sha-256 of: a list of what its provider serves. */
export interface Manifest {
  readonly job: Hex;
  readonly model: Hex;
  readonly output: ManifestEntry | null;
  readonly receipt: ManifestEntry | null;
  /** Output that only the requester can open. */
  readonly sealedOutput: ManifestEntry | null;
}

export const MANIFEST_FORMAT = 'assay/artefacts/v1';
/** No manifest is larger. */
export const MANIFEST_BYTES = 4096;

export type ManifestError = { readonly kind: 'manifest/format' };

export function encodeManifest(manifest: Manifest): Uint8Array {
  const { job, model, output, receipt, sealedOutput } = manifest;
  const text = JSON.stringify({
    format: MANIFEST_FORMAT,
    job,
    model,
    output,
    receipt,
    sealedOutput,
  });
  return new TextEncoder().encode(text);
}

const isWord = (value: unknown): value is Hex =>
  typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value);

function entryOf(value: unknown): ManifestEntry | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'object' || !('sha256' in value) || !('bytes' in value)) return undefined;
  const { sha256, bytes } = value;
  if (typeof sha256 !== 'string' || !isArtefactName(sha256)) return undefined;
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return undefined;
  return { sha256, bytes };
}

/** Any bytes to a manifest, or not. */
export function decodeManifest(bytes: Uint8Array): Result<Manifest, ManifestError> {
  const none = err({ kind: 'manifest/format' } as const);
  if (bytes.length > MANIFEST_BYTES) return none;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return none;
  }
  if (typeof value !== 'object' || value === null) return none;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const { format, job, model } = fields;
  const output = entryOf(fields['output']);
  const receipt = entryOf(fields['receipt']);
  const sealedOutput = entryOf(fields['sealedOutput']);
  if (format !== MANIFEST_FORMAT || !isWord(job) || !isWord(model)) return none;
  if (output === undefined || receipt === undefined || sealedOutput === undefined) return none;
  return ok({ job, model, output, receipt, sealedOutput });
}
