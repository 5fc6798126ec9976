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
import type { Randomness } from '@assay/core/randomness';
import { PaddedSender, PlainSender } from '@assay/core/sender';
import { TAG_ROOT, TAG_STATEMENT } from '@assay/core/transcript';
import type { PublicValues, Span, Trace } from '@assay/program';
import { Evaluator } from '@assay/runtime';
import {
  type Argument,
  collectClaims,
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
import { proveEinsums } from './stages/einsums.ts';
import { proveLookups } from './stages/lookups.ts';
import { type Opened, proveJoinedClaim } from './stages/opening.ts';
import { proveProducts } from './stages/products.ts';
import { RecordingTranscript } from './stages/recording.ts';
import type { ProvingKey, Stage, Witness } from './types.ts';
import { fillColumns, writeTails } from './witness/columns.ts';
import { countMultiplicities } from './witness/multiplicities.ts';
import { drawSecrets, type Secrets } from './witness/secrets.ts';

/** A proof, and whether it will verify. */
export interface Attempt {
  readonly proof: Uint8Array;
  readonly holds: boolean;
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

/**
 * One transcript. In the hiding profile everything that hides is drawn here, so that one witness
 * commitment serves one statement and one transcript; whoever starts again draws again.
 */
export function attemptProof(
  engine: Engine,
  provingKey: ProvingKey,
  statement: Statement,
  witnessed: Witness,
  randomness: Randomness,
  onStage: (stage: Stage) => void,
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

  onStage('commit');
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
  onStage('lookups');
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
  onStage('einsums');
  const einsums = proveEinsums(argument, engine, transcript, sender, evaluator);

  onStage('claims');
  const own: Transcribed = { outOfDomain, lookup, ...einsums };
  const pads = secrets?.pads ?? null;
  const settled = settle(argument, transcript, writer, own, pads);
  const { transcribed, checks, ledger } = settled;
  grind(engine, transcript, writer, batchPowBits);
  const gamma = transcript.sampleK();
  const given = { known: publics, statement, checks };
  const { claims, weights } = collectClaims(argument, given, transcribed);
  const joined = joinClaims(argument, claims, gamma, resolver(ledger));

  onStage('opening');
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
