import type { Sample } from '@assay/compiler/data';
import { AssayError } from '@assay/core/errors';
import { elementCount, type Port, type Program } from '@assay/program';
import { dequantizeOutput, quantizeInput } from '@assay/runtime';
import { readBytes } from './files.ts';

export interface QuantizedInputs {
  readonly values: ReadonlyMap<string, Int32Array>;
  /** One sentence for each port with values outside the calibrated range. */
  readonly clamped: readonly string[];
}

const inputError = (shortMessage: string, details?: string): AssayError =>
  new AssayError({ code: 'ASSAY_INPUT', shortMessage, details });

/**
 * A sample as the integers that the program runs on. Values outside the calibrated range are clamped
 * and reported, or refused if `strict`.
 * @param needed - Inputs that may not be missing; all, when not given.
 * @throws {AssayError} ASSAY_INPUT on missing or unknown names, wrong sizes, NaN, infinities;
 *   ASSAY_INPUT_RANGE if `strict` and a value lies outside the calibrated range.
 */
export function quantizeInputs(
  program: Program,
  sample: Sample,
  strict: boolean,
  needed?: readonly string[],
): QuantizedInputs {
  const names = program.inputs.map((port) => port.name);
  const unknown = [...sample.keys()].filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw inputError(
      `the model has no input "${unknown.join('", "')}"`,
      `Its inputs: ${names.join(', ')}.`,
    );
  }
  const values = new Map<string, Int32Array>();
  const clamped: string[] = [];
  for (const port of program.inputs) {
    const reals = sample.get(port.name)?.data;
    if (reals === undefined) {
      if (needed === undefined || needed.includes(port.name)) {
        throw inputError(`input "${port.name}" is missing`);
      }
      continue;
    }
    const quantized = quantizeInput(program, port, reals);
    values.set(port.name, quantized.values);
    if (quantized.clamped === 0) continue;
    clamped.push(
      `input "${port.name}": ${quantized.clamped} of ${reals.length} values lie outside the calibrated range ${rangeText(program, port)}`,
    );
  }
  if (strict && clamped.length > 0) {
    throw new AssayError({
      code: 'ASSAY_INPUT_RANGE',
      shortMessage: clamped.join('; '),
      details: 'Without --strict they are clamped. Compile with samples that cover such inputs.',
    });
  }
  return { values, clamped: clamped.map((sentence) => `${sentence}: clamped`) };
}

function rangeText(program: Program, port: Port): string {
  const range = program.tensors[port.tensor]?.range ?? { lo: 0, hi: 0 };
  const [low, high] = dequantizeOutput(port, [range.lo, range.hi]);
  return `[${low?.toPrecision(4)}, ${high?.toPrecision(4)}]`;
}

type Nested = number | Nested[];

function nested(values: ArrayLike<number>, shape: readonly number[], at = 0): Nested {
  const [length, ...inner] = shape;
  if (length === undefined) return values[at] ?? 0;
  const size = elementCount(inner);
  return Array.from({ length }, (_, i) => nested(values, inner, at + i * size));
}

/** Outputs as `infer` prints them and `verify --output` reads them. */
export interface OutputDocument {
  /** Real values in the shape of the model's interface. */
  readonly outputs: Readonly<Record<string, Nested>>;
  /** What is proven, row major: real = scale · (integer − zero). */
  readonly integers: Readonly<Record<string, readonly number[]>>;
}

/** The outputs that there are: a receipt may show some, or none. */
export function outputDocument(
  program: Program,
  outputs: ReadonlyMap<string, Int32Array>,
): OutputDocument {
  const entries = program.outputs.flatMap((port) => {
    const integers = outputs.get(port.name);
    return integers === undefined
      ? []
      : [{ port, integers, reals: dequantizeOutput(port, integers) }];
  });
  return {
    outputs: Object.fromEntries(
      entries.map(({ port, reals }) => [port.name, nested(reals, port.shape)]),
    ),
    integers: Object.fromEntries(
      entries.map(({ port, integers }) => [port.name, Array.from(integers)]),
    ),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function flat(value: unknown, into: number[], name: string): number[] {
  if (Array.isArray(value)) for (const entry of value) flat(entry, into, name);
  else if (typeof value === 'number' && Number.isFinite(value)) into.push(value);
  else throw inputError(`output "${name}" holds something that is no finite number`);
  return into;
}

/**
 * Expected outputs: a file that `infer` wrote, or any JSON with `outputs` (real values) or `integers`
 * by name. Real values are rounded to the integers that stand for them.
 * @throws {AssayError} ASSAY_INPUT, ASSAY_FILE_READ
 */
export function readOutputs(path: string, program: Program): ReadonlyMap<string, Int32Array> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(readBytes(path)));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw inputError(`${path} is not JSON: ${cause.message}`);
    throw cause;
  }
  const integers = isRecord(document) ? document['integers'] : undefined;
  const reals = isRecord(document) ? document['outputs'] : undefined;
  const given = isRecord(integers) ? integers : reals;
  if (!isRecord(given)) throw inputError(`${path} has neither "outputs" nor "integers" by name`);
  return new Map(
    Object.entries(given).map(([name, value]) => {
      const port = program.outputs.find((candidate) => candidate.name === name);
      const numbers = flat(value, [], name);
      const { scale, zero } =
        given === integers || port === undefined ? { scale: 1, zero: 0 } : port;
      return [name, Int32Array.from(numbers, (x) => Math.round(x / scale) + zero)];
    }),
  );
}
