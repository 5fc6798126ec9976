import { ProofWriter } from '@assay/core/codec';
import type { Engine, IntVec } from '@assay/core/engine';
import { addK, type K, mulF, mulK, P, powF, powK, subK, toF, ZERO } from '@assay/core/field';
import { constantValue } from '@assay/core/linear';
import { commitColumns, grind, proveOutOfDomainPairs } from '@assay/core/pcs/prover';
import { PlainSender } from '@assay/core/sender';
import { TAG_ROOT, TAG_STATEMENT, Transcript } from '@assay/core/transcript';
import { evaluatePublic, type PublicValues, type ViewWeights } from '@assay/program';
import { Evaluator } from '@assay/runtime';
import {
  type Claim,
  collectClaims,
  type JoinedClaim,
  joinClaims,
  PROOF_MAGIC,
  PROOF_VERSION,
  publicValues,
  type Statement,
  statementBytes,
  type Transcribed,
} from '@assay/verifier';
import type { ProvingKey, Witness } from '../src/index.ts';
import { proveEinsums } from '../src/stages/einsums.ts';
import { proveLookups } from '../src/stages/lookups.ts';
import { proveJoinedClaim } from '../src/stages/opening.ts';
import { fillColumns } from '../src/witness/columns.ts';

/** What a prover knows once γ is sampled, and could use if it had known it before. */
export interface Learned {
  readonly gamma: K;
  readonly transcribed: Transcribed;
  readonly claims: readonly Claim[];
  readonly weights: ViewWeights;
  readonly joined: JoinedClaim;
  readonly known: PublicValues;
}

/** The n-th message with a tag (from 0), replaced by another. What follows is computed from the true one. */
export interface Lie {
  readonly tag: number;
  readonly index: number;
  readonly change: (message: readonly K[], challenges: readonly K[]) => readonly K[];
}

export interface Forgery {
  readonly lies?: readonly Lie[];
  /** A witness that is committed in place of the one that all messages before the opening come from. */
  readonly replace?: (learned: Learned) => Witness;
  /** What the padding of the model columns holds, if they were committed with it. */
  readonly modelPadding?: () => number;
  readonly onLearned?: (learned: Learned) => void;
  /** Nonces by slot (S3, S7): the smallest if null. */
  readonly nonce?: (slot: number, bits: number, state: Uint8Array) => bigint | null;
}

/** A prover's transcript that says something else than the prover computed, and writes that into the proof. */
class LyingTranscript extends Transcript {
  readonly patches: { readonly offset: number; readonly values: readonly K[] }[] = [];
  readonly #inner: Transcript;
  readonly #writer: ProofWriter;
  readonly #lies: readonly Lie[];
  readonly #counts = new Map<number, number>();
  readonly #challenges: K[] = [];

  constructor(inner: Transcript, writer: ProofWriter, lies: readonly Lie[]) {
    // A state of its own, which nobody asks for.
    super(undefined, new Uint8Array(32));
    this.#inner = inner;
    this.#writer = writer;
    this.#lies = lies;
  }

  override observe(tag: number, bytes: Uint8Array): void {
    this.#inner.observe(tag, bytes);
  }

  override observeK(tag: number, values: readonly K[]): void {
    const index = this.#counts.get(tag) ?? 0;
    this.#counts.set(tag, index + 1);
    const lie = this.#lies.find((l) => l.tag === tag && l.index === index);
    if (lie === undefined) {
      this.#inner.observeK(tag, values);
      return;
    }
    const message = lie.change(values, this.#challenges);
    this.patches.push({ offset: this.#writer.length - 20 * values.length, values: message });
    this.#inner.observeK(tag, message);
  }

  override sampleK(): K {
    const challenge = this.#inner.sampleK();
    this.#challenges.push(challenge);
    return challenge;
  }

  override sampleIndices(logSize: number, count: number): number[] {
    return this.#inner.sampleIndices(logSize, count);
  }

  override state(): Uint8Array {
    return this.#inner.state();
  }

  override checkPow(bits: number, nonce: bigint): boolean {
    return this.#inner.checkPow(bits, nonce);
  }
}

/** An engine that finds other nonces. */
function grinding(engine: Engine, nonce: Forgery['nonce']): Engine {
  let slot = 0;
  return {
    ...engine,
    grind: (state, bits) => nonce?.(slot++, bits, state) ?? engine.grind(state, bits),
  };
}

/**
 * `proveWitness`, step by step, with lies: the same stages in the same order on a transcript that the
 * caller chooses. Without any lie it gives the same proof.
 */
export function forge(
  engine: Engine,
  provingKey: ProvingKey,
  statement: Statement,
  witnessed: Witness,
  forgery: Forgery = {},
  transcriptFor: () => Transcript = () => new Transcript(),
): Uint8Array {
  const { argument } = provingKey;
  const { key, layout, system } = argument;
  const { program } = system;
  const { whir, batchPowBits } = key.parameters;
  const known = publicValues(program, statement);
  if (!known.ok) throw new Error(JSON.stringify(known.error));
  const mark = engine.mark();
  const worker = grinding(engine, forgery.nonce);
  const writer = new ProofWriter();
  const transcript = new LyingTranscript(transcriptFor(), writer, forgery.lies ?? []);
  writer.bytes(PROOF_MAGIC);
  writer.word(PROOF_VERSION);
  transcript.observe(TAG_STATEMENT, statementBytes(key, statement));

  const columnsOf = ({ trace, multiplicities, padding }: Witness): IntVec[] =>
    fillColumns(
      engine,
      program,
      layout,
      layout.witness,
      new Map([...trace, ...multiplicities]),
      padding,
    );
  const evaluator = new Evaluator(program, new Map([...provingKey.weights, ...witnessed.trace]));
  const { weights: values } = provingKey;
  const noise = forgery.modelPadding;
  const model = fillColumns(engine, program, layout, layout.model, values, noise);
  let witness = columnsOf(witnessed);
  let commitment = commitColumns(engine, witness, whir.logInverseRates[0] ?? 0);
  const rootOffset = writer.length;
  writer.bytes(commitment.root);
  transcript.observe(TAG_ROOT, commitment.root);
  const samples = whir.oodSamples[0] ?? 0;
  const answers = proveOutOfDomainPairs(engine, transcript, writer, witness, samples);
  const outOfDomain = answers.map(({ z, y }) => ({ z, answer: constantValue(y) }));
  const { multiplicities } = witnessed;
  const sender = new PlainSender(transcript, writer);
  const lookup = proveLookups(
    argument,
    worker,
    transcript,
    writer,
    sender,
    evaluator,
    multiplicities,
  );
  const einsums = proveEinsums(argument, engine, transcript, sender, evaluator);

  grind(worker, transcript, writer, batchPowBits);
  const gamma = transcript.sampleK();
  const transcribed: Transcribed = { outOfDomain, lookup, ...einsums };
  const { claims, weights } = collectClaims(argument, known.value, transcribed);
  const joined = joinClaims(claims, gamma);
  const learned: Learned = { gamma, transcribed, claims, weights, joined, known: known.value };
  forgery.onLearned?.(learned);

  const root = forgery.replace === undefined ? null : rootOffset;
  if (forgery.replace !== undefined) {
    witness = columnsOf(forgery.replace(learned));
    commitment = commitColumns(engine, witness, whir.logInverseRates[0] ?? 0);
  }
  const reused = forgery.replace === undefined ? answers : [];
  const committed = {
    model,
    witness,
    modelTree: provingKey.tree,
    witnessTree: commitment.opened,
  };
  proveJoinedClaim(argument, engine, transcript, writer, committed, weights, joined, reused);
  engine.release(mark);
  const proof = writer.finish();
  if (root !== null) proof.set(commitment.root, root);
  const view = new DataView(proof.buffer, proof.byteOffset);
  for (const { offset, values } of transcript.patches)
    values.flat().forEach((word, i) => view.setUint32(offset + 4 * i, word, true));
  return proof;
}

/** Values of all tensors that are committed or public. */
export function allValues(
  { argument, weights }: ProvingKey,
  { trace, multiplicities }: Witness,
): PublicValues {
  const constants = argument.system.program.tensors.flatMap(({ data }, id) =>
    data === null ? [] : [[id, data] as const],
  );
  return new Map<number, ArrayLike<number>>([
    ...constants,
    ...weights,
    ...trace,
    ...multiplicities,
  ]);
}

/** What a witness gives for a claim's weight. */
export function trueValue(
  key: ProvingKey,
  { claims, weights, transcribed }: Learned,
  index: number,
  values: PublicValues,
): K {
  const claim = claims[index];
  if (claim === undefined) throw new RangeError(`trueValue: no claim ${index}`);
  if (claim.weight.kind === 'functional')
    return evaluatePublic(claim.weight.functional, weights, values).constant;
  const own = transcribed.outOfDomain.findIndex(({ z }) => z === (claim.weight as { z: K }).z);
  if (own >= 0 || key.argument.key.model.yReg[index] !== undefined) return claim.value.constant;
  throw new RangeError(`trueValue: claim ${index} is about no pair`);
}

/** Σ γ^l·(claimed − true): what the opening will lack. Out-of-domain answers are taken to be true. */
export function deficit(key: ProvingKey, learned: Learned, witness: Witness): K {
  const values = allValues(key, witness);
  return learned.claims.reduce<K>((sum, claim, l) => {
    const error = subK(claim.value.constant, trueValue(key, learned, l, values));
    return addK(sum, mulK(learned.joined.weights[l]?.coefficient ?? ZERO, error));
  }, ZERO);
}

/** The joined weight of one witness element: what the joined claim's true value gains by one more there. */
export function elementWeight(
  { argument }: ProvingKey,
  learned: Learned,
  tensor: number,
  index: number,
): K {
  const { layout, system } = argument;
  const { program } = system;
  const { claims, weights, joined } = learned;
  const shape = program.tensors[tensor]?.shape ?? [];
  const unit = new Int32Array(shape.reduce((a, b) => a * b, 1));
  unit[index] = 1;
  const block = layout.blocks
    .get(tensor)
    ?.find(({ start, length }) => start.every((s, a) => s === 0 && length[a] === shape[a]));
  if (block === undefined) throw new RangeError('elementWeight: expected a tensor of one block');
  let place = 0;
  let rest = index;
  let stride = 1;
  for (let a = shape.length - 1; a >= 0; a--) {
    const length = shape[a] ?? 1;
    place += (rest % length) * stride;
    rest = Math.floor(rest / length);
    stride *= 2 ** (block.bits[a] ?? 0);
  }
  const address = block.address + place - layout.witness.firstColumn * 2 ** layout.logRows;
  return claims.reduce<K>((sum, { weight }, l) => {
    const coefficient = joined.weights[l]?.coefficient ?? ZERO;
    let own: K = ZERO;
    if (weight.kind === 'functional') {
      const terms = weight.functional.terms.filter((t) => t.tensor === tensor);
      own = evaluatePublic({ terms, constant: ZERO }, weights, new Map([[tensor, unit]])).constant;
    } else if (weight.span.firstColumn === layout.witness.firstColumn)
      own = powK(weight.z, address);
    return addK(sum, mulK(coefficient, own));
  }, ZERO);
}

/** Solves Σ_j x_j·columns[j] = target over F: five equations; null if they have no solution. */
export function solve(columns: readonly K[], target: K): number[] | null {
  const rows = Array.from({ length: 5 }, (_, i) => [
    ...columns.map((c) => c[i] ?? 0),
    target[i] ?? 0,
  ]);
  const pivots: number[] = [];
  for (let column = 0; column < columns.length && pivots.length < 5; column++) {
    const at = rows.findIndex((row, i) => i >= pivots.length && (row[column] ?? 0) !== 0);
    const row = rows[at];
    if (row === undefined) continue;
    [rows[at], rows[pivots.length]] = [rows[pivots.length] ?? [], row];
    const scale = powF(row[column] ?? 1, P - 2);
    for (const [j, v] of row.entries()) row[j] = mulF(v, scale);
    for (const [i, other] of rows.entries()) {
      const factor = i === pivots.length ? 0 : (other[column] ?? 0);
      if (factor === 0) continue;
      for (const [j, v] of row.entries()) other[j] = toF((other[j] ?? 0) - mulF(factor, v));
    }
    pivots.push(column);
  }
  if (rows.slice(pivots.length).some((row) => (row.at(-1) ?? 0) !== 0)) return null;
  const x = columns.map(() => 0);
  for (const [i, column] of pivots.entries()) x[column] = rows[i]?.at(-1) ?? 0;
  return x;
}

/** The integer of an element of F that is nearest to zero. */
export function centred(element: number): number {
  return element > (P - 1) / 2 ? element - P : element;
}
