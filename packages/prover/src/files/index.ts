export {
  CHUNK_BYTES,
  type FileDigest,
  READABLE,
  removeLeftovers,
  SECRET,
  SECRET_FOLDER,
  syncFolder,
  temporaryName,
  writeFileAtomic,
  writeFileSynced,
} from './atomic.ts';
export { type FileFailure, fileFailure, withFileErrors } from './system-errors.ts';
