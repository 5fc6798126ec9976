import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { demo } from '../src/commands/demo.ts';

test('the demo proves three images, rejects the forgery, keeps the accuracy, and hides', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-demo-'));
  try {
    const { exitCode, json, text } = await demo({
      json: true,
      output: folder,
      threads: 2,
      market: false,
    });
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({
      ok: true,
      securityBits: 128,
      images: [{ accepted: true }, { accepted: true }, { accepted: true }],
      forgery: { accepted: false, reason: expect.stringContaining('the proof does not hold') },
      accuracy: { samples: 360 },
      private: [
        { hidden: 'patient', predicted: 'benign', label: 'benign', accepted: true },
        { hidden: 'model', predicted: 'benign', label: 'benign', accepted: true },
      ],
    });
    const { accuracy } = json as { accuracy: { right: number; floatRight: number } };
    expect(Math.abs(accuracy.right - accuracy.floatRight)).toBeLessThanOrEqual(0.005 * 360);
    expect(text).toContain('assay verify');
    for (const name of ['image-3', 'patient-hidden', 'model-hidden']) {
      expect(existsSync(join(folder, `${name}.receipt`))).toBe(true);
    }
    // A second run replaces the first one's bundle.
    expect((await demo({ json: true, output: folder, threads: 1, market: false })).exitCode).toBe(
      0,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
