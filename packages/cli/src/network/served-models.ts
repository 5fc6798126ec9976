import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Hex } from 'viem';
import type { Network } from './network-file.ts';

/** Folder of a network file beside which local providers look for models. */
const MODELS_FOLDER = 'models';

export function modelsFolder(network: Pick<Network, 'path'>): string {
  return join(dirname(network.path), MODELS_FOLDER);
}

/** Copies a bundle to where local providers look, whole or not at all. */
export function shareModel(network: Network, bundle: string, id: Hex): string {
  const target = join(modelsFolder(network), id.slice(2, 18));
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.${id.slice(2, 18)}.tmp-${process.pid}`);
  rmSync(temporary, { recursive: true, force: true });
  cpSync(bundle, temporary, { recursive: true });
  renameSync(temporary, target);
  return target;
}
