import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cases } from './cases/index.ts';
import { connectedPipeline } from './connected.ts';
import { timeSession } from './harness.ts';
import { profileNames } from './profiles.ts';

const nowMs = (): number => performance.now();

describe('every model of the bench, from its file to verified proofs', () => {
  it.each(cases.map((entry) => [entry.name, entry] as const))('%s', async (name, entry) => {
    const { model, calibration, scored } = entry.load();
    const [inputs = {}] = scored;
    const parent = mkdtempSync(join(tmpdir(), 'assay-proof-'));
    try {
      for (const profile of profileNames) {
        const folder = join(parent, profile);
        const privateWeights = profile === 'zk-private';
        const asked = { name, model, samples: calibration, folder, privateWeights };
        await connectedPipeline.compile(asked);
        const request = { folder, profile, proofs: 8, threads: 2, securityBits: 128 };
        const { sizes, registration } = await connectedPipeline.setup(request);
        const session = await connectedPipeline.open(folder, 2);
        // Accepts the proof, and rejects it with a changed bit: or throws.
        const timings = await timeSession(session, inputs, 1, nowMs);
        await session.close();
        expect(timings.securityBits).toBe(128);
        expect(timings.proofBytes).toBeLessThanOrEqual(192 * 1024);
        expect(timings.zk).toBe(profile !== 'plain');
        expect(timings.hidden).toEqual(
          { plain: [], zk: ['input'], 'zk-private': ['input', 'weights'] }[profile],
        );
        expect(registration !== null).toBe(profile === 'zk-private');
        expect(timings.verifyModelMs !== null).toBe(profile === 'zk-private');
        const registrationBytes = registration?.proofBytes ?? 0;
        expect(sizes.verifyingKeyBytes - registrationBytes).toBeLessThanOrEqual(100_000);
      }
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  });
});
