import { AssayError } from '@assay/core/errors';
import { toHex } from '@assay/core/hash';

/** sha-256 in hex: what an artefact is called. */
export type ArtefactName = string;

export function isArtefactName(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** sha-256 of bytes. */
export async function artefactName(bytes: Uint8Array): Promise<ArtefactName> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice())));
}

/** @throws {AssayError} ASSAY_ARTEFACT_NAME */
export function expectArtefactName(text: string): ArtefactName {
  if (isArtefactName(text)) return text;
  throw new AssayError({
    code: 'ASSAY_ARTEFACT_NAME',
    shortMessage: 'an artefact is named by its sha-256 in hex',
    details: text.slice(0, 100),
  });
}
