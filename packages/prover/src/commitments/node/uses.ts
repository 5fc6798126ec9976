import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toHex } from '@assay/core/hash';
import { fileFailure, SECRET, SECRET_FOLDER, syncFolder } from '../../files/index.ts';
import { RENEWAL_UNITS, type UseBudget, unitsFor } from '../budget.ts';
import { usesError, withUses } from './errors.ts';

/** Tries of a claim that loses units to others who give them back. */
const ATTEMPTS = 64;

/** What units are for; only a renewal may take the last one. */
export type Purpose = 'proof' | 'renewal';

/**
 * Where the uses of a root are recorded, below `home`: a folder named by the root, so that a new root
 * starts a new record and no record is ever taken for another's.
 */
export function usesFolder(home: string, root: Uint8Array): string {
  return join(home, 'uses', toHex(root));
}

/** Unit `i` is spent if and only if the file of this name exists. */
const unitName = (unit: number): string => String(unit).padStart(6, '0');

function spentUnits(folder: string, budget: UseBudget): ReadonlySet<number> {
  const spent = new Set<number>();
  for (const name of readdirSync(folder)) {
    const unit = Number(name);
    if (/^\d+$/.test(name) && unit < budget.units && unitName(unit) === name) spent.add(unit);
  }
  return spent;
}

/** Units that a purpose may take, in the order in which it takes them: a renewal from the last one down. */
function unitsOpenTo(purpose: Purpose, { units }: UseBudget): number[] {
  return purpose === 'proof'
    ? Array.from({ length: Math.max(0, units - RENEWAL_UNITS) }, (_, i) => i)
    : Array.from({ length: units }, (_, i) => units - 1 - i);
}

/** Creates the files of `count` units, each exclusively: those that this process got. */
function claim(folder: string, candidates: readonly number[], count: number): number[] {
  const claimed: number[] = [];
  try {
    for (const unit of candidates) {
      if (claimed.length === count) break;
      let fd: number;
      try {
        fd = openSync(join(folder, unitName(unit)), 'wx', SECRET);
      } catch (cause) {
        if (fileFailure(cause).kind === 'exists') continue;
        throw cause;
      }
      claimed.push(unit);
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    }
    if (claimed.length === count) syncFolder(folder);
    return claimed;
  } catch (cause) {
    giveBack(folder, claimed);
    throw cause;
  }
}

/** Only of units that this process has claimed and that nothing was shown for. */
function giveBack(folder: string, claimed: readonly number[]): void {
  for (const unit of claimed) rmSync(join(folder, unitName(unit)), { force: true });
}

function exhausted(budget: UseBudget, purpose: Purpose, units: number, left: number): Error {
  const reserved = budget.units - 1 - RENEWAL_UNITS;
  const [what, details] =
    purpose === 'proof'
      ? [
          'proof',
          'Run `assay recommit`: it makes a fresh root, and a proof that it holds the same values.',
        ]
      : [
          'renewal',
          'Not even a renewal is left. Commit anew; nothing then shows that the new root holds the same values.',
        ];
  return usesError(
    'ASSAY_USES_EXHAUSTED',
    `uses: ${reserved} proofs were reserved for this root; this ${what} takes ${units} of its units and ${left} ${left === 1 ? 'is' : 'are'} left`,
    details,
  );
}

/**
 * Starts the record of a fresh root, with what it was opened for at birth already spent.
 *
 * @param birthRows - Rows that were opened at birth; one unit is taken in any case.
 * @throws {AssayError} ASSAY_USES_IO: also when there is a record already
 */
export function createUses(folder: string, budget: UseBudget, birthRows = 1): readonly number[] {
  return withUses(folder, () => {
    mkdirSync(dirname(folder), { recursive: true, mode: SECRET_FOLDER });
    mkdirSync(folder, { mode: SECRET_FOLDER });
    const units = unitsFor(budget, birthRows);
    const claimed = claim(folder, unitsOpenTo('proof', budget), units);
    syncFolder(dirname(folder));
    syncFolder(dirname(dirname(folder)));
    if (claimed.length === units) return claimed;
    throw exhausted(budget, 'proof', units, claimed.length);
  });
}

/**
 * Spends ⌈rows / rowsPerUse⌉ units, for good: the files that stand for them are on disk when it
 * returns. Whatever happens afterwards, no other call gets the same ones: a crash wastes units and
 * reuses none. Any number of processes may call it at once; there is no lock to be left behind.
 *
 * Units that a call has taken and turns out not to need go back, so that one that looks at that
 * moment may be refused units that are free again later.
 *
 * Caller must: spend before the first challenge of a proof, and again for each further attempt. A
 * copy of the folder counts on its own: restoring one from a backup lets units be spent twice.
 *
 * @param rows - Rows of oracle 0 that the proof opens.
 * @returns the units' numbers
 * @throws {AssayError} ASSAY_USES_EXHAUSTED, ASSAY_USES_MISSING, ASSAY_USES_IO
 */
export function spendUnits(
  folder: string,
  budget: UseBudget,
  rows: number,
  purpose: Purpose = 'proof',
): readonly number[] {
  const units = unitsFor(budget, rows);
  return withUses(folder, () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const spent = spentUnits(folder, budget);
      const free = unitsOpenTo(purpose, budget).filter((unit) => !spent.has(unit));
      if (free.length < units) throw exhausted(budget, purpose, units, free.length);
      const claimed = claim(folder, free, units);
      if (claimed.length === units) return claimed;
      giveBack(folder, claimed);
    }
    throw usesError('ASSAY_USES_IO', `uses: ${folder}: others take units at this moment`);
  });
}

/** Units that are left for ordinary proofs. @throws {AssayError} ASSAY_USES_MISSING, ASSAY_USES_IO */
export function unitsLeft(folder: string, budget: UseBudget): number {
  return withUses(folder, () => {
    const spent = spentUnits(folder, budget);
    return unitsOpenTo('proof', budget).filter((unit) => !spent.has(unit)).length;
  });
}
