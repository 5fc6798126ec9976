/**
 * How often a static root (a private model, a committed tensor) may be opened. Its tails are spent
 * for good: an opening shows at most `rowsPerUse` rows of every column for each unit that it takes.
 */
export interface UseBudget {
  /** N proofs, one unit at birth, one for renewal: N + 2. */
  readonly units: number;
  readonly rowsPerUse: number;
}

/** What hides the columns of a static root: whoever has it and a proof can read the values. */
export interface StaticSecrets extends UseBudget {
  /** Random last rows of each column, in [0, p): column after column. */
  readonly tails: Int32Array;
  /** 32 bytes for each leaf, one after another. */
  readonly salts: Uint8Array;
}

/** Units that are not for ordinary proofs: the last one pays for the proof "new root = old root". */
export const RENEWAL_UNITS = 1;

/** The budget for N proofs that open at most `rowsPerUse` rows each. @throws {RangeError} */
export function useBudget(uses: number, rowsPerUse: number): UseBudget {
  for (const [name, value] of [
    ['uses', uses],
    ['rowsPerUse', rowsPerUse],
  ] as const) {
    if (!(Number.isSafeInteger(value) && value >= 1)) {
      throw new RangeError(`useBudget: expected ${name} of at least 1, got ${value}`);
    }
  }
  return { units: uses + 2, rowsPerUse: rowsPerUse };
}

/**
 * `useBudget` for N proofs by parameters that open `rows` rows. An eighth more for each: a proof that
 * shows other ports, the registration and the renewal open a few more or less.
 */
export function budgetForRows(uses: number, rows: number): UseBudget {
  return useBudget(uses, Math.max(1, rows + Math.ceil(rows / 8)));
}

/** ⌈rows / rowsPerUse⌉: what a proof that opens so many rows of oracle 0 spends. @throws {RangeError} */
export function unitsFor(budget: UseBudget, rows: number): number {
  if (!(Number.isSafeInteger(rows) && rows >= 1)) {
    throw new RangeError(`unitsFor: expected at least one row, got ${rows}`);
  }
  return Math.ceil(rows / budget.rowsPerUse);
}

/** Rows of tail that pay for a budget: units·rowsPerUse opened rows, five numbers for each registered answer. */
export function tailRowsFor(budget: UseBudget, registeredSamples: number): number {
  return budget.units * budget.rowsPerUse + 5 * registeredSamples;
}
