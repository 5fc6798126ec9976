import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cases } from './cases/index.ts';
import { connectedPipeline } from './connected.ts';
import { timeSession } from './harness.ts';

const nowMs = (): number => performance.now();

describe('every model of the bench, from its file to a verified proof', () => {
  it.each(cases.map((entry) => [entry.name, entry] as const))('%s', async (name, entry) => {
    const { model, calibration, scored } = entry.load();
    const [inputs = {}] = scored;
    const parent = mkdtempSync(join(tmpdir(), 'assay-proof-'));
    const folder = join(parent, 'bundle');
    try {
      await connectedPipeline.compile({ name, model, samples: calibration, folder });
      const keys = await connectedPipeline.setup({ folder, threads: 2, securityBits: 128 });
      const session = await connectedPipeline.open(folder, 2);
      // Accepts the proof, and rejects it with a changed bit: or throws.
      const { proofBytes, securityBits } = await timeSession(session, inputs, 1, nowMs);
      await session.close();
      expect(securityBits).toBe(128);
      expect(proofBytes).toBeLessThanOrEqual(192 * 1024);
      expect(keys.verifyingKeyBytes).toBeLessThanOrEqual(100_000);
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  });
});
