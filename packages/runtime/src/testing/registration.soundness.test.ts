import {
  checkModel,
  deriveRanges,
  deriveSystem,
  elementCount,
  type Program,
  registrationProgram,
  registrationWeights,
  type TensorId,
  validateProgram,
  type Weights,
} from '@assay/program';
import { describe, expect, test } from 'vitest';
import { checkRelations } from '../check/check-relations.ts';
import { execute } from '../execute.ts';
import {
  type DeclaredProgram,
  declaredProgram,
  type Draw,
  intervalOf,
  resume,
  seededDraw,
  solveRelations,
  whyNotUnique,
  withDeclared,
} from './index.ts';

const NO_INPUTS: ReadonlyMap<TensorId, Int32Array> = new Map();

/** The program with nothing said about its model tensors: whatever a prover commits to. */
function unpromised(program: Program): Program {
  const range = { lo: -(2 ** 30), hi: 2 ** 30 };
  return {
    ...program,
    tensors: program.tensors.map((t) => (t.role === 'model' ? { ...t, range } : t)),
  };
}

function isAccepted(program: Program, weights: Weights): boolean {
  const ranges = deriveRanges(program);
  return ranges.ok && checkModel(program, weights, ranges.value).ok;
}

interface Registration {
  readonly program: Program;
  readonly weights: Weights;
}

function registration(program: Program, weights: Weights): Registration {
  const made = registrationProgram(program);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { program: unpromised(made.value), weights: registrationWeights(program, weights) };
}

/**
 * Whether the relations hold for the one witness that the steps give. There is no other: `deriveSystem` has found
 * each step's tensors to be the only solution, given those before them.
 */
function isProvable(of: Registration): boolean {
  const { program, weights } = of;
  const given = new Map(weights);
  program.tensors.forEach(({ role, shape, data }, id) => {
    if (role === 'witness') given.set(id, new Int32Array(elementCount(shape)));
    if (data !== null) given.set(id, Int32Array.from(data));
  });
  return checkRelations(program, weights, resume(program, given, 0)).length === 0;
}

/** The same by trying every witness; null where that takes too long. */
function hasWitness({ program, weights }: Registration): boolean | null {
  const options = { limit: 1, guesses: 30_000 };
  const { solutions, complete } = solveRelations(program, weights, NO_INPUTS, options);
  return solutions.length === 0 && !complete ? null : solutions.length > 0;
}

/** The first drawn programs that a verifier accepts. */
function drawn(count: number, isShort: boolean): readonly (readonly [number, DeclaredProgram])[] {
  const found: (readonly [number, DeclaredProgram])[] = [];
  for (let seed = 1; found.length < count; seed++) {
    const made = declaredProgram(seededDraw(seed), isShort);
    if (made === null || !validateProgram(made.program).ok) continue;
    if (deriveSystem(made.program).ok) found.push([seed, made]);
  }
  return found;
}

/** Weights and intervals that `checkModel` refuses, each by one. */
function refused({ program, weights }: DeclaredProgram, draw: Draw): DeclaredProgram[] {
  const found: DeclaredProgram[] = [];
  const declared = intervalOf(program, weights) ?? { lo: 0, hi: 0 };
  for (const interval of [
    { lo: declared.lo + 1, hi: declared.hi },
    { lo: declared.lo, hi: declared.hi - 1 },
  ]) {
    const other = withDeclared(program, interval);
    if (interval.lo <= interval.hi && deriveSystem(other).ok)
      found.push({ program: other, weights });
  }
  for (const [id, values] of weights) {
    const { lo, hi } = program.tensors[id]?.range ?? { lo: 0, hi: 0 };
    for (const outside of [lo - 1, hi + 1]) {
      const bad = values.with(draw(0, values.length - 1), outside);
      found.push({ program, weights: new Map([...weights, [id, bad]]) });
    }
  }
  return found;
}

const PROGRAMS = drawn(250, false);

describe('weights that checkModel accepts can be registered', () => {
  test.each(PROGRAMS)('seed %i', (_seed, { program, weights }) => {
    expect(isAccepted(program, weights)).toBe(true);
    const made = registrationProgram(program);
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    expect(deriveSystem(made.value)).toMatchObject({ ok: true });
    const own = registrationWeights(program, weights);
    const trace = execute(made.value, own, NO_INPUTS, null);
    expect(checkRelations(made.value, own, trace)).toEqual([]);
    expect(isProvable(registration(program, weights))).toBe(true);
  });
});

describe('weights that checkModel refuses cannot', () => {
  test.each(PROGRAMS)('seed %i', (seed, made) => {
    for (const { program, weights } of refused(made, seededDraw(seed))) {
      expect(isAccepted(program, weights)).toBe(false);
      expect(isProvable(registration(program, weights))).toBe(false);
    }
  });
});

test('no element of the witness can be another', () => {
  for (const [seed, made] of PROGRAMS.slice(0, 60)) {
    const { program, weights } = registration(made.program, made.weights);
    const honest = execute(program, weights, NO_INPUTS, null);
    for (const [id, { role, name }] of program.tensors.entries()) {
      if (role !== 'witness') continue;
      for (const [at, value] of (honest.get(id) ?? new Int32Array()).entries()) {
        for (const other of [value - 1, value + 1]) {
          const changed = honest.get(id)?.with(at, other) ?? new Int32Array();
          const found = checkRelations(program, weights, new Map(honest).set(id, changed));
          expect(found.length, `seed ${seed}: ${name}[${at}]`).toBeGreaterThan(0);
        }
      }
    }
  }
});

test('trying every witness finds the same, and never a second one', () => {
  let decided = 0;
  for (const [seed, made] of drawn(60, true)) {
    const { program, weights } = registration(made.program, made.weights);
    const unique = whyNotUnique(program, weights, NO_INPUTS, { guesses: 30_000 });
    if (unique === null) decided++;
    else expect(unique).toMatch(/guesses/);
    for (const bad of refused(made, seededDraw(seed))) {
      const found = hasWitness(registration(bad.program, bad.weights));
      expect(found).not.toBe(true);
      if (found === false) decided++;
    }
  }
  expect(decided).toBeGreaterThan(200);
});
