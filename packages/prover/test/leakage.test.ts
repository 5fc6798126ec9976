import { type K, P, subK, ZERO } from '@assay/core/field';
import { seededRandomness } from '@assay/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { commitTensor } from '../src/commitments/index.ts';
import {
  Dictionary,
  Exhibit,
  type Less,
  type Proof,
  WITHOUT,
  WITHOUT_ANYTHING,
  withPads,
} from './leakage.ts';
import { partsOf, wordsOf } from './parts.ts';
import { chooseChallenges } from './made-up.ts';
import { simulateAll } from './simulator.ts';
import {
  chiSquared,
  chiSquaredLimit,
  classified,
  histogram,
  IMPOSSIBLE,
  notUniform,
  tellApart,
} from './statistics.ts';
import type { Chosen } from './steered.ts';
import {
  ALL_HIDDEN,
  COMMITTED_INPUT,
  COMMITTED_PORTS,
  HIDDEN_INPUT,
  HIDDEN_PORTS,
  profileName,
  toyEngine,
} from './toy-key.ts';

// Challenges are chosen beforehand where proofs are compared word by word.
vi.mock('@assay/core/transcript', async (original) => {
  const actual = await original<typeof import('@assay/core/transcript')>();
  const { steeredTranscript } = await import('./steered.ts');
  return { ...actual, Transcript: steeredTranscript(actual.Transcript) };
});

/**
 * What the bytes of proofs tell of what they hide. Each check is shown to find out when something that
 * hides is left out. Randomness is seeded, so that the outcome is always the same; more proofs and
 * profiles are in `leakage.slow.test.ts`.
 */

const engine = toyEngine();
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('the statistics themselves', () => {
  test('find what is not uniform', () => {
    expect(chiSquared([10, 10, 10, 10])).toBe(0);
    expect(chiSquared([40, 0, 0, 0])).toBe(120);
    // Tables of χ²: 0.1 % of variables with 15 degrees of freedom exceed 37.7.
    expect(chiSquaredLimit(15, 3.09)).toBeCloseTo(37.7, 0);
    expect(chiSquaredLimit(255, 3.09)).toBeCloseTo(330.5, 0);
  });

  test('a classifier finds one bit among many that is set three times in four', () => {
    const random = seededRandomness(1);
    const sample = (often: boolean): Uint8Array => {
      const bytes = random.bytes(40).slice();
      bytes[7] = often && (bytes[8] ?? 0) % 2 === 0 ? (bytes[7] ?? 0) | 1 : (bytes[7] ?? 0);
      return bytes;
    };
    const [a, b, c] = [true, false, false].map((often) => upTo(1000).map(() => sample(often)));
    expect(classified(a ?? [], b ?? [])).toBeGreaterThan(IMPOSSIBLE);
    expect(Math.abs(classified(b ?? [], c ?? []))).toBeLessThan(IMPOSSIBLE);
  });
});

const SAMPLES = 120;
const profiles = [HIDDEN_INPUT, COMMITTED_PORTS].map(
  (profile) => [profileName(profile), profile] as const,
);

describe.each(profiles)('proofs for the same challenges: %s', (_name, profile) => {
  const exhibit = new Exhibit(engine, 3, { profile, targetBits: 10 });
  const chosen = chooseChallenges(exhibit.key.argument, seededRandomness(3));
  const queue = [chosen];
  const parts = exhibit.parts(chosen);
  const samples = (prove: (seed: number) => Proof, count = SAMPLES): Uint32Array[] =>
    upTo(count).map((i) => wordsOf(prove(1000 + i).bytes));
  // y = 1 of 2 and of 3.
  const honest = samples((seed) => exhibit.prove(2, seed, queue));
  const less = (by: Less, x = 2): Uint32Array[] =>
    samples((seed) => exhibit.expose(x, seed, by, queue), 60);

  test('are proofs', () => {
    for (const seed of [1, 2])
      expect(exhibit.accepts(exhibit.prove(1, seed, queue), queue)).toBe(true);
    for (const by of Object.values(WITHOUT)) {
      if (by === WITHOUT['the blind fraction']) continue;
      expect(exhibit.accepts(exhibit.expose(1, 1, by, queue), queue)).toBe(true);
    }
  });

  test('every element, word of a row, salt and digest is uniform', () => {
    expect(notUniform(honest, parts)).toEqual([]);
  });

  test.each([
    ['pads of messages', ['message of LogUp', 'C', 'operand']],
    ['triples and pads of products', ['product', 'opened operand of a product']],
    ['the blind fraction', ["root's denominator"]],
    ['salts', ['salt of the witness']],
    ['R', ["mask's sum", 'E', 'D', 'row of R']],
  ] as const)('control: not without %s', (what, names) => {
    expect(notUniform(less(WITHOUT[what]), parts)).toEqual(expect.arrayContaining([...names]));
  });

  // Committed ports have tails of their own, with which b' is uniform still: the rank of what is seen
  // is counted in core.
  if (profile === HIDDEN_INPUT)
    test('control: not without tails', () => {
      expect(notUniform(less(WITHOUT.tails), parts)).toEqual(["b'"]);
    });

  test('no two elements are under one pad', () => {
    /** Elements that change alike from one proof to the other: their difference is no secret then. */
    const alike = ([a, b]: readonly Uint32Array[]): number => {
      const changes: string[] = [];
      for (const { kind, at, words } of parts) {
        if (kind !== 'element' || a === undefined || b === undefined) continue;
        const of = (sample: Uint32Array, i: number): K =>
          [...sample.subarray(i, i + 5)] as unknown as K;
        for (let i = at; i < at + words; i += 5) changes.push(subK(of(b, i), of(a, i)).join());
      }
      return changes.length - new Set(changes).size;
    };
    expect(alike(honest)).toBe(0);
    // With a known r the messages of LogUp are functions of the secret alone, but for their pads.
    const known = WITHOUT['the blind fraction'];
    expect(alike(less(known))).toBe(0);
    for (const [i, j] of [
      [0, 1],
      [3, 17],
      [2, exhibit.key.argument.pads.messages - 1],
    ] as const) {
      const reuse: Less = (secrets, ...rest) => {
        const { pads } = secrets;
        return known(
          withPads(secrets, rest[0], (pad, n) => (n === j ? (pads[i] ?? ZERO) : pad)),
          ...rest,
        );
      };
      expect(alike(less(reuse))).toBe(1);
    }
  });

  test('simulated ones look the same', () => {
    const { argument, weights, tree } = exhibit.key;
    const { statement } = exhibit.run(2, 1);
    const simulated = upTo(40).map((i) => {
      const given = { argument, statement, model: { weights, tree } };
      return simulateAll(given, seededRandomness(5000 + i));
    });
    // Each for challenges of its own: by name of the part, all words together.
    const pooled = (proofs: readonly { words: Uint32Array; indices: Chosen['indices'] }[]) => {
      const names = new Map<string, number[]>();
      for (const { words, indices } of proofs) {
        for (const { name, kind, at, words: count } of exhibit.parts({ indices })) {
          if (kind === 'digest' || kind === 'salt') continue;
          const all = names.get(name) ?? [];
          all.push(...words.subarray(at, at + count));
          names.set(name, all);
        }
      }
      return names;
    };
    const made = pooled(
      simulated.map(({ proof, queue: own }) => ({
        words: wordsOf(proof),
        indices: own[0]?.indices ?? [],
      })),
    );
    const real = pooled(
      upTo(40).map((i) => {
        const proof = exhibit.prove(2, 6000 + i);
        return { words: wordsOf(proof.bytes), indices: exhibit.challenges(proof).indices };
      }),
    );
    expect([...made.keys()]).toEqual([...real.keys()]);
    for (const values of [...made.values(), ...real.values()]) {
      expect(chiSquared(histogram(values, P))).toBeLessThan(chiSquaredLimit(15));
    }
  });

  test('two secrets with one public part are not told apart', () => {
    const other = samples((seed) => exhibit.prove(3, 10_000 + seed, queue));
    expect(tellApart(honest, other, parts)).toEqual([]);
    const bytes = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer);
    expect(Math.abs(classified(honest.map(bytes), other.map(bytes)))).toBeLessThan(IMPOSSIBLE);
  });

  test.each([
    ['pads of messages', 'C'],
    ['triples and pads of products', 'product'],
    ['the blind fraction', "root's denominator"],
  ] as const)('control: they are without %s', (what, name) => {
    const [one, other] = [less(WITHOUT[what]), less(WITHOUT[what], 3)];
    expect(tellApart(one, other, parts)).toContain(name);
    const bytes = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer);
    expect(classified(one.map(bytes), other.map(bytes))).toBeGreaterThan(5);
  });
});

describe('a dictionary of all 256 one-byte inputs', () => {
  const bytes = upTo(256);
  /** Of a proof, and of worse ones for its challenges. */
  function attack(exhibit: Exhibit, secret: number) {
    const proof = exhibit.prove(secret, 3);
    const chosen = exhibit.challenges(proof);
    const queue = [chosen];
    const parts = exhibit.parts(chosen);
    const entries = bytes.map((x) => wordsOf(exhibit.expose(x, 1, WITHOUT_ANYTHING, queue).bytes));
    const dictionary = new Dictionary(entries);
    const suspects = ({ bytes: own }: Proof, among = parts): number[] =>
      dictionary.suspects(wordsOf(own), among);
    const less = (by: Less): Proof => exhibit.expose(secret, 4, by, queue);
    return { proof, parts, suspects, less, entries };
  }

  const SECRET = 173;
  const { proof, parts, suspects, less, entries } = attack(
    new Exhibit(engine, 255, { profile: HIDDEN_PORTS, targetBits: 10 }),
    SECRET,
  );

  test('finds nothing in a proof', () => {
    expect(suspects(proof)).toEqual([]);
  });

  test('control: finds the input where nothing is hidden', () => {
    expect(suspects(less(WITHOUT_ANYTHING))).toEqual([SECRET]);
  });

  test.each(['pads of messages', 'triples and pads of products', 'the blind fraction'] as const)(
    'control: finds it without %s',
    (what) => {
      expect(suspects(less(WITHOUT[what]))).toEqual([SECRET]);
    },
  );

  test('control: finds it by digests where rows can be guessed and have no salts', () => {
    const digests = parts.filter(({ name }) => name === 'sibling of the witness');
    expect(digests.length).toBeGreaterThan(0);
    expect(suspects(less(WITHOUT_ANYTHING), digests)).toEqual([SECRET]);
    const salted: Less = (secrets, key, own) => ({
      ...WITHOUT_ANYTHING(secrets, key, own),
      salts: secrets.salts,
    });
    expect(suspects(less(salted), digests)).toEqual([]);
  });

  test('proofs of all 256 have one length for the same challenges', () => {
    for (const entry of entries) expect(4 * entry.length).toBe(proof.bytes.length);
  });
});

test('a committed input is not found by its name', () => {
  const commit = (value: number, randomness: ReturnType<typeof seededRandomness>) =>
    commitTensor(
      engine,
      {
        values: Int32Array.of(value),
        shape: [1],
        logRows: 6,
        logInverseRate: 1,
        registeredSamples: 2,
        uses: 2,
        rowsPerUse: 2,
      },
      randomness,
    ).opened.name;
  const nothing = { bytes: (count: number): Uint8Array => new Uint8Array(count) };
  const dictionary = upTo(256).map((x) => commit(x, nothing));
  const key = ({ root, yReg }: (typeof dictionary)[number]): string => `${root} ${yReg.join()}`;
  const find = (name: (typeof dictionary)[number]): number[] =>
    dictionary.flatMap((entry, x) => (key(entry) === key(name) ? [x] : []));
  expect(find(commit(173, nothing))).toEqual([173]);
  expect(find(commit(173, seededRandomness(1)))).toEqual([]);
  // Answers, were the root out of reach: with tails they are uniform.
  const answers = upTo(200).map((i) => commit(173, seededRandomness(100 + i)).yReg.flat());
  expect(chiSquared(histogram(answers.flat(), P))).toBeLessThan(chiSquaredLimit(15));
});

describe('lengths', () => {
  test.each(
    [HIDDEN_INPUT, HIDDEN_PORTS, COMMITTED_INPUT, ALL_HIDDEN].map(
      (p) => [profileName(p), p] as const,
    ),
  )('follow from parameters and opened indices: %s', (_name, profile) => {
    const exhibit = new Exhibit(engine, 15, { profile, targetBits: 20 });
    const lengths = new Set<number>();
    for (let x = 0; x < 16; x++) {
      const proof = exhibit.prove(x, 70 + x);
      const { indices } = exhibit.challenges(proof);
      const last = partsOf(exhibit.key.argument, indices).at(-1);
      expect(proof.bytes.length).toBe(4 * ((last?.at ?? 0) + (last?.words ?? 0)));
      lengths.add(proof.bytes.length);
    }
    // Siblings that several rows share are sent once: that differs from proof to proof.
    expect(lengths.size).toBeGreaterThan(1);
  });
});
