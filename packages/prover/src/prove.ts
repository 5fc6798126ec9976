import type { Engine } from '@assay/core/engine';
import { AssayError } from '@assay/core/errors';
import { platformRandomness, type Randomness } from '@assay/core/randomness';
import type { Port, Trace } from '@assay/program';
import { executePorts } from '@assay/runtime';
import { type Argument, type CommittedValues, portSpans, type Statement } from '@assay/verifier';
import { type Attempt, attemptProof } from './attempt.ts';
import type { OpenedTensor } from './commitments/index.ts';
import { checkTrees } from './named-trees.ts';
import type { ProvingKey, Stage, Witness } from './types.ts';

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

/** Challenges that would not hide come once in 2^31 proofs; more in a row say that something else is wrong. */
const ATTEMPTS = 4;

function isUnlucky(error: unknown): boolean {
  return error instanceof AssayError && error.code === 'ASSAY_UNLUCKY_CHALLENGE';
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
      return attemptProof(engine, provingKey, statement, witnessed, randomness, (stage) =>
        options.onStage?.(stage),
      );
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
