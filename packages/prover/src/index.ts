export {
  type ProveOptions,
  type Proven,
  type ProvingKey,
  prove,
  proveWitness,
  type Stage,
  type Witness,
} from './prove.ts';
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
