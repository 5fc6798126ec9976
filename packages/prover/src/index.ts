export {
  type ProveOptions,
  type Proven,
  type ProvingKey,
  prove,
  proveTrace,
  proveWitness,
  type Stage,
  type Witness,
} from './prove.ts';
export { type Setup, type SetupOptions, setup } from './setup.ts';
