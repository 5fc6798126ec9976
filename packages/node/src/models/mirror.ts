import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtefactStore } from '@assay/market/node';
import { FILES } from '@assay/prover/bundle';
import type { ServedModel } from './served-model.ts';

/**
 * Serves what others need to check a model: its program, weights, key and the manifest that names
 * them, each by its sha-256. Hidden weights are not served.
 */
export function mirrorModel({ bundle }: ServedModel, artefacts: ArtefactStore): readonly string[] {
  const isHidden = bundle.verifyingKey?.visibility.weights.kind === 'hidden';
  const names = [
    FILES.manifest,
    FILES.program,
    ...(isHidden ? [] : [FILES.weights]),
    ...(bundle.verifyingKey === null ? [] : [FILES.verifyingKey]),
  ];
  return names.map((name) => artefacts.put(readFileSync(join(bundle.folder, name))));
}
