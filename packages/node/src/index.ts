export type { DaemonOptions, ProviderSettings, WatcherSettings } from './daemon-options.ts';
export { type Daemon, startDaemon } from './daemon.ts';
export { type Migration, openDatabase, type Store } from './database/index.ts';
export type { FetchSettings } from './fetch-input.ts';
export { createLogger, type Logger, type LogOptions } from './log.ts';
export { ModelService, openServedModel, type ServedModel } from './models/index.ts';
export {
  type Call,
  createOutbox,
  createWire,
  type Delivery,
  type Outbox,
  OUTBOX_SCHEMA,
  type Wire,
} from './outbox/index.ts';
export {
  type Executed,
  type JobRecord,
  type Phase,
  type Policy,
  Provider,
  type Proven,
  type Work,
} from './provider/index.ts';
export { type CheckRecord, type Verdict, Watcher } from './watcher/index.ts';
