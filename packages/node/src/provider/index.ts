export { type Choice, choose, type Means } from './choose.ts';
export { Defender, type DefenderOptions } from './defender.ts';
export { END_PHASES, type EndPhase, type Phase, WORK_PHASES, type WorkPhase } from './phases.ts';
export { Provider } from './provider.ts';
export { type JobRecord, JobRecords, PROVIDER_SCHEMA } from './records.ts';
export type {
  Calls,
  Capability,
  Executed,
  Head,
  Policy,
  Proven,
  ProviderOptions,
  Reads,
  Situation,
  Work,
} from './types.ts';
