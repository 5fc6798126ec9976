import { ProofWriter } from '@assay/core/codec';
import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import { constantValue } from '@assay/core/linear';
import {
  commitColumns,
  grind,
  type OpenedTree,
  proveOutOfDomainPairs,
} from '@assay/core/pcs/prover';
import { PlainSender } from '@assay/core/sender';
import { TAG_ROOT, TAG_STATEMENT, Transcript } from '@assay/core/transcript';
import type { Trace, Weights } from '@assay/program';
import { Evaluator, executePorts } from '@assay/runtime';
import {
  type Argument,
  collectClaims,
  joinClaims,
  PROOF_MAGIC,
  PROOF_VERSION,
  publicValues,
  type Statement,
  statementBytes,
  type Transcribed,
} from '@assay/verifier';
import { proveEinsums } from './stages/einsums.ts';
import { proveLookups } from './stages/lookups.ts';
import { proveJoinedClaim } from './stages/opening.ts';
import { fillColumns } from './witness/columns.ts';
import { countMultiplicities } from './witness/multiplicities.ts';

/** Everything a prover holds of a committed model. */
export interface ProvingKey {
  readonly argument: Argument;
  readonly weights: Weights;
  /** Codeword rows and tree of the model columns: from disk or from memory. */
  readonly tree: OpenedTree;
}

/** Steps of a proof in order, as `onStage` reports them. */
export type Stage = 'execute' | 'commit' | 'lookups' | 'einsums' | 'claims' | 'opening';

export interface ProveOptions {
  readonly nonce?: Uint8Array | undefined;
  /** Called when a stage begins. */
  readonly onStage?: ((stage: Stage) => void) | undefined;
}

export interface Proven {
  readonly proof: Uint8Array;
  readonly statement: Statement;
  readonly trace: Trace;
}

/**
 * Runs the program on public inputs and proves the run. The stages mirror the verifier's.
 *
 * @param inputs - Integers by input port name, inside their declared ranges.
 * @throws {AssayError} ASSAY_PROVE_STATEMENT when inputs do not fit the program.
 */
export function prove(
  engine: Engine,
  provingKey: ProvingKey,
  inputs: ReadonlyMap<string, Int32Array>,
  options: ProveOptions = {},
): Proven {
  const { program } = provingKey.argument.system;
  options.onStage?.('execute');
  const { outputs, trace } = executePorts(program, provingKey.weights, inputs, engine);
  const statement: Statement = { inputs, outputs, nonce: options.nonce ?? new Uint8Array(0) };
  return { proof: proveTrace(engine, provingKey, statement, trace, options), statement, trace };
}

/** What is committed for one proof. */
export interface Witness {
  /** Values of all tensors that are not model tensors. */
  readonly trace: Trace;
  /** How often each table row is looked up, by pseudo tensor. */
  readonly multiplicities: Trace;
  /** What padding holds; it is never read, so that anything goes. @default zero */
  readonly padding?: (() => number) | undefined;
}

/** Proves a given run. Nothing is checked: a trace that breaks a relation gives a proof that does not verify. */
export function proveTrace(
  engine: Engine,
  provingKey: ProvingKey,
  statement: Statement,
  trace: Trace,
  options: ProveOptions = {},
): Uint8Array {
  const { program } = provingKey.argument.system;
  const evaluator = evaluatorOf(provingKey, trace);
  const multiplicities = countMultiplicities(program, evaluator);
  return proveWitness(engine, provingKey, statement, { trace, multiplicities }, options, evaluator);
}

/** Forms of a run's tensors. It measures ranges of tensors once, so that one serves a whole proof. */
function evaluatorOf({ argument, weights }: ProvingKey, trace: Trace): Evaluator {
  return new Evaluator(argument.system.program, new Map([...weights, ...trace]));
}

/** Proves from a committed witness: steps S0 to S8. */
export function proveWitness(
  engine: Engine,
  provingKey: ProvingKey,
  statement: Statement,
  witnessed: Witness,
  options: ProveOptions = {},
  evaluator: Evaluator = evaluatorOf(provingKey, witnessed.trace),
): Uint8Array {
  const { argument } = provingKey;
  const { trace, multiplicities, padding } = witnessed;
  const { key, layout, system } = argument;
  const { program } = system;
  const { whir, batchPowBits } = key.parameters;
  const known = publicValues(program, statement);
  if (!known.ok) {
    throw new AssayError({
      code: 'ASSAY_PROVE_STATEMENT',
      shortMessage: `public values do not fit the program: ${JSON.stringify(known.error)}`,
    });
  }
  const mark = engine.mark();
  const writer = new ProofWriter();
  const transcript = new Transcript();
  writer.bytes(PROOF_MAGIC);
  writer.word(PROOF_VERSION);
  transcript.observe(TAG_STATEMENT, statementBytes(key, statement));

  options.onStage?.('commit');
  const model = fillColumns(engine, program, layout, layout.model, provingKey.weights);
  const values = new Map([...trace, ...multiplicities]);
  const witness = fillColumns(engine, program, layout, layout.witness, values, padding);
  const commitment = commitColumns(engine, witness, whir.logInverseRates[0] ?? 0);
  writer.bytes(commitment.root);
  transcript.observe(TAG_ROOT, commitment.root);
  const answers = proveOutOfDomainPairs(
    engine,
    transcript,
    writer,
    witness,
    whir.oodSamples[0] ?? 0,
  );
  const outOfDomain = answers.map(({ z, y }) => ({ z, answer: constantValue(y) }));

  options.onStage?.('lookups');
  const sender = new PlainSender(transcript, writer);
  const lookup = proveLookups(
    argument,
    engine,
    transcript,
    writer,
    sender,
    evaluator,
    multiplicities,
  );
  options.onStage?.('einsums');
  const einsums = proveEinsums(argument, engine, transcript, sender, evaluator);

  options.onStage?.('claims');
  grind(engine, transcript, writer, batchPowBits);
  const gamma = transcript.sampleK();
  const transcribed: Transcribed = { outOfDomain, lookup, ...einsums };
  const { claims, weights } = collectClaims(argument, known.value, transcribed);
  const joined = joinClaims(claims, gamma);

  options.onStage?.('opening');
  const committed = {
    model,
    witness,
    modelTree: provingKey.tree,
    witnessTree: commitment.opened,
  };
  proveJoinedClaim(argument, engine, transcript, writer, committed, weights, joined, answers);
  engine.release(mark);
  return writer.finish();
}
