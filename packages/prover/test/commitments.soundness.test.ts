import { P } from '@assay/core/field';
import { registeredPoints } from '@assay/core/pcs';
import { answerOutOfDomain, commitColumns } from '@assay/core/pcs/prover';
import {
  deriveSystem,
  encodeProgram,
  type Program,
  programDigest,
  type Relation,
  type Weights,
} from '@assay/program';
import { resume, seededDraw } from '@assay/runtime/testing';
import { type VerifyingKey, verifyProof } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { prove, type ProvingKey, proveWitness, setup } from '../src/index.ts';
import { fillColumns } from '../src/witness/columns.ts';
import { forge } from './forger.ts';
import { tell } from './liar.ts';
import { batchToy, listedToy, lookupToy, scalarToy } from './programs.ts';
import { changedAt, countRows } from './rows.ts';
import { inputsOf, proveToy, tensorNamed, toyEngine, toyKey, withKey } from './toy-key.ts';

/** What a key and a statement name: the model's root and its pairs, the program and its tables. */

const engine = toyEngine();
const draw = seededDraw(31);
const rejection = (
  key: VerifyingKey,
  statement: Parameters<typeof verifyProof>[1],
  proof: Uint8Array,
): unknown => {
  const verdict = verifyProof(key, statement, proof);
  if (verdict.ok) return 'accepted';
  const { error } = verdict;
  return error.kind === 'proof/opening' ? `${error.kind} ${error.error.kind}` : error.kind;
};
const changedWeights = (weights: Weights): Map<number, Int32Array> => {
  const [first] = weights.keys();
  const id = first ?? -1;
  const values = weights.get(id) ?? new Int32Array();
  const value = values[0] ?? 0;
  return new Map(weights).set(id, changedAt(values, 0, value > 0 ? value - 1 : value + 1));
};

describe('the model root', () => {
  const toy = batchToy(draw);
  const key = toyKey(engine, toy.program, toy.weights, { targetBits: 40, logRows: 5 });
  const other = toyKey(engine, toy.program, changedWeights(toy.weights), {
    targetBits: 40,
    logRows: 5,
  });
  const { proof, statement } = proveToy(engine, key, toy);

  test('both are honest models of one program', () => {
    expect(rejection(key.argument.key, statement, proof)).toBe('accepted');
    expect(other.argument.key.model.root).not.toEqual(key.argument.key.model.root);
    expect(other.argument.key.programDigest).toEqual(key.argument.key.programDigest);
    const own = proveToy(engine, other, toy);
    expect(rejection(other.argument.key, own.statement, own.proof)).toBe('accepted');
  });

  test('a proof for another model', () => {
    expect(rejection(other.argument.key, statement, proof)).toMatch(/^proof/);
  });

  test('a prover that names one model and opens another', () => {
    // It knows the key that it will be held against, and has another tree.
    const forger: ProvingKey = { ...other, argument: key.argument };
    const run = proveToy(engine, forger, toy);
    expect(rejection(key.argument.key, run.statement, run.proof)).toBe('proof/opening whir/merkle');
  });

  test('weights changed after they were committed', () => {
    const forger: ProvingKey = { ...key, weights: other.weights };
    const run = proveToy(engine, forger, toy);
    expect(rejection(key.argument.key, run.statement, run.proof)).toMatch(/^proof\/opening/);
  });

  test('a root with a wrong registered pair', () => {
    const { root, yReg } = key.argument.key.model;
    for (const i of yReg.keys()) {
      for (const coordinate of [0, 4]) {
        const wrong = yReg.map((y, j) =>
          j === i ? y.map((v, c) => (c === coordinate ? (v + 1) % P : v)) : y,
        ) as unknown as typeof yReg;
        const forged = withKey(key, { model: { root, yReg: wrong } });
        const run = proveToy(engine, forged, toy);
        expect(rejection(forged.argument.key, run.statement, run.proof)).toBe(
          'proof/opening whir/final-claim',
        );
        expect(rejection(forged.argument.key, statement, proof)).toMatch(/^proof/);
      }
    }
  });

  test("the pair of another root, which has the prover's weights", () => {
    const { root } = key.argument.key.model;
    const { yReg } = other.argument.key.model;
    const forged = withKey(key, { model: { root, yReg } });
    const run = prove(engine, { ...forged, weights: other.weights }, inputsOf(toy));
    expect(rejection(forged.argument.key, run.statement, run.proof)).toMatch(/^proof\/opening/);
  });
});

test('padding of the model columns may hold anything', () => {
  // 5 × 3 weights and 3 biases, in 8 × 4 and 4 places.
  const toy = batchToy(draw);
  const key = toyKey(engine, toy.program, toy.weights);
  const { layout } = key.argument;
  const { parameters, model } = key.argument.key;
  const noise = (): (() => number) => {
    const next = seededDraw(99);
    return () => next(-(2 ** 30), 2 ** 30);
  };
  const columns = fillColumns(engine, toy.program, layout, layout.model, toy.weights, noise());
  const rate = parameters.whir.logInverseRates[0] ?? 0;
  const { root, opened } = commitColumns(engine, columns, rate);
  expect(root).not.toEqual(model.root);
  const registered = {
    root,
    logRows: layout.logRows,
    logInverseRate: rate,
    columns: layout.model.columns,
  };
  const yReg = registeredPoints(registered, parameters.registeredSamples).map(
    (z) => answerOutOfDomain(engine, columns, z).y,
  );
  const noisy = { ...withKey(key, { model: { root, yReg } }), tree: opened };
  const { statement, trace } = proveToy(engine, key, toy);
  const witness = { trace, multiplicities: countRows(key, trace) };
  const proof = forge(engine, noisy, statement, witness, { modelPadding: noise() });
  expect(rejection(noisy.argument.key, statement, proof)).toBe('accepted');
});

describe('weights out of range', () => {
  const toy = batchToy(draw);
  const bias = tensorNamed(toy.program, 'c');
  const weight = tensorNamed(toy.program, 'w');

  test.each([
    ['a weight', weight, 8],
    ['a bias', bias, -21],
  ])('%s is refused at setup', (_name, id, value) => {
    const values = changedAt(toy.weights.get(id) ?? new Int32Array(), 1, value);
    const weights = new Map([...toy.weights, [id, values] as const]);
    expect(() => setup(engine, toy.program, weights, { targetBits: 20 })).toThrow(
      expect.objectContaining({ code: 'ASSAY_SETUP_PROGRAM' }),
    );
  });

  test.each([
    ['a weight', weight, 8],
    ['a bias', bias, -21],
  ])('%s in a proof is not the committed one', (_name, id, value) => {
    const key = toyKey(engine, toy.program, toy.weights);
    const values = changedAt(toy.weights.get(id) ?? new Int32Array(), 1, value);
    const weights = new Map([...toy.weights, [id, values] as const]);
    const honest = proveToy(engine, key, toy);
    const trace = resume(toy.program, new Map([...weights, ...honest.trace]), 0);
    for (const model of weights.keys()) trace.delete(model);
    const y = trace.get(tensorNamed(toy.program, 'y')) ?? new Int32Array();
    const statement = { ...honest.statement, outputs: new Map([['y', y]]) };
    const forger = { ...key, weights };
    const multiplicities = countRows(forger, trace);
    const proof = proveWitness(engine, forger, statement, { trace, multiplicities });
    expect(rejection(key.argument.key, statement, proof)).toMatch(/^proof\/opening/);
  });
});

describe('tables', () => {
  /** The listed table with one value changed. */
  const wrongTable = (program: Program): Program => ({
    ...program,
    tables: program.tables.map((t) => ({
      ...t,
      columns: t.columns.map((column, c) =>
        column.kind === 'listed' && c === 2
          ? { ...column, values: column.values.map((v, i) => (i === 6 ? v + 1 : v)) }
          : column,
      ),
    })),
  });
  const toy = listedToy(draw);
  // All six look row 6 up: keys (1, 2).
  const inputs = new Map([
    ['x', new Int32Array(6).fill(1)],
    ['y', new Int32Array(6).fill(2)],
  ]);
  const key = toyKey(engine, toy.program, toy.weights);

  test('a listed table with one wrong row is another program', () => {
    const wrong = wrongTable(toy.program);
    const forged = toyKey(engine, wrong, toy.weights);
    expect(forged.argument.key.programDigest).not.toEqual(key.argument.key.programDigest);
    expect(programDigest(encodeProgram(wrong))).toEqual(forged.argument.key.programDigest);
    const run = prove(engine, forged, inputs);
    expect(rejection(forged.argument.key, run.statement, run.proof)).toBe('accepted');
    expect(rejection(key.argument.key, run.statement, run.proof)).toMatch(/^proof/);
  });

  test('a prover that uses the wrong table under the right name', () => {
    const wrong = wrongTable(toy.program);
    const system = deriveSystem(wrong);
    if (!system.ok) throw new Error('system');
    const forger = { ...key, argument: { ...key.argument, system: system.value } };
    const run = prove(engine, forger, inputs);
    expect(rejection(key.argument.key, run.statement, run.proof)).toMatch(/^proof/);
  });

  test('a row beyond the table, in the padding that its multiplicities leave', () => {
    // Nine rows are stored as sixteen; 5 would be the tenth, of squares the hundred.
    const square = lookupToy(draw);
    const own = toyKey(engine, square.program, square.weights);
    const [x, y] = ['x', 'y'].map((name) => tensorNamed(square.program, name));
    const trace = new Map([
      [x ?? -1, new Int32Array(5).fill(4)],
      [y ?? -1, new Int32Array(5).fill(16)],
    ]);
    const statement = {
      inputs: new Map([['x', trace.get(x ?? -1) ?? new Int32Array()]]),
      outputs: new Map([['y', trace.get(y ?? -1) ?? new Int32Array()]]),
      nonce: new Uint8Array(),
    };
    const attempt = (values: typeof trace): unknown => {
      // Five lookups of one row: five in every place that is padding too.
      const multiplicities = countRows(own, values);
      const proof = proveWitness(engine, own, statement, {
        trace: values,
        multiplicities,
        padding: () => 5,
      });
      return rejection(own.argument.key, statement, proof);
    };
    expect(attempt(trace)).toBe('accepted');
    // The proof is about a key that no row has; the statement cannot even say so.
    expect(attempt(new Map(trace).set(x ?? -1, new Int32Array(5).fill(5)))).toBe('proof/lookup');
    expect(attempt(new Map(trace).set(y ?? -1, new Int32Array(5)))).toBe('proof/lookup');
  });

  test('a committed value in the padding of a range table', () => {
    // 41 rows are stored as 64: what padding would add to the range, had it rows.
    const scalar = scalarToy(draw);
    const own = toyKey(engine, scalar.program, scalar.weights);
    const honest = proveToy(engine, own, scalar);
    const half = tensorNamed(scalar.program, 'half');
    for (const value of [41, 63, 64, -1]) {
      const lie = new Map([[half, Int32Array.of(value)]]);
      const told = tell(engine, own, honest.trace, lie, scalar.program.steps.length);
      const proof = proveWitness(engine, own, told.statement, {
        ...told.witness,
        padding: () => 1,
      });
      expect(rejection(own.argument.key, told.statement, proof)).toBe('proof/lookup');
    }
  });

  test('p lookups or more: multiplicities could wrap', () => {
    const lookup: Relation = {
      kind: 'lookup',
      dims: [2 ** 28],
      table: 0,
      entries: [{ terms: [], constant: 0 }],
      node: 0,
    };
    const program: Program = {
      name: 'many',
      tensors: [],
      tables: [
        {
          name: 't',
          rows: 1,
          keys: 1,
          columns: [{ kind: 'segments', segments: [{ rows: 1, start: 0, slope: 0 }] }],
        },
      ],
      relations: new Array<Relation>(7).fill(lookup),
      steps: [],
      inputs: [],
      outputs: [],
      nodes: [{ name: 'n', operator: 'N' }],
    };
    expect(deriveSystem(program).ok).toBe(true);
    const rest = { ...lookup, dims: [P - 7 * 2 ** 28] };
    expect(deriveSystem({ ...program, relations: [...program.relations, rest] })).toEqual({
      ok: false,
      error: { kind: 'program/limit', what: 'lookups', limit: P - 1, actual: P },
    });
    const last = { ...lookup, dims: [P - 7 * 2 ** 28 - 1] };
    expect(deriveSystem({ ...program, relations: [...program.relations, last] }).ok).toBe(true);
  });
});
