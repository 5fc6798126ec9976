import { bytesOfK } from '@assay/core/codec';
import { seededRandomness } from '@assay/core/testing';
import { prepareArgument, registrationKey } from '@assay/verifier';
import { describe, expect, test, vi } from 'vitest';
import { Exhibit, type Proof, WITHOUT } from './leakage.ts';
import { type Part, partsOf, wordsOf } from './parts.ts';
import { chooseChallenges } from './made-up.ts';
import { simulateAll } from './simulator.ts';
import { classified, IMPOSSIBLE, notUniform, tellApart } from './statistics.ts';
import { type Chosen, steered } from './steered.ts';
import {
  ALL_HIDDEN,
  COMMITTED_PORTS,
  HIDDEN_INPUT,
  HIDDEN_PORTS,
  HIDDEN_WEIGHTS,
  type Profile,
  profileName,
  toyEngine,
} from './toy-key.ts';

vi.mock('@assay/core/transcript', async (original) => {
  const actual = await original<typeof import('@assay/core/transcript')>();
  const { steeredTranscript } = await import('./steered.ts');
  return { ...actual, Transcript: steeredTranscript(actual.Transcript) };
});

const engine = toyEngine();
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer);
const profiles = [HIDDEN_INPUT, HIDDEN_PORTS, COMMITTED_PORTS, ALL_HIDDEN].map(
  (profile): [string, Profile] => [profileName(profile), profile],
);

/** y = 1 of both. */
const SECRETS = [2, 3];
const isFresh = ({ name }: Part): boolean => !name.endsWith('of the model');

/** All words of one name behind one another, as samples of one word each. */
function pooled(
  proofs: readonly Proof[],
  partsIn: (proof: Proof) => readonly Part[],
): ReadonlyMap<string, { readonly samples: Uint32Array[]; readonly part: Part }> {
  const found = new Map<string, { samples: Uint32Array[]; part: Part }>();
  for (const proof of proofs) {
    const words = wordsOf(proof.bytes);
    for (const part of partsIn(proof)) {
      const pool = found.get(part.name) ?? { samples: [], part: { ...part, at: 0, words: 1 } };
      found.set(part.name, pool);
      for (let i = part.at; i < part.at + part.words; i++)
        pool.samples.push(words.subarray(i, i + 1));
    }
  }
  return found;
}

describe.each(profiles)(
  '1,000 proofs of two secrets with one public part: %s',
  (_name, profile) => {
    const exhibit = new Exhibit(engine, 3, { profile, targetBits: 10 });
    const COUNT = 500;

    test('as they are sent', () => {
      const [a, b] = SECRETS.map((x) =>
        upTo(COUNT).map((i) => exhibit.prove(x, 20_000 + x * COUNT + i)),
      );
      if (a === undefined || b === undefined) throw new Error('no proofs');
      // Ports are committed anew for each proof; what is public besides is the same.
      expect(a[0]?.statement.outputs).toEqual(b[0]?.statement.outputs);
      // A private model has one root here, of which proofs open the same rows again and again.
      const partsIn = (proof: Proof): Part[] =>
        exhibit.parts(exhibit.challenges(proof)).filter(isFresh);
      const [ofA, ofB] = [pooled(a, partsIn), pooled(b, partsIn)];
      expect([...ofA.keys()]).toEqual([...ofB.keys()]);
      for (const [name, { samples, part }] of ofA) {
        const other = ofB.get(name)?.samples ?? [];
        expect(notUniform(samples, [part]), name).toEqual([]);
        expect(notUniform(other, [part]), name).toEqual([]);
        const count = Math.min(samples.length, other.length);
        expect(tellApart(samples.slice(0, count), other.slice(0, count), [part]), name).toEqual([]);
      }
      const bytes = (proofs: readonly Proof[]): Uint8Array[] => proofs.map((proof) => proof.bytes);
      expect(Math.abs(classified(bytes(a), bytes(b)))).toBeLessThan(IMPOSSIBLE);
      const length = (proofs: readonly Proof[]): number =>
        proofs.reduce((sum, proof) => sum + proof.bytes.length, 0) / COUNT;
      // Lengths depend on the indices: means of 500 are within six of their standard deviations.
      const mean = length([...a, ...b]) / 2;
      const variance =
        [...a, ...b].reduce((sum, proof) => sum + (proof.bytes.length - mean) ** 2, 0) /
        (2 * COUNT);
      expect(Math.abs(length(a) - length(b))).toBeLessThanOrEqual(
        IMPOSSIBLE * Math.sqrt((2 * variance) / COUNT),
      );
    });

    test('for the same challenges, word by word, and against simulated ones', () => {
      const chosen = chooseChallenges(exhibit.key.argument, seededRandomness(3));
      const parts = exhibit.parts(chosen);
      const words = (x: number): Uint32Array[] =>
        upTo(COUNT).map((i) => wordsOf(exhibit.prove(x, 40_000 + x * COUNT + i, [chosen]).bytes));
      const [a, b] = SECRETS.map(words);
      if (a === undefined || b === undefined) throw new Error('no proofs');
      // A private model has one root here, of which every proof opens the same rows.
      const fresh = parts.filter(({ name }) => !name.endsWith('of the model'));
      expect(notUniform(a, fresh)).toEqual([]);
      expect(notUniform(b, fresh)).toEqual([]);
      expect(tellApart(a, b, parts)).toEqual([]);
      expect(Math.abs(classified(a.map(bytesOf), b.map(bytesOf)))).toBeLessThan(IMPOSSIBLE);

      const { argument, weights, tree } = exhibit.key;
      const { statement } = exhibit.run(2, 1);
      const hidden = argument.key.visibility.weights.kind === 'hidden';
      const model = hidden ? null : { weights, tree };
      const made = upTo(100).map((i) => {
        const random = seededRandomness(60_000 + i);
        return wordsOf(simulateAll({ argument, statement, model }, random, chosen).proof);
      });
      expect(notUniform(made, parts)).toEqual([]);
      expect(tellApart(made, a.slice(0, 100), fresh)).toEqual([]);
      const some = a.slice(0, 100).map(bytesOf);
      if (!hidden) expect(Math.abs(classified(made.map(bytesOf), some))).toBeLessThan(IMPOSSIBLE);
    });

    test('control: they are told apart where messages have no pads', () => {
      const chosen = chooseChallenges(exhibit.key.argument, seededRandomness(3));
      const [a, b] = SECRETS.map((x) =>
        upTo(100).map((i) => {
          const less = WITHOUT['pads of messages'];
          return wordsOf(exhibit.expose(x, 90_000 + 100 * x + i, less, [chosen]).bytes);
        }),
      );
      const [one, other] = [a ?? [], b ?? []];
      expect(tellApart(one, other, exhibit.parts(chosen))).toContain('C');
      expect(classified(one.map(bytesOf), other.map(bytesOf))).toBeGreaterThan(IMPOSSIBLE);
    });
  },
);

test('two private models that do the same are not told apart: name, registration, proof', () => {
  const COUNT = 150;
  const options = { profile: HIDDEN_WEIGHTS, targetBits: 10 };
  const draft = new Exhibit(engine, 3, options).key.argument;
  const chosen = chooseChallenges(draft, seededRandomness(5));
  const own = registrationKey(draft.key);
  const registration = own.ok ? prepareArgument(own.value) : own;
  if (!registration.ok) throw new Error('no registration');
  const before = chooseChallenges(registration.value, seededRandomness(6));
  /** Root, answers, registration and proof of one model, made anew. */
  const sample = (weight: number, seed: number): Uint32Array => {
    const mark = engine.mark();
    // The key is verified after it is made.
    const exhibit = steered(
      { queue: [before, before] },
      () => new Exhibit(engine, 3, { ...options, seed }, weight),
    );
    const { model, registration: registered } = exhibit.key.argument.key;
    const { bytes } = exhibit.prove(0, seed, [chosen]);
    const parts = [model.root, bytesOfK(model.yReg), registered ?? new Uint8Array(), bytes];
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    engine.release(mark);
    return wordsOf(all);
  };
  const moved = (parts: readonly Part[], by: number): Part[] =>
    parts.map((part) => ({ ...part, at: part.at + by }));
  const secret = (argument: typeof draft, { indices }: Chosen): Part[] =>
    partsOf(argument, indices).filter(({ kind }) => kind !== 'fixed' && kind !== 'public element');
  const total = (argument: typeof draft, { indices }: Chosen): number => {
    const last = partsOf(argument, indices).at(-1);
    return (last?.at ?? 0) + (last?.words ?? 0);
  };
  const [one, other] = [1, 2].map((weight) =>
    upTo(COUNT).map((i) => sample(weight, 3_000 * weight + i)),
  );
  const parts: Part[] = [
    { name: 'root', kind: 'digest', at: 0, words: 8 },
    { name: 'registered answers', kind: 'element', at: 8, words: 10 },
    ...moved(secret(registration.value, before), 18),
    ...moved(secret(draft, chosen), 18 + total(registration.value, before)),
  ];
  expect(notUniform(one ?? [], parts)).toEqual([]);
  expect(notUniform(other ?? [], parts)).toEqual([]);
  expect(tellApart(one ?? [], other ?? [], parts)).toEqual([]);
  const bytes = (words: readonly Uint32Array[] = []): Uint8Array[] => words.map(bytesOf);
  expect(Math.abs(classified(bytes(one), bytes(other)))).toBeLessThan(IMPOSSIBLE);
});
