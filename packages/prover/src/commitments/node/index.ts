export type { UsesErrorCode } from './errors.ts';
export { createUses, type Purpose, spendUnits, unitsLeft, usesFolder } from './uses.ts';
export { readOpening, writeOpening } from './opening-folder.ts';
export { decodeOpening, encodeOpening } from './opening-file.ts';
