/** Attributes of sliding windows, made explicit. */
import type { Windows } from '../../graph/operators.ts';
import type { NodeContext } from '../context.ts';

const positive = (node: NodeContext, name: string, rank: number): number[] => {
  const values = node.attributes.ints(name) ?? new Array<number>(rank).fill(1);
  if (values.length !== rank || values.some((v) => !(v >= 1 && v <= 2 ** 31))) {
    node.fail('attribute', `${name} ${values.join(', ')} for ${rank} spatial axes`);
  }
  return values;
};

/** SAME: output length ⌈L/stride⌉, the odd pad at the end (upper) or the beginning (lower). */
const samePads = (
  spatial: readonly number[],
  w: Pick<Windows, 'kernel' | 'strides' | 'dilations'>,
  upper: boolean,
): Pick<Windows, 'padsBegin' | 'padsEnd'> => {
  const totals = spatial.map((length, i) => {
    const stride = w.strides[i] ?? 1;
    const reach = ((w.kernel[i] ?? 1) - 1) * (w.dilations[i] ?? 1) + 1;
    return Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length);
  });
  const small = totals.map((t) => Math.floor(t / 2));
  const large = totals.map((t) => Math.ceil(t / 2));
  return upper ? { padsBegin: small, padsEnd: large } : { padsBegin: large, padsEnd: small };
};

/**
 * Pads at the end under ceil_mode: as many as the last window needs. A window that would start in the
 * padding at the end does not exist.
 */
const ceilPadsEnd = (spatial: readonly number[], w: Windows): number[] =>
  spatial.map((length, i) => {
    const stride = w.strides[i] ?? 1;
    const begin = w.padsBegin[i] ?? 0;
    const end = w.padsEnd[i] ?? 0;
    const reach = ((w.kernel[i] ?? 1) - 1) * (w.dilations[i] ?? 1) + 1;
    let count = Math.ceil((length + begin + end - reach) / stride) + 1;
    if ((count - 1) * stride >= length + begin) count -= 1;
    const floorCount = Math.floor((length + begin + end - reach) / stride) + 1;
    return count === floorCount ? end : Math.max(0, (count - 1) * stride + reach - length - begin);
  });

/** strides, dilations, pads, auto_pad, kernel_shape and (for pools) ceil_mode. */
export const readWindows = (
  node: NodeContext,
  spatial: readonly number[],
  weightKernel: readonly number[] | null,
  pool: boolean,
): Windows & { readonly declaredEnd: readonly number[] } => {
  const rank = spatial.length;
  const { attributes } = node;
  const shape = attributes.ints('kernel_shape');
  const kernel = shape ?? weightKernel ?? node.fail('attribute', 'kernel_shape is missing');
  if (
    kernel.length !== rank ||
    kernel.some((k, i) => !(k >= 1) || (weightKernel !== null && k !== weightKernel[i]))
  ) {
    node.fail('attribute', `kernel_shape ${kernel.join(', ')}`);
  }
  const strides = positive(node, 'strides', rank);
  const dilations = positive(node, 'dilations', rank);
  const pads = attributes.ints('pads');
  const autoPad = attributes.string('auto_pad', 'NOTSET');
  const ceil = pool && attributes.flag('ceil_mode', false);
  const base = { kernel, strides, dilations };
  if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') {
    const same = samePads(spatial, base, autoPad === 'SAME_UPPER');
    return { ...base, ...same, declaredEnd: same.padsEnd };
  }
  if (autoPad !== 'NOTSET' && autoPad !== 'VALID') node.fail('attribute', `auto_pad "${autoPad}"`);
  const explicit =
    autoPad === 'NOTSET' && pads !== null ? pads : new Array<number>(2 * rank).fill(0);
  if (explicit.length !== 2 * rank || explicit.some((p) => !(p >= 0 && p <= 2 ** 31))) {
    node.fail('attribute', `pads ${explicit.join(', ')}`);
  }
  const windows = { ...base, padsBegin: explicit.slice(0, rank), padsEnd: explicit.slice(rank) };
  return {
    ...windows,
    padsEnd: ceil ? ceilPadsEnd(spatial, windows) : windows.padsEnd,
    declaredEnd: windows.padsEnd,
  };
};
