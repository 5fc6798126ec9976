import type { Engine } from '@assay/core/engine';
import type { Program, TensorId, Weights } from '@assay/program';
import { execute, executeReference } from '@assay/runtime';
import { expect } from 'vitest';
import { Liar, type Lie, type Method } from './lies.ts';
import { Prover } from './proving.ts';
import { ownElements, ownTensors, RelationSystem } from './relations.ts';

const METHODS: readonly Method[] = ['alone', 'followed', 'compensated', 'row'];
/** Below this many elements of a prover's own, a proof can be made for every one. */
const FEW = 40;
/** Elements of each tensor about which lies are followed up. */
const FOLLOWED = 16;

export interface Subject {
  readonly program: Program;
  readonly weights: Weights;
  readonly inputs: ReadonlyMap<TensorId, Int32Array>;
}

export interface Findings {
  /** Elements that a prover commits to or claims. */
  readonly elements: number;
  /** Lies about them. */
  readonly lies: number;
  /** Lies that were proven and verified in earnest. */
  readonly proofs: number;
}

/**
 * The executors agree, the honest proof is accepted, and lies about single elements are rejected: every one of
 * them by the relations mod p, and some proven in earnest: one of each method about each tensor, and where there
 * are few elements and `everyElement` is asked for, one about every element.
 */
export function examine(
  engine: Engine,
  { program, weights, inputs }: Subject,
  everyElement: boolean,
): Findings {
  const honest = execute(program, weights, inputs, engine);
  expect(execute(program, weights, inputs, null)).toEqual(honest);
  expect(executeReference(program, weights, inputs)).toEqual(honest);
  const system = new RelationSystem(program, honest);
  const liar = new Liar(system, honest);
  const lies = findOut(system, liar);
  const prover = new Prover(engine, program, weights);
  try {
    const counts = prover.multiplicities(honest, honest);
    expect(prover.attempt(honest, counts)).toBe('accepted');
    let proofs = 0;
    for (const lie of chosenLies(system, liar, everyElement)) {
      const trace = system.changed(honest, lie.changes);
      const verdict = prover.attempt(trace, prover.multiplicities(trace, honest));
      // Each step of the argument answers for its relations: a tuple in no row, or a form that is not zero.
      const expected = system.broken(lie.changes).lookups > 0 ? 'proof/lookup' : 'proof/opening';
      expect(verdict, describeLie(system, lie)).toBe(expected);
      proofs++;
    }
    for (const [table, values] of counts) {
      const used = values.findIndex((count) => count > 0);
      for (const row of new Set([0, used, values.length - 1])) {
        const wrong = new Map(counts).set(table, values.with(row, (values[row] ?? 0) + 1));
        expect(prover.attempt(honest, wrong), `multiplicity ${row}`).toBe('proof/lookup');
        proofs++;
      }
    }
    return { elements: ownElements(system.program).length, lies, proofs };
  } finally {
    prover.release();
  }
}

/**
 * Lies about every element, each of which must break a relation mod p or a range that the verifier checks.
 *
 * @returns how many.
 */
export function findOut(system: RelationSystem, liar: Liar): number {
  let lies = 0;
  for (const [tensor, index] of ownElements(system.program)) {
    for (const lie of liar.about(tensor, index, METHODS, index < FOLLOWED)) {
      const { zeros, lookups, ranges } = system.broken(lie.changes);
      expect(zeros + lookups + ranges, `not found out: ${describeLie(system, lie)}`).not.toBe(0);
      lies++;
    }
  }
  return lies;
}

function* chosenLies(system: RelationSystem, liar: Liar, everyElement: boolean): Generator<Lie> {
  // A claimed output outside its range is not even looked at: no proof is needed to reject it.
  const provable = ({ changes }: Lie): boolean => system.broken(changes).ranges === 0;
  const all = ownElements(system.program);
  for (const tensor of ownTensors(system.program)) {
    const own = all.filter(([id]) => id === tensor);
    const [, index = 0] = own[(7 * tensor + 3) % own.length] ?? [];
    for (const method of METHODS) {
      const lies = [...liar.about(tensor, index, [method], true)].filter(provable);
      const lie = lies.at(tensor % 2 === 0 ? 0 : -1);
      if (lie !== undefined) yield lie;
    }
  }
  if (!everyElement || all.length >= FEW) return;
  for (const [i, [tensor, index]] of all.entries()) {
    const lies = [...liar.about(tensor, index, ['alone', 'compensated'], true)].filter(provable);
    const lie = lies[i % lies.length];
    if (lie !== undefined) yield lie;
  }
}

function describeLie(system: RelationSystem, { method, tensor, index, changes }: Lie): string {
  const name = (id: TensorId): string => system.program.tensors[id]?.name ?? '?';
  const list = [...changes].slice(0, 8).map(([v, value]) => {
    const owner = system.owner(v);
    return `${name(owner.tensor)}[${owner.index}] ${system.value(v)} → ${value}`;
  });
  return `${name(tensor)}[${index}], ${method}: ${list.join(', ')}`;
}
