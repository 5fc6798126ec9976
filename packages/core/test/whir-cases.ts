import { ProofReader, ProofWriter } from '../src/codec/index.ts';
import type { Engine, IntVec } from '../src/engine/index.ts';
import type { Result } from '../src/errors.ts';
import { addK, type K, mulK, P, ZERO } from '../src/field/index.ts';
import { concatBytes, keccak256 } from '../src/hash/index.ts';
import {
  type RootSlot,
  verifyOpening,
  type WhirError,
  type WhirParameters,
} from '../src/pcs/index.ts';
import {
  commitColumns,
  type OpenedSlot,
  proveOpening,
  type WeightPiece,
} from '../src/pcs/prover.ts';
import { evaluateMle } from '../src/poly/index.ts';
import { fillField } from '../src/randomness/index.ts';
import { seededRandomness } from '../src/testing/index.ts';
import { TAG_ROOT, Transcript } from '../src/transcript/index.ts';
import {
  type DenseProof,
  type DenseState,
  type DenseTree,
  denseCommit,
  innerK,
  proveDense,
  type Tamper,
} from './whir-reference.ts';

/** Deterministic 32-bit words. */
export function words(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

export function randomK(next: () => number): K {
  return [next() % P, next() % P, next() % P, next() % P, next() % P];
}

/** n = 9, three oracles, two roots with a zero column between them and two behind, proof of work everywhere. */
export const SMALL: WhirParameters = {
  logRows: 6,
  columns: 6,
  foldings: [3, 2, 1],
  logInverseRates: [2, 3, 4],
  queries: [6, 5, 3],
  oodSamples: [2, 2, 1],
  foldPowBits: [2, 0, 3],
  queryPowBits: [3, 2, 0],
  blinding: null,
};

/** No proof of work: what is rejected is rejected for the reason under test. */
export const UNWORKED: WhirParameters = {
  ...SMALL,
  foldPowBits: [0, 0, 0],
  queryPowBits: [0, 0, 0],
};

export const SMALL_SLOTS: readonly { firstColumn: number; columns: number }[] = [
  { firstColumn: 0, columns: 3 },
  { firstColumn: 4, columns: 2 },
];

/** A committed polynomial with a dense random weight. */
export interface DenseCase {
  readonly parameters: WhirParameters;
  readonly slots: readonly { readonly firstColumn: number; readonly columns: number }[];
  readonly values: readonly number[];
  readonly weights: readonly K[];
  readonly claim: K;
  readonly trees: readonly DenseTree[];
  readonly roots: readonly RootSlot[];
  /** R, if the parameters are blinded. */
  readonly blinding: readonly (readonly number[])[];
}

/**
 * @param salted - Number of the first slot whose leaves have salts; those after it have them too.
 */
export function denseCase(
  seed: number,
  parameters: WhirParameters = SMALL,
  slots: readonly { firstColumn: number; columns: number }[] = SMALL_SLOTS,
  salted: number = slots.length,
): DenseCase {
  const next = words(seed);
  const rows = 2 ** parameters.logRows;
  const count = 2 ** (parameters.foldings[0] ?? 0);
  const values = Array.from({ length: count * rows }, (_, i) => {
    const column = Math.floor(i / rows);
    const used = slots.some((s) => column >= s.firstColumn && column < s.firstColumn + s.columns);
    return used ? next() % P : 0;
  });
  const weights = values.map(() => randomK(next));
  const claim = values.reduce<K>(
    (sum, v, i) => addK(sum, mulK([v, 0, 0, 0, 0], weights[i] ?? ZERO)),
    ZERO,
  );
  const randomness = seededRandomness(seed);
  const uniform = (): number[] => {
    const column = new Int32Array(rows);
    fillField(randomness, column);
    return [...column];
  };
  const blinding = parameters.blinding === null ? [] : Array.from({ length: 5 }, uniform);
  const salts = (slot: number, leaves: number): Uint8Array[] | null =>
    slot < salted ? null : Array.from({ length: leaves }, () => randomness.bytes(32));
  const trees = denseCommit(parameters, values, slots, keccak256, blinding, salts);
  const roots = slots.map((slot, i) => ({
    ...slot,
    root: trees[i]?.root ?? new Uint8Array(),
    salted: i >= salted,
  }));
  return { parameters, slots, values, weights, claim, trees, roots, blinding };
}

/** A transcript that has observed the roots, as the protocol has long before the opening. */
export function startTranscript<T extends Transcript>(
  roots: readonly RootSlot[],
  transcript: T,
): T {
  for (const { root } of roots) transcript.observe(TAG_ROOT, root);
  return transcript;
}

export function proveCase(
  c: DenseCase,
  options: {
    readonly transcript?: Transcript | undefined;
    readonly tamper?: Tamper | undefined;
    readonly claim?: K | undefined;
  } = {},
): DenseProof {
  return proveDense({
    ...c,
    hash: keccak256,
    transcript: startTranscript(c.roots, options.transcript ?? new Transcript()),
    claim: options.claim ?? c.claim,
    tamper: options.tamper,
  });
}

export function verifyCase(
  c: DenseCase,
  bytes: Uint8Array,
  options: {
    readonly transcript?: Transcript | undefined;
    readonly claim?: K | undefined;
    readonly roots?: readonly RootSlot[] | undefined;
    readonly parameters?: WhirParameters | undefined;
  } = {},
): Result<null, WhirError> | 'trailing' {
  const reader = new ProofReader(bytes);
  const result = verifyOpening(
    startTranscript(c.roots, options.transcript ?? new Transcript()),
    reader,
    options.parameters ?? c.parameters,
    options.roots ?? c.roots,
    options.claim ?? c.claim,
    (point) => evaluateMle(c.weights, point),
  );
  return result.ok && !reader.atEnd ? 'trailing' : result;
}

/** 'ok', the kind of the rejection, or 'trailing' bytes. */
export function verdict(result: Result<null, WhirError> | 'trailing'): string {
  if (result === 'trailing') return result;
  return result.ok ? 'ok' : result.error.kind;
}

/** ⟨w, f⟩, and the mask's share where there is one: what a running claim should be. */
export function trueClaim(state: Omit<DenseState, 'claim'>): K {
  return addK(innerK(state.w, state.f), state.masked ?? ZERO);
}

export function loadColumn(engine: Engine, data: Int32Array): IntVec {
  const vector = engine.allocInt(data.length);
  engine.writeInts(vector, data);
  return vector;
}

/** Integer columns in engine memory, committed slot by slot. */
export function commitCase(
  engine: Engine,
  columns: readonly (Int32Array | null)[],
  slots: readonly { readonly firstColumn: number; readonly columns: number }[],
  logInverseRate: number,
  blinding: readonly IntVec[] = [],
  salts: (slot: number) => Uint8Array | null = () => null,
): { vectors: (IntVec | null)[]; opened: OpenedSlot[]; roots: RootSlot[] } {
  const vectors = columns.map((data) => (data === null ? null : loadColumn(engine, data)));
  const opened: OpenedSlot[] = [];
  const roots: RootSlot[] = [];
  for (const [slot, { firstColumn, columns: count }] of slots.entries()) {
    const own = vectors.slice(firstColumn, firstColumn + count).filter((v) => v !== null);
    if (slot === slots.length - 1) own.push(...blinding);
    const salt = salts(slot);
    const commitment = commitColumns(engine, own, logInverseRate, salt);
    opened.push({ firstColumn, columns: count, tree: commitment.opened });
    roots.push({ firstColumn, columns: count, root: commitment.root, salted: salt !== null });
  }
  return { vectors, opened, roots };
}

/** The same proof as `proveCase`, by the streaming prover: one piece for each column. */
export function streamCase(
  engine: Engine,
  c: DenseCase,
  claim: K = c.claim,
  transcript: Transcript = new Transcript(),
): { bytes: Uint8Array; consistent: boolean } {
  const rows = 2 ** c.parameters.logRows;
  const columns = Array.from({ length: 2 ** (c.parameters.foldings[0] ?? 0) }, (_, i) => {
    const used = c.slots.some((s) => i >= s.firstColumn && i < s.firstColumn + s.columns);
    // Canonical values above 2^31 − 1 do not exist: p < 2^31.
    return used ? Int32Array.from(c.values.slice(i * rows, (i + 1) * rows)) : null;
  });
  const blinding = c.blinding.map((column) => loadColumn(engine, Int32Array.from(column)));
  const { vectors, opened, roots } = commitCase(
    engine,
    columns,
    c.slots,
    c.parameters.logInverseRates[0] ?? 0,
    blinding,
    (slot) => {
      const salts = c.trees[slot]?.salts ?? null;
      return salts === null ? null : concatBytes(...salts);
    },
  );
  const pieces = columns.map((_, i): WeightPiece => {
    const row = engine.allocK(rows);
    engine.writeK(row, c.weights.slice(i * rows, (i + 1) * rows));
    return { firstColumn: i, columnPart: [[1, 0, 0, 0, 0]], firstRow: 0, row, key: `column ${i}` };
  });
  const writer = new ProofWriter();
  const consistent = proveOpening(
    engine,
    startTranscript(roots, transcript),
    writer,
    c.parameters,
    {
      columns: vectors,
      slots: opened,
      blinding: c.parameters.blinding === null ? null : blinding,
    },
    pieces,
    claim,
  );
  return { bytes: writer.finish(), consistent };
}
