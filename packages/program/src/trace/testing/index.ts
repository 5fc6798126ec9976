export { type CaseOptions, randomTraceCase, type TraceCase } from './cases.ts';
export { type Altered, alteredBodies, alteredProofs } from './altered.ts';
export {
  type PaddingCase,
  type PaddingKind,
  randomPaddingCase,
  alteredPadding,
} from './padding.ts';
export { randomRelation } from './relations.ts';
export { type GeneratedTensor, RandomTensors } from './tensors.ts';
export { SeededRandom } from '../../testing/random.ts';
export { deriveTraceWithin } from '../derive/derive.ts';
