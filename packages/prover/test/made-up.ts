import type { K } from '@assay/core/field';
import { DIGEST_BYTES } from '@assay/core/hash';
import { buildTree, rowHash, SALT_BYTES } from '@assay/core/merkle';
import { type OracleShape, oracleShapes, registeredPoints } from '@assay/core/pcs';
import { fillField, type Randomness, randomK } from '@assay/core/randomness';
import { Transcript } from '@assay/core/transcript';
import type { Argument, CommittedValues } from '@assay/verifier';
import type { Chosen } from './steered.ts';

/** Where opened rows come from: a public tree, or one that was made up. */
export interface Rows {
  row(index: number): Iterable<number>;
  salt(index: number): Uint8Array | null;
  digest(layer: number, index: number): Uint8Array;
}

export interface SimulatedTree extends Rows {
  readonly root: Uint8Array;
}

export const elements = (randomness: Randomness, count: number): K[] =>
  Array.from({ length: count }, () => randomK(randomness));

export function fieldWords(randomness: Randomness, count: number): number[] {
  const words = new Int32Array(count);
  fillField(randomness, words);
  return [...words];
}

/** A transcript that does not listen. */
export class ChosenTranscript extends Transcript {
  readonly #challenges: Iterator<K>;
  readonly #indices: Iterator<readonly number[]>;

  constructor({ challenges, indices }: Chosen) {
    super(undefined, new Uint8Array(DIGEST_BYTES));
    this.#challenges = challenges.values();
    this.#indices = indices.values();
  }

  override observe(): void {}

  override observeK(): void {}

  override checkPow(): boolean {
    return true;
  }

  override sampleK(): K {
    const next = this.#challenges.next();
    if (next.done === true) throw new RangeError('sampleK: expected more challenges');
    return next.value;
  }

  override sampleIndices(): number[] {
    const next = this.#indices.next();
    if (next.done === true) throw new RangeError('sampleIndices: expected more indices');
    return [...next.value];
  }
}

/** More challenges than any toy asks for. */
const CHALLENGES = 4000;

function drawIndices({ queries, logDomain }: OracleShape, randomness: Randomness): number[] {
  const bytes = randomness.bytes(4 * queries).slice();
  const drawn = [...new Uint32Array(bytes.buffer)].map((word) => word % 2 ** logDomain);
  return [...new Set(drawn)].sort((a, b) => a - b);
}

/** Challenges as a verifier would sample them. */
export function chooseChallenges({ key }: Argument, randomness: Randomness): Chosen {
  return {
    challenges: elements(randomness, CHALLENGES),
    indices: oracleShapes(key.parameters.whir).map((shape) => drawIndices(shape, randomness)),
  };
}

/**
 * A salted tree that holds rows at these leaves and nobody knows what at the others.
 * @param rowOf - Called once for each index.
 */
export function simulateTree(
  logLeaves: number,
  indices: readonly number[],
  randomness: Randomness,
  rowOf: (index: number) => readonly number[],
): SimulatedTree {
  const rows = new Map(indices.map((index) => [index, rowOf(index)]));
  const salts = new Map(indices.map((index) => [index, randomness.bytes(SALT_BYTES).slice()]));
  const leaves = Array.from({ length: 2 ** logLeaves }, (_, index) => {
    const row = rows.get(index);
    return row === undefined
      ? randomness.bytes(DIGEST_BYTES).slice()
      : rowHash(row, salts.get(index));
  });
  const layers = buildTree(leaves);
  return {
    root: layers.at(-1)?.[0] ?? new Uint8Array(),
    row: (index) => rows.get(index) ?? [],
    salt: (index) => salts.get(index) ?? null,
    digest: (layer, index) => layers[layer]?.[index] ?? new Uint8Array(),
  };
}

/** The name of values that nobody has: a root, and answers at the points that it determines. */
export function simulateName(
  { root }: SimulatedTree,
  shape: Omit<Parameters<typeof registeredPoints>[0], 'root'>,
  samples: number,
  randomness: Randomness,
): CommittedValues {
  const points = registeredPoints({ root, ...shape }, samples);
  return { root, yReg: points.map(() => randomK(randomness)) };
}
