import type { Port, Span } from '@assay/program';
import { commitmentBinding } from '../commitment/index.ts';
import type { CommittedValues, Statement } from '../statement.ts';
import type { Argument } from './argument.ts';

/** A port whose values are committed under a root of their own. */
export interface CommittedPort {
  readonly side: 'inputs' | 'outputs';
  readonly port: Port;
  readonly span: Span;
}

/** Committed ports in the order of their columns: inputs, then outputs. */
export function portSpans({ key, layout }: Argument): readonly CommittedPort[] {
  const { program, visibility } = key;
  const ports = (['inputs', 'outputs'] as const).flatMap((side) =>
    program[side]
      .filter((_, i) => visibility[side][i]?.kind === 'committed')
      .map((port) => ({ side, port })),
  );
  return ports.flatMap(({ side, port }) => {
    const span = layout.ports.find(({ tensor }) => tensor === port.tensor);
    return span === undefined ? [] : [{ side, port, span }];
  });
}

/** The same with what the statement says of them: `publicValues` has checked that it says it. */
export function committedPorts(
  argument: Argument,
  statement: Statement,
): readonly (CommittedPort & { readonly values: CommittedValues })[] {
  return portSpans(argument).flatMap((at) => {
    const values = statement.committed?.[at.side].get(at.port.name);
    return values === undefined ? [] : [{ ...at, values }];
  });
}

/** What the registered points of the model's root (and of the one that it renews) bind. */
export function modelBinding({ key, system }: Argument, span: Span): readonly number[] {
  const { tailRows } = span;
  if (key.visibility.renews?.of !== 'tensor') return tailBinding(span);
  return commitmentBinding({ tailRows, shape: system.program.tensors[0]?.shape ?? [] });
}

/** What the registered points of a root with tails depend on besides its size; nothing without tails. */
export function tailBinding({ tailRows }: Span): readonly number[] {
  return tailRows === 0 ? [] : [tailRows];
}
