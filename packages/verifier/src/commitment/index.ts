export { decodeCommitment, encodeCommitment } from './codec.ts';
export { type CommitmentError, describeCommitmentError } from './errors.ts';
export { commitmentBinding, commitmentName, isConstant } from './name.ts';
export type { PortCommitment } from './types.ts';
