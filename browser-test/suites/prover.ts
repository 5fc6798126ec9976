import { createEngine, type Engine } from '@assay/core/engine';
import { toHex } from '@assay/core/hash';
import { createBrowserPool } from '@assay/runtime/browser';
import { encodeVerifyingKey } from '@assay/verifier';
import { drawer } from '../draw.ts';
import { loadGenuine, loadWeights } from '../files.ts';
import { expectEqual, expectTrue, type Suite } from '../harness.ts';
import { judge, type Presented, verdictText } from '../judging.ts';
import { commitPort, type Model, receiptOf, setUp, verdictInNode } from '../proving.ts';

async function withEngine(threads: number, work: (engine: Engine) => Promise<void>): Promise<void> {
  const pool = await createBrowserPool({ threads });
  try {
    await work(createEngine(pool));
  } finally {
    await pool.close();
  }
}

/** Values of a model's first input, drawn from their range. */
function drawInput({ key: { program } }: Model): Int32Array {
  const { range, shape } = program.tensors[program.inputs[0]?.tensor ?? 0] ?? {};
  const length = (shape ?? []).reduce((a, b) => a * b, 1);
  return drawer(11n).ints(length, range?.lo ?? 0, range?.hi ?? 0);
}

/** Accepted here, and by Node with the same verdict. */
async function expectAccepted(files: Presented): Promise<void> {
  const verdict = judge(files);
  expectTrue(verdict.accepted, `an accepted receipt, got ${JSON.stringify(verdict.reason)}`);
  expectEqual(verdict.securityBits, 128, 'security bits');
  expectEqual(await verdictInNode(files), verdictText(verdict), 'verdict of Node');
}

/** The code of what is thrown, null if nothing is. */
function codeOf(work: () => unknown): unknown {
  try {
    work();
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? cause.code : cause;
  }
  return null;
}

/** The model of the committed receipt: public weights, so that everybody gets the same key. */
async function openModel(engine: Engine): Promise<Model> {
  const { verifyingKey } = await loadGenuine('committed');
  const { program, visibility } = verifyingKey;
  const inputs = new Map(
    program.inputs.map(({ name }, i) => [name, visibility.inputs[i]?.kind ?? 'public']),
  );
  return setUp(engine, program, await loadWeights('committed'), { shown: { inputs } });
}

/** Sets up the models of the fixture and proves, on so many threads; Node judges what comes out. */
export const prover = (name: string, threads: number): Suite => ({
  name,
  checks: [
    {
      name: 'sets a model with public weights up to the very key that Node made',
      run: () =>
        withEngine(threads, async (engine) => {
          const { key } = await openModel(engine);
          const { key: bytes } = await loadGenuine('committed');
          expectEqual(toHex(encodeVerifyingKey(key)), toHex(bytes), 'key');
        }),
    },
    {
      name: 'commits to an input and proves a run on it',
      run: () =>
        withEngine(threads, async (engine) => {
          const model = await openModel(engine);
          const values = drawInput(model);
          const commit = () => commitPort(engine, model.key, 'inputs', values);
          const [opened, again] = [commit(), commit()];
          expectTrue(toHex(opened.name.root) !== toHex(again.name.root), 'another name each time');
          const port = model.key.program.inputs[0]?.name ?? '';
          const proven = model.prove({ committedInputs: new Map([[port, opened]]) });
          await expectAccepted(receiptOf(model, proven));
          // Not what the commitment holds: no proof comes out.
          const other = { ...opened, values: values.map((v) => (v > 0 ? v - 1 : v + 1)) };
          const lie = () => model.prove({ committedInputs: new Map([[port, other]]) });
          expectEqual(codeOf(lie), 'ASSAY_PROVE_STATEMENT', 'code');
        }),
    },
    {
      name: 'hides weights and input, registers the weights, commits to the output',
      run: () =>
        withEngine(threads, async (engine) => {
          const { verifyingKey } = await loadGenuine('private');
          const { program } = verifyingKey;
          const model = setUp(engine, program, await loadWeights('private'), {
            shown: {
              weights: 'hidden',
              inputs: new Map(program.inputs.map((port) => [port.name, 'hidden'])),
              outputs: new Map(program.outputs.map((port) => [port.name, 'committed'])),
            },
            proofs: 1,
          });
          const root = toHex(model.key.model.root);
          expectTrue(root !== toHex(verifyingKey.model.root), 'another root of the same weights');
          const port = program.inputs[0]?.name ?? '';
          const proven = model.prove({
            inputs: new Map([[port, drawInput(model)]]),
            commitOutput: (_, values) => commitPort(engine, model.key, 'outputs', values),
          });
          expectEqual(
            [proven.statement.inputs.size, proven.statement.outputs.size],
            [0, 0],
            'shown',
          );
          await expectAccepted(receiptOf(model, proven));
        }),
    },
  ],
});
