import { ProofReader, ProofWriter } from '@assay/core/codec';
import type { Engine, IntVec } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import type { K } from '@assay/core/field';
import { constantValue, HidingLedger, type Value } from '@assay/core/linear';
import {
  commitColumns,
  grind,
  isIndependentPoints,
  type OpenedTree,
  proveOutOfDomainPairs,
  unluckyChallenge,
} from '@assay/core/pcs/prover';
import { platformRandomness, type Randomness } from '@assay/core/randomness';
import { PaddedSender, PlainSender } from '@assay/core/sender';
import { TAG_ROOT, TAG_STATEMENT } from '@assay/core/transcript';
import type { Port, PublicValues, Span, Trace, Weights } from '@assay/program';
import { Evaluator, executePorts } from '@assay/runtime';
import {
  type Argument,
  collectClaims,
  type CommittedValues,
  joinClaims,
  PROOF_MAGIC,
  PROOF_VERSION,
  portSpans,
  publicValues,
  resolver,
  type Statement,
  statementBytes,
  type Transcribed,
  verifyMessages,
} from '@assay/verifier';
import type { OpenedTensor } from './commitments/index.ts';
import { checkTrees } from './named-trees.ts';
import { proveEinsums } from './stages/einsums.ts';
import { proveLookups } from './stages/lookups.ts';
import { type Opened, proveJoinedClaim } from './stages/opening.ts';
import { proveProducts } from './stages/products.ts';
import { RecordingTranscript } from './stages/recording.ts';
import { fillColumns, writeTails } from './witness/columns.ts';
import { countMultiplicities } from './witness/multiplicities.ts';
import { drawSecrets, type Secrets } from './witness/secrets.ts';

/** Everything a prover holds of a committed model. */
export interface ProvingKey {
  readonly argument: Argument;
  readonly weights: Weights;
  /** Codeword rows and tree of the model columns: from disk or from memory. */
  readonly tree: OpenedTree;
  /** Hidden weights: the random last rows of the model columns, column after column. */
  readonly tails?: Int32Array | undefined;
  /** A renewal: the earlier root, which holds the second half of the model tensors. */
  readonly earlier?: { readonly tree: OpenedTree; readonly tails: Int32Array } | undefined;
}

/** Steps of a proof in order, as `onStage` reports them. */
export type Stage = 'execute' | 'commit' | 'lookups' | 'einsums' | 'claims' | 'opening';

export interface ProveOptions {
  readonly nonce?: Uint8Array | undefined;
  /** Openings of committed inputs by port name; their values are the inputs. */
  readonly committedInputs?: ReadonlyMap<string, OpenedTensor> | undefined;
  /** Commits the outputs that the visibility wants committed. */
  readonly commitOutput?: ((port: Port, values: Int32Array) => OpenedTensor) | undefined;
  /** Called when a stage begins. */
  readonly onStage?: ((stage: Stage) => void) | undefined;
}

export interface Proven {
  readonly proof: Uint8Array;
  readonly statement: Statement;
  readonly trace: Trace;
  /** All outputs, hidden ones too: only the prover has them. */
  readonly outputs: ReadonlyMap<string, Int32Array>;
}

/**
 * Runs the program on inputs and proves the run. The stages mirror the verifier's.
 *
 * Caller must: before each call spend a use of every static root that it opens (hidden weights,
 * committed inputs: `spendUnits`). Nothing here counts them.
 *
 * @param inputs - Integers by input port name, inside their declared ranges; of committed inputs the
 * opening has them.
 * @throws {AssayError} ASSAY_PROVE_STATEMENT when inputs do not fit the program or its visibility; in the
 * hiding profile also when the run breaks a relation, or what was committed is not what is proven.
 */
export function prove(
  engine: Engine,
  provingKey: ProvingKey,
  inputs: ReadonlyMap<string, Int32Array>,
  options: ProveOptions = {},
): Proven {
  const { system, key } = provingKey.argument;
  const given = new Map(inputs);
  for (const [name, { values }] of options.committedInputs ?? []) given.set(name, values);
  options.onStage?.('execute');
  const { outputs, trace } = executePorts(system.program, provingKey.weights, given, engine);
  const openings = openPorts(provingKey.argument, given, outputs, options);
  const shown = (
    side: 'inputs' | 'outputs',
    values: ReadonlyMap<string, Int32Array>,
  ): Map<string, Int32Array> => {
    const kept = key.program[side].filter((_, i) => key.visibility[side][i]?.kind === 'public');
    return new Map(kept.map(({ name }) => [name, values.get(name) ?? new Int32Array(0)]));
  };
  const named = (side: 'inputs' | 'outputs'): Map<string, CommittedValues> =>
    new Map(openings.filter((o) => o.side === side).map((o) => [o.port, o.opened.name]));
  const statement: Statement = {
    inputs: shown('inputs', given),
    outputs: shown('outputs', outputs),
    ...(openings.length === 0
      ? {}
      : { committed: { inputs: named('inputs'), outputs: named('outputs') } }),
    nonce: options.nonce ?? new Uint8Array(0),
  };
  const ports = openings.map(({ opened }) => opened);
  const witness = { trace, ports };
  const proof = proveTrue(engine, provingKey, statement, witness, platformRandomness(), options);
  return { proof, statement, trace, outputs };
}

/** Openings of all committed ports, in the order of their columns. */
function openPorts(
  argument: Argument,
  inputs: ReadonlyMap<string, Int32Array>,
  outputs: ReadonlyMap<string, Int32Array>,
  { committedInputs, commitOutput }: ProveOptions,
): {
  readonly side: 'inputs' | 'outputs';
  readonly port: string;
  readonly opened: OpenedTensor;
}[] {
  return portSpans(argument).map(({ side, port, span }) => {
    const values = (side === 'inputs' ? inputs : outputs).get(port.name);
    const opened =
      side === 'inputs' ? committedInputs?.get(port.name) : values && commitOutput?.(port, values);
    if (opened === undefined) {
      throw new AssayError({
        code: 'ASSAY_PROVE_STATEMENT',
        shortMessage: `${side === 'inputs' ? 'input' : 'output'} ${port.name}: is committed, and nothing opens its commitment`,
      });
    }
    const rows = 2 ** argument.layout.logRows;
    if (opened.columns.length !== span.columns || opened.columns.some((c) => c.length !== rows)) {
      throw new AssayError({
        code: 'ASSAY_PROVE_STATEMENT',
        shortMessage: `${port.name}: its commitment has ${opened.columns.length} columns of ${opened.columns[0]?.length ?? 0} rows, the model needs ${span.columns} of ${rows}`,
      });
    }
    if (opened.tailRows !== span.tailRows) {
      throw new AssayError({
        code: 'ASSAY_PROVE_STATEMENT',
        shortMessage: `${port.name}: the tails of its commitment have ${opened.tailRows} rows, those that the key shows have ${span.tailRows}`,
        details: 'Derive the key for the visibility of this commitment (keyFor) and prove with it.',
      });
    }
    return { side, port: port.name, opened };
  });
}

/** What is committed for one proof. */
export interface Witness {
  /** Values of all tensors that are not model tensors. */
  readonly trace: Trace;
  /** How often each table row is looked up, by pseudo tensor; counted when not given. */
  readonly multiplicities?: Trace | undefined;
  /** Committed ports, in the order of their columns. */
  readonly ports?: readonly OpenedTensor[] | undefined;
  /** What padding holds; it is never read, so that anything goes. @default zero */
  readonly padding?: (() => number) | undefined;
}

/**
 * Proves a given run. Nothing is checked: a trace that breaks a relation gives a proof that does not
 * verify, and that shows how it breaks it, whatever was to be hidden.
 *
 * Caller must: in the hiding profile give away no proof that does not verify; spend uses of static roots.
 */
export function proveWitness(
  engine: Engine,
  provingKey: ProvingKey,
  statement: Statement,
  witness: Witness,
  options: ProveOptions = {},
): Uint8Array {
  return proveWith(engine, provingKey, statement, witness, platformRandomness(), options);
}

/** Forms of a run's tensors. It measures ranges of tensors once, so that one serves a whole proof. */
function evaluatorOf({ argument, weights }: ProvingKey, trace: Trace): Evaluator {
  return new Evaluator(argument.system.program, new Map([...weights, ...trace]));
}

/** A copy of columns in kernel memory. */
function loadColumns(engine: Engine, columns: readonly Int32Array[]): IntVec[] {
  return columns.map((column) => {
    const vec = engine.allocInt(column.length);
    engine.writeInts(vec, column);
    return vec;
  });
}

/** The columns of the model, or of the root that it renews, with their tails where the weights are hidden. */
function modelColumns(
  engine: Engine,
  { argument, weights }: ProvingKey,
  span: Span,
  tails: Int32Array | undefined,
): IntVec[] {
  const { layout, system } = argument;
  const columns = fillColumns(engine, system.program, layout, span, weights);
  if (tails !== undefined) writeTails(engine, columns, span.tailRows, tails);
  return columns;
}

/** A renewal's second root. */
function earlierColumns(engine: Engine, provingKey: ProvingKey): Opened[] {
  const { earlier, argument } = provingKey;
  const span = argument.layout.earlier;
  if (earlier === undefined || span === null) return [];
  const columns = modelColumns(engine, provingKey, span, earlier.tails);
  return [{ span, columns, tree: earlier.tree }];
}

/**
 * What the claims are made of once S5 is over: in the plain profile the prover's own values; in the
 * hiding profile linear forms in the pads, which the verifier's code finds in the messages so far,
 * and after them S6.
 */
function settle(
  argument: Argument,
  transcript: RecordingTranscript,
  writer: ProofWriter,
  own: Transcribed,
  pads: readonly K[] | null,
): {
  readonly transcribed: Transcribed;
  readonly checks: Value | null;
  readonly ledger: HidingLedger | null;
} {
  if (pads === null) return { transcribed: own, checks: null, ledger: null };
  const ledger = new HidingLedger(argument.pads);
  const reader = new ProofReader(writer.finish());
  reader.bytes(PROOF_MAGIC.length);
  reader.word();
  const messages = verifyMessages(argument, transcript.replay(), reader, ledger);
  if (!messages.ok) {
    throw new AssayError({
      code: 'ASSAY_PROVE_STATEMENT',
      shortMessage: `a message of the proof was refused: ${JSON.stringify(messages.error)}`,
    });
  }
  const checks = proveProducts(transcript, writer, ledger, pads);
  return { transcribed: messages.value.transcribed, checks, ledger };
}

function known(argument: Argument, statement: Statement): PublicValues {
  const values = publicValues(argument.key, statement);
  if (values.ok) return values.value;
  throw new AssayError({
    code: 'ASSAY_PROVE_STATEMENT',
    shortMessage: `public values do not fit the program: ${JSON.stringify(values.error)}`,
  });
}

/** Challenges that would not hide come once in 2^31 proofs; more in a row say that something else is wrong. */
const ATTEMPTS = 4;

function isUnlucky(error: unknown): boolean {
  return error instanceof AssayError && error.code === 'ASSAY_UNLUCKY_CHALLENGE';
}

/** A proof, and whether it will verify. */
interface Attempt {
  readonly proof: Uint8Array;
  readonly holds: boolean;
}

/**
 * Proves from a committed witness: steps S0 to S8. Begins again, with everything drawn anew, when
 * the challenges came out so that the proof would not hide: which is seen before a row is opened.
 */
function attempts(
  engine: Engine,
  provingKey: ProvingKey,
  statement: Statement,
  witnessed: Witness,
  randomness: Randomness,
  options: ProveOptions,
): Attempt {
  for (let attempt = 1; ; attempt++) {
    const mark = engine.mark();
    try {
      return attemptProof(engine, provingKey, statement, witnessed, randomness, options);
    } catch (cause) {
      engine.release(mark);
      if (!isUnlucky(cause) || attempt === ATTEMPTS) throw cause;
    }
  }
}

/** `proveWitness` with the randomness given: the platform's, but for tests that must repeat a proof. */
export function proveWith(
  engine: Engine,
  provingKey: ProvingKey,
  statement: Statement,
  witnessed: Witness,
  randomness: Randomness,
  options: ProveOptions = {},
): Uint8Array {
  return attempts(engine, provingKey, statement, witnessed, randomness, options).proof;
}

/**
 * `proveWith`, but a hiding proof comes out only if it will verify. One that does not is no
 * zero-knowledge proof: by how much its last check fails is linear in what was to be hidden.
 *
 * @throws {AssayError} ASSAY_PROVE_STATEMENT
 */
export function proveTrue(
  engine: Engine,
  provingKey: ProvingKey,
  statement: Statement,
  witnessed: Witness,
  randomness: Randomness,
  options: ProveOptions = {},
): Uint8Array {
  const { hiding } = provingKey.argument.system;
  if (hiding) checkTrees(provingKey, statement, witnessed);
  const { proof, holds } = attempts(engine, provingKey, statement, witnessed, randomness, options);
  if (holds || !hiding) return proof;
  throw new AssayError({
    code: 'ASSAY_PROVE_STATEMENT',
    shortMessage: 'the run breaks a relation of the program, or the key is not that of the weights',
    details: 'A proof of it would not verify, and would show something of what it is to hide.',
  });
}

/**
 * One transcript. In the hiding profile everything that hides is drawn here, so that one witness
 * commitment serves one statement and one transcript; whoever starts again draws again.
 */
function attemptProof(
  engine: Engine,
  provingKey: ProvingKey,
  statement: Statement,
  witnessed: Witness,
  randomness: Randomness,
  options: ProveOptions,
): Attempt {
  const { argument } = provingKey;
  const { trace, padding, ports = [] } = witnessed;
  const { key, layout, system } = argument;
  const { program } = system;
  const { whir, batchPowBits } = key.parameters;
  const publics = known(argument, statement);
  const evaluator = evaluatorOf(provingKey, trace);
  const multiplicities = witnessed.multiplicities ?? countMultiplicities(program, evaluator);
  const mark = engine.mark();
  const writer = new ProofWriter();
  const transcript = new RecordingTranscript();
  writer.bytes(PROOF_MAGIC);
  writer.word(PROOF_VERSION);
  transcript.observe(TAG_STATEMENT, statementBytes(key, statement));

  options.onStage?.('commit');
  const model = modelColumns(engine, provingKey, layout.model, provingKey.tails);
  const secrets: Secrets | null = system.hiding ? drawSecrets(engine, argument, randomness) : null;
  const values = new Map([...trace, ...multiplicities, ...(secrets?.values ?? [])]);
  const witness = fillColumns(engine, program, layout, layout.witness, values, padding);
  if (secrets !== null) writeTails(engine, witness, layout.witness.tailRows, secrets.tails);
  const commitment = commitColumns(
    engine,
    [...witness, ...(secrets?.blinding ?? [])],
    whir.logInverseRates[0] ?? 0,
    secrets?.salts ?? null,
  );
  writer.bytes(commitment.root);
  transcript.observe(TAG_ROOT, commitment.root);
  const samples = whir.oodSamples[0] ?? 0;
  const answers = proveOutOfDomainPairs(engine, transcript, writer, witness, samples);
  if (system.hiding && !isIndependentPoints(answers.map(({ z }) => z))) {
    throw unluckyChallenge('points of the out-of-domain answers depend on each other');
  }
  const outOfDomain = answers.map(({ z, y }) => ({ z, answer: constantValue(y) }));

  const sender =
    secrets === null
      ? new PlainSender(transcript, writer)
      : new PaddedSender(transcript, writer, secrets.pads.slice(0, argument.pads.messages));
  options.onStage?.('lookups');
  const lookup = proveLookups(
    argument,
    engine,
    transcript,
    writer,
    sender,
    evaluator,
    multiplicities,
    secrets?.blind ?? null,
  );
  options.onStage?.('einsums');
  const einsums = proveEinsums(argument, engine, transcript, sender, evaluator);

  options.onStage?.('claims');
  const own: Transcribed = { outOfDomain, lookup, ...einsums };
  const pads = secrets?.pads ?? null;
  const settled = settle(argument, transcript, writer, own, pads);
  const { transcribed, checks, ledger } = settled;
  grind(engine, transcript, writer, batchPowBits);
  const gamma = transcript.sampleK();
  const given = { known: publics, statement, checks };
  const { claims, weights } = collectClaims(argument, given, transcribed);
  const joined = joinClaims(argument, claims, gamma, resolver(ledger));

  options.onStage?.('opening');
  const slot = (span: Span, columns: readonly IntVec[], tree: OpenedTree) => ({
    span,
    columns,
    tree,
  });
  const committed = [
    slot(layout.model, model, provingKey.tree),
    ...earlierColumns(engine, provingKey),
    ...ports.map(({ columns, tree }, i) =>
      slot(layout.ports[i] ?? layout.witness, loadColumns(engine, columns), tree),
    ),
    slot(layout.witness, witness, commitment.opened),
  ];
  const blinding = secrets?.blinding ?? null;
  const holds = proveJoinedClaim(
    argument,
    engine,
    transcript,
    writer,
    { committed, blinding },
    weights,
    joined,
    answers,
  );
  engine.release(mark);
  return { proof: writer.finish(), holds };
}
