export { migrate, type Migration, openDatabase, type Store } from './database.ts';
export { databaseError, type DatabaseErrorCode } from './errors.ts';
export { guardProcess, type ProcessGuard } from './process-guard.ts';
export {
  amountOf,
  bytesOf,
  bytesOrNull,
  numberOf,
  numberOrNull,
  type Row,
  type SqlValue,
  textOf,
  textOrNull,
} from './rows.ts';
