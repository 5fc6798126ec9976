import { createEngine, type Engine } from '@assay/core/engine';
import { createWasmExecutor } from '@assay/core/engine/wasm';
import { padCount } from '@assay/core/linear';
import type { WhirParameters } from '@assay/core/pcs';
import { seededRandomness } from '@assay/core/testing';
import {
  deriveSystem,
  layoutProgram,
  roundDeclared,
  type Port,
  type Program,
  type TensorId,
  type Trace,
  type Weights,
} from '@assay/program';
import type { Toy } from '@assay/runtime/testing';
import {
  type Argument,
  freshTail,
  padShape,
  portSpans,
  prepareArgument,
  prepareVerification,
  type Statement,
  type VerifyingKey,
} from '@assay/verifier';
import { commitTensor, type OpenedTensor } from '../src/commitments/index.ts';
import {
  type PortKind,
  prove,
  type Proven,
  type ProveOptions,
  type ProvingKey,
  type Shown,
} from '../src/index.ts';
import { register } from '../src/register.ts';
import { setupWith } from '../src/testing/index.ts';

/** One engine for a file: its memory grows with the largest proof. */
export function toyEngine(): Engine {
  return createEngine(createWasmExecutor());
}

/** What proofs show of inputs, outputs and weights. */
export type Profile = readonly [inputs: PortKind, outputs: PortKind, weights: 'public' | 'hidden'];

export const PLAIN: Profile = ['public', 'public', 'public'];
export const HIDDEN_INPUT: Profile = ['hidden', 'public', 'public'];
export const HIDDEN_PORTS: Profile = ['hidden', 'hidden', 'public'];
export const HIDDEN_WEIGHTS: Profile = ['public', 'public', 'hidden'];
export const COMMITTED_INPUT: Profile = ['committed', 'public', 'public'];
export const COMMITTED_PORTS: Profile = ['committed', 'committed', 'public'];
export const ALL_HIDDEN: Profile = ['hidden', 'hidden', 'hidden'];
export const ALL_COMMITTED: Profile = ['committed', 'committed', 'hidden'];

/** All eighteen. */
export const PROFILES: readonly Profile[] = (['public', 'hidden'] as const).flatMap((weights) =>
  (['public', 'hidden', 'committed'] as const).flatMap((inputs) =>
    (['public', 'hidden', 'committed'] as const).map(
      (outputs) => [inputs, outputs, weights] as const,
    ),
  ),
);

export function profileName([inputs, outputs, weights]: Profile): string {
  return `inputs ${inputs}, outputs ${outputs}, weights ${weights}`;
}

export function isPlain(profile: Profile): boolean {
  return profile.every((kind) => kind === 'public');
}

export function shownAs(program: Program, [inputs, outputs, weights]: Profile): Shown {
  const all = (ports: readonly Port[], kind: PortKind) =>
    new Map(ports.map(({ name }) => [name, kind]));
  // A tensor that is both is shown as an input.
  const read = new Set(program.inputs.map(({ tensor }) => tensor));
  const own = program.outputs.filter(({ tensor }) => !read.has(tensor));
  return { inputs: all(program.inputs, inputs), outputs: all(own, outputs), weights };
}

export interface KeyOptions {
  readonly targetBits?: number;
  readonly logRows?: number | undefined;
  readonly logInverseRate?: number | undefined;
  /** Proof of work in both slots of the argument, more than the parameters ask for. */
  readonly powBits?: number;
  /** Three oracles with proof of work in between; worth few bits, so that no derivation gives it. */
  readonly deep?: boolean;
  /** @default `PLAIN` */
  readonly profile?: Profile;
  /** Of tails, salts and registration of hidden weights. */
  readonly seed?: number;
  /** Of hidden weights: a key whose registration is missing otherwise. @default true */
  readonly registered?: boolean;
}

/** Proofs that a static root is good for here. */
export const PROOFS = 2;

/** A schedule of three oracles for columns of at least 2^3 rows. */
function deepened(whir: WhirParameters): WhirParameters {
  const rate = whir.logInverseRates[0] ?? 1;
  const queries = Math.max(8, whir.queries[0] ?? 0);
  return {
    ...whir,
    foldings: [whir.foldings[0] ?? 1, 2, 1],
    logInverseRates: [rate, rate + 1, rate + 2],
    queries: [queries, queries, queries],
    oodSamples: [2, 2, 1],
    foldPowBits: [1, 0, 2],
    queryPowBits: [2, 1, 0],
    blinding: whir.blinding && { powBits: 1 },
  };
}

/** A key with other parameters, which nobody would derive. */
function altered(key: VerifyingKey, { powBits, deep = false }: KeyOptions): VerifyingKey {
  const { parameters, visibility } = key;
  if (powBits === undefined && !deep) return key;
  const worked = powBits === undefined ? {} : { lookupPowBits: powBits, batchPowBits: powBits };
  if (!deep) return { ...key, parameters: { ...parameters, ...worked } };
  const whir = deepened(parameters.whir);
  const { hiding, program, ...system } = unwrap(deriveSystem(key.program, visibility));
  const tailRows = hiding ? freshTail(whir) : 0;
  const pads = padCount(padShape({ ...system, hiding, program }));
  const { witness } = layoutProgram(program, whir.logRows, { visibility, tailRows, pads });
  const columns = witness.firstColumn + witness.columns;
  return {
    ...key,
    parameters: {
      ...parameters,
      ...worked,
      targetBits: 2,
      tailRows,
      whir: { ...whir, columns },
    },
  };
}

function unwrap<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: unknown },
): T {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.error));
}

/** Sets a model up in the engine's memory and keeps it there. Few bits make small proofs. */
export function toyKey(
  engine: Engine,
  program: Program,
  weights: Weights,
  options: KeyOptions = {},
): ProvingKey {
  const { targetBits = 20, logRows, logInverseRate, profile = PLAIN, registered = true } = options;
  const { seed = 77 } = options;
  const shown = shownAs(program, profile);
  const randomness = seededRandomness(seed);
  const asked = { targetBits, logRows, logInverseRate, shown, proofs: PROOFS };
  // Toys declare exact intervals, which nobody may see of hidden weights.
  const own = shown.weights === 'hidden' ? roundDeclared(program) : program;
  const made = setupWith(engine, own, weights, randomness, asked);
  const tree = made.commitment.opened;
  const tails = made.secrets?.tails;
  let key = altered(made.key, options);
  if (tails !== undefined && !registered) key = { ...key, registration: null };
  else if (tails !== undefined && key.parameters !== made.key.parameters) {
    // Registered by other parameters.
    key = { ...key, registration: register(engine, key, { weights, tree, tails }, randomness) };
  }
  const argument: Argument = unwrap(registered ? prepareVerification(key) : prepareArgument(key));
  return { argument, weights, tree, tails };
}

/** The same key with other contents, as an argument to prove with. */
export function withKey(key: ProvingKey, change: Partial<VerifyingKey>): ProvingKey {
  const argument = unwrap(prepareArgument({ ...key.argument.key, ...change }));
  return { ...key, argument: { ...argument, registered: key.argument.registered } };
}

/** Inputs of a toy by port name. */
export function inputsOf({ program, inputs }: Toy): Map<string, Int32Array> {
  return new Map(
    program.inputs.map(({ name, tensor }) => [name, inputs.get(tensor) ?? new Int32Array()]),
  );
}

/** Commits values the way a key wants them for a port. */
export function openPort(
  engine: Engine,
  { argument }: ProvingKey,
  port: Port,
  values: Int32Array,
  seed = 1,
): OpenedTensor {
  const { key, system } = argument;
  const { whir, registeredSamples } = key.parameters;
  const { program, visibility } = key;
  const at = (side: 'inputs' | 'outputs') =>
    visibility[side][program[side].findIndex(({ name }) => name === port.name)];
  const shown = [at('inputs'), at('outputs')].find((v) => v?.kind === 'committed');
  const tailRows = shown?.kind === 'committed' ? shown.tailRows : 0;
  const { opened } = commitTensor(
    engine,
    {
      values,
      shape: system.program.tensors[port.tensor]?.shape ?? [],
      logRows: whir.logRows,
      logInverseRate: whir.logInverseRates[0] ?? 0,
      registeredSamples,
      uses: PROOFS,
      rowsPerUse: (tailRows - 5 * registeredSamples) / (PROOFS + 2),
    },
    seededRandomness(seed),
  );
  return opened;
}

/** Public values are inside their ranges or not shown at all. */
function clamped(program: Program, tensor: TensorId, trace: Trace): Int32Array {
  const { lo, hi } = program.tensors[tensor]?.range ?? { lo: 0, hi: 0 };
  return (trace.get(tensor) ?? new Int32Array()).map((v) => Math.min(Math.max(v, lo), hi));
}

export interface Stated {
  readonly statement: Statement;
  /** Committed ports, in the order of their columns. */
  readonly ports: readonly OpenedTensor[];
}

/**
 * What a prover says of a run, true or not: public values, names of committed ones. What is out of
 * its range and public is said to be at its end.
 */
export function stated(engine: Engine, key: ProvingKey, trace: Trace, seed = 100): Stated {
  const { program, visibility } = key.argument.key;
  const spans = portSpans(key.argument);
  const ports = spans.map(({ port }, i) =>
    openPort(engine, key, port, trace.get(port.tensor) ?? new Int32Array(), seed + i),
  );
  const shown = (side: 'inputs' | 'outputs'): Map<string, Int32Array> =>
    new Map(
      program[side]
        .filter((_, i) => visibility[side][i]?.kind === 'public')
        .map(({ name, tensor }) => [name, clamped(program, tensor, trace)]),
    );
  const named = (of: 'inputs' | 'outputs') =>
    new Map(
      spans.flatMap(({ side, port }, i) => {
        const opened = ports[i];
        return side === of && opened !== undefined ? [[port.name, opened.name] as const] : [];
      }),
    );
  const statement: Statement = {
    inputs: shown('inputs'),
    outputs: shown('outputs'),
    ...(spans.length === 0
      ? {}
      : { committed: { inputs: named('inputs'), outputs: named('outputs') } }),
    nonce: new Uint8Array(),
  };
  return { statement, ports };
}

/** Commits what the key's visibility wants committed. */
export function committing(
  engine: Engine,
  key: ProvingKey,
  inputs: ReadonlyMap<string, Int32Array>,
): ProveOptions {
  const spans = portSpans(key.argument);
  const committedInputs = new Map(
    spans
      .filter(({ side }) => side === 'inputs')
      .map(({ port }) => [
        port.name,
        openPort(engine, key, port, inputs.get(port.name) ?? new Int32Array()),
      ]),
  );
  return {
    committedInputs,
    commitOutput: (port, values) => openPort(engine, key, port, values, 2),
  };
}

export function proveToy(engine: Engine, key: ProvingKey, toy: Toy): Proven {
  const inputs = inputsOf(toy);
  return prove(engine, key, inputs, committing(engine, key, inputs));
}

export function tensorNamed(program: Program, name: string): TensorId {
  const id = program.tensors.findIndex((t) => t.name === name);
  if (id < 0) throw new Error(`no tensor ${name}`);
  return id;
}
