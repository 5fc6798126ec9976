import type { Program, TensorId, Trace } from '@assay/program';
import { Evaluator } from '@assay/runtime';
import { seededDraw, type Toy } from '@assay/runtime/testing';
import { type Statement, verifyPrepared } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { type ProvingKey, proveWitness, type Witness } from '../src/index.ts';
import { claimedRun, tell, type Told } from './liar.ts';
import { PROGRAMS } from './programs.ts';
import { changedAt, countRows, producedBy, quotientModP, stepOf } from './rows.ts';
import { isPlain, type Profile, profileName, proveToy, toyEngine, toyKey } from './toy-key.ts';

/** Provers that lie about one value and are otherwise perfect: everything after it is recomputed honestly. */

const SEED = 23;
const SOFTMAX = 'softmax (quotient, shared axes)';
const FIRST = 'first maximum';
const names = Object.keys(PROGRAMS);
const committed = ({ tensors }: Program): TensorId[] =>
  tensors.flatMap(({ role }, id) => (role === 'witness' ? [id] : []));
const lengthOf = (trace: Trace, id: TensorId): number => trace.get(id)?.length ?? 0;

export interface Extent {
  /** @default all */
  readonly programs?: readonly string[];
  /** Elements of each tensor that are lied about. @default all of a small one, twelve of a larger one */
  readonly samples?: number;
}

/** All of these lies in one profile. */
export function describeLies(
  profile: Profile,
  { programs = names, samples = 12 }: Extent = {},
): void {
  const engine = toyEngine();
  /** In the hiding profile nothing but the opening tells. */
  const said = (kind: string): string => (isPlain(profile) ? kind : 'proof/opening');
  const REJECTED = isPlain(profile) ? /^proof\/(lookup|opening|operands)$/ : /^proof\/opening$/;

  interface Case {
    readonly toy: Toy;
    readonly key: ProvingKey;
    /** What is proven: with relations that confine concealed ports. */
    readonly program: Program;
    readonly honest: {
      readonly statement: Statement;
      readonly trace: Trace;
      readonly proof: Uint8Array;
    };
    readonly counts: Trace;
    /** Of the honest run. */
    readonly ports: Witness['ports'];
  }

  const made = new Map<string, Case>();
  function caseOf(name: string): Case {
    const known = made.get(name);
    if (known !== undefined) return known;
    const toy = PROGRAMS[name]?.(seededDraw(SEED));
    if (toy === undefined) throw new Error(`no program ${name}`);
    const key = toyKey(engine, toy.program, toy.weights, { profile });
    const { trace } = proveToy(engine, key, toy);
    const { statement, witness } = claimedRun(engine, key, trace);
    const proof = proveWitness(engine, key, statement, witness);
    const { program } = key.argument.system;
    const honest = { statement, trace, proof };
    const found = {
      toy,
      key,
      program,
      honest,
      counts: countRows(key, trace),
      ports: witness.ports,
    };
    made.set(name, found);
    return found;
  }

  function attempt({ key }: Case, { statement, witness }: Told): string {
    const mark = engine.mark();
    const proof = proveWitness(engine, key, statement, witness);
    engine.release(mark);
    const verdict = verifyPrepared(key.argument, statement, proof);
    return verdict.ok ? 'accepted' : verdict.error.kind;
  }
  /** The honest statement, and a witness that differs from the honest one. */
  const instead = ({ honest, counts, ports }: Case, witness: Partial<Witness>): Told => ({
    statement: honest.statement,
    witness: { trace: honest.trace, multiplicities: counts, ports, ...witness },
  });

  /** All elements of a small tensor, some of a larger one. */
  const some = (length: number, pick: (lo: number, hi: number) => number): number[] =>
    length <= samples
      ? [...new Array<number>(length).keys()]
      : [0, length - 1, ...Array.from({ length: samples - 2 }, () => pick(1, length - 2))];

  describe.each(programs)(`%s: ${profileName(profile)}`, (name) => {
    test('the honest run is accepted, with anything in the padding', () => {
      const c = caseOf(name);
      const noise = seededDraw(SEED);
      for (const padding of [undefined, () => noise(-(2 ** 30), 2 ** 30), () => 1]) {
        expect(attempt(c, instead(c, { padding }))).toBe('accepted');
      }
    });

    test('a committed value that is another, recomputed from there', () => {
      const c = caseOf(name);
      const pick = seededDraw(SEED + 1);
      const { program } = c;
      for (const id of committed(program)) {
        const values = c.honest.trace.get(id) ?? new Int32Array();
        for (const index of some(values.length, pick)) {
          const delta = pick(0, 1) === 0 ? 1 : -1;
          const lie = changedAt(values, index, (values[index] ?? 0) + delta);
          const told = tell(
            engine,
            c.key,
            c.honest.trace,
            new Map([[id, lie]]),
            stepOf(program, id) + 1,
          );
          expect(
            attempt(c, told),
            `${program.tensors[id]?.name ?? '?'}[${index}] ${delta}`,
          ).toMatch(REJECTED);
        }
      }
    });

    test('a committed value that is another, and nothing recomputed', () => {
      const c = caseOf(name);
      const pick = seededDraw(SEED + 2);
      for (const id of committed(c.program)) {
        const values = c.honest.trace.get(id) ?? new Int32Array();
        const index = pick(0, values.length - 1);
        const lie = changedAt(values, index, (values[index] ?? 0) + pick(1, 100));
        const trace = new Map<number, Int32Array>([...c.honest.trace, [id, lie]]);
        expect(attempt(c, instead(c, { trace }))).toMatch(REJECTED);
      }
    });

    test('a value just outside its range', () => {
      const c = caseOf(name);
      const { program } = c;
      const { ranges } = c.key.argument.system;
      for (const id of committed(program)) {
        const values = c.honest.trace.get(id) ?? new Int32Array();
        const range = ranges[id] ?? { lo: 0, hi: 0 };
        for (const value of [range.lo - 1, range.hi + 1]) {
          const lie = changedAt(values, 0, value);
          const told = tell(
            engine,
            c.key,
            c.honest.trace,
            new Map([[id, lie]]),
            stepOf(program, id) + 1,
          );
          expect(attempt(c, told), program.tensors[id]?.name).toMatch(REJECTED);
        }
      }
    });

    test('a multiplicity that is another, one that moved, and rows never looked up', () => {
      const c = caseOf(name);
      for (const [id, counts] of c.counts) {
        const used = counts.findIndex((n) => n > 0);
        const other = used === 0 ? counts.length - 1 : 0;
        const lies = [
          changedAt(counts, used, (counts[used] ?? 0) + 1),
          changedAt(counts, used, (counts[used] ?? 0) - 1),
          ...(other === used
            ? []
            : [
                changedAt(
                  changedAt(counts, used, (counts[used] ?? 0) - 1),
                  other,
                  (counts[other] ?? 0) + 1,
                ),
              ]),
        ];
        for (const lie of lies) {
          const multiplicities = new Map<number, Int32Array>([...c.counts, [id, lie]]);
          expect(attempt(c, instead(c, { multiplicities }))).toBe(said('proof/lookup'));
        }
      }
    });

    test('a public value that is another: any element of any input and output', () => {
      const c = caseOf(name);
      const { program } = c;
      const { proof } = c.honest;
      for (const side of ['inputs', 'outputs'] as const) {
        for (const port of program[side]) {
          const range = program.tensors[port.tensor]?.range ?? { lo: 0, hi: 0 };
          // Nothing for a port that is not public.
          const values = c.honest.statement[side].get(port.name) ?? new Int32Array();
          for (const [index, value] of values.entries()) {
            if (range.lo === range.hi) continue;
            const wrong = changedAt(values, index, value === range.hi ? value - 1 : value + 1);
            const ports = new Map([...c.honest.statement[side], [port.name, wrong]]);
            const statement = { ...c.honest.statement, [side]: ports };
            // The honest proof, and one that is made for the false statement.
            expect(verifyPrepared(c.key.argument, statement, proof).ok).toBe(false);
            if (index > 2) continue;
            expect(attempt(c, { ...instead(c, {}), statement })).toMatch(REJECTED);
          }
        }
      }
    });
  });

  /**
   * What the no-wrap rule is for: the relation holds mod p, with a lower digit or a remainder that is in
   * its range and a carry, high part or quotient that is right mod p and no integer of its range.
   */
  describe(`one multiple of p away: ${profileName(profile)}`, () => {
    test.each(programs)('%s: high parts and carries', (name) => {
      const c = caseOf(name);
      const { program } = c;
      const pick = seededDraw(SEED + 3);
      let tried = 0;
      for (const [index, step] of program.steps.entries()) {
        const relation = step.kind === 'digits' ? program.relations[step.relation] : undefined;
        if (step.kind !== 'digits' || relation?.kind !== 'zero' || step.outputs.length < 2)
          continue;
        const weight = (id: TensorId): number =>
          relation.form.terms.find((t) => t.tensor === id)?.coefficient ?? 1;
        const [top, ...lower] = step.outputs;
        if (top === undefined || program.tensors[top.tensor]?.role !== 'witness') continue;
        for (const { tensor } of lower) {
          const range = c.key.argument.system.ranges[tensor] ?? { lo: 0, hi: 0 };
          const values = c.honest.trace.get(tensor) ?? new Int32Array();
          const tops = c.honest.trace.get(top.tensor) ?? new Int32Array();
          const at = pick(0, values.length - 1);
          const value = values[at] ?? 0;
          const other = value === range.lo ? value + 1 : value - 1;
          // c_top·(top' − top) + c_low·(other − value) = 0 mod p
          const change = quotientModP(-weight(tensor) * (other - value), weight(top.tensor));
          const lie = new Map([
            [tensor, changedAt(values, at, other)],
            [top.tensor, changedAt(tops, at, (tops[at] ?? 0) + change)],
          ]);
          const told = tell(engine, c.key, c.honest.trace, lie, index + 1);
          // Only a lookup can tell: the relation holds.
          expect(attempt(c, told)).toBe(said('proof/lookup'));
          tried++;
        }
      }
      expect(tried > 0).toBe(
        program.steps.some(
          (s) =>
            s.kind === 'digits' &&
            s.outputs.length > 1 &&
            program.tensors[s.outputs[0]?.tensor ?? -1]?.role === 'witness',
        ),
      );
    });

    if (programs.includes(SOFTMAX))
      test('quotients', () => {
        const c = caseOf(SOFTMAX);
        const { program } = c;
        const index = program.steps.findIndex((s) => s.kind === 'divide');
        const step = program.steps[index];
        const relation = step?.kind === 'divide' ? program.relations[step.relation] : undefined;
        if (step?.kind !== 'divide' || relation?.kind !== 'zero') throw new Error('no division');
        const evaluator = new Evaluator(program, new Map([...c.key.weights, ...c.honest.trace]));
        const [product] = relation.products;
        if (product === undefined) throw new Error('no product');
        const divisors = evaluator.evaluate(product.right, relation.dims, relation.node);
        const [q, r] = [step.quotient, step.remainder].map(
          (id) => c.honest.trace.get(id) ?? new Int32Array(),
        );
        if (q === undefined || r === undefined) throw new Error('no values');
        for (const at of [0, 5, 11]) {
          const divisor = product.coefficient * (divisors[at] ?? 1);
          for (const [dq, dr] of [
            // r' = r ± 1, and the quotient that this needs mod p
            [quotientModP(-1, divisor), 1],
            [quotientModP(1, divisor), -1],
            // the next quotient, and the remainder that this needs
            [1, -divisor],
            [-1, divisor],
          ] as const) {
            const lie = new Map([
              [step.quotient, changedAt(q, at, (q[at] ?? 0) + dq)],
              [step.remainder, changedAt(r, at, (r[at] ?? 0) + dr)],
            ]);
            const told = tell(engine, c.key, c.honest.trace, lie, index + 1);
            // q is an output: what is out of its range cannot even be said.
            expect(attempt(c, told)).toMatch(REJECTED);
          }
        }
      });
  });

  if (programs.includes(FIRST))
    describe(`one-hot: ${profileName(profile)}`, () => {
      const argMax = (x: number[], bits: number[]): string => {
        const c = caseOf(FIRST);
        const { program } = c;
        const [input] = c.toy.inputs.keys();
        const hot = program.tensors.findIndex((t) => t.name === 'hot');
        const given = new Map([[input ?? -1, Int32Array.from(x)]]);
        const run = proveToy(engine, c.key, { ...c.toy, inputs: given });
        const lie = new Map([[hot, Int32Array.from(bits)]]);
        const told = tell(engine, c.key, run.trace, lie, stepOf(program, hot) + 1);
        return attempt(c, told);
      };

      test('the first maximum is accepted', () => {
        expect(argMax([2, 2, 1, 0, 1, 1], [1, 0, 0, 0, 1, 0])).toBe('accepted');
      });

      test.each([
        ['a tie broken the other way', [2, 2, 1, 0, 1, 1], [0, 1, 0, 0, 1, 0]],
        ['a tie of all', [1, 1, 1, 0, 1, 1], [0, 0, 1, 0, 1, 0]],
        ['an element that is not the largest', [2, 2, 1, 0, 1, 1], [0, 0, 1, 0, 1, 0]],
        ['two ones', [2, 2, 1, 0, 1, 1], [1, 1, 0, 0, 1, 0]],
        ['none', [2, 2, 1, 0, 1, 1], [0, 0, 0, 0, 1, 0]],
        ['two and minus one', [2, 2, 1, 0, 1, 1], [2, -1, 0, 0, 1, 0]],
        ['the right one in the other row', [0, 1, 2, 2, 1, 0], [1, 0, 0, 0, 0, 1]],
      ])('%s', (_name, x, bits) => {
        expect(argMax(x, bits)).toMatch(REJECTED);
      });
    });

  test(`every witness tensor of every program is a case: ${profileName(profile)}`, () => {
    for (const name of programs) {
      const { program } = caseOf(name);
      const produced = program.steps.flatMap(producedBy);
      expect(new Set(produced).size).toBe(produced.length);
      for (const id of committed(program))
        expect(lengthOf(caseOf(name).honest.trace, id)).toBeGreaterThan(0);
    }
  });
}
