import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { anvilBinary, startAnvil } from './anvil.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a local chain', () => {
  test('is a process that ends when it is told to', async () => {
    const anvil = await startAnvil({ chainId: 777 });
    const response = await fetch(anvil.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
    });
    expect(await response.json()).toMatchObject({ result: '0x309' });
    await anvil.stop();
    expect(anvil.process.exitCode ?? anvil.process.signalCode).not.toBeNull();
    await expect(fetch(anvil.url)).rejects.toThrow();
    await anvil.stop();
  });

  test('that cannot start says what it said', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-anvil-'));
    const script = join(folder, 'anvil');
    writeFileSync(script, '#!/bin/sh\necho port taken >&2\nexit 1\n');
    chmodSync(script, 0o755);
    vi.stubEnv('ASSAY_ANVIL', script);
    expect(anvilBinary()).toBe(script);
    await expect(startAnvil()).rejects.toMatchObject({
      code: 'ASSAY_ANVIL_START',
      details: 'port taken\n',
    });
    vi.stubEnv('ASSAY_ANVIL', join(folder, 'none'));
    await expect(startAnvil()).rejects.toMatchObject({ code: 'ASSAY_ANVIL_START' });
    rmSync(folder, { recursive: true });
  });

  test('for which there is no binary', () => {
    vi.spyOn(process, 'arch', 'get').mockReturnValue('s390x');
    expect(() => anvilBinary()).toThrow(expect.objectContaining({ code: 'ASSAY_ANVIL_MISSING' }));
    vi.restoreAllMocks();
  });
});
