export {
  commitConstants,
  commitTrace,
  type CommitOptions,
  type TraceCommitment,
} from './commit.ts';
export { traceConstants, type TraceValues, traceValues, type ValueOptions } from './values.ts';
