export { type ProveOptions, type Proven, prove, proveWitness } from './prove.ts';
export type { ProvingKey, Stage, Witness } from './types.ts';
export {
  type PortKind,
  type Setup,
  type SetupOptions,
  type Shown,
  setup,
  visibilityOf,
} from './setup.ts';
export { DEFAULT_PROOFS } from './commitments/index.ts';
export { proveRenewal, renewalRows, type RenewedRoot, type RenewedValues } from './renew.ts';
