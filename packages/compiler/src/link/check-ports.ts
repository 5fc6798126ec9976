import { showShape } from '../graph/shape.ts';
import type { DType, FloatGraph } from '../graph/types.ts';
import { portError, type SourcePort } from './source-port.ts';

/** Whether consecutive lengths of `fine` multiply to those of `coarse`; lengths 1 do not count. */
const groups = (coarse: readonly number[], fine: readonly number[]): boolean => {
  const parts = fine.filter((d) => d !== 1);
  let next = 0;
  for (const length of coarse.filter((d) => d !== 1)) {
    let n = 1;
    while (n < length && next < parts.length) n *= parts[next++] ?? 1;
    if (n !== length) return false;
  }
  return next === parts.length;
};

const isInteger = (dtype: DType): boolean =>
  dtype === 'int32' || dtype === 'int64' || dtype === 'bool';

/**
 * Whether each port fits the input that is to take it: elements in the same order (dimensions may be grouped
 * or split, not exchanged), and integers where the model takes integers.
 *
 * @throws {AssayError} ASSAY_COMPILE_PORT
 */
export const checkInputPorts = (
  graph: FloatGraph,
  ports: ReadonlyMap<string, SourcePort>,
): void => {
  for (const [input, port] of ports) {
    const from = `output "${port.name}" of "${port.program}"`;
    const value = graph.values.get(input);
    if (!graph.inputs.includes(input) || value === undefined)
      throw portError(
        `the model has no input "${input}" to take ${from}`,
        `Its inputs: ${graph.inputs.join(', ')}.`,
      );
    const { shape, dtype } = value;
    if (!groups(shape, port.shape) && !groups(port.shape, shape))
      throw portError(
        `input "${input}" has shape ${showShape(shape)}, ${from} has ${showShape(port.shape)}`,
        'They must have the same elements in the same order.',
      );
    if (isInteger(dtype) && (port.scale !== 1 || port.zero !== 0))
      throw portError(
        `input "${input}" takes integers (${dtype}), ${from} stands for multiples of ${port.scale}`,
      );
    if (dtype === 'bool' && (port.range.lo < 0 || port.range.hi > 1))
      throw portError(
        `input "${input}" takes 0 or 1, ${from} reaches [${port.range.lo}, ${port.range.hi}]`,
      );
  }
};
