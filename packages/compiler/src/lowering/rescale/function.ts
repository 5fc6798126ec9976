/** Listed functions of one element. */
import type { Form, Range, TensorId } from '@assay/program';
import { roundHalfUp, type Quantization } from '../../quantize/index.ts';
import { whole, type ProgramBuilder } from '../builder.ts';
import { LoweringError } from '../errors.ts';
import type { Value } from '../value.ts';

/**
 * One table row per key: round(f(scale·key)/out.scale), halves up, clamped to out's range; keys outside
 * `domain` count as its nearest end.
 */
export const functionTable = (
  name: string,
  f: (x: number) => number,
  keys: Range,
  domain: Range,
  scale: number,
  out: Quantization,
): { readonly values: number[]; readonly range: Range } => {
  const values: number[] = [];
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (let key = keys.lo; key <= keys.hi; key += 1) {
    const x = scale * Math.min(Math.max(key, domain.lo), domain.hi);
    const y = f(x);
    if (Number.isNaN(y))
      throw new LoweringError(
        'unbounded',
        `${name}(${x}) is not a number, and ${x} is among the values its input can have`,
      );
    const v = Math.min(Math.max(roundHalfUp(y / out.scale), out.range.lo), out.range.hi);
    values.push(v);
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  return { values, range: { lo, hi } };
};

/** out = f(key) by one lookup; `key` is any form whose honest range is `keys`. */
export const functionLookup = (
  builder: ProgramBuilder,
  dims: readonly (readonly number[])[],
  key: {
    readonly form: Form;
    readonly tensor: TensorId | null;
    readonly range: Range;
    readonly scale: number;
  },
  name: string,
  f: (x: number) => number,
  domain: Range,
  out: Quantization,
  output: boolean,
): Value => {
  const atoms = dims.flat();
  const { values, range } = functionTable(name, f, key.range, domain, key.scale, out);
  const table = builder.tables.function(name, key.range, values);
  const tensor = builder.value('value', atoms, output ? range : null);
  const relation = builder.lookup(
    atoms,
    table,
    [key.form, whole(tensor, atoms)],
    [
      ...(key.tensor === null ? [] : [{ tensor: key.tensor, range: key.range }]),
      ...(output ? [] : [{ tensor, range }]),
    ],
  );
  builder.step({ kind: 'lookup', relation, outputs: [{ column: 1, tensor }] });
  return { dims, form: whole(tensor, atoms), scale: out.scale, range };
};

/** f of a value that is committed already; keys are the form itself. */
export const functionOfValue = (
  builder: ProgramBuilder,
  value: Value,
  name: string,
  f: (x: number) => number,
  domain: Range,
  out: Quantization,
  output: boolean,
): Value => {
  const source = { form: value.form, tensor: null, range: value.range, scale: value.scale };
  return functionLookup(builder, value.dims, source, name, f, domain, out, output);
};
