export { FloatSession, type FloatSessionOptions } from './session.ts';
export { RangeObserver, type ObservedRange } from './observe.ts';
