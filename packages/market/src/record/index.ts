export {
  type DerivedModel,
  type DerivedRecord,
  deriveRecord,
  describeRefusal,
  type ModelSource,
  recordDifferences,
  withProvenance,
} from './derive-record.ts';
