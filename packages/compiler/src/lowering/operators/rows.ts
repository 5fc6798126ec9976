import type { NodeOf } from '../../graph/index.ts';
import type { Lowering } from '../context.ts';
import { LoweringError } from '../errors.ts';

export const lowerArgMax = (_node: NodeOf<'ArgMax'>, _ctx: Lowering): void => {
  throw new LoweringError('unsupported', 'ArgMax has no lowering yet');
};
export const lowerSoftmax = (_node: NodeOf<'Softmax'>, _ctx: Lowering): void => {
  throw new LoweringError('unsupported', 'Softmax has no lowering yet');
};
export const lowerLogSoftmax = (_node: NodeOf<'LogSoftmax'>, _ctx: Lowering): void => {
  throw new LoweringError('unsupported', 'LogSoftmax has no lowering yet');
};
