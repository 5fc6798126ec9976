import { P } from '@assay/core/field';
import {
  concealPorts,
  deriveRanges,
  deriveSystem,
  describeProgramError,
  encodeProgram,
  type PortVisibility,
  type Program,
  publicVisibility,
  type Range,
  rangeTable,
  type Product,
  type Relation,
  type Step,
  tailsFit,
  type Term,
  type Trace,
  validateProgram,
  type Visibility,
} from '@assay/program';
import { checkRelations, execute } from '@assay/runtime';
import {
  along,
  form,
  mlpToy,
  randomProgram,
  seededDraw,
  term,
  type Toy,
  TOYS,
} from '@assay/runtime/testing';
import { prepareArgument } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { HIDDEN_PORTS, toyEngine, toyKey } from './toy-key.ts';

/** Values that nobody shows are in their ranges because relations say so, and no longer because a verifier looks. */

const KINDS: readonly PortVisibility[] = [
  { kind: 'public' },
  { kind: 'hidden' },
  { kind: 'committed', tailRows: 7 },
];
const WEIGHTS: readonly Visibility['weights'][] = [
  { kind: 'public' },
  { kind: 'hidden', tailRows: 9 },
];

/** All ports of a side alike: eighteen combinations. */
function combinations({ inputs, outputs }: Program): Visibility[] {
  return WEIGHTS.flatMap((weights) =>
    KINDS.flatMap((input) =>
      KINDS.map((output) => ({
        weights,
        inputs: inputs.map(() => input),
        outputs: outputs.map(() => output),
      })),
    ),
  );
}

const hidden = (program: Program): Visibility => ({
  ...publicVisibility(program),
  inputs: program.inputs.map(() => ({ kind: 'hidden' })),
  outputs: program.outputs.map(() => ({ kind: 'hidden' })),
});

/** Relations that a trace breaks; declared ranges are no relation. */
function broken(program: Program, weights: Toy['weights'], trace: Trace): number[] {
  const found = checkRelations(program, weights, trace, { limit: 10_000 });
  return found.flatMap((v) => (v.kind === 'range' || v.wraps ? [] : [v.relation]));
}

function within(a: Range | undefined, b: Range | undefined): boolean {
  return a !== undefined && b !== undefined && a.lo >= b.lo && a.hi <= b.hi;
}

/** What must hold of a concealed program, whatever it is. */
function expectConcealed({ program, weights, inputs }: Toy, visibility: Visibility): void {
  const plain = deriveSystem(program);
  const system = deriveSystem(program, visibility);
  if (!plain.ok) throw new Error(describeProgramError(plain.error));
  if (!system.ok) throw new Error(describeProgramError(system.error));
  const { program: concealed, ranges } = system.value;
  expect(validateProgram(concealed)).toEqual({ ok: true, value: null });
  // What was there keeps its place.
  for (const part of ['tensors', 'tables', 'relations', 'steps'] as const)
    expect(concealed[part].slice(0, program[part].length)).toEqual(program[part]);
  for (const { tensor } of program.inputs)
    expect(within(ranges[tensor], program.tensors[tensor]?.range ?? undefined)).toBe(true);
  const trace = execute(concealed, weights, inputs, null);
  expect(broken(concealed, weights, trace)).toEqual([]);
  const before = execute(program, weights, inputs, null);
  for (const [id, values] of before) expect(trace.get(id)).toEqual(values);
}

describe('toys', () => {
  test.each(Object.entries(TOYS))('%s: accepted, whatever is hidden of it', (_name, toy) => {
    const made = toy(seededDraw(3));
    for (const visibility of combinations(made.program)) expectConcealed(made, visibility);
  });

  test.each(Object.entries(TOYS))(
    '%s: every element of every input outside its range breaks a relation',
    (_name, toy) => {
      const { program, weights, inputs } = toy(seededDraw(4));
      const concealed = concealPorts(program, hidden(program));
      const trace = execute(concealed, weights, inputs, null);
      for (const { tensor } of program.inputs) {
        const values = trace.get(tensor) ?? new Int32Array(0);
        const { lo, hi } = program.tensors[tensor]?.range ?? { lo: 0, hi: 0 };
        for (const index of values.keys()) {
          for (const value of [lo - 1, hi + 1]) {
            const changed = new Map(trace).set(tensor, values.with(index, value));
            // By the relations that were added, whatever the others make of it.
            const found = broken(concealed, weights, changed);
            expect(found.some((relation) => relation >= program.relations.length)).toBe(true);
          }
        }
      }
    },
  );
});

test('random programs are accepted, whatever is hidden of them', () => {
  const draw = seededDraw(5);
  let accepted = 0;
  for (let seed = 0; seed < 400; seed++) {
    const toy = randomProgram(seededDraw(seed), 1 + (seed % 6));
    if (!deriveSystem(toy.program).ok) continue;
    const all = combinations(toy.program);
    const random: Visibility = {
      inputs: toy.program.inputs.map(() => KINDS[draw(0, 2)] ?? { kind: 'public' }),
      outputs: toy.program.outputs.map(() => KINDS[draw(0, 2)] ?? { kind: 'public' }),
      weights: { kind: 'public' },
    };
    for (const visibility of [random, all[draw(0, all.length - 1)] ?? random])
      expectConcealed(toy, visibility);
    accepted++;
  }
  expect(accepted).toBeGreaterThan(25);
});

/** x in a range, y = x + 1 as output. */
function successor(range: Range, length = 2): Program {
  const ends = { shape: [length], data: null, node: 0 } as const;
  const port = { shape: [length], scale: 1, zero: 0, meaning: 'number' } as const;
  const next: Range = { lo: range.lo + 1, hi: range.hi + 1 };
  const difference = form([term(0, [along(0)]), term(1, [along(0)], -1)], 1);
  return {
    name: 'successor',
    tensors: [
      { ...ends, name: 'x', role: 'input', range },
      { ...ends, name: 'y', role: 'output', range: next },
    ],
    tables: [],
    relations: [
      { kind: 'zero', dims: [length], form: difference, products: [], declared: null, node: 0 },
    ],
    steps: [{ kind: 'digits', relation: 0, outputs: [{ tensor: 1, low: 0 }] }],
    inputs: [{ ...port, name: 'x', tensor: 0 }],
    outputs: [{ ...port, name: 'y', tensor: 1 }],
    nodes: [{ name: 'successor', operator: 'Test' }],
  };
}

describe('ranges of one input', () => {
  const tablesOf = (program: Program): number[] =>
    concealPorts(program, hidden(program)).tables.map(({ rows }) => rows);

  test('up to 2^16 values: one table', () => {
    expect(tablesOf(successor({ lo: -5, hi: 9 }))).toEqual([15]);
    expect(tablesOf(successor({ lo: -(2 ** 15), hi: 2 ** 15 - 2 }))).toEqual([2 ** 16 - 1]);
    const wide = successor({ lo: -(2 ** 15), hi: 2 ** 15 - 1 }, 2 ** 17);
    expect(tablesOf(wide)).toEqual([2 ** 16]);
  });

  test('two limbs of it where few elements are looked up: in the tables that cost least', () => {
    expect(tablesOf(successor({ lo: -(2 ** 15), hi: 2 ** 15 - 1 }))).toEqual([256]);
    expect(tablesOf(successor({ lo: 3, hi: 3 * 2 ** 10 + 2 }))).toEqual([48, 64]);
    const program = successor({ lo: -512, hi: 511 });
    expect(tablesOf(program)).toEqual([32]);
    const tables = [rangeTable('there', { lo: 0, hi: 255 })];
    expect(tablesOf({ ...program, tables })).toEqual([256, 4]);
    // a table of all values is cheaper still
    const all = [...tables, rangeTable('all', { lo: -512, hi: 511 })];
    expect(tablesOf({ ...program, tables: all })).toEqual([256, 1024]);
  });

  test('more: limbs from both ends', () => {
    expect(tablesOf(successor({ lo: 0, hi: 2 ** 16 }))).toEqual([2, 2 ** 16]);
  });

  test('a table that is there already serves', () => {
    const program = successor({ lo: -5, hi: 9 });
    const same = { ...program, tables: [rangeTable('other', { lo: -5, hi: 9 })] };
    const concealed = concealPorts(same, hidden(same));
    expect(concealed.tables).toEqual(same.tables);
    expect(concealed.relations.at(-1)).toMatchObject({ kind: 'lookup', table: 0 });
  });

  test.each([
    { lo: 0, hi: 2 ** 16 },
    { lo: -70_000, hi: 70_000 },
    { lo: 12_345, hi: 12_345 + 3 * 2 ** 16 - 1 },
    { lo: -(2 ** 29), hi: 2 ** 29 },
    // of one end, where two limbs make up the range
    { lo: -512, hi: 511, sides: 1 },
    { lo: 7, hi: 6 + 3 * 2 ** 9, sides: 1 },
  ])('range [$lo, $hi] in limbs: exactly its values have them', ({ sides = 2, ...range }) => {
    const program = successor(range);
    const system = deriveSystem(program, hidden(program));
    if (!system.ok) throw new Error(describeProgramError(system.error));
    const { program: concealed, ranges } = system.value;
    expect(ranges.slice(0, 2)).toEqual([range, { lo: range.lo + 1, hi: range.hi + 1 }]);
    const zeros = concealed.relations.filter((r): r is Extract<Relation, { kind: 'zero' }> =>
      r.kind === 'zero' ? r.form.terms.length === 3 : false,
    );
    expect(zeros).toHaveLength(sides);
    const rowsOf = (tensor: number): number => {
      const lookup = concealed.relations.find(
        (r) => r.kind === 'lookup' && r.entries[0]?.terms[0]?.tensor === tensor,
      );
      return lookup?.kind === 'lookup' ? (concealed.tables[lookup.table]?.rows ?? 0) : 0;
    };
    /** Whether x mod p has limbs in both relations. */
    const hasLimbs = (x: number): boolean =>
      zeros.every(({ form: { terms, constant } }) => {
        const [own, high, low] = terms;
        if (own === undefined || high === undefined || low === undefined) throw new Error('terms');
        const value = own.coefficient * x + constant;
        for (let h = 0; h < rowsOf(high.tensor); h++) {
          const rest = (((value + high.coefficient * h) % P) + P) % P;
          if (rest < rowsOf(low.tensor)) return true;
        }
        return false;
      });
    const { lo, hi } = range;
    const near = [-1, 0, 1, 2].flatMap((d) => [lo + d, hi - d, lo + d * 2 ** 16, hi - d * 2 ** 16]);
    const far = [0, 1, -1, P - 1, lo - 2 ** 17, hi + 2 ** 17, (P - 1) / 2, -(P - 1) / 2];
    for (const x of [...near, ...far]) {
      const residue = [x - P, x, x + P].some((y) => y >= lo && y <= hi);
      expect(hasLimbs(x), `x = ${x}`).toBe(residue);
    }
    // And the executor finds them.
    const trace = execute(concealed, new Map(), new Map([[0, Int32Array.of(lo, hi)]]), null);
    expect(broken(concealed, new Map(), trace)).toEqual([]);
    const outside = execute(concealed, new Map(), new Map([[0, Int32Array.of(lo, lo + 1)]]), null);
    const changed = new Map(outside).set(0, Int32Array.of(lo - 1, hi + 1));
    expect(broken(concealed, new Map(), changed).length).toBeGreaterThan(0);
  });

  test('so wide and so far up that its limbs could wrap: refused', () => {
    const most = successor({ lo: 0, hi: P - 3 });
    expect(deriveSystem(most, hidden(most)).ok).toBe(true);
    const program = successor({ lo: 3, hi: P - 2 });
    expect(deriveSystem(program).ok).toBe(true);
    expect(deriveSystem(program, hidden(program))).toMatchObject({
      error: { kind: 'program/unbounded', tensor: 'x' },
    });
  });
});

describe('ranges that nothing enforces', () => {
  test('an input of the program as it is', () => {
    const program = successor({ lo: 0, hi: 9 });
    const visibility = { ...hidden(program), outputs: publicVisibility(program).outputs };
    expect(deriveRanges(program).ok).toBe(true);
    // y is shown and bounds x; without it nothing does.
    expect(deriveRanges(program, visibility).ok).toBe(true);
    expect(deriveRanges(program, hidden(program))).toEqual({
      ok: false,
      error: { kind: 'program/unbounded', tensor: 'x', node: 'successor' },
    });
  });

  test('an input that may be more than is declared', () => {
    const program = successor({ lo: 0, hi: 9 });
    const looked = (range: Range): Program => ({
      ...program,
      tables: [rangeTable('range', range)],
      relations: [
        ...program.relations,
        { kind: 'lookup', dims: [2], table: 0, entries: [form([term(0, [along(0)])])], node: 0 },
      ],
    });
    const verdict = (range: Range): unknown => deriveRanges(looked(range), hidden(program));
    const refused = { ok: false, error: { kind: 'program/unbounded', tensor: 'x' } };
    expect(verdict({ lo: 0, hi: 9 })).toMatchObject({ ok: true });
    expect(verdict({ lo: 1, hi: 8 })).toMatchObject({ ok: true });
    expect(verdict({ lo: 0, hi: 10 })).toMatchObject(refused);
    expect(verdict({ lo: -1, hi: 9 })).toMatchObject(refused);
  });

  test('an input that is an operand of its own declared interval', () => {
    // x = w·x: with w = 1 nothing follows for x, whatever is declared of w·x.
    const { inputs, tensors, nodes } = successor({ lo: 0, hi: 9 });
    const x = form([term(0, [along(0)])]);
    const own: Program = {
      name: 'own',
      nodes,
      inputs,
      outputs: [],
      steps: [],
      tensors: [
        ...tensors.slice(0, 1),
        { name: 'w', role: 'model', shape: [2], range: { lo: -1, hi: 1 }, data: null, node: 0 },
      ],
      tables: [rangeTable('wide', { lo: -100, hi: 100 })],
      relations: [
        { kind: 'lookup', dims: [2], table: 0, entries: [x], node: 0 },
        {
          kind: 'zero',
          dims: [2],
          form: form([term(0, [along(0)], -1)]),
          products: [{ coefficient: 1, sums: [], left: form([term(1, [along(0)])]), right: x }],
          declared: { lo: 0, hi: 9 },
          node: 0,
        },
      ],
    };
    expect(validateProgram(own)).toEqual({ ok: true, value: null });
    expect(deriveRanges(own).ok).toBe(true);
    expect(deriveRanges(own, hidden(own))).toMatchObject({
      error: { kind: 'program/unbounded', tensor: 'x' },
    });
  });

  test('an input of which twice is bounded', () => {
    // 2·x = l: for l = 1, x is (p + 1)/2.
    const { inputs, tensors, nodes } = successor({ lo: 0, hi: 9 });
    const half: Program = {
      name: 'half',
      nodes,
      inputs,
      outputs: [],
      steps: [],
      tensors: [
        ...tensors.slice(0, 1),
        { name: 'l', role: 'model', shape: [2], range: { lo: 0, hi: 1 }, data: null, node: 0 },
      ],
      tables: [],
      relations: [
        {
          kind: 'zero',
          dims: [2],
          form: form([term(0, [along(0)], 2), term(1, [along(0)], -1)]),
          products: [],
          declared: null,
          node: 0,
        },
      ],
    };
    expect(deriveRanges(half).ok).toBe(true);
    expect(deriveRanges(half, hidden(half))).toMatchObject({
      error: { kind: 'program/unbounded', tensor: 'x' },
    });
  });

  const limbs = (change: (form: Relation) => Relation): Program => {
    const program = successor({ lo: -70_000, hi: 70_000 });
    const concealed = concealPorts(program, hidden(program));
    return { ...concealed, relations: concealed.relations.map(change) };
  };
  const verdict = (program: Program): unknown => {
    const ranges = deriveRanges(program, hidden(program));
    return ranges.ok ? 'bounded' : ranges.error;
  };
  const unbounded = { kind: 'program/unbounded', tensor: 'x' };
  const changeOf =
    (change: (r: Extract<Relation, { kind: 'zero' }>) => Partial<Relation>) =>
    (r: Relation): Relation =>
      r.kind === 'zero' && r.form.terms.length === 3 ? ({ ...r, ...change(r) } as Relation) : r;

  test('limbs bound what they are digits of, and only that', () => {
    expect(verdict(limbs((r) => r))).toBe('bounded');
    // one side only: x may be up to a digit beyond
    const program = limbs((r) => r);
    const last = program.relations.findLastIndex((r) => r.kind === 'zero');
    const oneSided = program.relations.filter((_, id) => id !== last);
    expect(verdict({ ...program, relations: oneSided })).toMatchObject(unbounded);
    // twice x
    const twice = changeOf(({ form: f }) => ({
      form: { ...f, terms: f.terms.map((t, i) => (i === 0 ? { ...t, coefficient: 2 } : t)) },
    }));
    expect(verdict(limbs(twice))).toMatchObject(unbounded);
    // x read backwards is not x element by element; a part of it is not all of it
    for (const view of [
      [{ kind: 'affine', offset: 1, strides: [{ axis: 0, stride: -1 }] }],
      [{ kind: 'affine', offset: 1, strides: [{ axis: 0, stride: 1 }] }],
    ] as const) {
      const other = changeOf(({ form: f }) => ({
        form: { ...f, terms: f.terms.map((t, i) => (i === 0 ? { ...t, view } : t)) },
      }));
      expect(verdict(limbs(other))).toMatchObject(unbounded);
    }
    // x − x + limbs says nothing of x
    const cancelled = changeOf(({ form: f }) => ({
      form: {
        ...f,
        terms: [
          ...f.terms,
          ...f.terms.slice(0, 1).map((t) => ({ ...t, coefficient: -t.coefficient })),
        ],
      },
    }));
    expect(verdict(limbs(cancelled))).toMatchObject(unbounded);
    // a declared interval or a product may hold x itself
    const declared = changeOf(() => ({ declared: { lo: -5, hi: 5 } }));
    expect(verdict(limbs(declared))).toMatchObject({ kind: 'program/unbounded' });
    const x = form([term(0, [along(0)])]);
    const product = changeOf(() => ({
      products: [{ coefficient: 1, sums: [], left: form([], 1), right: x }],
    }));
    expect(verdict(limbs(product))).toMatchObject({ kind: 'program/unbounded' });
  });

  test('ranges that differ by p are not one range', () => {
    // x = l + p − 20 and a table of −5 and p − 10: for l = 15, x = −5 mod p is in the table, and not declared.
    const program: Program = {
      ...successor({ lo: P - 20, hi: P - 10 }),
      tables: [
        {
          name: 'two values',
          rows: 2,
          keys: 1,
          columns: [{ kind: 'listed', values: [-5, P - 10] }],
        },
      ],
      steps: [],
      outputs: [],
    };
    const l = { name: 'l', role: 'constant', range: { lo: 0, hi: 19 }, data: [15, 15] } as const;
    const far: Program = {
      ...program,
      tensors: [...program.tensors.slice(0, 1), { ...l, shape: [2], node: 0 }],
      relations: [
        { kind: 'lookup', dims: [2], table: 0, entries: [form([term(0, [along(0)])])], node: 0 },
        {
          kind: 'zero',
          dims: [2],
          form: form([term(0, [along(0)]), term(1, [along(0)], -1)], 20 - P),
          products: [],
          declared: null,
          node: 0,
        },
      ],
    };
    expect(validateProgram(far)).toEqual({ ok: true, value: null });
    expect(deriveRanges(far, hidden(far))).toMatchObject({
      error: { kind: 'program/unbounded', tensor: 'x' },
    });
  });
});

describe('outputs', () => {
  const input = { name: 'x', role: 'input', shape: [2], data: null, node: 0 } as const;
  const port = { shape: [2], scale: 1, zero: 0, meaning: 'number' } as const;
  const read = (tensor: number, coefficient = 1) => term(tensor, [along(0)], coefficient);
  const zero = (terms: readonly Term[], products: readonly Product[] = []): Relation => ({
    kind: 'zero',
    dims: [2],
    form: form(terms),
    products,
    declared: null,
    node: 0,
  });
  const programOf = (x: Range, y: Range, relations: readonly Relation[]): Program => ({
    name: 'outputs',
    tensors: [
      { ...input, range: x },
      { ...input, name: 'y', role: 'output', range: y },
      { ...input, name: 'z', role: 'output', range: { lo: -P + 1, hi: 0 } },
    ],
    tables: [],
    relations,
    steps: [1, 2].map((tensor) => ({
      kind: 'digits',
      relation: relations.findIndex((r) => r.kind === 'zero' && r.form.terms[0]?.tensor === tensor),
      outputs: [{ tensor, low: 0 }],
    })),
    inputs: [{ ...port, name: 'x', tensor: 0 }],
    outputs: [
      { ...port, name: 'y', tensor: 1 },
      { ...port, name: 'z', tensor: 2 },
    ],
    nodes: [{ name: 'node', operator: 'Test' }],
  });
  /** Tensors that relations were added for. */
  const looked = (program: Program): number[] => {
    expect(validateProgram(program)).toEqual({ ok: true, value: null });
    expect(deriveSystem(program).ok).toBe(true);
    const derived = deriveSystem(program, hidden(program));
    if (!derived.ok) throw new Error(describeProgramError(derived.error));
    const added = derived.value.program.relations.slice(program.relations.length);
    return added.flatMap((r) =>
      r.kind === 'lookup' ? (r.entries[0]?.terms[0]?.tensor ?? []) : [],
    );
  };
  const x: Range = { lo: 0, hi: 9 };

  test('are what relations make them, whatever their declared range', () => {
    const y: Range = { lo: 0, hi: 5000 };
    const relations = [zero([read(1), read(0, -1000)]), zero([read(2), read(0)])];
    expect(looked(programOf(x, y, relations))).toEqual([0]);
  });

  test('are looked up where a relation would wrap without', () => {
    const [y, square] = [form([read(1)]), { coefficient: 1, sums: [] }];
    const relations = [
      zero([read(1), read(0, -10_000)]),
      zero([read(2)], [{ ...square, left: y, right: y }]),
    ];
    expect(looked(programOf(x, { lo: 0, hi: 100 }, relations))).toEqual([0, 1]);
  });

  test('are looked up where a declared interval follows from their range', () => {
    // z + w·t = 0 with t = y: w·t is in [0, 35] for y in [0, 5], but y could be 3·9.
    const [t, w] = [3, 4];
    const product: Product = {
      coefficient: 1,
      sums: [],
      left: form([read(t)]),
      right: form([read(w)]),
    };
    const declared = { lo: 0, hi: 35 };
    const z: Relation = { ...zero([read(2)], [product]), kind: 'zero', declared } as Relation;
    const relations = [zero([read(1), read(0, -3)]), zero([read(t), read(1, -1)]), z];
    const program = programOf(x, { lo: 0, hi: 5 }, relations);
    const made: Program = {
      ...program,
      tensors: [
        ...program.tensors.map((tensor) =>
          tensor.name === 'z' ? { ...tensor, range: { lo: -35, hi: 0 } } : tensor,
        ),
        { ...input, name: 't', role: 'witness', range: null },
        { ...input, name: 'w', role: 'model', range: { lo: 0, hi: 7 } },
      ],
      steps: [1, t, 2].map((tensor, relation) => ({
        kind: 'digits',
        relation,
        outputs: [{ tensor, low: 0 }],
      })),
    };
    expect(looked(made)).toEqual([0, 1]);
  });

  test('are looked up where an earlier definition needs their range', () => {
    // t = y, then y = w: without its declared range y is open where t is defined.
    const relations = [
      zero([read(4), read(0, -1)]),
      zero([read(3), read(1, -1)]),
      zero([read(1), read(4, -1)]),
      zero([read(2), read(1), read(0)]),
    ];
    const program = programOf(x, { lo: 0, hi: 20 }, relations);
    const witness = { ...input, role: 'witness', range: null } as const;
    const digit = (relation: number, tensor: number): Step => ({
      kind: 'digits',
      relation,
      outputs: [{ tensor, low: 0 }],
    });
    const ordered: Program = {
      ...program,
      tensors: [
        ...program.tensors.map((t) => (t.name === 'z' ? { ...t, range: { lo: -99, hi: 0 } } : t)),
        { ...witness, name: 't' },
        { ...witness, name: 'w' },
      ],
      steps: [digit(0, 4), digit(2, 1), digit(1, 3), digit(3, 2)],
    };
    expect(looked(ordered)).toContain(1);
  });
});

test('what is hidden is said port by port', () => {
  const { program } = (TOYS['mlp'] ?? Object.values(TOYS)[0])?.(seededDraw(6)) ?? {};
  if (program === undefined) throw new Error('no toy');
  const visibility = publicVisibility(program);
  expect(deriveSystem(program, { ...visibility, inputs: [] })).toMatchObject({
    error: { kind: 'program/structure', where: 'visibility' },
  });
  expect(
    deriveSystem(program, { ...visibility, outputs: [...visibility.outputs, { kind: 'hidden' }] }),
  ).toMatchObject({ error: { kind: 'program/structure', where: 'visibility' } });
});

test('range checks of inputs may be too much work', () => {
  const shapes = [0, 1, 2, 3].map((i) => [2 ** 22 - i]);
  const program: Program = {
    name: 'large',
    tensors: shapes.map((shape, i) => ({
      name: `x${i}`,
      role: 'input',
      shape,
      range: { lo: 0, hi: 1 },
      data: null,
      node: 0,
    })),
    tables: [],
    relations: [],
    steps: [],
    inputs: shapes.map((shape, i) => ({
      name: `x${i}`,
      tensor: i,
      shape,
      scale: 1,
      zero: 0,
      meaning: 'number',
    })),
    outputs: [],
    nodes: [{ name: 'node', operator: 'Test' }],
  };
  expect(validateProgram(program).ok).toBe(true);
  expect(deriveSystem(program).ok).toBe(true);
  const derived = deriveSystem(program, hidden(program));
  expect(derived.ok ? 'accepted' : derived.error).toMatchObject({
    kind: 'program/limit',
    what: 'work of a verifier',
  });
});

test('a key whose tails cut the witness into very many blocks', () => {
  const { program, weights } = mlpToy(seededDraw(7));
  const { key } = toyKey(toyEngine(), program, weights, { profile: HIDDEN_PORTS }).argument;
  const large = successor({ lo: 0, hi: 9 }, 2 ** 19);
  const visibility = hidden(large);
  const logRows = 12;
  const parameters = { ...key.parameters, whir: { ...key.parameters.whir, logRows } };
  const refused = (tailRows: number): unknown => {
    const profile = { visibility, tailRows, pads: 100 };
    const prepared = prepareArgument({
      ...key,
      program: large,
      visibility,
      parameters: { ...parameters, tailRows },
    });
    return [tailsFit(large, logRows, profile), prepared.ok ? 'accepted' : prepared.error];
  };
  expect(refused(2 ** logRows - 1)).toMatchObject([
    false,
    { kind: 'argument/program', error: { kind: 'program/limit', what: 'blocks' } },
  ]);
  // A key for something else, but of a size that can be laid out.
  expect(refused(2 ** (logRows - 1))).toMatchObject([true, { kind: 'argument/layout' }]);
});

test('an encoded program does not know what is hidden', () => {
  const program = successor({ lo: 0, hi: 9 });
  const bytes = encodeProgram(program);
  expect(deriveSystem(program, hidden(program)).ok).toBe(true);
  expect(encodeProgram(program)).toEqual(bytes);
});
