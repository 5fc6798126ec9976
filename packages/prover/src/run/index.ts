export {
  type OutputCommitment,
  proveRun,
  type ProvenRun,
  type RunRequest,
  type StageTime,
} from './prove-run.ts';
export { receiptBody, type ReceiptOptions } from './receipt-body.ts';
export { isOpeningFolder, OPENING_FILES } from './opening-files.ts';
export {
  checkOpening,
  commitPort,
  loadOpening,
  type Opening,
  type OpeningPort,
  openingPort,
  saveOpening,
} from './opening.ts';
