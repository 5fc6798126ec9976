import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import { addK, equalK, type K, ONE, subK, ZERO } from '@assay/core/field';
import { productPads } from '@assay/core/linear';
import { eqTable, innerProduct } from '@assay/core/poly';
import type { Randomness } from '@assay/core/randomness';
import { seededRandomness } from '@assay/core/testing';
import { registrationProgram, type Trace } from '@assay/program';
import { resume, seededDraw, type Toy } from '@assay/runtime/testing';
import {
  type Argument,
  prepareArgument,
  registrationKey,
  secretOperands,
  type Statement,
  verifyPrepared,
} from '@assay/verifier';
import { describe, expect, test, vi } from 'vitest';
import { type ProvingKey, proveWitness, type Witness } from '../src/index.ts';
import { proveWith } from '../src/testing/index.ts';
import { fillColumns, writeTails } from '../src/witness/columns.ts';
import type { Secrets } from '../src/witness/secrets.ts';
import { forge, type Forgery, type Learned } from './forger.ts';
import { WITHOUT, withPads } from './leakage.ts';
import { claimedRun } from './liar.ts';
import { affineToy, describeOutside, squaredToy } from './outside.ts';
import { type Part, partsOf, wordsOf } from './parts.ts';
import { PROGRAMS } from './programs.ts';
import { type Log, recorded } from './steered.ts';
import {
  ALL_HIDDEN,
  COMMITTED_INPUT,
  HIDDEN_INPUT,
  HIDDEN_PORTS,
  HIDDEN_WEIGHTS,
  type Profile,
  proveToy,
  tensorNamed,
  toyEngine,
  toyKey,
} from './toy-key.ts';

// Challenges of a proof are read from the verifier's transcript.
vi.mock('@assay/core/transcript', async (original) => {
  const actual = await original<typeof import('@assay/core/transcript')>();
  const { steeredTranscript } = await import('./steered.ts');
  return { ...actual, Transcript: steeredTranscript(actual.Transcript) };
});

/** Pads, triples, blinding and ranges: what only a hiding proof has, and may get wrong. */

const engine = toyEngine();
const OPENING = 'proof/opening whir/final-claim';
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

interface Case {
  readonly key: ProvingKey;
  readonly statement: Statement;
  readonly witness: Witness;
}

function caseOf(toy: Toy, profile: Profile, targetBits = 20): Case {
  const key = toyKey(engine, toy.program, toy.weights, { profile, targetBits });
  const { trace } = proveToy(engine, key, toy);
  return { key, ...claimedRun(engine, key, trace) };
}

function verdict({ key, statement }: Case, proof: Uint8Array): string {
  const found = verifyPrepared(key.argument, statement, proof);
  if (found.ok) return 'accepted';
  const { error } = found;
  return error.kind === 'proof/opening' || error.kind === 'proof/lookup'
    ? `${error.kind} ${error.error.kind}`
    : error.kind;
}

/** A proof with other secrets than an honest prover draws. */
function attempt(c: Case, secrets: (honest: Secrets) => Secrets, more: Forgery = {}): string {
  const mark = engine.mark();
  const proof = forge(engine, c.key, c.statement, c.witness, { secrets, ...more });
  engine.release(mark);
  return verdict(c, proof);
}

const dense = PROGRAMS['two dense layers']?.(seededDraw(5));
if (dense === undefined) throw new Error('no program');
const c = caseOf(dense, HIDDEN_PORTS);
const { pads: shape } = c.key.argument;
const some = [0, Math.floor(shape.products / 2), shape.products - 1];

/** One pad more by one, committed and used so. */
const moved =
  (index: number) =>
  (honest: Secrets): Secrets =>
    withPads(honest, c.key, (pad, i) => (i === index ? addK(pad, ONE) : pad));

test('control', () => {
  expect(attempt(c, (honest) => honest)).toBe('accepted');
  // Any other pads do as well, as long as triples are products.
  expect(attempt(c, moved(0))).toBe('accepted');
  expect(attempt(c, moved(productPads(shape, 0).product))).toBe('accepted');
});

describe('triples that are not products', () => {
  test.each(some)('of product %i', (t) => {
    const { x, y, z } = productPads(shape, t);
    for (const index of [x, y, z]) expect(attempt(c, moved(index))).toBe(OPENING);
  });

  test('all zero but one factor: that is a product', () => {
    const { x, y, z } = productPads(shape, 1);
    const zeroed = (honest: Secrets): Secrets =>
      withPads(honest, c.key, (pad, i) => (i === y || i === z ? ZERO : i === x ? ONE : pad));
    expect(attempt(c, zeroed)).toBe('accepted');
  });
});

describe('pads that are not the committed ones', () => {
  /** Used in messages, and not in the columns. */
  const used =
    (index: number) =>
    (honest: Secrets): Secrets => ({ ...moved(index)(honest), values: honest.values });
  const places = [0, 7, shape.messages - 1];

  test.each(places)('under message %i', (i) => expect(attempt(c, used(i))).toBe(OPENING));

  test.each(some)('in product %i', (t) => {
    const { x, y, z, product: own } = productPads(shape, t);
    for (const index of [x, y, own]) expect(attempt(c, used(index))).toBe(OPENING);
    // z' itself is never sent: only its commitment counts.
    expect(attempt(c, used(z))).toBe('accepted');
  });
});

describe('the blind fraction', () => {
  const blind =
    (used: K) =>
    (honest: Secrets): Secrets => ({ ...honest, blind: used });

  test('with another denominator than the committed one', () => {
    expect(attempt(c, blind(ONE))).toBe(OPENING);
    expect(attempt(c, (honest) => blind(addK(honest.blind ?? ZERO, ONE))(honest))).toBe(OPENING);
  });

  test('0/0, committed or not', () => {
    expect(attempt(c, blind(ZERO))).toBe('proof/lookup logup/zero-denominator');
    const index = shape.messages + 4 * shape.products;
    const zero = (honest: Secrets): Secrets =>
      withPads(honest, c.key, (pad, i) => (i === index ? ZERO : pad));
    expect(attempt(c, zero)).toBe('proof/lookup logup/zero-denominator');
  });
});

describe('pads serve one transcript', () => {
  /** Bytes that are given out once each. */
  class Once implements Randomness {
    readonly #source = seededRandomness(12);
    given = 0;

    bytes(count: number): Uint8Array {
      this.given += count;
      return this.#source.bytes(count);
    }
  }
  const { key, statement, witness } = c;
  const partsFor = ({ indices }: Pick<Log, 'indices'>): Part[] => partsOf(key.argument, indices);
  const read = (proof: Uint8Array): Log => recorded(() => verdict(c, proof));

  test('each proof draws its own, all of them', () => {
    const source = new Once();
    const first = proveWith(engine, key, statement, witness, source);
    const { given } = source;
    const second = proveWith(engine, key, statement, witness, source);
    expect(given).toBeGreaterThan(20 * shape.messages);
    // Elements of F are drawn again when they are not below p.
    expect(source.given / given).toBeCloseTo(2, 1);
    expect(first.length + second.length).toBeGreaterThan(0);
    const platform = [1, 2].map(() => proveWitness(engine, key, statement, witness));
    for (const [a, b] of [[first, second], platform]) {
      if (a === undefined || b === undefined) throw new Error('no proofs');
      expect([verdict(c, a), verdict(c, b)]).toEqual(['accepted', 'accepted']);
      // No element, row or salt of the one occurs in the other.
      const [own, other] = [a, b].map((proof) => {
        const words = wordsOf(proof);
        const parts = partsFor(read(proof)).filter(
          ({ kind, name }) =>
            (kind === 'element' || kind === 'salt' || kind === 'row') && !name.endsWith('model'),
        );
        return new Set(parts.flatMap(({ at, words: n }) => [...words.subarray(at, at + n)]));
      });
      const common = [...(own ?? [])].filter((word) => other?.has(word));
      // Two of thousands of words of 31 bits may well be equal; a shared element would be five.
      expect(common.length).toBeLessThan(3);
    }
  });

  test('a prover that begins again draws again', () => {
    const source = new Once();
    const roots: string[] = [];
    let failures = 0;
    const failing: Engine = {
      ...engine,
      merkleTree: (rows, salts) => {
        const tree = engine.merkleTree(rows, salts);
        roots.push(engine.digest(tree, 2 * tree.leaves - 2).join());
        return tree;
      },
      // In the first rounds of the opening: all messages under pads have been sent by then.
      quadraticRound: (w, f) => {
        if (failures++ === 0)
          throw new AssayError({ code: 'ASSAY_UNLUCKY_CHALLENGE', shortMessage: 'unlucky' });
        return engine.quadraticRound(w, f);
      },
    };
    const once = new Once();
    const calm = proveWith(engine, key, statement, witness, once);
    const proof = proveWith(failing, key, statement, witness, source);
    expect(verdict(c, proof)).toBe('accepted');
    expect(source.given / once.given).toBeCloseTo(2, 1);
    // The same seed: the first commitment is the calm one's, and is not the one that is sent.
    expect(roots[0]).toBe(calm.slice(12, 44).join());
    expect(roots[1]).toBe(proof.slice(12, 44).join());
    expect(roots[1]).not.toBe(roots[0]);
  });

  test('pads used twice do not make a proof false: they show a difference of secrets', () => {
    // Two secret operands, last of all messages.
    const [left, right] = [shape.messages - 2, shape.messages - 1];
    const reuse = (honest: Secrets): Secrets =>
      withPads(honest, key, (pad, i) => (i === right ? (honest.pads[left] ?? ZERO) : pad));
    let learned: Learned | undefined;
    const shown = (secrets: (honest: Secrets) => Secrets): boolean => {
      const proof = forge(engine, key, statement, witness, {
        secrets,
        onLearned: (l) => (learned = l),
      });
      expect(verdict(c, proof)).toBe('accepted');
      const words = wordsOf(proof);
      const operands = partsFor(read(proof)).filter(({ name }) => name === 'operand');
      const [a = ZERO, b = ZERO] = operands
        .slice(-2)
        .map(({ at }) => [...words.subarray(at, at + 5)] as unknown as K);
      const { transcribed, numeric } = learned ?? {};
      const { instances } = key.argument.system.einsums;
      const values = instances.flatMap((instance, i) => {
        const { left, right } = transcribed?.operands[i] ?? {};
        const secret = secretOperands(key.argument.system, instance);
        return [left, right].filter((_, side) => secret[side]);
      });
      const [x = ZERO, y = ZERO] = values
        .slice(-2)
        .map((value) => (value && numeric?.(value)) ?? ZERO);
      return equalK(subK(a, b), subK(x, y));
    };
    expect(shown((honest) => honest)).toBe(false);
    expect(shown(reuse)).toBe(true);
  });
});

test('an opening without blinding under a hiding key: R of zeros is accepted, and shows f_1', () => {
  // Whether R is random nobody but its prover can tell; `drawSecrets` fills it.
  const one = caseOf(dense, HIDDEN_INPUT, 20);
  const { argument, weights } = one.key;
  const { layout, system } = argument;
  expect(argument.key.parameters.whir.foldings.length).toBe(1);
  let kept: Secrets | undefined;
  const shows = (secrets: (honest: Secrets) => Secrets): boolean => {
    const keep = (honest: Secrets): Secrets => (kept = secrets(honest));
    const proof = forge(engine, one.key, one.statement, one.witness, { secrets: keep });
    expect(verdict(one, proof)).toBe('accepted');
    const { challenges, indices } = recorded(() => verdict(one, proof));
    const parts = partsOf(argument, indices);
    const words = wordsOf(proof);
    const at = parts.find(({ name }) => name === 'final polynomial')?.at ?? 0;
    // ρ', α; ρ, γ'; then the last rounds.
    const { foldings, logRows } = argument.key.parameters.whir;
    const [folding = 0] = foldings;
    const point = challenges.slice(challenges.length - logRows - 2 - folding).slice(0, folding);
    const eq = eqTable(point);
    const mark = engine.mark();
    const values = new Map([
      ...one.witness.trace,
      ...(one.witness.multiplicities ?? []),
      ...(kept?.values ?? []),
    ]);
    const own = fillColumns(engine, system.program, layout, layout.witness, values);
    writeTails(engine, own, layout.witness.tailRows, kept?.tails ?? new Int32Array());
    const model = fillColumns(engine, system.program, layout, layout.model, weights);
    const columns = [...model, ...own].map((column) => [...engine.ints(column)]);
    engine.release(mark);
    return upTo(2 ** logRows).every((row) => {
      const folded = innerProduct(
        columns.map((column) => column[row] ?? 0),
        eq,
      );
      const sent = [...words.subarray(at + 5 * row, at + 5 * row + 5)] as unknown as K;
      return equalK(folded, sent);
    });
  };
  const zeroR = (honest: Secrets): Secrets => WITHOUT.R(honest, one.key, engine);
  expect(shows(zeroR)).toBe(true);
  expect(shows((honest) => honest)).toBe(false);
});

describe('hidden and committed inputs out of range', () => {
  // More wide ranges: `outside.soundness.slow.test.ts`.
  const small: readonly (readonly [string, Toy])[] = [
    ['one table', affineToy(-5, 9)],
    ['one table, products', squaredToy()],
    ['a power of two', affineToy(-(2 ** 15), 2 ** 15 - 1)],
  ];
  for (const [name, toy] of small)
    describeOutside(name, toy, [HIDDEN_INPUT, HIDDEN_PORTS, COMMITTED_INPUT]);
  describeOutside('limbs from both ends', affineToy(-70_000, 70_000), [HIDDEN_INPUT], 1);

  test('an honest prover refuses them', () => {
    const toy = affineToy(-5, 9);
    const key = toyKey(engine, toy.program, toy.weights, { profile: HIDDEN_INPUT });
    for (const value of [-6, 10]) {
      const inputs = new Map([[tensorNamed(toy.program, 'x'), Int32Array.of(0, value, 0)]]);
      expect(() => proveToy(engine, key, { ...toy, inputs })).toThrow(AssayError);
    }
  });
});

describe('a private model is laid out alike', () => {
  /** Blocks of the model's tensors, in order: what the registration's root is a root of. */
  const modelBlocks = ({ system, layout }: Argument): unknown[] =>
    system.program.tensors.flatMap(({ role }, id) => {
      const own = layout.blocks.get(id) ?? [];
      const places = own.map(({ start, length, bits, address }) => ({
        start,
        length,
        bits,
        address,
      }));
      return role === 'model' ? [places] : [];
    });

  test.each(Object.entries(PROGRAMS))(
    'in its registration and in every profile: %s',
    (_n, make) => {
      const toy = make(seededDraw(5));
      if (!registrationProgram(toy.program).ok) throw new Error('no registration');
      for (const profile of [
        HIDDEN_WEIGHTS,
        ALL_HIDDEN,
        ['committed', 'public', 'hidden'] as const,
      ]) {
        const { argument } = toyKey(engine, toy.program, toy.weights, { profile });
        const own = registrationKey(argument.key);
        const registration = own.ok ? prepareArgument(own.value) : own;
        if (!registration.ok) throw new Error('no registration');
        expect(registration.value.layout.model).toEqual(argument.layout.model);
        expect(modelBlocks(registration.value)).toEqual(modelBlocks(argument));
      }
    },
  );
});

/** So that a trace of a run is what `resume` makes of its inputs. */
test('control of `tell`: an honest input told anew is the honest run', () => {
  const { key, witness } = c;
  const { program } = key.argument.system;
  const inputs = new Set(program.inputs.map(({ tensor }) => tensor));
  const given: Trace = new Map([...witness.trace].filter(([id]) => inputs.has(id)));
  const again = resume(program, new Map([...key.weights, ...given]), 0);
  for (const [id, values] of witness.trace) expect(again.get(id)).toEqual(values);
});
