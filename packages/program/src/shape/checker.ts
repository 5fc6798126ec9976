import type { ProgramError } from '../errors.ts';

/** Collects the first thing wrong; everything after it is skipped. */
export class Checker {
  error: ProgramError | null = null;

  get failed(): boolean {
    return this.error !== null;
  }

  limit(what: string, actual: number, limit: number): boolean {
    if (this.error === null && !(actual <= limit)) {
      this.error = { kind: 'program/limit', what, limit, actual };
    }
    return this.error === null;
  }

  require(condition: boolean, where: string, reason: string): boolean {
    if (this.error === null && !condition)
      this.error = { kind: 'program/structure', where, reason };
    return this.error === null;
  }
}

/** An integer in (−bound, bound). */
export function isInteger(n: number, bound: number): boolean {
  return Number.isSafeInteger(n) && n > -bound && n < bound;
}
