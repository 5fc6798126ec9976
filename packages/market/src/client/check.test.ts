import { createEngine, type Engine } from '@assay/core/engine';
import { bytesOfK } from '@assay/core/codec';
import { portBudget } from '@assay/prover/commitments';
import type { Program } from '@assay/program';
import { prove, type ProvingKey, setup } from '@assay/prover';
import { commitPort, receiptBody } from '@assay/prover/run';
import { createNodePool } from '@assay/runtime/node';
import { mlpToy, seededDraw, type Toy } from '@assay/runtime/testing';
import {
  commitmentName,
  encodeReceipt,
  keyFromSeed,
  prepareArgument,
  type VerifyingKey,
} from '@assay/verifier';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '../chain/index.ts';
import { bytesOf, hexOf, ZERO_ADDRESS, ZERO_HASH } from '../hex.ts';
import { encodeValues, EVIDENCE, INPUT_KIND, valuesRoot } from '../jobs/index.ts';
import { checkOutput, checkReceipt, type OwnSide } from './check.ts';

const SEED = 7;
let engine: Engine;
let close: () => Promise<void>;
let toy: Toy;
let program: Program;
let inputs: ReadonlyMap<string, Int32Array>;
const id = `0x${'ab'.repeat(32)}` as const;

beforeAll(async () => {
  const pool = await createNodePool({ threads: 1 });
  engine = createEngine(pool);
  close = () => pool.close();
  toy = mlpToy(seededDraw(SEED));
  program = toy.program;
  inputs = new Map(
    program.inputs.map(({ name, tensor }) => [name, toy.inputs.get(tensor) ?? new Int32Array()]),
  );
});
afterAll(() => close());

function provingKey(shown: Parameters<typeof setup>[3]): ProvingKey & { key: VerifyingKey } {
  const made = setup(engine, program, toy.weights, { targetBits: 100, ...shown });
  const argument = prepareArgument(made.key);
  if (!argument.ok) throw new Error(JSON.stringify(argument.error));
  return {
    key: made.key,
    argument: argument.value,
    weights: toy.weights,
    tree: made.commitment.opened,
  };
}

const signer = keyFromSeed(new Uint8Array(32).fill(3));

function receiptOf(
  proving: ProvingKey & { key: VerifyingKey },
  nonce: Uint8Array,
  options: Parameters<typeof prove>[3] = {},
): { receipt: Uint8Array; outputs: ReadonlyMap<string, Int32Array> } {
  const proven = prove(engine, proving, inputs, { nonce, ...options });
  const run = { key: proving.key, ...proven, stages: [] };
  const body = receiptBody(run, signer.publicKey, { time: '2026-11-20T08:00:00Z' });
  return { receipt: encodeReceipt(body, signer), outputs: proven.outputs };
}

/** A job that has been submitted with such an output. */
function jobWith(outputRoot: Uint8Array, changes: Partial<JobView['params']> = {}): JobView {
  const block = { number: 1n, hash: ZERO_HASH };
  return {
    id,
    state: 'submitted',
    input: '0x',
    posted: block,
    last: block,
    lock: null,
    delivered: null,
    acknowledged: false,
    settled: null,
    paid: null,
    faults: [],
    rescue: null,
    challenges: [],
    params: {
      requester: ZERO_ADDRESS,
      modelId: ZERO_HASH,
      evidence: EVIDENCE.proof,
      inputKind: INPUT_KIND.inline,
      inputRoot: ZERO_HASH,
      minPrice: 1n,
      maxPrice: 1n,
      rampStart: 0,
      rampSeconds: 0,
      lockBy: 0,
      workSeconds: 0,
      windowSeconds: 0,
      windowBlocks: 0,
      rescueSeconds: 0,
      reserve: 0n,
      verifierSet: ZERO_HASH,
      verifierFee: 0n,
      maxOutputBytes: 0,
      outputKey: ZERO_HASH,
      callback: ZERO_ADDRESS,
      callbackGas: 0,
      nonce: ZERO_HASH,
      rules: 0n,
      ...changes,
    },
    submission: {
      hash: ZERO_HASH,
      content: {
        job: id,
        provider: ZERO_ADDRESS,
        outputRoot: hexOf(outputRoot),
        traceRoot: ZERO_HASH,
        proofDigest: ZERO_HASH,
        artefacts: ZERO_HASH,
      },
      output: '0x',
      uri: '',
      windowEnd: 0,
      windowEndBlock: 0n,
      block,
      transaction: ZERO_HASH,
    },
  };
}

describe('a public proof', () => {
  let own: OwnSide;
  let receipt: Uint8Array;
  let output: Uint8Array;
  let job: JobView;
  let proving: ReturnType<typeof provingKey>;

  beforeAll(() => {
    proving = provingKey({});
    const made = receiptOf(proving, bytesOf(id));
    receipt = made.receipt;
    output = encodeValues(program.outputs, made.outputs);
    own = { program, key: proving.key, inputs };
    job = jobWith(valuesRoot(program.outputs, output));
  });

  test('passes for its job', () => {
    expect(checkOutput(job, program, output)).toEqual({ verdict: 'pass' });
    expect(checkReceipt(job, own, output, receipt)).toEqual({ verdict: 'pass' });
  });

  test('of another job, input, output or model does not', () => {
    const judge = (
      changes: { job?: JobView; own?: OwnSide; output?: Uint8Array; receipt?: Uint8Array } = {},
    ) =>
      checkReceipt(
        changes.job ?? job,
        changes.own ?? own,
        changes.output ?? output,
        changes.receipt ?? receipt,
      );
    const other = output.slice();
    other[3] = (other[3] ?? 0) ^ 1;
    const wrongInputs = new Map([...inputs].map(([name, v]) => [name, v.map((x) => x ^ 1)]));
    const otherNonce = receiptOf(proving, bytesOf(ZERO_HASH)).receipt;
    const cut = receipt.slice(0, -1);
    expect(judge({ job: { ...job, id: ZERO_HASH } })).toMatchObject({ verdict: 'fail' });
    expect(judge({ receipt: otherNonce })).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('nonce'),
    });
    expect(judge({ output: other })).toMatchObject({ verdict: 'fail' });
    expect(judge({ output: output.subarray(4) })).toMatchObject({ verdict: 'fail' });
    expect(judge({ own: { ...own, inputs: wrongInputs } })).toMatchObject({ verdict: 'fail' });
    expect(judge({ receipt: cut })).toMatchObject({ verdict: 'fail' });
    const root = proving.key.model.root.slice().fill(1);
    const key = { ...proving.key, model: { ...proving.key.model, root } };
    expect(judge({ own: { ...own, key } })).toMatchObject({ verdict: 'fail' });
    expect(judge({ own: { ...own, key: null } })).toMatchObject({ verdict: 'unverifiable' });
    expect(judge({ job: { ...job, submission: null } })).toMatchObject({
      verdict: 'unverifiable',
    });
    const traceOnly = { ...job, params: { ...job.params, evidence: EVIDENCE.trace } };
    expect(judge({ job: traceOnly })).toMatchObject({ verdict: 'unverifiable' });
    expect(checkOutput(job, program, other)).toMatchObject({ verdict: 'fail' });
    expect(checkOutput(job, program, output.subarray(4))).toMatchObject({ verdict: 'fail' });
    expect(checkOutput({ ...job, submission: null }, program, output)).toMatchObject({
      verdict: 'unverifiable',
    });
  });

  test('of a public input does not pass for a job whose input is sealed', () => {
    const sealed = jobWith(valuesRoot(program.outputs, output), { inputKind: INPUT_KIND.sealed });
    expect(checkReceipt(sealed, own, output, receipt)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('input that the job names'),
    });
    const hidden = jobWith(valuesRoot(program.outputs, output), { outputKey: id });
    expect(checkReceipt(hidden, own, null, receipt)).toMatchObject({ verdict: 'fail' });
  });
});

test('a proof of a sealed input is about the input that the job names', () => {
  const [port] = program.inputs;
  if (port === undefined) throw new Error('no input');
  const proving = provingKey({ shown: { inputs: new Map([[port.name, 'committed']]) }, proofs: 2 });
  const { key } = proving;
  const budget = portBudget(key, { side: 'inputs', index: 0 });
  const commit = (values: Int32Array) => commitPort(engine, key, port, values, budget).opened;
  const opened = commit(inputs.get(port.name) ?? new Int32Array());
  const committedInputs = new Map([[port.name, opened]]);
  const { receipt, outputs } = receiptOf(proving, bytesOf(id), { committedInputs });
  const output = encodeValues(program.outputs, outputs);
  const root = valuesRoot(program.outputs, output);
  const own: OwnSide = { program, key: proving.key, inputs: new Map() };
  const name = commitmentName(opened.name.root, opened.name.yReg);
  const job = jobWith(root, { inputKind: INPUT_KIND.sealed, inputRoot: hexOf(name) });
  expect(checkReceipt(job, own, output, receipt)).toEqual({ verdict: 'pass' });
  const another = commit(inputs.get(port.name) ?? new Int32Array());
  expect(bytesOfK(another.name.yReg)).not.toEqual(bytesOfK(opened.name.yReg));
  const otherName = commitmentName(another.name.root, another.name.yReg);
  const wrong = jobWith(root, { inputKind: INPUT_KIND.sealed, inputRoot: hexOf(otherName) });
  expect(checkReceipt(wrong, own, output, receipt)).toMatchObject({ verdict: 'fail' });
});
