import {
  identityView,
  type Form,
  type Program,
  type Relation,
  type Step,
  type Table,
  type Tensor,
  rangeTable,
} from '../src/index.ts';

/** A program from parts, with one node and everything else empty. */
export function programOf(parts: Partial<Program>): Program {
  return {
    name: 'test',
    tensors: [],
    tables: [],
    relations: [],
    steps: [],
    inputs: [],
    outputs: [],
    nodes: [{ name: 'node', operator: 'Test' }],
    ...parts,
  };
}

export function tensorOf(
  name: string,
  role: Tensor['role'],
  shape: readonly number[],
  range: Tensor['range'] = null,
): Tensor {
  return { name, role, shape, range, data: null, node: 0 };
}

export function wholeForm(tensor: number, shape: readonly number[], coefficient = 1): Form {
  return { terms: [{ tensor, coefficient, view: identityView(shape), sums: [] }], constant: 0 };
}

export function sumForm(parts: readonly Form[], constant = 0): Form {
  return {
    terms: parts.flatMap((p) => p.terms),
    constant: parts.reduce((c, p) => c + p.constant, constant),
  };
}

/** y = floor((x + 2^(s−1)) / 2^s) over [xLo, xHi], hi ranged by a table [hiLo, hiHi], the remainder by [0, 2^s). */
export function rescaleProgram(
  xLo: number,
  xHi: number,
  shift: number,
  hiLo: number,
  hiHi: number,
): Program {
  const shape = [2];
  const tensors = [
    tensorOf('x', 'input', shape, { lo: xLo, hi: xHi }),
    tensorOf('hi', 'witness', shape),
    tensorOf('rem', 'witness', shape),
    tensorOf('y', 'output', shape, { lo: hiLo, hi: hiHi }),
  ];
  const rows = hiHi - hiLo + 1;
  const same = { kind: 'segments', segments: [{ rows, start: hiLo, slope: 1 }] } as const;
  const tables: Table[] = [
    rangeTable('remainder', { lo: 0, hi: 2 ** shift - 1 }),
    { name: 'identity', rows, keys: 1, columns: [same, same] },
  ];
  const relations: Relation[] = [
    {
      kind: 'zero',
      dims: shape,
      form: sumForm(
        [wholeForm(0, shape), wholeForm(1, shape, -(2 ** shift)), wholeForm(2, shape, -1)],
        2 ** (shift - 1),
      ),
      products: [],
      declared: null,
      node: 0,
    },
    { kind: 'lookup', dims: shape, table: 0, entries: [wholeForm(2, shape)], node: 0 },
    {
      kind: 'lookup',
      dims: shape,
      table: 1,
      entries: [wholeForm(1, shape), wholeForm(3, shape)],
      node: 0,
    },
  ];
  const steps: Step[] = [
    {
      kind: 'digits',
      relation: 0,
      outputs: [
        { tensor: 1, low: 0 },
        { tensor: 2, low: 0 },
      ],
    },
    { kind: 'lookup', relation: 2, outputs: [{ column: 1, tensor: 3 }] },
  ];
  const port = { shape, scale: 0.5, zero: 0, meaning: 'number' } as const;
  return programOf({
    tensors,
    tables,
    relations,
    steps,
    inputs: [{ ...port, name: 'x', tensor: 0 }],
    outputs: [{ ...port, name: 'y', tensor: 3 }],
  });
}
