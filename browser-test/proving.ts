import type { Engine } from '@assay/core/engine';
import { keccak256, toHex } from '@assay/core/hash';
import { platformRandomness } from '@assay/core/randomness';
import type { Port, Program, Weights } from '@assay/program';
import { prove, type Proven, type ProveOptions, setup, type SetupOptions } from '@assay/prover';
import { commitTensor, type OpenedTensor, portBudget } from '@assay/prover/commitments';
import {
  encodeReceipt,
  encodeVerifyingKey,
  keyFromSeed,
  parametersDigest,
  type PortValue,
  prepareArgument,
  SUITE_NAME,
  type VerifyingKey,
} from '@assay/verifier';
import type { Presented } from './judging.ts';

/** A model that is set up in the engine's memory, and proves from there. */
export interface Model {
  readonly key: VerifyingKey;
  prove(run: ProveOptions & { readonly inputs?: ReadonlyMap<string, Int32Array> }): Proven;
}

export function setUp(
  engine: Engine,
  program: Program,
  weights: Weights,
  options: SetupOptions,
): Model {
  const { key, commitment, secrets } = setup(engine, program, weights, options);
  const argument = prepareArgument(key);
  if (!argument.ok) throw new Error(`the key is refused: ${argument.error.kind}`);
  const { opened: tree } = commitment;
  const provingKey = { argument: argument.value, weights, tree, tails: secrets?.tails };
  return {
    key,
    prove: ({ inputs = new Map(), ...run }) => prove(engine, provingKey, inputs, run),
  };
}

/** Commits to values of the first port of a side, for one proof. */
export function commitPort(
  engine: Engine,
  key: VerifyingKey,
  side: 'inputs' | 'outputs',
  values: Int32Array,
): OpenedTensor {
  const [port] = key.program[side];
  const budget = portBudget(key, { side, index: 0 });
  const { whir, registeredSamples } = key.parameters;
  const place = {
    shape: key.program.tensors[port?.tensor ?? 0]?.shape ?? [],
    logRows: whir.logRows,
    logInverseRate: whir.logInverseRates[0] ?? 0,
    registeredSamples,
  };
  const use = { uses: budget.units - 2, rowsPerUse: budget.rowsPerUse };
  return commitTensor(engine, { values, ...place, ...use }, platformRandomness()).opened;
}

/** A receipt of what was proven, and the key, as files. */
export function receiptOf({ key }: Model, { statement, proof }: Proven): Presented {
  const signer = keyFromSeed(platformRandomness().bytes(32));
  const ports = (side: 'inputs' | 'outputs'): PortValue[] =>
    key.program[side].map(({ name }: Port, i): PortValue => {
      const shown = key.visibility[side][i] ?? { kind: 'public' };
      const named = statement.committed?.[side].get(name);
      if (shown.kind === 'committed' && named !== undefined) return { ...shown, name, ...named };
      if (shown.kind === 'hidden') return { kind: 'hidden', name };
      return { kind: 'values', name, values: statement[side].get(name) ?? new Int32Array() };
    });
  const { program, programDigest, parameters, model, visibility } = key;
  const receipt = encodeReceipt(
    {
      model: { title: program.name, weights: visibility.weights.kind, ...model },
      program: programDigest,
      suite: {
        name: SUITE_NAME,
        securityBits: parameters.targetBits,
        parameters: parametersDigest(parameters),
      },
      inputs: ports('inputs'),
      outputs: ports('outputs'),
      nonce: statement.nonce,
      proof: {
        digest: keccak256(proof),
        sizeBytes: proof.length,
        location: { kind: 'embedded', data: proof },
      },
      proverKey: signer.publicKey,
      time: '2026-11-20T08:00:00Z',
    },
    signer,
  );
  return { receipt, key: encodeVerifyingKey(key) };
}

/** What Node says of a receipt: `verdictText`. */
export async function verdictInNode({ receipt, key }: Presented): Promise<string> {
  const body = JSON.stringify({ receipt: toHex(receipt), key: toHex(key) });
  const response = await fetch('/verdict', { method: 'POST', body });
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  return response.text();
}
