import type { Port, Program } from '@assay/program';
import { UsageError } from '../outcome.ts';

/** A port of a program, and where it stands. */
export interface PortRef {
  readonly side: 'inputs' | 'outputs';
  readonly index: number;
  readonly port: Port;
}

const SIDES = ['inputs', 'outputs'] as const;
const WORDS = { inputs: 'input', outputs: 'output' } as const;

export function sideWord(side: PortRef['side']): 'input' | 'output' {
  return WORDS[side];
}

export function portRefs(program: Program): readonly PortRef[] {
  return SIDES.flatMap((side) => program[side].map((port, index) => ({ side, index, port })));
}

/** `input:NAME` names a port beyond doubt. */
export function portText({ side, port }: PortRef): string {
  return `${sideWord(side)}:${port.name}`;
}

const same = (a: readonly PortRef[], b: readonly PortRef[]): boolean =>
  a.length === b.length && a.every((ref, i) => ref.port === b[i]?.port && ref.side === b[i]?.side);

/**
 * The ports that a name on the command line stands for: `NAME`, `input:NAME`, `output:NAME`, or
 * `input` and `output` for all of a side. What could be read in two ways is refused: to hide the
 * wrong port shows the right one.
 * @throws {UsageError}
 */
export function portsNamed(program: Program, option: string, text: string): readonly PortRef[] {
  const all = portRefs(program);
  const readings = [
    all.filter((ref) => portText(ref) === text),
    ...SIDES.map((side) => all.filter((ref) => ref.side === side && ref.port.name === text)),
    ...SIDES.map((side) => all.filter((ref) => ref.side === side && text === WORDS[side])),
  ].filter((refs) => refs.length > 0);
  const [first] = readings;
  if (first === undefined) {
    throw new UsageError(
      `${option}: the model has no input or output "${text.slice(0, 200)}"`,
      `It has: ${all.map(portText).join(', ')}.`,
    );
  }
  if (readings.every((refs) => same(refs, first))) return first;
  const meant = [...new Set(readings.flat().map(portText))];
  throw new UsageError(
    `${option}: "${text}" may be ${meant.join(' or ')}`,
    'Say which: input:NAME or output:NAME.',
  );
}

/**
 * `[NAME=]REST` about a port of one side: only a name that the program has counts (the longest), as a
 * path may hold anything. Without one it is the side's only port.
 * @throws {UsageError} where there are several and none is named
 */
export function splitPort(
  program: Program,
  side: PortRef['side'],
  option: string,
  text: string,
): { readonly ref: PortRef; readonly rest: string } {
  const refs = portRefs(program).filter((ref) => ref.side === side);
  for (const { index } of [...text.matchAll(/=/g)].toReversed()) {
    const name = text.slice(0, index);
    const ref = refs.find((r) => r.port.name === name) ?? refs.find((r) => portText(r) === name);
    if (ref !== undefined) return { ref, rest: text.slice(index + 1) };
  }
  const [only] = refs;
  if (only !== undefined && refs.length === 1) return { ref: only, rest: text };
  throw new UsageError(
    `${option}: the model has ${refs.length} ${side}, and one has to be named: NAME=${text.slice(0, 200)}`,
    `It has: ${refs.map(({ port }) => port.name).join(', ')}.`,
  );
}

/** By port name, what an option says of ports of one side. @throws {UsageError} also for one said twice */
export function byPort(
  program: Program,
  side: PortRef['side'],
  option: string,
  texts: readonly string[] | undefined,
): ReadonlyMap<string, { readonly ref: PortRef; readonly rest: string }> {
  const found = new Map<string, { readonly ref: PortRef; readonly rest: string }>();
  for (const text of texts ?? []) {
    const said = splitPort(program, side, option, text);
    const { name } = said.ref.port;
    if (found.has(name)) {
      throw new UsageError(`${option}: ${sideWord(side)} "${name}" is given twice`);
    }
    found.set(name, said);
  }
  return found;
}
