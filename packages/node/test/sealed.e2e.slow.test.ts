import { join } from 'node:path';
import { createEngine } from '@assay/core/engine';
import { createSender, decodeValues, encodeValues, MarketClient } from '@assay/market';
import { type OrderEvent, placeOrder } from '@assay/market/node';
import { localAccount } from '@assay/market/testing';
import { executePorts } from '@assay/runtime';
import { createNodePool } from '@assay/runtime/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../src/index.ts';
import { DOLLAR, secretOf, startWorld, type World } from './support/world.ts';

let world: World;
let provider: Daemon;

beforeAll(async () => {
  world = await startWorld({ logRows: 13 });
  provider = await startDaemon({
    folder: join(world.folder, 'provider'),
    rpcUrl: world.market.anvil.url,
    addresses: world.market.addresses,
    secret: secretOf(2),
    bundles: [world.bundle],
    pollMs: 100,
    confirmations: 1,
    threads: 1,
    provider: { stake: 1000n * DOLLAR },
    logLevel: process.env['ASSAY_TEST_LOG'] ?? 'silent',
  });
  world.paced.add(provider.url);
});
afterAll(async () => {
  await provider.stop(0);
  await world.stop();
});

test('a private job: sealed input, committed in the proof; the output opens for the requester alone', async () => {
  const { program, bundle } = world.model;
  const { addresses, client } = world.market;
  const sender = createSender({ client, account: localAccount(1) });
  const market = new MarketClient({ client, addresses, sender });
  const pool = await createNodePool({ threads: 1 });
  const values = decodeValues(program, program.inputs, world.input(3));
  if (!values.ok) throw new Error('input');
  const events: OrderEvent[] = [];
  let isDone = false;
  const order = placeOrder(
    market,
    {
      modelId: world.modelId,
      program,
      key: bundle.verifyingKey,
      values: values.value,
      evidence: ['proof'],
      maxPrice: DOLLAR,
      workSeconds: 600,
      privately: { engine: createEngine(pool) },
    },
    (event) => events.push(event),
  ).finally(() => {
    isDone = true;
  });
  await world.until('fulfilled', () => isDone, 120_000).catch(() => undefined);
  const { job, judgement, output } = await order;
  await pool.close();
  expect(judgement).toEqual({ verdict: 'pass' });
  expect(job.state).toBe('final');
  const right = executePorts(program, world.model.weights, values.value, null).outputs;
  expect(output?.values).toEqual(right);
  expect(events.map(({ kind }) => kind)).toContain('delivered');
  // Neither is on the chain, nor served in the open.
  expect(job.submission?.output).toBe('0x');
  const manifest = await market.manifest(job);
  expect(manifest.output).toBeNull();
  expect(encodeValues(program.outputs, right).length).toBeGreaterThan(0);
});
