/** How the process ends, so that a script can tell apart a rejected receipt and a broken disk. */
export const EXIT = {
  /** Done; for the verbs that verify: accepted. */
  ok: 0,
  /** A verb that verifies looked at what it was given and rejects it. */
  rejected: 1,
  /** The command line is wrong: nothing was done. */
  usage: 2,
  /** Something could not be read, written, compiled or proven. */
  failure: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
