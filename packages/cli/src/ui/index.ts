export {
  createProgress,
  formatBytes,
  formatMs,
  type Progress,
  type ProgressStream,
  silent,
  stagesOf,
} from './progress.ts';
export { besideEachOther, type Column, renderTable } from './table.ts';
