import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@assay/core/hash';
import { type Anvil, localSecret, startAnvil, writeKeystore } from '@assay/market/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { networkDeploy, type NetworkDeployOptions } from '../src/commands/network-deploy.ts';
import { openNetwork } from '../src/network/network-file.ts';
import { type Answer, answer } from './commands.ts';

let home: string;
let anvil: Anvil;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'assay-deploy-'));
  anvil = await startAnvil();
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await anvil.stop('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const at = (name: string): string => join(home, name);
const run = (changes: Partial<NetworkDeployOptions> = {}): Promise<Answer> => {
  vi.stubEnv('ASSAY_KEY', toHex(localSecret(0)));
  return answer(() =>
    networkDeploy({ rpc: anvil.url, output: at('network.json'), quiet: true, ...changes }),
  );
};
const book = (): { addresses: { contracts: Record<string, object> } } =>
  JSON.parse(readFileSync(at('network.json'), 'utf8')) as ReturnType<typeof book>;

test('a market on any chain: once, however often it is called', async () => {
  const first = await run();
  expect(first.json).toMatchObject({ ok: true, chainId: 31_337, kept: [] });
  expect(first.json['deployed']).toHaveLength(8);
  expect(openNetwork({ network: at('network.json') })).toMatchObject({ local: false });
  const before = readFileSync(at('network.json'), 'utf8');
  expect((await run()).json).toMatchObject({ ok: true, deployed: [] });
  expect(readFileSync(at('network.json'), 'utf8')).toBe(before);
});

test('one that was interrupted goes on where it stood', async () => {
  const { addresses, ...rest } = book();
  const { market: _market, disputes: _disputes, ...contracts } = addresses.contracts;
  writeFileSync(
    at('network.json'),
    JSON.stringify({ ...rest, addresses: { ...addresses, contracts } }),
  );
  expect(() => openNetwork({ network: at('network.json') })).toThrow(/was interrupted/);
  const again = await run();
  expect(again.json['deployed']).toEqual(['providers', 'market', 'disputes']);
  expect(again.json['kept']).toEqual(['token', 'models', 'verdicts', 'terms', 'verifier']);
});

test('another market does not take the place of one that is there', async () => {
  const rules = at('rules.json');
  writeFileSync(rules, JSON.stringify({ minWindow: 60, minReserve: '5000000' }));
  const before = readFileSync(at('network.json'), 'utf8');
  expect((await run({ rules })).json.error?.code).toBe('ASSAY_NETWORK_DIFFERS');
  expect(readFileSync(at('network.json'), 'utf8')).toBe(before);
  const replaced = await run({ rules, replace: true });
  expect(replaced.json['deployed']).toEqual(['providers', 'market', 'disputes']);
});

test('with a keystore, and a password that is in no message', async () => {
  const keystore = at('key.json');
  writeKeystore(keystore, localSecret(1), 'correct horse', { cost: { n: 1024, r: 8, p: 1 } });
  vi.stubEnv('ASSAY_PASSWORD', 'wrong horse');
  const refused = await run({ keystore, output: at('other.json') });
  expect(refused.json.error?.code).toBe('ASSAY_KEYSTORE_PASSWORD');
  expect(JSON.stringify(refused)).not.toContain('horse');
  vi.stubEnv('ASSAY_PASSWORD', 'correct horse');
  expect((await run({ keystore, output: at('other.json') })).json.ok).toBe(true);
});

test.each<[string, Partial<NetworkDeployOptions>, string]>([
  ['a token that is no address', { token: '0x12' }, 'ASSAY_USAGE'],
  ['a token that is not there', { token: `0x${'12'.repeat(20)}` }, 'ASSAY_NETWORK_DEPLOY'],
  ['a chain that does not answer', { rpc: 'http://127.0.0.1:1' }, 'ASSAY_NETWORK_DEPLOY'],
])('%s', async (_, changes, code) => {
  expect((await run({ output: at('none.json'), ...changes })).json.error?.code).toBe(code);
});

test.each([
  ['unknown rules', { minimum: 1 }],
  ['a negative one', { minWork: -1 }],
  ['an amount as a number', { minReserve: 5 }],
])('%s', async (_, rules) => {
  writeFileSync(at('bad.json'), JSON.stringify(rules));
  expect((await run({ rules: at('bad.json') })).json.error?.code).toBe('ASSAY_USAGE');
});
