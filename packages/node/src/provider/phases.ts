/**
 * How far a job has come here. Each is on disk before the next begins; what the chain says of the job
 * overrides all of them.
 *
 * seen: known. chosen: one of the places is its. ready: its input is here and checked (sealed: nothing
 * to check yet). locking: the transaction is in the outbox. locked: it is ours. acknowledging: sealed
 * input was opened and checked. held: input here, work clock runs. executed: output and roots here.
 * proven: receipt here, if one is asked for. published: artefacts are served. submitting, submitted.
 */
export const WORK_PHASES = [
  'seen',
  'chosen',
  'ready',
  'locking',
  'locked',
  'acknowledging',
  'held',
  'executed',
  'proven',
  'published',
  'submitting',
  'submitted',
] as const;
export type WorkPhase = (typeof WORK_PHASES)[number];

/** final: paid. lost: another provider has it. skipped: not wanted. failed: late, slashed, or ended otherwise. */
export const END_PHASES = ['final', 'lost', 'skipped', 'failed'] as const;
export type EndPhase = (typeof END_PHASES)[number];
export type Phase = WorkPhase | EndPhase;

export function isPhase(text: string): text is Phase {
  return WORK_PHASES.some((p) => p === text) || END_PHASES.some((p) => p === text);
}

export function isWorkPhase(phase: Phase): phase is WorkPhase {
  return WORK_PHASES.some((p) => p === phase);
}

export function isBefore(phase: WorkPhase, other: WorkPhase): boolean {
  return WORK_PHASES.indexOf(phase) < WORK_PHASES.indexOf(other);
}

/** Phases in which a job takes one of the places. */
export function takesPlace(phase: Phase): boolean {
  return isWorkPhase(phase) && phase !== 'seen' && phase !== 'submitted';
}
