/** The three points that all claims of a proof share: LogUp's, τ* and r* (`protocol.md` §4). */
export type PointName = 'lookup' | 'outer' | 'inner';

/**
 * Weight of one logical axis in a claim, a vector over its positions:
 *   eq:     eq(point[from .. from+bits), i − start) for start <= i < start + length, zero elsewhere;
 *   ones:   1 everywhere (an axis that is summed over);
 *   absent: the axis is not part of the claim; no view of it may read that axis.
 */
export type AxisWeight =
  | {
      readonly kind: 'eq';
      readonly point: PointName;
      readonly from: number;
      readonly bits: number;
      readonly start: number;
      readonly length: number;
    }
  | { readonly kind: 'ones' }
  | { readonly kind: 'absent' };

export const ONES: AxisWeight = { kind: 'ones' };
export const ABSENT: AxisWeight = { kind: 'absent' };

/** Equal keys, equal vectors (over axes of equal length). */
export function axisWeightKey(weight: AxisWeight): string {
  if (weight.kind !== 'eq') return weight.kind;
  return `${weight.point}:${weight.from}:${weight.bits}:${weight.start}:${weight.length}`;
}
