/** The registration of every operator's weights, and of the examples': accepted as they are, refused with any change. */
import { readFileSync } from 'node:fs';
import {
  deriveSystem,
  elementCount,
  layoutProgram,
  type Program,
  type Range,
  registrationProgram,
  registrationWeights,
  type Trace,
  type Weights,
} from '@assay/program';
import { checkRelations, execute } from '@assay/runtime';
import { resume } from '@assay/runtime/testing';
import { describe, expect, test } from 'vitest';
import { compile, type Sample } from '../compile.ts';
import { importModel } from '../onnx/index.ts';
import { compileCase, operatorCases } from '../testing/index.ts';

interface Registration {
  readonly program: Program;
  readonly weights: Weights;
}

function registration(program: Program, weights: Weights): Registration {
  const made = registrationProgram(program);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { program: made.value, weights: registrationWeights(program, weights) };
}

const run = ({ program, weights }: Registration): Trace =>
  execute(program, weights, new Map(), null);

/** Relations that do not hold. Declared ranges of weights are not looked at: relations must enforce them. */
const violations = ({ program, weights }: Registration, trace: Trace): number =>
  checkRelations(program, weights, trace, { limit: 1000 }).filter(({ kind }) => kind !== 'range')
    .length;

/** What follows from other weights where steps can follow; the rest as it was. */
function carriedOn({ program, weights }: Registration, honest: Trace, other: Weights): Trace {
  return resume(program, new Map([...honest, ...weights, ...other]), 0);
}

/** Places in a list: the ends, and some between. */
const someOf = (length: number): number[] => [
  ...new Set([0, Math.floor(length / 3), Math.floor(length / 2), length - 1]),
];

/** The program with another interval declared for one relation. What it defines is looked at no more. */
function withDeclared(program: Program, relation: number, declared: Range): Program {
  const relations = program.relations.map((r, i) =>
    i === relation && r.kind === 'zero' ? { ...r, declared } : r,
  );
  return { ...program, relations };
}

/** Where the model's columns are: all that a root depends on besides the weights. */
function modelColumns(program: Program): unknown {
  const { blocks, model } = layoutProgram(program, 9);
  const ids = program.tensors.flatMap(({ role }, id) => (role === 'model' ? [id] : []));
  return { model, blocks: ids.map((id) => blocks.get(id)?.map((b) => ({ ...b, tensor: 0 }))) };
}

/** The honest trace, accepted. */
function accepted(own: Registration): Trace {
  expect(deriveSystem(own.program)).toMatchObject({ ok: true });
  const honest = run(own);
  expect(violations(own, honest)).toBe(0);
  return honest;
}

/** Declared intervals are what the weights reach: one less on either side is too little. */
function refuseTighter(program: Program, weights: Weights): void {
  for (const [id, relation] of program.relations.entries()) {
    if (relation.kind !== 'zero' || relation.declared === null) continue;
    const { lo, hi } = relation.declared;
    for (const declared of [
      { lo: lo + 1, hi },
      { lo, hi: hi - 1 },
    ]) {
      if (declared.lo > declared.hi) continue;
      const other = registration(withDeclared(program, id, declared), weights);
      const zeros = other.program.tensors.flatMap(({ role, shape }, t) =>
        role === 'witness' ? [[t, new Int32Array(elementCount(shape))] as const] : [],
      );
      const trace = resume(other.program, new Map([...zeros, ...other.weights]), 0);
      expect(violations(other, trace)).toBeGreaterThan(0);
    }
  }
}

const cases = operatorCases().map((c) => [c.name, c] as const);

describe('weights of every operator', () => {
  let registered = 0;
  test.each(cases)('%s', (_name, c) => {
    const { program, weights } = compileCase(c);
    if (weights.size === 0) return;
    const own = registration(program, weights);
    expect(modelColumns(own.program)).toEqual(modelColumns(program));
    const honest = accepted(own);
    refuseTighter(program, weights);

    // Every committed tensor, some of its elements changed by one.
    for (const [id, { role, name }] of own.program.tensors.entries()) {
      const values = honest.get(id);
      if (role !== 'witness' || values === undefined) continue;
      for (const at of someOf(values.length)) {
        const changed = new Map(honest).set(id, values.with(at, (values[at] ?? 0) + 1));
        expect(violations(own, changed), name).toBeGreaterThan(0);
      }
    }

    // A weight or bias one outside its range, on either side.
    for (const [id, values] of own.weights) {
      const { lo, hi } = own.program.tensors[id]?.range ?? { lo: 0, hi: 0 };
      for (const outside of [lo - 1, hi + 1]) {
        const other = new Map(own.weights).set(id, values.with(values.length - 1, outside));
        const trace = carriedOn(own, honest, other);
        expect(violations({ ...own, weights: other }, trace)).toBeGreaterThan(0);
      }
    }
    registered += 1;
  });

  test('most have some', () => {
    expect(registered).toBeGreaterThanOrEqual(45);
  });
});

type Nested = number | readonly Nested[];

const flat = (values: Nested): number[] =>
  typeof values === 'number' ? [values] : values.flatMap(flat);

describe('weights of the examples', () => {
  test.each(['breast-cancer-mlp', 'diabetes-regression', 'digits-cnn'])('%s', async (name) => {
    const folder = new URL(`../../../../examples/${name}/`, import.meta.url);
    const model = readFileSync(new URL('model.onnx', folder));
    const { values } = importModel(model);
    const given = JSON.parse(readFileSync(new URL('samples.json', folder), 'utf8')) as {
      inputs: Record<string, Nested>;
    }[];
    const samples = given
      .slice(0, 10)
      .map(
        ({ inputs }): Sample =>
          new Map(
            Object.entries(inputs).map(([input, nested]) => [
              input,
              { dims: values.get(input)?.shape ?? [], data: Float64Array.from(flat(nested)) },
            ]),
          ),
      );
    const { program, weights } = await compile(model, samples);
    const own = registration(program, weights);
    expect(modelColumns(own.program)).toEqual(modelColumns(program));
    accepted(own);
    refuseTighter(program, weights);
  });
});
