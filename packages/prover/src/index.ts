export { type ProveOptions, type Proven, type ProvingKey, prove, proveTrace, type Stage } from './prove.ts';
export { type Setup, type SetupOptions, setup } from './setup.ts';
