import { createPublicClient, type Hex, http } from 'viem';
import { deriveTrace, LIST, type TraceProgram } from '@assay/program/trace';
import { elementCount, type Program } from '@assay/program';
import { executePorts } from '@assay/runtime';
import { mlpToy, seededDraw, TRACE_LIES, TraceLiar } from '@assay/runtime/testing';
import { findFraud, type TreeReader, treeReader } from '@assay/runtime/trace';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createSender,
  decodeRefusal,
  deriveRecord,
  encodeManifest,
  encodeValues,
  hexOf,
  httpTreeReader,
  type JobRequest,
  type JobView,
  MarketClient,
  modelId,
  newSealKey,
  recordDifferences,
  sameHex,
  type Submission,
  unseal,
  verdictTypedData,
  verifierSetHash,
  withProvenance,
  ZERO_HASH,
} from '../src/index.ts';
import { ArtefactStore, startHttpServer } from '../src/node/index.ts';
import { localAccount, type LocalMarket, startLocalMarket } from '../src/testing/index.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SEED = 20261120;
const DOLLAR = 1_000_000n;

let market: LocalMarket;
let program: Program;
let trace: TraceProgram;
let liar: TraceLiar;
let record: ReturnType<typeof withProvenance>;
let values: ReadonlyMap<string, Int32Array>;
let output: Uint8Array;
let model: Hex;
const folder = mkdtempSync(join(tmpdir(), 'assay-client-'));
const closing: (() => Promise<void>)[] = [];

function clientOf(index: number): MarketClient {
  const account = localAccount(index);
  const client = createPublicClient({ transport: http(market.anvil.url), cacheTime: 0 });
  const sender = createSender({ client, account, pollMs: 20 });
  return new MarketClient({ client, addresses: market.addresses, sender });
}

beforeAll(async () => {
  const toy = mlpToy(seededDraw(SEED), [70, 40, 5]);
  program = toy.program;
  const derived = deriveTrace(program);
  if (!derived.ok) throw new Error(derived.error.kind);
  trace = derived.value;
  liar = new TraceLiar(trace, program, toy.weights, toy.inputs, seededDraw(SEED));
  values = new Map(
    program.inputs.map(({ name, tensor }) => [name, toy.inputs.get(tensor) ?? new Int32Array()]),
  );
  output = encodeValues(program.outputs, executePorts(program, toy.weights, values, null).outputs);
  record = withProvenance(deriveRecord({ program, weights: toy.weights, key: null }).record);
  market = await startLocalMarket();
  const provider = clientOf(1);
  model = (await clientOf(0).registerModel(record, ['http://example.org/model'])).id;
  await provider.stake(5000n * DOLLAR);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  await market.stop();
  rmSync(folder, { recursive: true });
});

const request = (changes: Partial<JobRequest> = {}): JobRequest => ({
  modelId: model,
  program,
  input: { kind: 'inline', values },
  evidence: ['trace'],
  maxPrice: 2n * DOLLAR,
  ...changes,
});

/** Posts a job as account 2 and locks it as account 1. */
async function locked(changes: Partial<JobRequest> = {}): Promise<JobView> {
  const requester = clientOf(2);
  const { id } = await requester.post(await requester.prepare(request(changes)));
  const provider = clientOf(1);
  const { params } = await provider.job(id);
  await send(1, provider.calls.lock(params));
  return provider.job(id);
}

function send(index: number, call: Parameters<ReturnType<typeof createSender>['send']>[0]) {
  return createSender({
    client: market.client,
    account: localAccount(index),
    pollMs: 20,
  }).send(call);
}

async function submit(job: JobView, changes: Partial<Submission> = {}, uri = ''): Promise<JobView> {
  const provider = clientOf(1);
  const content: Submission = {
    job: job.id,
    provider: provider.address,
    outputRoot: hexOf(liar.honest.lists[LIST.output].root),
    traceRoot: hexOf(liar.honest.lists[LIST.trace].root),
    proofDigest: ZERO_HASH,
    artefacts: ZERO_HASH,
    ...changes,
  };
  await send(1, provider.calls.submit(job.params, content, hexOf(output), uri));
  return provider.job(job.id);
}

const codeOf = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'no error',
    (error: { code?: string; details?: string }) => `${error.code}: ${error.details}`,
  );

describe('a record', () => {
  test('is what the registry has, and names every difference', async () => {
    const registered = await clientOf(0).reads.model(model);
    expect(registered).toEqual(record);
    expect(modelId(registered)).toBe(model);
    expect((await clientOf(3).model(model)).record).toEqual(record);
    expect((await clientOf(3).model(`0x${model.slice(2).toUpperCase()}`)).id).toBe(model);
    expect(recordDifferences(record, registered)).toEqual([]);
    const tampered = { ...registered, constantsRoot: record.relationsRoot, traces: 7 };
    const { predecessor: _, manifest: __, ...derived } = record;
    expect(recordDifferences(derived, tampered)).toEqual(['constantsRoot', 'traces']);
    expect(await clientOf(0).registerModel(record, [])).toEqual({ id: model, receipt: null });
  });
});

describe('a job with a trace', () => {
  test('is posted, answered, checked and paid', async () => {
    const requester = clientOf(2);
    const before = await requester.reads.tokens(requester.address);
    const job = await submit(await locked());
    expect(job.state).toBe('submitted');
    expect(sameHex(await requester.reads.jobId(job.params), job.id)).toBe(true);
    const fetched = await requester.fetchOutput(await requester.job(job.id), program);
    expect(fetched.bytes).toEqual(output);
    expect([...fetched.values.keys()]).toEqual(program.outputs.map(({ name }) => name));
    expect(await codeOf(requester.finalize(job.id))).toMatch(/ASSAY_CALL_REFUSED: TooSoon/);
    await market.pass(10, 5);
    await requester.finalize(job.id);
    const seen: string[] = [];
    const ended = await requester.follow(job.id, { onChange: ({ state }) => seen.push(state) });
    expect([ended.state, seen]).toEqual(['final', ['final']]);
    const paid = ended.paid ?? 0n;
    expect(paid).toBeGreaterThanOrEqual(DOLLAR);
    expect(paid).toBeLessThanOrEqual(2n * DOLLAR);
    const provider = clientOf(1);
    expect(await provider.reads.balance(provider.address)).toBe(paid);
    await provider.withdraw();
    expect(await provider.reads.balance(provider.address)).toBe(0n);
    // The change of a price that was lower than the highest.
    expect(await requester.reads.balance(requester.address)).toBe(2n * DOLLAR - paid);
    await requester.withdraw();
    expect(await requester.reads.tokens(requester.address)).toBe(before - paid);
  });

  test('whose output is none, or another one, is not fetched', async () => {
    const requester = clientOf(2);
    const job = await submit(await locked());
    const { submission } = job;
    if (submission === null) throw new Error('not submitted');
    const other = output.slice();
    other[3] = (other[3] ?? 0) ^ 1;
    const lies: JobView['submission'][] = [
      { ...submission, output: hexOf(other) },
      { ...submission, output: hexOf(output.subarray(1)) },
      { ...submission, output: '0x' },
      null,
    ];
    for (const lie of lies) {
      const code = await codeOf(requester.fetchOutput({ ...job, submission: lie }, program));
      expect(code).toMatch(/^ASSAY_(OUTPUT|JOB_STATE|ARTEFACT_UNAVAILABLE)/);
    }
  });

  test('is cancelled before anyone locks it, and not after', async () => {
    const requester = clientOf(2);
    const { id } = await requester.post(await requester.prepare(request()));
    await requester.cancel(id);
    expect((await requester.job(id)).state).toBe('cancelled');
    const job = await locked();
    expect(await codeOf(requester.cancel(job.id))).toMatch(/WrongState/);
    await market.pass(job.params.workSeconds + 1);
    await requester.expire(job.id);
    const late = await requester.job(job.id);
    expect([late.state, late.faults[0]?.fault, late.lock]).toEqual(['rescue', 'late', null]);
  });

  test('is posted for its requester by another, who pays for gas alone', async () => {
    const requester = clientOf(4);
    const prepared = await requester.prepare(request());
    const token = { name: 'Test Dollar', version: '1' };
    const signed = await requester.signPost(prepared, localAccount(4), token);
    const before = await requester.reads.tokens(requester.address);
    const call = requester.calls.postFor(
      prepared.params,
      prepared.input,
      signed.signature,
      signed.authorization,
    );
    await send(5, call);
    const job = await requester.job(prepared.id);
    expect([job.state, job.params]).toEqual(['open', prepared.params]);
    expect(await requester.reads.tokens(requester.address)).toBe(before - 2n * DOLLAR);
    // Once.
    expect(await codeOf(send(5, call))).toMatch(/ASSAY_CALL_REFUSED/);
  });

  test('that the rules do not allow is refused before it costs anything', async () => {
    const requester = clientOf(2);
    const sealed = { kind: 'sealed', name: new Uint8Array(32).fill(1) } as const;
    for (const changes of [
      { evidence: [] },
      { input: sealed },
      { verifiers: { hash: model, fee: 1n } },
      { outputKey: model },
    ]) {
      expect(await codeOf(requester.prepare(request(changes)))).toMatch(/^ASSAY_JOB_REQUEST/);
    }
    const poor = clientOf(15);
    const prepared = await poor.prepare(request());
    expect(await codeOf(poor.post(prepared))).toMatch(/^ASSAY_CALL_REFUSED/);
    const onlooker = new MarketClient({
      client: market.client,
      addresses: market.addresses,
      sender: null,
    });
    expect(await codeOf(onlooker.prepare(request()))).toMatch(/^ASSAY_CLIENT_READ_ONLY/);
    expect(await codeOf(onlooker.job(ZERO_HASH))).toMatch(/^ASSAY_JOB_UNKNOWN/);
    expect(await codeOf(onlooker.model(ZERO_HASH))).toMatch(/^ASSAY_MODEL_UNKNOWN/);
  });
});

/** Serves the trees of one job as a provider does; `withhold` answers one path with nothing. */
async function serve(job: Hex, reader: TreeReader, withhold?: RegExp): Promise<string[]> {
  const asked: string[] = [];
  const server = await startHttpServer({
    routes: [
      {
        prefix: 'trace',
        handle: async ({ path }) => {
          const [of, what, ...numbers] = path;
          asked.push(path.slice(1).join('/'));
          if (of !== job || withhold?.test(path.join('/')) === true) {
            return { status: 404, body: 'no' };
          }
          const positions = (numbers.pop() ?? '').split(',').map(Number);
          const [list = 2, tensor = 0, level = 0] = numbers.map(Number);
          const parts = await Promise.all(
            positions.map((at) =>
              what === 'list'
                ? reader.listNode(list as 2, tensor, at)
                : what === 'node'
                  ? reader.node(list as 2, tensor, level, at)
                  : reader.leaf(list as 2, tensor, at),
            ),
          );
          return { status: 200, body: new Uint8Array(Buffer.concat(parts)) };
        },
      },
    ],
  });
  closing.push(() => server.close(50));
  return [server.url, ...asked];
}

const rootsOf = (job: JobView) => ({
  2: bytes(job.submission?.content.traceRoot ?? '0x'),
  3: bytes(job.submission?.content.outputRoot ?? '0x'),
});
const bytes = (hex: Hex): Uint8Array => new Uint8Array(Buffer.from(hex.slice(2), 'hex'));

describe('fraud', () => {
  test('of every kind is proven over HTTP and on chain; the requester is refunded', async () => {
    const honestOutput = hexOf(liar.honest.lists[LIST.output].root);
    let proven = 0;
    for (const kind of TRACE_LIES) {
      let lie = liar.tell(kind);
      for (let i = 0; i < 40 && lie !== null; i++) {
        if (hexOf(lie.lists.roots[3]) === honestOutput) break;
        lie = liar.tell(kind);
      }
      // Inline outputs are hashed by the contract: lies about them are lies about the trace.
      if (lie === null || hexOf(lie.lists.roots[3]) !== honestOutput) continue;
      const watcher = clientOf(3);
      const before = await watcher.reads.balance(watcher.address);
      const job = await submit(await locked(), { traceRoot: hexOf(lie.lists.roots[2]) });
      const [url = ''] = await serve(job.id, lie.reader);
      const reader = httpTreeReader({ endpoints: [url], job: job.id, roots: rootsOf(job) });
      const proof = await findFraud(trace, liar.honest, reader);
      if (proof === null) throw new Error(`seed ${SEED}: ${kind} ${lie.what}: not found`);
      const { reveal } = await watcher.dispute(job.id, proof);
      const ended = await watcher.job(job.id);
      expect([kind, ended.state, ended.faults.at(-1)?.fault]).toEqual([kind, 'slashed', 'fraud']);
      const { reward = 0n, refund } = ended.faults.at(-1) ?? {};
      expect(refund).toBe(job.lock?.price);
      expect(await watcher.reads.balance(watcher.address)).toBe(before + reward);
      expect(reveal.gasUsed).toBeLessThan(1_500_000n);
      proven += 1;
    }
    expect(proven).toBeGreaterThanOrEqual(5);
  });

  test('is not found in an honest trace, and not proven against it', async () => {
    const job = await submit(await locked());
    const [url = ''] = await serve(job.id, treeReader(liar.honest));
    const reader = httpTreeReader({ endpoints: [url], job: job.id, roots: rootsOf(job) });
    expect(await findFraud(trace, liar.honest, reader)).toBeNull();
    const lie = liar.tell('element');
    if (lie === null) throw new Error('no lie');
    const proof = await findFraud(trace, liar.honest, lie.reader);
    if (proof === null) throw new Error('no proof');
    expect(await codeOf(clientOf(3).dispute(job.id, proof))).toMatch(/^ASSAY_CALL_REFUSED/);
    expect((await clientOf(3).job(job.id)).state).toBe('submitted');
  });

  test('of a provider that serves nothing, or half, is told apart', async () => {
    const job = await submit(await locked(), { traceRoot: model });
    const lie = liar.tell('element');
    if (lie === null) throw new Error('no lie');
    const roots = rootsOf(job);
    const nobody = httpTreeReader({ endpoints: ['http://127.0.0.1:1'], job: job.id, roots });
    expect(await codeOf(findFraud(trace, liar.honest, nobody))).toMatch(/^ASSAY_TRACE_WITHHELD/);
    // What it serves is not what it has committed to.
    const [url = ''] = await serve(job.id, lie.reader);
    const false_ = httpTreeReader({ endpoints: [url], job: job.id, roots });
    expect(await codeOf(findFraud(trace, liar.honest, false_))).toMatch(/^ASSAY_TRACE_DATA/);
    const [half = ''] = await serve(job.id, lie.reader, /leaf/);
    const lying = { 2: lie.lists.roots[2], 3: lie.lists.roots[3] };
    const leafless = httpTreeReader({ endpoints: [half], job: job.id, roots: lying });
    expect(await codeOf(findFraud(trace, liar.honest, leafless))).toMatch(/^ASSAY_TRACE_WITHHELD/);
  });
});

describe('sealed jobs', () => {
  test('the input is sealed to whoever has locked, and nobody else', async () => {
    // A record with a root of its weights: evidence is a proof. What it proves does not matter here.
    const proving = { ...record, pcsRoot: record.relationsRoot };
    const requester = clientOf(2);
    const { id: modelId } = await requester.registerModel(proving, []);
    const key = await newSealKey();
    const store = new ArtefactStore(join(folder, 'sealed'));
    const server = await startHttpServer({ artefacts: store });
    closing.push(() => server.close(50));
    const name = new Uint8Array(32).fill(7);
    await send(1, requester.calls.updateProvider(key.publicKey, ZERO_HASH, server.url));
    const job = await locked({
      modelId,
      evidence: ['proof'],
      input: { kind: 'sealed', name },
    });
    const secret = new TextEncoder().encode('an opening');
    const publish = async (envelope: Uint8Array): Promise<string> =>
      `${server.url}/artefacts/${store.put(envelope)}`;
    await send(1, requester.calls.updateProvider(ZERO_HASH, ZERO_HASH, server.url));
    expect(await codeOf(requester.deliver(job.id, secret, publish))).toMatch(/^ASSAY_PROVIDER_KEY/);
    await send(1, requester.calls.updateProvider(key.publicKey, ZERO_HASH, server.url));
    await requester.deliver(job.id, secret, publish);
    const { delivered, params } = await requester.job(job.id);
    const envelope = store.get(delivered?.ciphertext.slice(2) ?? '');
    if (envelope === null) throw new Error('no envelope');
    expect(await unseal(key, job.id, 'input', envelope)).toEqual({ ok: true, value: secret });
    await send(1, requester.calls.acknowledge(params));
    expect((await requester.job(job.id)).acknowledged).toBe(true);
  });
});

describe('what is served', () => {
  test('outputs that are too large for a transaction come by the manifest', async () => {
    const store = new ArtefactStore(join(folder, 'served'));
    const server = await startHttpServer({ artefacts: store });
    closing.push(() => server.close(50));
    const job = await locked();
    const manifest = {
      job: job.id,
      model,
      output: { sha256: store.put(output), bytes: output.length },
      receipt: null,
      sealedOutput: null,
    };
    const artefacts: Hex = `0x${store.put(encodeManifest(manifest))}`;
    const submitted = await submit(job, { artefacts }, server.url);
    const { submission } = submitted;
    if (submission === null) throw new Error('not submitted');
    const requester = clientOf(2);
    // As if it had not been in the transaction.
    const large: JobView = { ...submitted, submission: { ...submission, output: '0x' } };
    expect((await requester.fetchOutput(large, program)).bytes).toEqual(output);
    expect(await requester.manifest(large)).toEqual(manifest);
    const foreign = { ...large, id: ZERO_HASH };
    expect(await codeOf(requester.manifest(foreign))).toMatch(/^ASSAY_MANIFEST/);
    expect(elementCount(program.outputs[0]?.shape ?? [])).toBe(5);
  });
});

describe('what a view shows of', () => {
  test('a proof that is accepted', async () => {
    const proving = { ...record, pcsRoot: record.relationsRoot };
    const requester = clientOf(2);
    const { id: modelId } = await requester.registerModel(proving, []);
    const job = await submit(await locked({ modelId, evidence: ['proof', 'trace'] }), {
      proofDigest: model,
    });
    expect(job.settled).toBeNull();
    const own = { program, key: null, inputs: values };
    expect(await requester.check(job, own)).toMatchObject({ verdict: 'unverifiable' });
    await requester.accept(job.id);
    expect(await requester.job(job.id)).toMatchObject({ state: 'submitted', settled: 'accepted' });
    await market.pass(10, 5);
    await requester.finalize(job.id);
    expect((await requester.follow(job.id)).state).toBe('final');
  });

  test('a proof that two of three verifiers pass, and one that they fail', async () => {
    const proving = { ...record, pcsRoot: record.relationsRoot };
    const requester = clientOf(2);
    const { id: modelId } = await requester.registerModel(proving, []);
    const signers = [6, 7, 8].map(localAccount);
    const set = signers.map(({ address }) => address);
    const verifiers = { hash: verifierSetHash(set, 2), fee: DOLLAR };
    for (const verdict of ['pass', 'fail'] as const) {
      const job = await submit(await locked({ modelId, evidence: ['proof'], verifiers }), {
        proofDigest: model,
        traceRoot: ZERO_HASH,
      });
      const { submission } = job;
      if (submission === null) throw new Error('not submitted');
      const typed = verdictTypedData(market.addresses, job.id, submission.hash, verdict);
      const signatures = new Map<Hex, Hex>();
      const settle = (): Promise<unknown> =>
        send(
          5,
          requester.calls.settle(job.params, submission.content, verdict, set, 2, signatures),
        );
      for (const signer of signers.slice(1)) {
        expect(await codeOf(settle())).toMatch(/QuorumNotMet/);
        signatures.set(signer.address, await signer.signTypedData({ ...typed }));
      }
      await settle();
      const ended = await requester.job(job.id);
      expect([ended.state, ended.faults.at(-1)?.fault ?? ended.settled]).toEqual(
        verdict === 'pass' ? ['final', 'verdict'] : ['slashed', 'proof-failed'],
      );
    }
    // A fee each time, in three parts.
    const paid = await Promise.all(set.map((member) => requester.reads.balance(member)));
    expect(paid.reduce((sum, part) => sum + part, 0n)).toBe(2n * DOLLAR);
  });

  test('a data challenge that the provider does not answer', async () => {
    const watcher = clientOf(3);
    await watcher.deposit(100n * DOLLAR);
    const job = await submit(await locked());
    const { submission } = job;
    if (submission === null) throw new Error('not submitted');
    const about = { params: job.params, submission: submission.content, model: record };
    await send(3, watcher.calls.openChallenge(about, LIST.trace, model));
    const [challenge, ...others] = (await watcher.job(job.id)).challenges;
    if (challenge === undefined) throw new Error('no challenge');
    expect(others).toEqual([]);
    const seen = watcher.follower.view.challenges.get(challenge);
    expect(seen).toMatchObject({ open: true, upheld: null, job: job.id });
    const { state } = seen ?? {};
    if (state === undefined || state === null) throw new Error('no state');
    expect(sameHex(state.traceRoot, submission.content.traceRoot)).toBe(true);
    await market.pass(60, 10);
    await send(3, watcher.calls.timeout(challenge, state, job.params, submission.content));
    const ended = await watcher.job(job.id);
    expect([ended.state, ended.faults.at(-1)?.fault, ended.challenges]).toEqual([
      'slashed',
      'withheld',
      [],
    ]);
    expect(watcher.follower.view.challenges.get(challenge)).toMatchObject({
      open: false,
      upheld: true,
    });
  });

  test('a job that does not move: it is waited for, and no longer', async () => {
    const requester = clientOf(2);
    const { id } = await requester.post(await requester.prepare(request()));
    const code = await codeOf(requester.follow(id, { timeoutMs: 100 }));
    expect(code).toMatch(/^ASSAY_JOB_TIMEOUT/);
    const stop = AbortSignal.abort();
    await expect(requester.follow(id, { signal: stop })).rejects.toThrow(/abort/);
    expect(await codeOf(requester.deliver(id, output, async () => ''))).toMatch(/ASSAY_JOB_STATE/);
  });
});

test('refusals in words', () => {
  expect(decodeRefusal('0x').reason).toBe('reverted');
  expect(decodeRefusal('0xdeadbeef').reason).toBe('reverted: 0xdeadbeef');
});
