import type { IntVec } from '@assay/core/engine';
import { type K, P } from '@assay/core/field';
import { registeredPoints } from '@assay/core/pcs';
import { answerOutOfDomain } from '@assay/core/pcs/prover';
import { seededRandomness } from '@assay/core/testing';
import { type Program, roundDeclared, type Trace, type Weights } from '@assay/program';
import {
  clampTo,
  fill,
  form,
  product,
  ProgramBuilder,
  resume,
  seededDraw,
  type Toy,
} from '@assay/runtime/testing';
import {
  type CommittedValues,
  commitmentBinding,
  prepareArgument,
  registrationKey,
  type Statement,
  type VerifyError,
  type VerifyingKey,
  verifyPrepared,
  verifyProof,
  verifyRegistration,
} from '@assay/verifier';
import { executePorts } from '@assay/runtime';
import { describe, expect, test } from 'vitest';
import { commitTensor, type OpenedTensor } from '../src/commitments/index.ts';
import { prove, type ProvingKey, proveWitness, setup, type Witness } from '../src/index.ts';
import { register } from '../src/register.ts';
import { forge } from './forger.ts';
import { claimedRun } from './liar.ts';
import { batchToy } from './programs.ts';
import { changedAt, countRows } from './rows.ts';
import {
  ALL_COMMITTED,
  COMMITTED_PORTS,
  committing,
  HIDDEN_WEIGHTS,
  inputsOf,
  openPort,
  PROOFS,
  proveToy,
  tensorNamed,
  toyEngine,
  toyKey,
  withKey,
} from './toy-key.ts';

/** What names hide and what they stand for: committed inputs and outputs, roots of private models and their registration. */

const engine = toyEngine();
const draw = seededDraw(31);

function kindOf(error: VerifyError): string {
  if (error.kind === 'proof/registration') return `${error.kind} ${kindOf(error.error)}`;
  return error.kind === 'proof/opening' ? `${error.kind} ${error.error.kind}` : error.kind;
}
const verdict = (key: ProvingKey, statement: Statement, proof: Uint8Array): string => {
  const found = verifyPrepared(key.argument, statement, proof);
  return found.ok ? 'accepted' : kindOf(found.error);
};

const RANGE = { lo: -20, hi: 20 };
/** y = clamp((x ⊙ w + c)/4), both ports of one shape and range: what one proof puts out another takes in. */
function linkToy(): Toy {
  const b = new ProgramBuilder('link');
  b.node('link', 'Mul');
  const x = b.input('x', [2, 4], RANGE);
  const w = b.model('w', [2, 4], { lo: -7, hi: 7 });
  const c = b.model('c', [2, 4], { lo: -9, hi: 9 });
  b.rescale({
    dims: [2, 4],
    form: form([b.whole(c)]),
    products: [product(b.wholeForm(x), b.wholeForm(w))],
    shift: 2,
    accumulator: { lo: -149, hi: 149 },
    activation: clampTo(RANGE.lo, RANGE.hi),
    output: b.output('y', [2, 4], RANGE),
  });
  return fill(b.build(), draw);
}

describe.each([
  ['public', COMMITTED_PORTS],
  ['hidden', ALL_COMMITTED],
] as const)('committed ports, weights %s', (_weights, profile) => {
  const toy = linkToy();
  const key = toyKey(engine, toy.program, toy.weights, { profile });
  const { parameters, program } = key.argument.key;
  const { trace } = proveToy(engine, key, toy);
  const honest = claimedRun(engine, key, trace);
  const [inPort] = program.inputs;
  const [outPort] = program.outputs;
  if (inPort === undefined || outPort === undefined) throw new Error('no ports');
  const [input, output] = honest.witness.ports ?? [];
  if (input === undefined || output === undefined) throw new Error('no openings');
  const tailRows = [key.argument.layout.ports[0]?.tailRows ?? 0];
  const size = {
    logRows: parameters.whir.logRows,
    logInverseRate: parameters.whir.logInverseRates[0] ?? 0,
  };

  const naming = (x: CommittedValues, y: CommittedValues = output.name): Statement => ({
    ...honest.statement,
    committed: { inputs: new Map([['x', x]]), outputs: new Map([['y', y]]) },
  });
  const attempt = (statement: Statement, change: Partial<Witness> = {}): string => {
    const proof = proveWitness(engine, key, statement, { ...honest.witness, ...change });
    return verdict(key, statement, proof);
  };
  const other = (by: number): Int32Array => input.values.map((v) => (v > 0 ? v - by : v + by));

  /** The answers that columns give to a binding's points. */
  function answers(
    root: Uint8Array,
    binding: readonly number[],
    columns: readonly Int32Array[],
  ): K[] {
    const mark = engine.mark();
    const vectors = columns.map((column): IntVec => {
      const vector = engine.allocInt(column.length);
      engine.writeInts(vector, column);
      return vector;
    });
    const shape = { root, ...size, columns: columns.length, binding };
    const found = registeredPoints(shape, parameters.registeredSamples).map(
      (z) => answerOutOfDomain(engine, vectors, z).y,
    );
    engine.release(mark);
    return found;
  }

  test('control', () => {
    expect(attempt(honest.statement)).toBe('accepted');
    expect(attempt(naming(input.name))).toBe('accepted');
  });

  test('a name serves several proofs', () => {
    const options = committing(engine, key, inputsOf(toy));
    const [one, two] = [1, 2].map(() => prove(engine, key, new Map(), options));
    expect(one?.statement).toEqual(two?.statement);
    expect(one?.proof).not.toEqual(two?.proof);
    for (const made of [one, two])
      expect(made && verdict(key, made.statement, made.proof)).toBe('accepted');
  });

  test('a proof shown for other names', () => {
    const proof = proveWitness(engine, key, honest.statement, honest.witness);
    const again = openPort(engine, key, inPort, input.values, 55);
    expect(again.name.root).not.toEqual(input.name.root);
    for (const wrong of [again.name, output.name])
      expect(verdict(key, naming(wrong), proof)).toMatch(/^proof\/opening/);
    expect(verdict(key, naming(input.name, again.name), proof)).toMatch(/^proof\/opening/);
    expect(verdict(key, naming(output.name, input.name), proof)).toMatch(/^proof\/opening/);
  });

  test('another root that holds the same values: it has to be opened itself', () => {
    const again = openPort(engine, key, inPort, input.values, 55);
    expect(attempt(naming(again.name))).toBe('proof/opening whir/merkle');
    expect(attempt(naming(again.name), { ports: [again, output] })).toBe('accepted');
    // Its columns under the tree that is not theirs.
    const mixed = { ...again, tree: input.tree };
    expect(attempt(naming(input.name), { ports: [mixed, output] })).toMatch(/^proof\/opening/);
  });

  test('other values than those that the name stands for', () => {
    const values = other(1);
    const told = claimedRun(
      engine,
      key,
      resume(
        key.argument.system.program,
        new Map([...key.weights, ...trace, [inPort.tensor, values]]),
        0,
      ),
    );
    const [lied, outcome] = told.witness.ports ?? [];
    if (lied === undefined || outcome === undefined) throw new Error('no openings');
    // A run of other values is a run, under their own name.
    expect(
      verdict(key, told.statement, proveWitness(engine, key, told.statement, told.witness)),
    ).toBe('accepted');
    const statement = naming(input.name, outcome.name);
    const ports = (x: OpenedTensor): Witness => ({ ...told.witness, ports: [x, outcome] });
    const rejected = (x: OpenedTensor): string =>
      verdict(key, statement, proveWitness(engine, key, statement, ports(x)));
    expect(rejected(lied)).toBe('proof/opening whir/merkle');
    expect(rejected({ ...lied, tree: input.tree })).toMatch(/^proof\/opening/);
    expect(rejected(input)).toBe('proof/opening whir/final-claim');
  });

  test('an output that is committed and not what comes out', () => {
    for (const index of [0, 7]) {
      const value = output.values[index] ?? 0;
      const wrong = changedAt(output.values, index, value === RANGE.hi ? value - 1 : value + 1);
      const committed = openPort(engine, key, outPort, wrong, 56);
      const ports = [input, committed];
      expect(attempt(naming(input.name, committed.name), { ports })).toBe(
        'proof/opening whir/final-claim',
      );
      const said = new Map<number, Int32Array>([...trace, [outPort.tensor, wrong]]);
      const witness = { trace: said, ports, multiplicities: countRows(key, said) };
      expect(attempt(naming(input.name, committed.name), witness)).toBe(
        'proof/opening whir/final-claim',
      );
    }
  });

  test('a wrong registered answer of either port', () => {
    for (const i of input.name.yReg.keys()) {
      for (const coordinate of [0, 4]) {
        const wrong = ({ root, yReg }: CommittedValues): CommittedValues => ({
          root,
          yReg: yReg.map((y, j) =>
            j === i ? y.map((v, c) => (c === coordinate ? (v + 1) % P : v)) : y,
          ) as unknown as K[],
        });
        expect(attempt(naming(wrong(input.name)))).toBe('proof/opening whir/final-claim');
        expect(attempt(naming(input.name, wrong(output.name)))).toBe(
          'proof/opening whir/final-claim',
        );
      }
    }
    const exchanged = { ...input.name, yReg: input.name.yReg.toReversed() };
    expect(attempt(naming(exchanged))).toBe('proof/opening whir/final-claim');
  });

  test("another commitment's answers, and another's root", () => {
    const { root, yReg } = openPort(engine, key, inPort, other(1), 57).name;
    expect(attempt(naming({ root: input.name.root, yReg }))).toBe('proof/opening whir/final-claim');
    expect(attempt(naming({ root, yReg: input.name.yReg }))).toMatch(/^proof\/opening/);
  });

  test('the name of the same columns in another shape', () => {
    const shaped = (shape: readonly number[]): OpenedTensor =>
      commitTensor(
        engine,
        {
          values: input.values,
          shape,
          ...size,
          registeredSamples: parameters.registeredSamples,
          uses: PROOFS,
          rowsPerUse: ((tailRows[0] ?? 0) - 5 * parameters.registeredSamples) / (PROOFS + 2),
        },
        seededRandomness(58),
      ).opened;
    const [own, flat, turned] = [shaped([2, 4]), shaped([8]), shaped([4, 2])];
    expect(flat.name.root).toEqual(own.name.root);
    expect(flat.columns).toEqual(own.columns);
    for (const opened of [flat, turned]) {
      expect(attempt(naming(opened.name), { ports: [opened, output] })).toMatch(/^proof\/opening/);
    }
    expect(attempt(naming(flat.name), { ports: [own, output] })).toBe(
      'proof/opening whir/final-claim',
    );
    expect(attempt(naming(own.name), { ports: [own, output] })).toBe('accepted');
  });

  test('the name of the same columns with other tails', () => {
    const { root } = input.name;
    const binding = (rows: number): readonly number[] =>
      commitmentBinding({ tailRows: rows, shape: [2, 4] });
    const [rows = 0] = tailRows;
    expect(answers(root, binding(rows), input.columns)).toEqual(input.name.yReg);
    for (const told of [rows - 1, rows + 1, 1]) {
      const yReg = answers(root, binding(told), input.columns);
      expect(attempt(naming({ root, yReg }))).toBe('proof/opening whir/final-claim');
    }
    const none = answers(root, [], input.columns);
    expect(attempt(naming({ root, yReg: none }))).toBe('proof/opening whir/final-claim');
  });

  test('the output of one proof is the input of the next', () => {
    const ports = committing(engine, key, inputsOf(toy));
    const first = prove(engine, key, new Map(), ports);
    const between = first.statement.committed?.outputs.get('y');
    const opened = openPort(engine, key, outPort, first.outputs.get('y') ?? new Int32Array(), 2);
    expect(opened.name).toEqual(between);
    const second = prove(engine, key, new Map(), {
      ...ports,
      committedInputs: new Map([['x', opened]]),
    });
    expect(verdict(key, first.statement, first.proof)).toBe('accepted');
    expect(verdict(key, second.statement, second.proof)).toBe('accepted');
    expect(second.statement.committed?.inputs.get('x')).toEqual(between);
  });
});

describe('a proof of one profile, shown for another', () => {
  const toy = linkToy();
  const logRows = 6;
  const profiles = [
    ['public', 'public', 'public'],
    ['hidden', 'public', 'public'],
    ['public', 'hidden', 'public'],
    ['hidden', 'hidden', 'public'],
    ['committed', 'public', 'public'],
  ] as const;
  const keys = profiles.map((profile) =>
    toyKey(engine, toy.program, toy.weights, { profile, logRows, logInverseRate: 4 }),
  );

  test('public weights have one name in all of them', () => {
    for (const { argument } of keys)
      expect(argument.key.model).toEqual(keys[0]?.argument.key.model);
  });

  test.each(profiles.map((profile, i) => [profile.join(), i] as const))(
    'made for %s',
    (_name, i) => {
      const key = keys[i];
      if (key === undefined) throw new Error('no key');
      const { proof, statement, trace } = proveToy(engine, key, toy);
      expect(verdict(key, statement, proof)).toBe('accepted');
      for (const other of keys) {
        if (other === key) continue;
        const said = claimedRun(engine, other, trace).statement;
        // What is public in both, what is not is given as the other wants it: in the clear if need be.
        expect(verdict(other, said, proof)).toMatch(/^proof/);
        // And the statement itself is no statement of the other.
        expect(verdict(other, statement, proof)).toMatch(/^(proof|statement)/);
      }
    },
  );
});

describe('hidden weights', () => {
  const toy = batchToy(draw);
  const key = toyKey(engine, toy.program, toy.weights, { profile: HIDDEN_WEIGHTS });
  const own = key.argument.key;
  const { proof, statement } = proveToy(engine, key, toy);
  const changed = (
    weights: Weights,
    name: string,
    at: number,
    value: number,
  ): Map<number, Int32Array> => {
    const id = tensorNamed(toy.program, name);
    return new Map(weights).set(id, changedAt(weights.get(id) ?? new Int32Array(), at, value));
  };
  const first = toy.weights.get(tensorNamed(toy.program, 'w'))?.[0] ?? 0;
  const others = changed(toy.weights, 'w', 0, first > 0 ? first - 1 : first + 1);
  const second = toyKey(engine, toy.program, others, { profile: HIDDEN_WEIGHTS });
  /** A run as a prover tells it that does not care whether it holds; the one that does refuses. */
  const told = (forger: ProvingKey): { statement: Statement; proof: Uint8Array } => {
    expect(() => proveToy(engine, forger, toy)).toThrow(
      expect.objectContaining({ code: 'ASSAY_PROVE_STATEMENT' }),
    );
    const { program } = forger.argument.system;
    const run = executePorts(program, forger.weights, inputsOf(toy), engine);
    const claimed = claimedRun(engine, forger, run.trace);
    return {
      statement: claimed.statement,
      proof: proveWitness(engine, forger, claimed.statement, claimed.witness),
    };
  };
  const registered = (changedKey: VerifyingKey): string => {
    const found = verifyRegistration(changedKey);
    return found.ok ? 'accepted' : kindOf(found.error);
  };

  test('control', () => {
    expect(verifyProof(own, statement, proof).ok).toBe(true);
    expect(registered(own)).toBe('accepted');
    expect(second.argument.key.model.root).not.toEqual(own.model.root);
  });

  test('equal weights have another root each time', () => {
    const asked = { targetBits: 20, shown: { weights: 'hidden' }, proofs: PROOFS } as const;
    const program = roundDeclared(toy.program);
    const [one, two] = [1, 2].map(() => setup(engine, program, toy.weights, asked));
    expect(one?.key.parameters).toEqual(two?.key.parameters);
    expect(one?.key.model.root).not.toEqual(two?.key.model.root);
    expect(one?.key.registration).not.toEqual(two?.key.registration);
  });

  test('a registration proof of another root', () => {
    const { model, registration } = second.argument.key;
    expect(registered({ ...own, registration })).toMatch(/^proof\/registration proof/);
    expect(registered({ ...own, model })).toMatch(/^proof\/registration proof/);
    expect(registered({ ...own, model, registration })).toBe('accepted');
    // Whatever proof comes with it.
    expect(verifyProof({ ...own, registration }, statement, proof).ok).toBe(false);
  });

  test('a registration proof of another name for the root', () => {
    const { root, yReg } = own.model;
    expect(registered({ ...own, model: { root, yReg: yReg.toReversed() } })).toMatch(
      /^proof\/registration proof/,
    );
    expect(registered({ ...own, model: { root, yReg: second.argument.key.model.yReg } })).toMatch(
      /^proof\/registration proof/,
    );
  });

  test('a registration proof of other tails', () => {
    const { weights } = own.visibility;
    if (weights.kind !== 'hidden') throw new Error('public');
    for (const tailRows of [weights.tailRows - 1, weights.tailRows + 1]) {
      const visibility = { ...own.visibility, weights: { kind: 'hidden', tailRows } as const };
      expect(registered({ ...own, visibility })).toMatch(/^(proof\/registration proof|argument)/);
    }
  });

  test('the proof itself, or the registration, in the place of the other', () => {
    const { registration } = own;
    if (registration === null) throw new Error('no registration');
    expect(registered({ ...own, registration: proof })).toMatch(/^proof\/registration proof/);
    expect(verdict(key, statement, registration)).toMatch(/^proof/);
  });

  test('a proof for another registration of the same root', () => {
    // Both hold; the statement names the one that was made for the prover's key.
    const { weights, tree, tails = new Int32Array() } = key;
    const again = register(engine, own, { weights, tree, tails }, seededRandomness(404));
    const renewed = { ...own, registration: again };
    expect(registered(renewed)).toBe('accepted');
    expect(verifyProof(renewed, statement, proof).ok).toBe(false);
  });

  test('a prover that names one model and opens another', () => {
    const forger: ProvingKey = { ...second, argument: key.argument };
    const run = told(forger);
    expect(verdict(key, run.statement, run.proof)).toBe('proof/opening whir/merkle');
    const mixed = told({ ...forger, tree: key.tree, tails: key.tails });
    expect(verdict(key, mixed.statement, mixed.proof)).toMatch(/^proof\/opening/);
  });

  test('weights or tails changed after they were committed', () => {
    const run = told({ ...key, weights: others });
    expect(verdict(key, run.statement, run.proof)).toMatch(/^proof\/opening/);
    const tails = key.tails?.with(0, ((key.tails[0] ?? 0) + 1) % P);
    const tailed = told({ ...key, tails });
    expect(verdict(key, tailed.statement, tailed.proof)).toMatch(/^proof\/opening/);
  });

  test('a root with a wrong registered pair, that no registration would pass', () => {
    const { root, yReg } = own.model;
    for (const i of yReg.keys()) {
      const wrong = yReg.map((y, j) =>
        j === i ? y.map((v, c) => (c === 2 ? (v + 1) % P : v)) : y,
      ) as unknown as typeof yReg;
      const forged = withKey(key, { model: { root, yReg: wrong } });
      const run = told(forged);
      expect(verdict(forged, run.statement, run.proof)).toBe('proof/opening whir/final-claim');
    }
  });

  /** The same tensors and relations with wider declared ranges of the weights. */
  const wider: Program = {
    ...toy.program,
    tensors: toy.program.tensors.map((t) =>
      t.role === 'model' && t.range !== null
        ? { ...t, range: { lo: 2 * t.range.lo, hi: 2 * t.range.hi } }
        : t,
    ),
  };

  /** A private model under this program whose weights were committed under the wider one. */
  function committedOutside(weights: Weights): ProvingKey {
    const loose = toyKey(engine, wider, weights, { profile: HIDDEN_WEIGHTS });
    const { model, visibility, parameters } = loose.argument.key;
    const bare: VerifyingKey = { ...own, model, visibility, parameters, registration: null };
    const argument = prepareArgument(bare);
    if (!argument.ok) throw new Error(JSON.stringify(argument.error));
    return { ...loose, argument: argument.value };
  }

  /** The best that a prover can say of a registration's relations. */
  function forgedRegistration(forger: ProvingKey): Uint8Array {
    const target = registrationKey(forger.argument.key);
    const argument = target.ok ? prepareArgument(target.value) : target;
    if (!argument.ok) throw new Error(JSON.stringify(argument.error));
    const { program } = argument.value.system;
    const { weights } = forger;
    const all = resume(program, weights, 0);
    const trace: Trace = new Map(
      program.tensors.flatMap(({ role, shape }, id) =>
        role === 'witness'
          ? [[id, all.get(id) ?? new Int32Array(shape.reduce((a, b) => a * b, 1))] as const]
          : [],
      ),
    );
    const own = { ...forger, argument: argument.value, weights: renumbered(forger, program) };
    const witness = { trace, multiplicities: countRows(own, trace) };
    return forge(
      engine,
      own,
      { inputs: new Map(), outputs: new Map(), nonce: new Uint8Array() },
      witness,
    );
  }
  /** Weights by the ids of a registration's program: model tensors are in the same order. */
  function renumbered({ weights, argument }: ProvingKey, program: Program): Weights {
    const models = ({ tensors }: Program): number[] =>
      tensors.flatMap(({ role }, id) => (role === 'model' ? [id] : []));
    const from = models(argument.key.program);
    return new Map(
      models(program).flatMap((id, i) => {
        const values = weights.get(from[i] ?? -1);
        return values === undefined ? [] : [[id, values] as const];
      }),
    );
  }

  test('control: what is committed under wider ranges and inside the narrow ones can be registered', () => {
    const forger = committedOutside(toy.weights);
    const registration = forgedRegistration(forger);
    expect(registered({ ...forger.argument.key, registration })).toBe('accepted');
  });

  test.each([
    ['a weight above its range', 'w', 8],
    ['a weight below its range', 'w', -9],
    ['a bias above its range', 'c', 32],
    ['a bias below its range', 'c', -33],
  ])('%s', (_name, tensor, value) => {
    const weights = changed(toy.weights, tensor, 1, value);
    // An honest program refuses to commit it, and to register what somebody else has committed.
    expect(() => toyKey(engine, toy.program, weights, { profile: HIDDEN_WEIGHTS })).toThrow(
      expect.objectContaining({ code: 'ASSAY_SETUP_PROGRAM' }),
    );
    const forger = committedOutside(weights);
    const { tree, tails = new Int32Array() } = forger;
    const model = { weights, tree, tails };
    expect(() => register(engine, forger.argument.key, model, seededRandomness(1))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ASSAY/) }),
    );
    // A prover that does its best is rejected.
    const registration = forgedRegistration(forger);
    expect(registered({ ...forger.argument.key, registration })).toBe(
      'proof/registration proof/opening whir/final-claim',
    );
    // And the registration of the wider program is none of this one.
    const loose = toyKey(engine, wider, weights, { profile: HIDDEN_WEIGHTS });
    const { registration: wide } = loose.argument.key;
    expect(registered(loose.argument.key)).toBe('accepted');
    expect(registered({ ...forger.argument.key, registration: wide })).toMatch(
      /^proof\/registration proof/,
    );
  });
});
