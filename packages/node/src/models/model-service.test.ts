import { testEngine } from '@assay/core/engine';
import { keccak256 } from '@assay/core/hash';
import {
  bytesOf,
  type ChallengeState,
  type ChallengeView,
  deriveRecord,
  encodeValues,
  EVIDENCE,
  hexOf,
  type JobParams,
  type JobView,
  ZERO_HASH,
} from '@assay/market';
import { rootOfPath, TensorTree } from '@assay/program/trace';
import type { Bundle } from '@assay/prover/bundle';
import { mlpToy, seededDraw } from '@assay/runtime/testing';
import { decodeFunctionData, type Hex } from 'viem';
import { disputesAbi } from '@assay/contracts';
import { describe, expect, it } from 'vitest';
import { answerChallenge, DisputeCalls } from '../disputes/index.ts';
import { FakeChain } from '../testing/fake-chain.ts';
import { FakeMarket, MODEL } from '../testing/fake-market.ts';
import { ModelService } from './model-service.ts';

const ME: Hex = '0x00000000000000000000000000000000000000c1';
const OUTPUTS = 1100;
const toy = mlpToy(seededDraw(3), [6, OUTPUTS]);
const { program, weights } = toy;
const input = encodeValues(
  program.inputs,
  new Map(program.inputs.map(({ name, tensor }) => [name, toy.inputs.get(tensor) ?? noValues()])),
);

function noValues(): never {
  throw new Error('no values');
}

function service(
  options: { readonly keptTraces?: number; readonly keptBytes?: number } = {},
): ModelService {
  const derived = deriveRecord({ program, weights, key: null });
  const served = {
    bundle: {} as Bundle,
    program,
    weights,
    record: derived.record,
    trace: derived.trace,
    constants: derived.constants,
    traceRefusal: null,
    evidence: EVIDENCE.trace | EVIDENCE.proof,
  };
  const record = { ...derived.record, predecessor: ZERO_HASH, manifest: ZERO_HASH };
  const block = { number: 0n, hash: '0x00' } as const;
  return new ModelService({
    models: [served],
    engine: testEngine(),
    receiptKey: null,
    sealKey: null,
    registered: (id) => ({ id, record, registrant: ME, uris: [], block }),
    openings: '',
    now: () => 0,
    ...options,
  });
}

function jobWith(changes: Partial<JobParams>): JobView {
  const chain = new FakeChain();
  const market = new FakeMarket(chain, ME);
  const id = market.post({ modelId: MODEL, maxOutputBytes: 1 << 20, ...changes });
  chain.mine();
  const job = market.view().jobs.get(id);
  if (job === undefined) throw new Error('no job');
  return job;
}

/** A challenge that waits for the first, and only, chunk of the output. */
function demand(outputRoot: Hex): ChallengeView {
  const state: ChallengeState = {
    job: ZERO_HASH,
    challenger: ME,
    provider: ME,
    relations: ZERO_HASH,
    relationCount: 1,
    traceRoot: ZERO_HASH,
    outputRoot,
    traces: 1,
    outputs: 1,
    unit: 1n,
    turnSeconds: 1,
    turnBlocks: 1,
    forfeitBurnBps: 1,
    bond: 3n,
    next: 6,
    due: 1,
    dueBlock: 1n,
    list: 3,
    inTensor: true,
    tensor: 0,
    elements: OUTPUTS,
    depthLeft: 6,
    position: 0,
    node: outputRoot,
    asks: 0,
    asked: ZERO_HASH,
  };
  return { id: ZERO_HASH, state, moves: [] } as unknown as ChallengeView;
}

const calls = new DisputeCalls({
  chainId: 1,
  fromBlock: 0n,
  market: ME,
  disputes: ME,
  models: ME,
  providers: ME,
  token: ME,
});

/** Of public output, whatever the evidence, the contract lets the requester demand pieces (`openOutput`). */
describe('output that is demanded on chain', () => {
  it.each([
    ['trace', EVIDENCE.trace],
    ['proof', EVIDENCE.proof],
    ['both', EVIDENCE.trace | EVIDENCE.proof],
  ])('is shown, for %s evidence', async (_, evidence) => {
    const own = service();
    const job = jobWith({ evidence });
    const { outputRoot } = await own.execute(job, input);
    const trees = await own.trees(job, input);
    if (trees === null) throw new Error('an honest provider that has no answer is slashed');
    const call = answerChallenge(demand(outputRoot), trees, calls);
    if (call === null) throw new Error('no answer');
    const { functionName, args } = decodeFunctionData({ abi: disputesAbi, data: call.data });
    if (functionName !== 'answerOutput') throw new Error(functionName);
    const [, , data, path] = args;
    const bytes = bytesOf(data);
    const values = Int32Array.from({ length: OUTPUTS }, (__, i) =>
      new DataView(bytes.buffer, bytes.byteOffset).getInt32(4 * i),
    );
    expect(path).toEqual([]);
    expect(hexOf(rootOfPath(new TensorTree(values).root, 0, []))).toBe(outputRoot);
  });

  it('is not when it is sealed', async () => {
    const job = jobWith({ evidence: EVIDENCE.proof, outputKey: hexOf(keccak256(input)) });
    expect(await service().trees(job, input)).toBeNull();
  });
});

describe('traces in memory', () => {
  const jobs = [1, 2, 3].map((n) => jobWith({ nonce: `0x${String(n).padStart(64, '0')}` }));
  /** How many of the first jobs' traces are still there after all were asked for. */
  const kept = async (options: Parameters<typeof service>[0]): Promise<number> => {
    const own = service(options);
    const first = [];
    for (const job of jobs) first.push(await own.trees(job, input));
    const again = [];
    // The last one first: asking makes others go.
    for (const job of jobs.toReversed()) again.unshift(await own.trees(job, input));
    expect(again.map((trees) => trees?.roots)).toEqual(first.map((trees) => trees?.roots));
    return first.filter((trees, i) => trees === again[i]).length;
  };

  it('are so many, and take so much, at most; the last one stays whatever it takes', async () => {
    expect(await kept({})).toBe(3);
    expect(await kept({ keptTraces: 2 })).toBeLessThan(3);
    expect(await kept({ keptBytes: 1 })).toBe(1);
    expect(await kept({ keptTraces: 0 })).toBe(1);
  });
});
