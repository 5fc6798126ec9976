import { join } from 'node:path';
import { hexOf, valuesRoot } from '@assay/market';
import { toBytes } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../src/index.ts';
import { DOLLAR, secretOf, startWorld, type World } from './support/world.ts';

/** An output that is too large for the submission. */
const OUTPUTS = 1100;
let world: World;
let provider: Daemon;

beforeAll(async () => {
  world = await startWorld({ widths: [8, OUTPUTS] });
  provider = await startDaemon({
    folder: join(world.folder, 'provider'),
    rpcUrl: world.market.anvil.url,
    addresses: world.market.addresses,
    secret: secretOf(2),
    bundles: [world.bundle],
    pollMs: 100,
    confirmations: 1,
    threads: 1,
    // Nobody gets it over HTTP.
    publicUrl: 'http://127.0.0.1:1',
    provider: { stake: 1000n * DOLLAR },
    logLevel: process.env['ASSAY_TEST_LOG'] ?? 'silent',
  });
  world.paced.add(provider.url);
});
afterAll(async () => {
  await provider.stop(0);
  await world.stop();
});

test('an output that is served nowhere is demanded on chain, and shown there', async () => {
  const id = await world.post(1, { maxOutputBytes: 2 ** 16, windowSeconds: 100 });
  await world.until('submitted', async () => (await world.job(id)).state === 'submitted');
  expect((await world.job(id)).submission?.output).toBe('0x');
  await world.demandOutput(id);
  const shown = (): Uint8Array[] =>
    [...provider.view().challenges.values()].flatMap(({ moves }) =>
      moves.flatMap((move) => (move.name === 'AnsweredOutput' ? [toBytes(move.args.data)] : [])),
    );
  await world.until('shown', () => shown().length > 0);
  const [output = new Uint8Array()] = shown();
  expect(output).toHaveLength(4 * OUTPUTS);
  const root = valuesRoot(world.model.program.outputs, output);
  expect(hexOf(root)).toBe((await world.job(id)).submission?.content.outputRoot);
  await world.until('final', async () => (await world.job(id)).state === 'final', 120_000);
});
