import { ProofReader, ProofWriter } from '@assay/core/codec';
import type { Engine, IntVec } from '@assay/core/engine';
import { addK, type K, mulF, mulK, P, powF, powK, subK, toF, ZERO } from '@assay/core/field';
import {
  constantValue,
  evaluateValues,
  HidingLedger,
  productPads,
  type Value,
} from '@assay/core/linear';
import {
  commitColumns,
  grind,
  type OpenedTree,
  proveOutOfDomainPairs,
} from '@assay/core/pcs/prover';
import type { Randomness } from '@assay/core/randomness';
import { PaddedSender, PlainSender } from '@assay/core/sender';
import { seededRandomness } from '@assay/core/testing';
import { TAG_HIDING, TAG_ROOT, TAG_STATEMENT, Transcript } from '@assay/core/transcript';
import { evaluatePublic, type PublicValues, type Span, type ViewWeights } from '@assay/program';
import { Evaluator } from '@assay/runtime';
import {
  batchChecks,
  type Claim,
  collectClaims,
  type JoinedClaim,
  joinClaims,
  PROOF_MAGIC,
  PROOF_VERSION,
  publicValues,
  resolver,
  type Statement,
  statementBytes,
  type Transcribed,
  verifyMessages,
} from '@assay/verifier';
import type { ProvingKey, Witness } from '../src/index.ts';
import { applied, Lies, type Lie, LyingSender, LyingTranscript } from './lying.ts';
import { proveEinsums } from '../src/stages/einsums.ts';
import { proveLookups } from '../src/stages/lookups.ts';
import { proveJoinedClaim } from '../src/stages/opening.ts';
import { fillColumns, writeTails } from '../src/witness/columns.ts';
import { countMultiplicities } from '../src/witness/multiplicities.ts';
import { drawSecrets, type Secrets } from '../src/witness/secrets.ts';

/** What a prover knows once γ is sampled, and could use if it had known it before. */
export interface Learned {
  readonly gamma: K;
  readonly transcribed: Transcribed;
  readonly claims: readonly Claim[];
  readonly weights: ViewWeights;
  readonly joined: JoinedClaim;
  readonly known: PublicValues;
  /** S6: what must vanish; null in the plain profile. */
  readonly checks: Value | null;
  /** What a value is, for who knows the pads. */
  readonly numeric: (value: Value) => K;
  readonly resolve: ReturnType<typeof resolver>;
  readonly secrets: Secrets | null;
  /** All challenges so far, in order. */
  readonly challenges: readonly K[];
}

export interface Forgery {
  readonly lies?: readonly Lie[];
  /** A witness that is committed in place of the one that all messages before the opening come from. */
  readonly replace?: (learned: Learned) => Witness;
  /** What the padding of the model columns holds, if they were committed with it. */
  readonly modelPadding?: () => number;
  /** What hides, other than drawn. */
  readonly secrets?: (honest: Secrets) => Secrets;
  readonly onLearned?: (learned: Learned) => void;
  /** Nonces by slot (S3, S7): the smallest if null. */
  readonly nonce?: (slot: number, bits: number, state: Uint8Array) => bigint | null;
  /** Of what hides. */
  readonly randomness?: Randomness;
}

/** An engine that finds other nonces. */
function grinding(engine: Engine, nonce: Forgery['nonce']): Engine {
  let slot = 0;
  return {
    ...engine,
    grind: (state, bits) => nonce?.(slot++, bits, state) ?? engine.grind(state, bits),
  };
}

/** A copy of columns in kernel memory. */
function loadColumns(engine: Engine, columns: readonly Int32Array[]): IntVec[] {
  return columns.map((column) => {
    const vec = engine.allocInt(column.length);
    engine.writeInts(vec, column);
    return vec;
  });
}

/** What the opening will be asked, and what it means to who knows the pads. */
interface Settled {
  readonly transcribed: Transcribed;
  readonly checks: Value | null;
  readonly ledger: HidingLedger | null;
}

/** The verifier's view of the messages so far, and S6; null if it refuses one. */
function settle(
  { argument }: ProvingKey,
  statement: Statement,
  transcript: LyingTranscript,
  writer: ProofWriter,
  lies: Lies,
  said: Uint8Array,
  pads: readonly K[],
  replay: Transcript,
): Settled | null {
  const ledger = new HidingLedger(argument.pads);
  replay.observe(TAG_STATEMENT, statementBytes(argument.key, statement));
  const reader = new ProofReader(said);
  reader.bytes(PROOF_MAGIC.length);
  reader.word();
  const messages = verifyMessages(argument, replay, reader, ledger);
  if (!messages.ok) return null;
  const checks = lieAboutProducts(transcript, writer, lies, ledger, pads);
  return { transcribed: messages.value.transcribed, checks, ledger };
}

/** `proveProducts` with lies; what is said is what is settled. */
function lieAboutProducts(
  transcript: LyingTranscript,
  writer: ProofWriter,
  lies: Lies,
  ledger: HidingLedger,
  pads: readonly K[],
): Value {
  const send = (values: readonly K[]): readonly K[] => {
    const said = lies.said(TAG_HIDING, values);
    writer.ks(said);
    transcript.observeSaid(TAG_HIDING, said);
    return said;
  };
  const pad = (index: number): K => pads[index] ?? ZERO;
  const triples = ledger.products.map((_, t) => productPads(ledger.shape, t));
  const operands = (side: 'x' | 'y'): K[] =>
    evaluateValues(
      ledger.products.map((product) => product[side]),
      pads,
    );
  const [xs, ys] = [operands('x'), operands('y')];
  const products = send(
    triples.map(({ product }, t) => addK(mulK(xs[t] ?? ZERO, ys[t] ?? ZERO), pad(product))),
  );
  const rho = transcript.sampleK();
  const opened = send([
    ...triples.map(({ x }, t) => subK(mulK(rho, xs[t] ?? ZERO), pad(x))),
    ...triples.map(({ y }, t) => subK(ys[t] ?? ZERO, pad(y))),
  ]);
  const [e, f] = [opened.slice(0, triples.length), opened.slice(triples.length)];
  return batchChecks(ledger, { products, rho, e, f }, transcript.sampleK());
}

/** Σ of a resolved value once the pads are known. */
function opened(
  { constant, pads: coefficients }: { readonly constant: K; readonly pads: readonly K[] },
  pads: readonly K[],
): K {
  return coefficients.reduce((sum, k, i) => addK(sum, mulK(k, pads[i] ?? ZERO)), constant);
}

/**
 * `proveWith`, step by step, with lies: the same stages in the same order on a transcript that the
 * caller chooses. Without any lie it gives the same proof. Ends with a message before S6 that the
 * verifier would refuse at once.
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
  const known = publicValues(key, statement);
  if (!known.ok) throw new Error(JSON.stringify(known.error));
  const mark = engine.mark();
  const worker = grinding(engine, forgery.nonce);
  const writer = new ProofWriter();
  const lies = new Lies(forgery.lies ?? []);
  const transcript = new LyingTranscript(transcriptFor(), writer, lies);
  writer.bytes(PROOF_MAGIC);
  writer.word(PROOF_VERSION);
  transcript.observe(TAG_STATEMENT, statementBytes(key, statement));

  const { ports = [], trace } = witnessed;
  const evaluator = new Evaluator(program, new Map([...provingKey.weights, ...trace]));
  const multiplicities = witnessed.multiplicities ?? countMultiplicities(program, evaluator);
  const { weights: values, tails } = provingKey;
  const noise = forgery.modelPadding;
  const model = fillColumns(engine, program, layout, layout.model, values, noise);
  if (tails !== undefined) writeTails(engine, model, layout.model.tailRows, tails);
  const randomness = forgery.randomness ?? seededRandomness(1);
  const drawn = system.hiding ? drawSecrets(engine, argument, randomness) : null;
  const secrets = drawn === null ? null : (forgery.secrets?.(drawn) ?? drawn);
  const columnsOf = (own: Witness): IntVec[] => {
    const all = new Map([
      ...own.trace,
      ...(own.multiplicities ?? multiplicities),
      ...(secrets?.values ?? []),
    ]);
    const columns = fillColumns(engine, program, layout, layout.witness, all, own.padding);
    if (secrets !== null) writeTails(engine, columns, layout.witness.tailRows, secrets.tails);
    return columns;
  };
  const commit = (columns: readonly IntVec[]): ReturnType<typeof commitColumns> =>
    commitColumns(
      engine,
      [...columns, ...(secrets?.blinding ?? [])],
      whir.logInverseRates[0] ?? 0,
      secrets?.salts ?? null,
    );
  let witness = columnsOf(witnessed);
  let commitment = commit(witness);
  const rootOffset = writer.length;
  writer.bytes(commitment.root);
  transcript.observe(TAG_ROOT, commitment.root);
  const samples = whir.oodSamples[0] ?? 0;
  const answers = proveOutOfDomainPairs(engine, transcript, writer, witness, samples);
  const outOfDomain = answers.map(({ z, y }) => ({ z, answer: constantValue(y) }));
  const pads = secrets?.pads ?? [];
  const sender = new LyingSender(
    secrets === null
      ? new PlainSender(transcript, writer)
      : new PaddedSender(transcript, writer, pads.slice(0, argument.pads.messages)),
    lies,
  );
  const lookup = proveLookups(
    argument,
    worker,
    transcript,
    writer,
    sender,
    evaluator,
    multiplicities,
    secrets?.blind ?? null,
  );
  const einsums = proveEinsums(argument, engine, transcript, sender, evaluator);

  const own: Settled = {
    transcribed: { outOfDomain, lookup, ...einsums },
    checks: null,
    ledger: null,
  };
  const said = applied(writer.finish(), transcript.patches);
  const settled =
    secrets === null
      ? own
      : settle(provingKey, statement, transcript, writer, lies, said, pads, transcriptFor());
  if (settled === null) {
    engine.release(mark);
    return said;
  }
  const { transcribed, checks, ledger } = settled;
  grind(worker, transcript, writer, batchPowBits);
  const gamma = transcript.sampleK();
  const given = { known: known.value, statement, checks };
  const { claims, weights } = collectClaims(argument, given, transcribed);
  const resolve = resolver(ledger);
  const joined = joinClaims(argument, claims, gamma, resolve);
  const learned: Learned = {
    gamma,
    transcribed,
    claims,
    weights,
    joined,
    known: known.value,
    checks,
    numeric: (value) => opened(resolve(value), pads),
    resolve,
    secrets,
    challenges: [...lies.challenges],
  };
  forgery.onLearned?.(learned);

  const root = forgery.replace === undefined ? null : rootOffset;
  if (forgery.replace !== undefined) {
    witness = columnsOf(forgery.replace(learned));
    commitment = commit(witness);
  }
  const reused = forgery.replace === undefined ? answers : [];
  const slot = (span: Span, columns: readonly IntVec[], tree: OpenedTree) => ({
    span,
    columns,
    tree,
  });
  const committed = [
    slot(layout.model, model, provingKey.tree),
    ...ports.map(({ columns, tree }, i) =>
      slot(layout.ports[i] ?? layout.witness, loadColumns(engine, columns), tree),
    ),
    slot(layout.witness, witness, commitment.opened),
  ];
  const blinding = secrets?.blinding ?? null;
  proveJoinedClaim(
    argument,
    engine,
    transcript,
    writer,
    { committed, blinding },
    weights,
    joined,
    reused,
  );
  engine.release(mark);
  const proof = writer.finish();
  if (root !== null) proof.set(commitment.root, root);
  return applied(proof, transcript.patches);
}

/** Values of all tensors that are committed or public. */
export function allValues(
  { argument, weights }: ProvingKey,
  { trace, multiplicities = new Map() }: Witness,
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

/** What a witness gives for a claim's weight. Answers of pairs are taken to be true. */
export function trueValue(
  { claims, weights, numeric }: Learned,
  index: number,
  values: PublicValues,
): K {
  const claim = claims[index];
  if (claim === undefined) throw new RangeError(`trueValue: no claim ${index}`);
  return claim.weight.kind === 'functional'
    ? evaluatePublic(claim.weight.functional, weights, values).constant
    : numeric(claim.value);
}

/** Σ γ^l·(claimed − true): what the opening will lack. Answers of pairs are taken to be true. */
export function deficit(key: ProvingKey, learned: Learned, witness: Witness): K {
  const values = allValues(key, witness);
  return learned.claims.reduce<K>((sum, claim, l) => {
    const error = subK(learned.numeric(claim.value), trueValue(learned, l, values));
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
