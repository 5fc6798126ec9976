/** How the process ends, so that a script can tell apart a rejected receipt and a broken disk. */
export const EXIT = {
  /** Done; for `verify`: the receipt is accepted. */
  ok: 0,
  /** `verify` looked at the receipt and rejects it. */
  rejected: 1,
  /** The command line is wrong: nothing was done. */
  usage: 2,
  /** Something could not be read, written, compiled or proven. */
  failure: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
