import { K_BYTES, ProofReader } from '@assay/core/codec';
import { type K, ONE, ZERO } from '@assay/core/field';
import { blindPad, constantValue, HidingLedger } from '@assay/core/linear';
import { Transcript } from '@assay/core/transcript';
import {
  encodeProgram,
  type Form,
  padTensor,
  type PortVisibility,
  type Program,
  programDigest,
  type Tensor,
  type Visibility,
} from '@assay/program';
import { describe, expect, test } from 'vitest';
import { identity, key as fixture } from '../../test/fixtures.ts';
import type { VerifyingKey } from '../key/index.ts';
import type { CommittedValues, Statement } from '../statement.ts';
import { verifyMessages } from '../verify-argument.ts';
import { type Argument, freshTail, prepareArgument } from './argument.ts';
import { type Claim, collectClaims, joinClaims, resolver, type Transcribed } from './claims.ts';
import { portSpans } from './commitments.ts';
import { keyFor, rederive } from './derive.ts';
import { secretOperands } from './pads.ts';

const shape = [4];
const whole = (tensor: number, coefficient = 1): Form => ({
  terms: [{ tensor, coefficient, view: identity(1), sums: [] }],
  constant: 0,
});
const tensor = (name: string, role: Tensor['role'], range: Tensor['range']): Tensor => ({
  name,
  role,
  shape,
  range,
  data: null,
  node: 0,
});
const port = { shape, scale: 1, zero: 0, meaning: 'number' } as const;
const zero = { kind: 'zero', dims: shape, declared: null, node: 0 } as const;

/** y = x·w and z = w + x, x in [0, 7]. */
const program: Program = {
  name: 'products',
  tensors: [
    tensor('x', 'input', { lo: 0, hi: 7 }),
    tensor('w', 'model', { lo: -7, hi: 7 }),
    tensor('y', 'output', { lo: -49, hi: 49 }),
    tensor('z', 'output', { lo: -7, hi: 14 }),
  ],
  tables: [],
  relations: [
    {
      ...zero,
      form: whole(2, -1),
      products: [{ coefficient: 1, sums: [], left: whole(0), right: whole(1) }],
    },
    {
      ...zero,
      form: { terms: [whole(3, -1), whole(0), whole(1)].flatMap((f) => f.terms), constant: 0 },
      products: [],
    },
  ],
  steps: [
    { kind: 'digits', relation: 0, outputs: [{ tensor: 2, low: -49 }] },
    { kind: 'digits', relation: 1, outputs: [{ tensor: 3, low: -7 }] },
  ],
  inputs: [{ ...port, name: 'x', tensor: 0 }],
  outputs: [
    { ...port, name: 'y', tensor: 2 },
    { ...port, name: 'z', tensor: 3 },
  ],
  nodes: [{ name: 'product', operator: 'Mul' }],
};

const open: PortVisibility = { kind: 'public' };
const hidden: PortVisibility = { kind: 'hidden' };
const committed: PortVisibility = { kind: 'committed', tailRows: 300 };
const secretWeights = { kind: 'hidden', tailRows: 310 } as const;
const plain: Visibility = { inputs: [open], outputs: [open, open], weights: { kind: 'public' } };

const bare: VerifyingKey = {
  ...fixture,
  program,
  programDigest: programDigest(encodeProgram(program)),
  parameters: {
    ...fixture.parameters,
    targetBits: 40,
    whir: { ...fixture.parameters.whir, logRows: 12 },
  },
  visibility: plain,
};
function keyOf(change: Partial<Visibility>, of = bare): VerifyingKey {
  const derived = rederive(of, { ...plain, ...change });
  if (!derived.ok) throw new Error(JSON.stringify(derived.error));
  return derived.value;
}
function argumentOf(change: Partial<Visibility>): Argument {
  const argument = prepareArgument(keyOf(change));
  if (!argument.ok) throw new Error(JSON.stringify(argument.error));
  return argument.value;
}

const all: Partial<Visibility> = {
  inputs: [committed],
  outputs: [committed, hidden],
  weights: secretWeights,
};
const profiles: readonly (readonly [string, Partial<Visibility>])[] = [
  ['nothing hidden', {}],
  ['an input hidden', { inputs: [hidden] }],
  ['an input and two outputs committed', { inputs: [committed], outputs: [committed, committed] }],
  ['weights hidden', { weights: secretWeights }],
  ['everything hidden or committed', all],
];

/** Messages of which nothing but their number matters; points that are no corner. */
function transcribed({ system, key }: Argument): Transcribed {
  const value = constantValue(ONE);
  const points = (count: number): K[] => Array.from({ length: count }, (_, i) => [2, i, 0, 0, 1]);
  const { lookups, einsums } = system;
  return {
    outOfDomain: points(key.parameters.whir.oodSamples[0] ?? 0).map((z) => ({ z, answer: value })),
    lookup:
      lookups.total === 0
        ? null
        : {
            challenges: { shift: ONE, betas: points(lookups.width + 1) },
            point: points(lookups.variables),
            numerator: value,
            denominator: value,
          },
    outer: points(einsums.outerVariables),
    inner: points(einsums.innerVariables),
    lambda: ONE,
    batched: value,
    operands: einsums.instances.map(() => ({ left: value, right: value })),
  };
}

describe.each(profiles)('counts that enter the error terms: %s', (_name, change) => {
  const argument = argumentOf(change);
  const { sizes, system, key } = argument;

  const name: CommittedValues = key.model;
  const named = (of: 'inputs' | 'outputs') =>
    new Map(
      portSpans(argument)
        .filter(({ side }) => side === of)
        .map((at) => [at.port.name, name]),
    );
  const statement: Statement = {
    inputs: new Map(),
    outputs: new Map(),
    committed: { inputs: named('inputs'), outputs: named('outputs') },
    nonce: new Uint8Array(),
  };
  const isKnown = (side: 'inputs' | 'outputs', i: number): boolean =>
    key.visibility[side][i]?.kind === 'public';
  /** All claims about runs in which every public value is this one. */
  const claimsOf = (value: number): readonly Claim[] => {
    const ids = (['inputs', 'outputs'] as const).flatMap((side) =>
      program[side].filter((_, i) => isKnown(side, i)).map((at) => at.tensor),
    );
    const known = new Map(ids.map((id) => [id, new Array<number>(4).fill(value)] as const));
    const given = { known, statement, checks: system.hiding ? constantValue(ZERO) : null };
    return collectClaims(argument, given, transcribed(argument)).claims;
  };
  const claims = claimsOf(0);

  test('no fewer claims than there are', () => {
    // LogUp's two claims are counted always, and relations whose products are batched too.
    const batched = system.einsums.instances.length;
    expect(batched).toBe(1);
    expect(sizes.claims).toBe(claims.length + batched + (system.lookups.total === 0 ? 2 : 0));
  });

  test('public values are in the claims', () => {
    const isAny = [...key.visibility.inputs, ...key.visibility.outputs].some(
      ({ kind }) => kind === 'public',
    );
    const values = (all: readonly Claim[]): string => all.map((c) => c.value.constant).join();
    expect(values(claimsOf(1)) !== values(claims)).toBe(isAny);
  });

  if (system.hiding) {
    test('the blind fraction is in exactly one claim', () => {
      const { pads } = argument;
      // What looks something up has a blind fraction among its fractions.
      expect(pads.blind).toBe(system.lookups.total > 0);
      if (!pads.blind) return;
      const ledger = new HidingLedger(pads);
      const holding = claims.filter(({ value }) => {
        const k = ledger.resolve(value).pads[blindPad(pads)] ?? ZERO;
        return k.some((v) => v !== 0);
      });
      expect(holding.length).toBe(1);
    });

    test('pads are in the joined claim as what they are committed as', () => {
      const resolve = resolver(new HidingLedger(argument.pads));
      const { weights } = joinClaims(argument, claims, ONE, resolve);
      expect(weights).toHaveLength(claims.length + 1);
      const last = weights.at(-1)?.weight;
      if (last?.kind !== 'functional') throw new Error('no functional');
      expect(last.functional.terms.map((t) => t.tensor)).toEqual([padTensor(system.program)]);
    });
  }

  if (system.hiding)
    test('as many products and checks as there are', () => {
      const ledger = new HidingLedger(argument.pads);
      // Any elements will do where nothing is decided before the opening.
      const bytes = Uint8Array.from({ length: 1000 * K_BYTES }, (_, i) => (i % 4 === 0 ? 1 : 0));
      const reader = new ProofReader(bytes);
      expect(verifyMessages(argument, new Transcript(), reader, ledger).ok).toBe(true);
      expect(ledger.products.length).toBe(sizes.products);
      const zeros = ledger.products.map((): K => ZERO);
      const checks = ledger.settle({ products: zeros, rho: ONE, e: zeros, f: zeros });
      expect(checks.length).toBe(3 * sizes.products + sizes.checks);
    });
  else
    test('nothing waits for the opening', () => {
      expect(sizes).toMatchObject({ products: 0, checks: 0 });
    });

  test('operands that read something secret are sent under pads, and no others', () => {
    const [instance] = system.einsums.instances;
    if (instance === undefined) throw new Error('no products');
    const isSecret = [
      key.visibility.inputs[0]?.kind !== 'public',
      key.visibility.weights.kind === 'hidden',
    ];
    expect(secretOperands(system, instance)).toEqual(isSecret);
  });
});

describe('a key', () => {
  const own = keyOf(all);
  const { whir } = own.parameters;
  const error = (change: Partial<VerifyingKey>, of = own): unknown => {
    const argument = prepareArgument({ ...of, ...change });
    return argument.ok ? 'accepted' : argument.error;
  };
  const showing = (change: Partial<Visibility>): Partial<VerifyingKey> => ({
    visibility: { ...own.visibility, ...change },
  });
  const sized = (change: Partial<VerifyingKey['parameters']>): Partial<VerifyingKey> => ({
    parameters: { ...own.parameters, ...change },
  });
  const rows = 2 ** whir.logRows;
  const opened = (whir.queries[0] ?? 0) + 5 * own.parameters.registeredSamples;
  const committedWith = (tailRows: number): PortVisibility => ({ kind: 'committed', tailRows });

  test('control', () => expect(error({})).toBe('accepted'));

  test.each<[string, (tailRows: number) => Partial<VerifyingKey>]>([
    ['weights', (tailRows) => showing({ weights: { kind: 'hidden', tailRows } })],
    ['an input', (tailRows) => showing({ inputs: [committedWith(tailRows)] })],
    ['an output', (tailRows) => showing({ outputs: [committedWith(tailRows), hidden] })],
  ])('leaves %s a tail that is long enough, and shorter than a column', (_, of) => {
    for (const actual of [0, 1, opened - 1])
      expect(error(of(actual))).toEqual({
        kind: 'argument/layout',
        field: 'static tail rows',
        expected: opened,
        actual,
      });
    expect(error(of(opened))).not.toMatchObject({ field: 'static tail rows' });
    for (const actual of [rows, 2 ** 27])
      expect(error(of(actual))).toEqual({
        kind: 'argument/layout',
        field: 'tail rows',
        expected: rows - 1,
        actual,
      });
  });

  test('leaves the witness a tail that is long enough', () => {
    const least = freshTail(whir);
    expect(least).toBe(
      (whir.queries[0] ?? 0) + 5 * (whir.oodSamples[0] ?? 0) + 3 * (whir.foldings[0] ?? 0),
    );
    const refused = { kind: 'argument/layout', field: 'tailRows', expected: least };
    expect(error(sized({ tailRows: least - 1 }))).toMatchObject(refused);
    expect(error(sized({ tailRows: 0 }))).toMatchObject(refused);
    expect(error(sized({ tailRows: rows }))).toMatchObject({ field: 'tail rows' });
    const none = { parameters: { ...bare.parameters, tailRows: 1 } };
    expect(error(none, keyOf({}))).toMatchObject({ field: 'tailRows', expected: 0 });
  });

  test('blinds its openings exactly if something is hidden', () => {
    const refused = { kind: 'argument/layout', field: 'blinding' };
    expect(error(sized({ whir: { ...whir, blinding: null } }))).toMatchObject(refused);
    const { parameters } = keyOf({});
    const blinded = { ...parameters, whir: { ...parameters.whir, blinding: { powBits: 0 } } };
    expect(error({ parameters: blinded }, keyOf({}))).toMatchObject(refused);
  });

  test('shows one tensor in one way, and commits it once', () => {
    const [x] = program.inputs;
    if (x === undefined) throw new Error('no port');
    const twice = { ...program, inputs: [x, { ...x, name: 'again' }] };
    const shown = (first: PortVisibility, second: PortVisibility): unknown =>
      error({ program: twice, ...showing({ inputs: [first, second] }) });
    const refused = { kind: 'argument/ports', port: 'again' };
    for (const pair of [
      [open, hidden],
      [open, committed],
      [hidden, committed],
      [committed, committed],
    ] as const) {
      expect(shown(pair[0], pair[1])).toEqual(refused);
      expect(shown(pair[1], pair[0])).toEqual(refused);
    }
    expect(shown(hidden, hidden)).not.toEqual(refused);
    expect(shown(open, open)).not.toEqual(refused);
    // An input that is an output as well.
    const [y, z] = program.outputs;
    const both = { ...program, outputs: [{ ...x, name: 'same' }, y, z] } as Program;
    const passed = (output: PortVisibility): unknown =>
      error({ program: both, ...showing({ outputs: [output, hidden, hidden] }) });
    for (const output of [open, hidden, committed])
      expect(passed(output)).toEqual({ kind: 'argument/ports', port: 'same' });
  });
});

describe('the key for another profile', () => {
  const own = keyOf({ weights: secretWeights });
  const other = (change: Partial<Visibility>, of = own): unknown => {
    const found = keyFor(of, { ...of.visibility, ...change });
    return found.ok ? found.value : found.error;
  };

  test('is the same for the same', () => expect(other({})).toBe(own));

  test('has the same model', () => {
    expect(other({ inputs: [hidden] })).toEqual({
      ...own,
      visibility: { ...own.visibility, inputs: [hidden] },
      parameters: keyOf({ inputs: [hidden], weights: secretWeights }).parameters,
    });
  });

  test.each<[string, Partial<Visibility>]>([
    ['public', { weights: { kind: 'public' } }],
    ['with another tail', { weights: { kind: 'hidden', tailRows: 311 } }],
    ['as a renewal', { renews: { of: 'model', tailRows: 310 } }],
  ])('does not show its weights otherwise: %s', (_, change) => {
    expect(other(change)).toEqual({ kind: 'argument/visibility' });
    expect(other({ ...change, inputs: [hidden] })).toEqual({ kind: 'argument/visibility' });
  });

  test('does not hide weights that were committed in the clear', () => {
    expect(other({ weights: secretWeights }, keyOf({}))).toEqual({ kind: 'argument/visibility' });
  });

  test('has room for every tail, whatever a stranger says of it', () => {
    for (const tailRows of [2 ** 12, 2 ** 27])
      expect(other({ inputs: [{ kind: 'committed', tailRows }] })).toMatchObject({
        kind: 'argument/infeasible',
      });
  });

  test('is of ports that the program has', () => {
    expect(other({ inputs: [] })).toMatchObject({ kind: 'argument/program' });
    expect(other({ outputs: [hidden, hidden, hidden] })).toMatchObject({
      kind: 'argument/program',
    });
  });
});
