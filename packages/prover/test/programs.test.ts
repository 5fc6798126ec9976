import { deriveSystem, type Program, rangeTable, type Relation, type Step } from '@assay/program';
import { identityView, randomProgram, seededDraw, type Toy } from '@assay/runtime/testing';
import { verifyProof } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { PROGRAMS } from './programs.ts';
import { proveToy, toyKey, toyEngine } from './toy-key.ts';

const verdict = (toy: Toy, targetBits: number): unknown => {
  const engine = toyEngine();
  const key = toyKey(engine, toy.program, toy.weights, { targetBits });
  const { proof, statement } = proveToy(engine, key, toy);
  return verifyProof(key.argument.key, statement, proof);
};

test.each(Object.entries(PROGRAMS))('prover and verifier agree: %s', (_name, toy) => {
  expect(verdict(toy(seededDraw(5)), 100)).toEqual({ ok: true, value: { securityBits: 100 } });
});

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
      proven++;
    }
  });
});
