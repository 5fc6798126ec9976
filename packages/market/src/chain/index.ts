export { type Addresses, addressesOf } from './addresses.ts';
export { backoffMs, pause } from './backoff.ts';
export {
  type BlockRef,
  decodeEvent,
  type EventBody,
  jobOf,
  type MarketEvent,
  type RawLog,
} from './events.ts';
export { Follower, type FollowerOptions, type PollResult, type Progress } from './follower.ts';
export { type FollowerStore, KEPT_CHECKPOINTS, MemoryFollowerStore } from './follower-store.ts';
export {
  type FaultView,
  type JobView,
  type LockView,
  reduceJob,
  type SubmissionView,
} from './job-view.ts';
export {
  type ChallengeState,
  type ChallengeView,
  MarketView,
  type ModelView,
  type ProviderView,
} from './market-view.ts';
