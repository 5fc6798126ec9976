import type { Hex } from 'viem';

export interface ManifestEntry {
  readonly sha256: string;
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
