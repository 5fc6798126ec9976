export {
  commitConstants,
  commitTrace,
  type CommitOptions,
  type TraceCommitment,
} from './commit.ts';
export { findFraud } from './find-fraud.ts';
export { type GroupElement, groupElements, groupLeaves } from './group-leaves.ts';
export { definingInstances, readingInstances, storageIndex } from './instances.ts';
export { type SubmittedList, type TreeReader, treeReader } from './reader.ts';
export { traceConstants, type TraceValues, traceValues, type ValueOptions } from './values.ts';
