import { P } from '@assay/core/field';
import { describe, expect, test } from 'vitest';
import {
  deriveSystem,
  type Form,
  LIMITS,
  type Port,
  type Program,
  type Relation,
  type Step,
  type Table,
  type Tensor,
  type Term,
  validateProgram,
  type View,
} from '../src/index.ts';
import { programOf, rescaleProgram, tensorOf, wholeForm } from './programs.ts';

/** Every reason for which a program is refused, by name: each case is wrong in one way only. */

const program = rescaleProgram(-100, 100, 4, -7, 6);
const zero = (p: Program): Extract<Relation, { kind: 'zero' }> => {
  const [relation] = p.relations;
  if (relation?.kind !== 'zero') throw new TypeError('expected a zero relation');
  return relation;
};

const withTensor = (id: number, change: Partial<Tensor>): Program => ({
  ...program,
  tensors: program.tensors.map((t, i) => (i === id ? { ...t, ...change } : t)),
});
const withRelation = (id: number, change: (r: Relation) => Relation): Program => ({
  ...program,
  relations: program.relations.map((r, i) => (i === id ? change(r) : r)),
});
const withForm = (form: Form): Program =>
  withRelation(0, (r) => (r.kind === 'zero' ? { ...r, form } : r));
const withTerm = (change: Partial<Term>): Program => {
  const { form } = zero(program);
  return withForm({
    ...form,
    terms: form.terms.map((t, i) => (i === 0 ? { ...t, ...change } : t)),
  });
};
const withView = (view: View): Program => withTerm({ view });
const withTable = (change: Partial<Table>, id = 0): Program => ({
  ...program,
  tables: program.tables.map((t, i) => (i === id ? { ...t, ...change } : t)),
});
const withSteps = (steps: readonly Step[]): Program => ({ ...program, steps });
const withStep = (change: (s: Step) => Step, id = 0): Program =>
  withSteps(program.steps.map((s, i) => (i === id ? change(s) : s)));
const withPort = (change: Partial<Port>): Program => ({
  ...program,
  outputs: program.outputs.map((o) => ({ ...o, ...change })),
});
const along = (axis: number, stride = 1, offset = 0) =>
  ({ kind: 'affine', offset, strides: [{ axis, stride }] }) as const;
/** A constant over `shape`, read by `view` over `dims`. */
const reading = (shape: readonly number[], dims: readonly number[], view: View): Program =>
  programOf({
    tensors: [tensorOf('m', 'model', shape, { lo: 0, hi: 1 })],
    relations: [
      {
        kind: 'zero',
        dims,
        form: { terms: [{ tensor: 0, coefficient: 1, view, sums: [] }], constant: 0 },
        products: [],
        declared: null,
        node: 0,
      },
    ],
  });
const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);
const segments = (list: readonly { rows: number; start: number; slope: number }[]) => [
  { kind: 'segments' as const, segments: list },
];
const withProduct = (coefficient: number, role: Tensor['role']): Program =>
  programOf({
    tensors: [
      tensorOf('x', 'model', [2], { lo: 0, hi: 1 }),
      tensorOf('w', role, [2], { lo: 0, hi: 1 }),
    ],
    relations: [
      {
        kind: 'zero',
        dims: [2],
        form: wholeForm(0, [2]),
        products: [{ coefficient, sums: [], left: wholeForm(0, [2]), right: wholeForm(1, [2]) }],
        declared: { lo: 0, hi: 1 },
        node: 0,
      },
    ],
  });

test('the program that the cases start from is valid', () => {
  expect(validateProgram(program)).toEqual({ ok: true, value: null });
});

describe('structure', () => {
  const cases: readonly (readonly [reason: string, name: string, program: Program])[] = [
    ['axis length must be >= 1', 'a tensor', withTensor(1, { shape: [0] })],
    [
      'range must be integers lo <= hi inside (-p, p)',
      'p itself',
      withTensor(0, { range: { lo: 0, hi: P } }),
    ],
    [
      'range must be integers lo <= hi inside (-p, p)',
      'reversed',
      withTensor(0, { range: { lo: 1, hi: 0 } }),
    ],
    [
      'range must be integers lo <= hi inside (-p, p)',
      'half',
      withTensor(0, { range: { lo: 0.5, hi: 1 } }),
    ],
    [
      'range must be narrower than p',
      'a tensor',
      withTensor(0, { range: { lo: -(P - 1) / 2, hi: (P + 1) / 2 } }),
    ],
    ['unknown node', 'a tensor', withTensor(0, { node: 1 })],
    ['unknown node', 'a negative one', withTensor(0, { node: -1 })],
    ['exactly constants have data', 'an input', withTensor(0, { data: [1, 2] })],
    ['exactly constants have data', 'none', withTensor(0, { role: 'constant' })],
    [
      'exactly witness tensors have no declared range',
      'a witness',
      withTensor(1, { range: { lo: 0, hi: 1 } }),
    ],
    ['exactly witness tensors have no declared range', 'an input', withTensor(0, { range: null })],
    [
      'number of values is not that of the shape',
      'a constant',
      withTensor(0, { role: 'constant', data: [1] }),
    ],
    [
      'a value is outside the declared range',
      'a constant',
      withTensor(0, { role: 'constant', data: [0, 101] }),
    ],
    [
      'a value is outside the declared range',
      'a fraction',
      withTensor(0, { role: 'constant', data: [0, 0.5] }),
    ],
    ['unknown node', 'a relation', withRelation(0, (r) => ({ ...r, node: 1 }))],
    ['axis length must be >= 1', 'a relation', withRelation(1, (r) => ({ ...r, dims: [-2] }))],
    [
      'unknown table',
      'a lookup',
      withRelation(1, (r) => (r.kind === 'lookup' ? { ...r, table: 2 } : r)),
    ],
    [
      'one entry per table column',
      'a lookup',
      withRelation(2, (r) => (r.kind === 'lookup' ? { ...r, entries: r.entries.slice(1) } : r)),
    ],
    ['constant outside (-p, p)', 'a form', withForm({ ...zero(program).form, constant: P })],
    ['unknown tensor', 'a term', withTerm({ tensor: 4 })],
    ['coefficient must be a nonzero integer inside (-p, p)', 'zero', withTerm({ coefficient: 0 })],
    ['coefficient must be a nonzero integer inside (-p, p)', 'p', withTerm({ coefficient: P })],
    ['coefficient must be a nonzero integer inside (-p, p)', 'a product', withProduct(0, 'input')],
    [
      'a declared interval needs products with one operand of weights',
      'two',
      withProduct(1, 'model'),
    ],
    [
      'a declared interval needs products with one operand of weights',
      'none',
      {
        ...withProduct(1, 'input'),
        tensors: withProduct(1, 'input').tensors.map((t) => ({ ...t, role: 'input' as const })),
      },
    ],
    ['empty relation', 'a zero relation', withForm({ terms: [], constant: 0 })],
    [
      'range must be integers lo <= hi inside (-p, p)',
      'declared',
      withRelation(0, (r) => (r.kind === 'zero' ? { ...r, declared: { lo: 0, hi: P } } : r)),
    ],
    ['view names a logical axis that does not exist', 'a term', withView([along(1)])],
    ['view reads a logical axis twice', 'two factors', reading([2, 2], [2], [along(0), along(0)])],
    [
      'view reads a logical axis twice',
      'one factor',
      reading(
        [4],
        [2],
        [
          {
            kind: 'affine',
            offset: 0,
            strides: [
              { axis: 0, stride: 1 },
              { axis: 0, stride: 1 },
            ],
          },
        ],
      ),
    ],
    ['offset out of bounds', 'a view', withView([along(0, 1, 2 ** 30)])],
    ['stride out of bounds', 'a view', withView([along(0, 2 ** 30)])],
    [
      'gather needs one index per logical position',
      'a view',
      withView([{ kind: 'gather', axis: 0, indices: [0] }]),
    ],
    [
      'gather index outside the axis',
      'above',
      withView([{ kind: 'gather', axis: 0, indices: [0, 2] }]),
    ],
    [
      'gather index outside the axis',
      'below',
      withView([{ kind: 'gather', axis: 0, indices: [0, -2] }]),
    ],
    [
      'reshape must cover storage axes',
      'none',
      withView([{ kind: 'reshape', storageAxes: 0, axes: [] }]),
    ],
    [
      'reshape must keep the number of elements',
      'a view',
      reading([3], [2], [{ kind: 'reshape', storageAxes: 1, axes: [0] }]),
    ],
    ['view must cover every storage axis', 'too few', withView([])],
    [
      'view must cover every storage axis',
      'too many',
      withView([along(0), { kind: 'affine', offset: 0, strides: [] }]),
    ],
    ['a table has at least one row', 'a table', withTable({ rows: 0, columns: segments([]) })],
    ['keys must be 1..columns', 'none', withTable({ keys: 0 })],
    ['keys must be 1..columns', 'too many', withTable({ keys: 2 })],
    [
      'a listed column has one value per row',
      'a table',
      withTable({ columns: [{ kind: 'listed', values: [1] }] }),
    ],
    [
      'table value outside (-p, p)',
      'listed',
      withTable({ rows: 1, columns: [{ kind: 'listed', values: [P] }] }),
    ],
    [
      'a segment has at least one row',
      'a table',
      withTable({
        columns: segments([
          { rows: 16, start: 0, slope: 1 },
          { rows: 0, start: 0, slope: 0 },
        ]),
      }),
    ],
    [
      'table value outside (-p, p)',
      'start',
      withTable({ columns: segments([{ rows: 16, start: -P, slope: 0 }]) }),
    ],
    [
      'table value outside (-p, p)',
      'slope',
      withTable({ rows: 1, columns: segments([{ rows: 1, start: 0, slope: P }]) }),
    ],
    [
      'table value outside (-p, p)',
      'end',
      withTable({ columns: segments([{ rows: 16, start: 0, slope: 2 ** 28 }]) }),
    ],
    ['segments must cover the rows', 'a table', withTable({ rows: 17 })],
    [
      'a step produces witness or output tensors',
      'an input',
      withStep((s) => (s.kind === 'digits' ? { ...s, outputs: [{ tensor: 0, low: 0 }] } : s)),
    ],
    ['tensor is produced twice', 'two steps', withSteps([...program.steps, ...program.steps])],
    ['no step produces it', 'a witness', withSteps(program.steps.slice(1))],
    ['no step produces it', 'an output', withSteps(program.steps.slice(0, 1))],
    [
      'needs a zero relation',
      'digits',
      withStep((s) => (s.kind === 'digits' ? { ...s, relation: 1 } : s)),
    ],
    [
      'needs a zero relation',
      'a division',
      withSteps([{ kind: 'divide', relation: 1, quotient: 1, remainder: 2 }]),
    ],
    ['needs outputs', 'digits', withStep((s) => (s.kind === 'digits' ? { ...s, outputs: [] } : s))],
    [
      'low outside (-p, p)',
      'digits',
      withStep((s) =>
        s.kind === 'digits' ? { ...s, outputs: s.outputs.map((o) => ({ ...o, low: P })) } : s,
      ),
    ],
    [
      'needs a lookup relation',
      'a lookup',
      withStep((s) => (s.kind === 'lookup' ? { ...s, relation: 0, outputs: [] } : s), 1),
    ],
    [
      'unknown axis',
      'a one-hot',
      withSteps([{ kind: 'onehot', source: wholeForm(0, [2]), axis: 1, output: 1 }]),
    ],
    ['needs an output tensor', 'a port', withPort({ tensor: 1 })],
    [
      'tensor has two ports',
      'a port',
      {
        ...program,
        outputs: [...program.outputs, ...program.outputs.map((o) => ({ ...o, name: 'y2' }))],
      },
    ],
    [
      'name is taken',
      'two outputs',
      programOf({
        tensors: [0, 1].map((i) => tensorOf(`x${i}`, 'input', [2], { lo: 0, hi: 1 })),
        inputs: [0, 1].map((tensor) => ({
          name: 'x',
          tensor,
          shape: [2],
          scale: 1,
          zero: 0,
          meaning: 'number' as const,
        })),
      }),
    ],
    ['shape does not have the elements of the tensor', 'a port', withPort({ shape: [3] })],
    ['scale must be positive and finite', 'zero', withPort({ scale: 0 })],
    [
      'scale must be positive and finite',
      'infinite',
      withPort({ scale: Number.POSITIVE_INFINITY }),
    ],
    ['zero outside (-p, p)', 'a port', withPort({ zero: P })],
    ['has no port', 'an input', { ...program, inputs: [] }],
    ['has no port', 'an output', { ...program, outputs: [] }],
  ];
  test.each(cases)('%s: %s', (reason, _name, changed) => {
    expect(validateProgram(changed)).toMatchObject({
      ok: false,
      error: { kind: 'program/structure', reason },
    });
  });
});

describe('what a step produces occurs in its relation', () => {
  const reason = 'its relation does not have what it produces';
  const shape = [2];
  const pair = [
    tensorOf('x', 'input', shape, { lo: 0, hi: 1 }),
    tensorOf('q', 'output', shape, { lo: 0, hi: 1 }),
    tensorOf('r', 'output', shape, { lo: 0, hi: 1 }),
  ];
  const relation = (form: Form, left: Form): Relation => ({
    kind: 'zero',
    dims: shape,
    form,
    products: [{ coefficient: 1, sums: [], left, right: wholeForm(0, shape) }],
    declared: null,
    node: 0,
  });
  const divided = (form: Form, left: Form): Program =>
    programOf({
      tensors: pair,
      relations: [relation(form, left)],
      steps: [{ kind: 'divide', relation: 0, quotient: 1, remainder: 2 }],
    });
  const cases: readonly (readonly [string, Program])[] = [
    ['digits of another tensor', withForm(wholeForm(0, shape))],
    [
      'digits of half of it',
      withForm({
        ...zero(program).form,
        terms: zero(program).form.terms.map((t) =>
          t.tensor === 2 ? { ...t, view: [along(0, 2)] } : t,
        ),
      }),
    ],
    [
      'a looked up value that is another',
      withRelation(2, (r) =>
        r.kind === 'lookup' ? { ...r, entries: [wholeForm(1, shape), wholeForm(1, shape)] } : r,
      ),
    ],
    [
      'twice the looked up value',
      withRelation(2, (r) =>
        r.kind === 'lookup' ? { ...r, entries: [wholeForm(1, shape), wholeForm(3, shape, 2)] } : r,
      ),
    ],
    [
      'a column that the relation does not have',
      withStep((s) => (s.kind === 'lookup' ? { ...s, outputs: [{ column: 2, tensor: 3 }] } : s), 1),
    ],
    ['a remainder that is not there', divided(wholeForm(0, shape), wholeForm(1, shape))],
    ['a quotient that is not there', divided(wholeForm(2, shape), wholeForm(0, shape))],
  ];
  test.each(cases)('%s', (_name, changed) => {
    expect(validateProgram(changed)).toMatchObject({
      error: { kind: 'program/structure', reason },
    });
  });
});

describe('limits', () => {
  const longName = 'n'.repeat(LIMITS.nameLength + 1);
  const cases: readonly (readonly [what: string, () => Program])[] = [
    ['name length', () => ({ ...program, name: longName })],
    [
      'tensors',
      () => ({ ...program, tensors: times(LIMITS.tensors + 1, program.tensors[0] as Tensor) }),
    ],
    [
      'tables',
      () => ({ ...program, tables: times(LIMITS.tables + 1, program.tables[0] as Table) }),
    ],
    ['relations', () => ({ ...program, relations: times(LIMITS.relations + 1, zero(program)) })],
    ['steps', () => withSteps(times(LIMITS.steps + 1, program.steps[0] as Step))],
    ['nodes', () => ({ ...program, nodes: times(LIMITS.nodes + 1, { name: '', operator: '' }) })],
    ['ports', () => ({ ...program, inputs: times(LIMITS.ports + 1, program.inputs[0] as Port) })],
    ['node name length', () => ({ ...program, nodes: [{ name: longName, operator: '' }] })],
    [`tensor 1 (${longName.slice(0, 64)}): name length`, () => withTensor(1, { name: longName })],
    ['tensor 1 (hi): number of axes', () => withTensor(1, { shape: times(LIMITS.axes + 1, 1) })],
    ['tensor 1 (hi): axis length', () => withTensor(1, { shape: [LIMITS.elements + 1] })],
    ['tensor 1 (hi): elements', () => withTensor(1, { shape: [2 ** 20, 2 ** 20] })],
    [
      'relation 0: terms',
      () =>
        withForm({
          terms: times(LIMITS.terms + 1, zero(program).form.terms[0] as Term),
          constant: 0,
        }),
    ],
    ['relation 0: elements', () => withTerm({ sums: [2 ** 28] })],
    [
      'relation 0: products',
      () =>
        withRelation(0, (r) =>
          r.kind === 'zero'
            ? {
                ...r,
                products: times(LIMITS.terms + 1, {
                  coefficient: 1,
                  sums: [],
                  left: r.form,
                  right: r.form,
                }),
              }
            : r,
        ),
    ],
    ['relation 0: storage axis', () => reading([LIMITS.factorPositions + 1], [1], [along(0)])],
    [
      'relation 0: positions of one axis',
      () =>
        reading(
          [2],
          [2 ** 12, 2 ** 12],
          [
            {
              kind: 'affine',
              offset: 0,
              strides: [
                { axis: 0, stride: 1 },
                { axis: 1, stride: 1 },
              ],
            },
          ],
        ),
    ],
    [
      'relation 0: positions of a reshape',
      () =>
        reading([2 ** 12, 2 ** 12], [2 ** 24], [{ kind: 'reshape', storageAxes: 2, axes: [0] }]),
    ],
    [
      'relation 0: axes of a reshape',
      () =>
        reading(times(5, 2), times(5, 2), [
          { kind: 'reshape', storageAxes: 5, axes: [0, 1, 2, 3, 4] },
        ]),
    ],
    ['table 0: name length', () => withTable({ name: longName })],
    [
      'table 0: columns',
      () =>
        withTable({
          columns: times(
            LIMITS.tableColumns + 1,
            (program.tables[0] as Table).columns[0] as Table['columns'][number],
          ),
        }),
    ],
    [
      'table 0: listed rows',
      () =>
        withTable({
          rows: LIMITS.listedRows + 1,
          columns: [{ kind: 'listed', values: times(LIMITS.listedRows + 1, 0) }],
        }),
    ],
    [
      'table 0: rows',
      () =>
        withTable({
          rows: LIMITS.segmentRows + 1,
          columns: segments([{ rows: LIMITS.segmentRows + 1, start: 0, slope: 1 }]),
        }),
    ],
    [
      'table 0: segments',
      () =>
        withTable({
          rows: LIMITS.segments + 1,
          columns: segments(times(LIMITS.segments + 1, { rows: 1, start: 0, slope: 0 })),
        }),
    ],
    [`port ${longName.slice(0, 64)}: name length`, () => withPort({ name: longName })],
  ];
  test.each(cases)('%s', (what, changed) => {
    expect(validateProgram(changed())).toMatchObject({
      ok: false,
      error: { kind: 'program/limit', what },
    });
  });
});

describe('the work that a program makes is bounded before any of it is done', () => {
  const refusal = (p: Program): unknown => {
    expect(validateProgram(p)).toMatchObject({ ok: true });
    const started = performance.now();
    const system = deriveSystem(p);
    expect(performance.now() - started).toBeLessThan(2000);
    return system.ok ? 'ok' : system.error;
  };
  const many = (tensors: readonly Tensor[], relation: Relation, count: number): Program =>
    programOf({ tensors, relations: times(count, relation) });
  const model = (shape: readonly number[]): Tensor =>
    tensorOf('m', 'model', shape, { lo: 0, hi: 1 });
  const over = (dims: readonly number[], view: View): Relation => ({
    kind: 'zero',
    dims,
    form: { terms: [{ tensor: 0, coefficient: 1, view, sums: [] }], constant: 0 },
    products: [],
    declared: null,
    node: 0,
  });
  const work = { kind: 'program/limit', what: 'work of a verifier' };

  test('tensors in very many blocks', () => {
    const tensors = times(400, model(times(12, 5)));
    expect(refusal(programOf({ tensors }))).toMatchObject({
      kind: 'program/limit',
      what: 'blocks',
    });
  });

  test('lookups in very many blocks', () => {
    const tables = [
      { name: 't', rows: 1, keys: 1, columns: segments([{ rows: 1, start: 0, slope: 0 }]) },
    ];
    const entries = [{ terms: [], constant: 0 }];
    const lookup: Relation = { kind: 'lookup', dims: times(12, 5), table: 0, entries, node: 0 };
    expect(refusal(programOf({ tables, relations: times(400, lookup) }))).toMatchObject({
      kind: 'program/limit',
    });
  });

  test('tables of very many rows', () => {
    const rows = LIMITS.segmentRows;
    const table = { name: 't', rows, keys: 1, columns: segments([{ rows, start: 0, slope: 1 }]) };
    expect(refusal(programOf({ tables: times(100, table) }))).toMatchObject(work);
  });

  test('long windows at very many offsets', () => {
    const length = 2 ** 20;
    const relations = Array.from({ length: 100 }, (_, i) => over([length], [along(0, 1, i)]));
    expect(refusal(programOf({ tensors: [model([length])], relations }))).toMatchObject(work);
  });

  test('reshapes with very many carries', () => {
    const view: View = [{ kind: 'reshape', storageAxes: 3, axes: [0, 1, 2] }];
    expect(refusal(many([model([150, 151, 149])], over([149, 150, 151], view), 2))).toMatchObject(
      work,
    );
  });

  test('public values that very many terms read', () => {
    const shape = [2 ** 12, 2 ** 10];
    const x = tensorOf('x', 'input', shape, { lo: 0, hi: 1 });
    const port = { name: 'x', tensor: 0, shape, scale: 1, zero: 0, meaning: 'number' } as const;
    const p = { ...many([x], over(shape, [along(0), along(1)]), 20), inputs: [port] };
    expect(refusal(p)).toMatchObject(work);
  });

  test('but what networks do is not near it', () => {
    const flatten: View = [{ kind: 'reshape', storageAxes: 3, axes: [0] }];
    expect(refusal(many([model([512, 7, 7])], over([25088], flatten), 100))).toBe('ok');
  });
});
