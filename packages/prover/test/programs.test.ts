import { deriveSystem, type Program, rangeTable, type Relation, type Step } from '@assay/program';
import {
  fill,
  form,
  identityView,
  product,
  ProgramBuilder,
  randomProgram,
  randomView,
  seededDraw,
  term,
  type Toy,
} from '@assay/runtime/testing';
import { verifyProof } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { PROGRAMS } from './programs.ts';
import { PLAIN, PROFILES, proveToy, toyKey, toyEngine } from './toy-key.ts';

const verdict = (toy: Toy, targetBits: number, profile = PLAIN): unknown => {
  const engine = toyEngine();
  const key = toyKey(engine, toy.program, toy.weights, { targetBits, profile });
  const { proof, statement } = proveToy(engine, key, toy);
  return verifyProof(key.argument.key, statement, proof);
};

test.each(Object.entries(PROGRAMS))('prover and verifier agree: %s', (_name, toy) => {
  expect(verdict(toy(seededDraw(5)), 100)).toEqual({ ok: true, value: { securityBits: 100 } });
});

// Every sixth profile of each program, others of the next one; all of all in `programs.slow.test.ts`.
describe.each(Object.entries(PROGRAMS).map(([name, toy], i) => ({ name, toy, i })))(
  'prover and verifier agree: $name',
  ({ toy, i }) => {
    test.each(PROFILES.filter((_, j) => j % 6 === i % 6))(
      'inputs %s, outputs %s, weights %s',
      (...profile) => {
        expect(verdict(toy(seededDraw(5)), 30, profile)).toMatchObject({ ok: true });
      },
    );
  },
);

/** Looks each digit that nothing bounds up in its radix, so that the program can be proven. */
function bounded(program: Program): Program {
  const tables = [...program.tables];
  const relations: Relation[] = [...program.relations];
  for (const step of program.steps) {
    const relation = step.kind === 'onehot' ? undefined : program.relations[step.relation];
    if (step.kind !== 'digits' || relation?.kind !== 'zero') continue;
    const weight = (o: Extract<Step, { kind: 'digits' }>['outputs'][number]): number =>
      relation.form.terms.find((t) => t.tensor === o.tensor)?.coefficient ?? 1;
    for (const [i, output] of step.outputs.entries()) {
      const before = step.outputs[i - 1];
      if (before === undefined) continue;
      const radix = Math.abs(weight(before) / weight(output));
      const shape = program.tensors[output.tensor]?.shape ?? [];
      tables.push(rangeTable('digit', { lo: output.low, hi: output.low + radix - 1 }));
      const term = { tensor: output.tensor, coefficient: 1, view: identityView(shape), sums: [] };
      const entries = [{ terms: [term], constant: 0 }];
      relations.push({ kind: 'lookup', dims: shape, table: tables.length - 1, entries, node: 0 });
    }
  }
  return { ...program, tables, relations };
}

describe('tensors in several blocks, over several columns', () => {
  const shapes = [[769], [96, 160], [80, 192], [5, 130], [33, 40], [3, 260], [12, 9, 11]];
  const draw = seededDraw(83);

  test.each(shapes.map((shape) => [shape]))(
    '%j: random views of it, in sums and in products',
    (shape) => {
      for (let round = 0; round < 3; round++) {
        const b = new ProgramBuilder('blocks');
        b.node('views', 'Test');
        const x = b.input('x', shape, { lo: -9, hi: 9 });
        const copy = b.witness('copy', shape);
        b.define(copy, b.wholeForm(x));
        const size = shape.reduce((a, n) => a * n, 1);
        const dims = round === 0 ? shape : round === 1 ? [size] : [draw(2, 40), draw(2, 60)];
        const [w, c] = [
          b.model('w', dims, { lo: -3, hi: 3 }),
          b.model('c', shape, { lo: -3, hi: 3 }),
        ];
        const read = (id: number) => term(id, randomView(draw, shape, dims));
        const y = b.output('y', dims, { lo: -2000, hi: 2000 });
        b.define(y, form([read(copy), read(c)]), [product(form([read(copy)], 2), b.wholeForm(w))]);
        const toy = fill(b.build(), draw);
        const engine = toyEngine();
        const key = toyKey(engine, toy.program, toy.weights, { logRows: draw(6, 9) });
        const { proof, statement } = proveToy(engine, key, toy);
        expect(verifyProof(key.argument.key, statement, proof), `round ${round}`).toMatchObject({
          ok: true,
        });
      }
    },
  );
});

describe('random programs', () => {
  const wanted = 40;
  test(`prover and verifier agree on ${wanted} of them`, () => {
    let proven = 0;
    for (let seed = 1; proven < wanted; seed++) {
      if (seed > 2000) expect.fail('too few random programs can be proven');
      const toy = randomProgram(seededDraw(seed), 1 + (seed % 5));
      const program = bounded(toy.program);
      // Most of them could wrap, or leave something open.
      if (!deriveSystem(program).ok || program.relations.length === 0) continue;
      const found = verdict({ ...toy, program }, 20);
      expect(found, `seed ${seed}`).toEqual({ ok: true, value: { securityBits: 20 } });
      const profile = PROFILES[proven % PROFILES.length] ?? PLAIN;
      if (proven % 2 === 1)
        expect(verdict({ ...toy, program }, 20, profile), `seed ${seed}`).toMatchObject({
          ok: true,
        });
      proven++;
    }
  });
});
