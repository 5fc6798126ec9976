import { compile } from '@assay/compiler';
import type { Engine } from '@assay/core/engine';
import { platformRandomness } from '@assay/core/randomness';
import type { Port, Program, Weights } from '@assay/program';
import { type PortKind, prove, type Setup, setup } from '@assay/prover';
import { commitTensor, type OpenedTensor } from '@assay/prover/commitments';
import { quantizeInput } from '@assay/runtime';
import { describeVerifyError, prepareVerification, verifyPrepared } from '@assay/verifier';
import type { ModelCase } from './cases/index.ts';

/** What one proof shows of all its inputs, all its outputs, and the weights. */
export interface Shown {
  readonly weights: 'public' | 'hidden';
  readonly inputs: PortKind;
  readonly outputs: PortKind;
}

const KINDS: readonly PortKind[] = ['public', 'committed', 'hidden'];

/** All eighteen combinations; the first is the plain profile. */
export const COMBINATIONS: readonly Shown[] = (['public', 'hidden'] as const).flatMap((weights) =>
  KINDS.flatMap((inputs) => KINDS.map((outputs) => ({ weights, inputs, outputs }))),
);

export const nameOf = ({ weights, inputs, outputs }: Shown): string =>
  `weights ${weights}, input ${inputs}, output ${outputs}`;

/** Enough to tell an argument that holds from one that does not; these proofs guard nothing. */
const TARGET_BITS = 40;
const USES = 1;

export interface Compiled {
  readonly program: Program;
  readonly weights: Weights;
  readonly inputs: ReadonlyMap<string, Int32Array>;
}

/** A case on its first sample, compiled for weights that are shown or not. */
export async function compileFor(c: ModelCase, shown: Shown): Promise<Compiled> {
  const options = { ...c.options, privateWeights: shown.weights === 'hidden' };
  const { program, weights } = await compile(c.model, c.samples, options);
  const [sample = new Map()] = c.samples;
  const inputs = new Map(
    program.inputs.map((port) => {
      const { data } = sample.get(port.name) ?? { data: [] };
      return [port.name, quantizeInput(program, port, data).values] as const;
    }),
  );
  return { program, weights, inputs };
}

function setUp(engine: Engine, { program, weights }: Compiled, shown: Shown): Setup {
  const all = (ports: readonly Port[], kind: PortKind): Map<string, PortKind> =>
    new Map(ports.map(({ name }) => [name, kind]));
  return setup(engine, program, weights, {
    targetBits: TARGET_BITS,
    proofs: USES,
    shown: {
      weights: shown.weights,
      inputs: all(program.inputs, shown.inputs),
      outputs: all(program.outputs, shown.outputs),
    },
  });
}

/** Commits, proves and verifies one run: 'accepted', or why not. The statement shows what it should. */
export function proveShown(engine: Engine, compiled: Compiled, shown: Shown): string {
  const mark = engine.mark();
  const { program, weights, inputs } = compiled;
  const { key, commitment, secrets } = setUp(engine, compiled, shown);
  const prepared = prepareVerification(key);
  if (!prepared.ok) return describeVerifyError(prepared.error);
  const { whir, registeredSamples } = key.parameters;
  const commit = ({ tensor }: Port, values: Int32Array, tailRows: number): OpenedTensor => {
    const rowsPerUse = (tailRows - 5 * registeredSamples) / (USES + 2);
    const options = {
      values,
      shape: program.tensors[tensor]?.shape ?? [],
      logRows: whir.logRows,
      logInverseRate: whir.logInverseRates[0] ?? 0,
      registeredSamples,
      uses: USES,
      rowsPerUse,
    };
    return commitTensor(engine, options, platformRandomness()).opened;
  };
  const tailOf = (side: 'inputs' | 'outputs', port: Port): number => {
    const v = key.visibility[side][program[side].indexOf(port)];
    return v?.kind === 'committed' ? v.tailRows : 0;
  };
  const committedInputs = new Map(
    shown.inputs === 'committed'
      ? program.inputs.map((port) => [
          port.name,
          commit(port, inputs.get(port.name) ?? new Int32Array(), tailOf('inputs', port)),
        ])
      : [],
  );
  const argument = prepared.value;
  const provingKey = { argument, weights, tree: commitment.opened, tails: secrets?.tails };
  const { proof, statement } = prove(engine, provingKey, inputs, {
    committedInputs,
    commitOutput: (port, values) => commit(port, values, tailOf('outputs', port)),
  });
  engine.release(mark);
  for (const side of ['inputs', 'outputs'] as const) {
    const expected = shown[side] === 'public' ? program[side].length : 0;
    if (statement[side].size !== expected)
      return `the statement shows ${statement[side].size} ${side}`;
  }
  const verdict = verifyPrepared(argument, statement, proof);
  return verdict.ok ? 'accepted' : describeVerifyError(verdict.error);
}
