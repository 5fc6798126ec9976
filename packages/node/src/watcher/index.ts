export {
  CHECK_PHASES,
  type CheckPhase,
  type CheckRecord,
  CheckRecords,
  type Verdict,
  VERDICT_PHASES,
  WATCHER_SCHEMA,
} from './records.ts';
export type { Inspector, WatcherOptions } from './types.ts';
export { isSampled, Watcher } from './watcher.ts';
