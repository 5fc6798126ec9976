import { readdirSync, readFileSync } from 'node:fs';
import { compileGraph } from '@assay/compiler';
import { simplifyGraph } from '@assay/compiler/graph';
import { importModel } from '@assay/compiler/onnx';
import { createEngine, type Engine } from '@assay/core/engine';
import { createWasmExecutor } from '@assay/core/engine/wasm';
import { keccak256, toHex } from '@assay/core/hash';
import { encodeProgram, programDigest } from '@assay/program';
import { prove, setup } from '@assay/prover';
import { quantizeInput } from '@assay/runtime';
import { encodeVerifyingKey, modelName, prepareArgument, verifyPrepared } from '@assay/verifier';
import { expect, test } from 'vitest';

/** `vectors/program/README.md` says where these come from. */
interface Recorded {
  readonly model: string;
  readonly activationBits: number;
  /** Inputs of which every element seen was an integer. */
  readonly integral: readonly string[];
  readonly ranges: Readonly<Record<string, readonly [lo: number, hi: number]>>;
  readonly input: Readonly<Record<string, readonly number[]>>;
}

const root = new URL('../../../', import.meta.url);
const folder = new URL('vectors/program/', root);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ranges.json'))
  .map((name) => name.replace('.ranges.json', ''))
  .toSorted((a, b) => (a < b ? -1 : 1));

/** Everything from recorded ranges on: compile, commit, prove. */
function digests(engine: Engine, recorded: Recorded): Record<string, unknown> {
  const graph = simplifyGraph(importModel(readFileSync(new URL(recorded.model, root))));
  const observed = new Map(
    Object.entries(recorded.ranges).map(([name, [lo, hi]]) => [name, { lo, hi }]),
  );
  // Of samples the compiler itself only looks at whether inputs are integers.
  const sample = new Map(
    graph.inputs.map((name) => [
      name,
      { dims: [1], data: Float64Array.of(recorded.integral.includes(name) ? 1 : 0.5) },
    ]),
  );
  const { activationBits } = recorded;
  const { program, weights } = compileGraph(graph, [sample], observed, { activationBits });
  const { key, commitment } = setup(engine, program, weights);
  const argument = prepareArgument(key);
  if (!argument.ok) throw new Error(argument.error.kind);
  const inputs = new Map(
    program.inputs.map((port) => {
      const { values, clamped } = quantizeInput(program, port, recorded.input[port.name] ?? []);
      expect(clamped).toBe(0);
      return [port.name, values] as const;
    }),
  );
  const provingKey = { argument: argument.value, weights, tree: commitment.opened };
  const nonce = Uint8Array.of(1, 2, 3);
  const { proof, statement } = prove(engine, provingKey, inputs, { nonce });
  expect(verifyPrepared(argument.value, statement, proof).ok).toBe(true);
  const digest = (bytes: Uint8Array): string => toHex(keccak256(bytes));
  return {
    programDigest: toHex(programDigest(encodeProgram(program))),
    modelName: toHex(modelName(key.model.root, key.model.yReg)),
    verifyingKey: digest(encodeVerifyingKey(key)),
    outputs: Object.fromEntries([...statement.outputs].map(([name, v]) => [name, [...v]])),
    proof: digest(proof),
    proofBytes: proof.length,
  };
}

test('programs, keys and proofs from recorded ranges are those of the vectors', async () => {
  const engine = createEngine(createWasmExecutor());
  const rows = names.map((name) => {
    const text = readFileSync(new URL(`${name}.ranges.json`, folder), 'utf8');
    const mark = engine.mark();
    const row = digests(engine, JSON.parse(text) as Recorded);
    engine.release(mark);
    return [name, row] as const;
  });
  expect(names).toEqual(['breast-cancer-mlp', 'diabetes-regression', 'digits-cnn', 'toy-cnn']);
  await expect(`${JSON.stringify(Object.fromEntries(rows), null, 1)}\n`).toMatchFileSnapshot(
    '../../../vectors/program/programs_v1.json',
  );
});
