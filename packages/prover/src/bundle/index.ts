export { CommitmentFiles } from './commitment-file.ts';
export type { CommitmentSource } from './commitment-format.ts';
export type { BundleErrorCode } from './errors.ts';
export { sourceOf } from './from-engine.ts';
export { FILES } from './manifest.ts';
export { type Bundle, type HiddenModel, openBundle, type OpenOptions } from './open.ts';
export { provingKey } from './proving-key.ts';
export {
  type Commitment,
  type CompiledModel,
  type WriteOptions,
  writeCommitment,
  writeCompiled,
} from './write.ts';
