/** Outputs of other programs as inputs of this one. */
import { AssayError } from '@assay/core/errors';
import type { Port, Program, Range } from '@assay/program';

/**
 * An output of a program, as far as another program has to know it to take the same integers:
 * real = scale · (integer − zero), integer in `range`, stored as `storage` says.
 */
export interface SourcePort {
  /** Of the program that gives it. */
  readonly program: string;
  readonly name: string;
  /** In its model's interface. */
  readonly shape: readonly number[];
  /** Of the tensor: what a commitment to it binds. */
  readonly storage: readonly number[];
  readonly scale: number;
  readonly zero: number;
  readonly range: Range;
  readonly meaning: Port['meaning'];
}

/** Ports that do not fit each other. */
export const portError = (shortMessage: string, details?: string): AssayError =>
  new AssayError({ code: 'ASSAY_COMPILE_PORT', shortMessage: `compile: ${shortMessage}`, details });

const names = (ports: readonly { readonly name: string }[]): string =>
  ports.map((port) => port.name).join(', ');

/**
 * An output of a program as the source of an input.
 *
 * @param output - its name; may be left out where the program has one output.
 * @throws {AssayError} ASSAY_COMPILE_PORT where there is no such output, or several and none is named.
 */
export const sourcePort = (program: Program, output?: string): SourcePort => {
  const [only, second] = program.outputs;
  if (output === undefined && second !== undefined)
    throw portError(
      `"${program.name}" has ${program.outputs.length} outputs, and one has to be named`,
      `Its outputs: ${names(program.outputs)}.`,
    );
  const port = output === undefined ? only : program.outputs.find((p) => p.name === output);
  const tensor = port === undefined ? undefined : program.tensors[port.tensor];
  const range = tensor?.range;
  if (port === undefined || tensor === undefined || range === undefined || range === null)
    throw portError(
      `"${program.name}" has no output "${output ?? ''}"`,
      `Its outputs: ${names(program.outputs)}.`,
    );
  const { name, shape, scale, zero, meaning } = port;
  return { program: program.name, name, shape, storage: tensor.shape, scale, zero, range, meaning };
};
