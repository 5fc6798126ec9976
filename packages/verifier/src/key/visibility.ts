import type { PortVisibility, ValueReader, Visibility, WeightsVisibility } from '@assay/program';

/** A visibility as it stands in keys and statements: kind, and rows of the tail where there is one. */
function entryValue(v: PortVisibility | WeightsVisibility): unknown {
  return [v.kind, 'tailRows' in v ? v.tailRows : 0];
}

/** Value for `encodeCbor`: weights, inputs and outputs in port order. */
export function visibilityValue({ weights, inputs, outputs }: Visibility): unknown {
  return [entryValue(weights), inputs.map(entryValue), outputs.map(entryValue)];
}

function readTail(reader: ValueReader, kept: boolean, value: unknown): number {
  const tailRows = reader.integer(value, 'tail rows');
  if (kept ? tailRows < 1 : tailRows !== 0)
    reader.fail('tail rows: expected some, or 0 where none are');
  return tailRows;
}

function readPort(reader: ValueReader, value: unknown): PortVisibility {
  const [name, tail] = reader.tuple(value, 2, 'port visibility');
  const kind = reader.choice(name, ['public', 'hidden', 'committed'], 'port visibility');
  const tailRows = readTail(reader, kind === 'committed', tail);
  return kind === 'committed' ? { kind, tailRows } : { kind };
}

function readWeights(reader: ValueReader, value: unknown): WeightsVisibility {
  const [name, tail] = reader.tuple(value, 2, 'weights visibility');
  const kind = reader.choice(name, ['public', 'hidden'], 'weights visibility');
  const tailRows = readTail(reader, kind === 'hidden', tail);
  return kind === 'hidden' ? { kind, tailRows } : { kind };
}

/** The inverse of `visibilityValue`; failures are the reader's. */
export function readVisibility(reader: ValueReader, value: unknown): Visibility {
  const [weights, inputs, outputs] = reader.tuple(value, 3, 'visibility');
  return {
    weights: readWeights(reader, weights),
    inputs: reader.list(inputs, 'inputs', (port) => readPort(reader, port)),
    outputs: reader.list(outputs, 'outputs', (port) => readPort(reader, port)),
  };
}
