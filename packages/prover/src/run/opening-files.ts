import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a folder that opens a committed tensor. */
export const OPENING_FILES = {
  /** Values and randomness: secret. */
  opening: 'opening.bin',
  /** The public part, for whoever is to name or to inspect it. */
  commitment: 'commitment.cbor',
  /** What the integers stand for. */
  port: 'port.json',
} as const;

export function isOpeningFolder(path: string): boolean {
  const file = join(path, OPENING_FILES.opening);
  return existsSync(file) && statSync(file).isFile();
}
