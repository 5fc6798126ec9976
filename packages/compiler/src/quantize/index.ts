export {
  quantizeInterval,
  roundAway,
  roundHalfUp,
  roundInterval,
  type Interval,
  type Quantization,
} from './ranges.ts';
export { planTargets, type Target, type TargetOptions } from './targets.ts';
