import { describe, expect, test } from 'vitest';
import {
  describeSealError,
  newSealKey,
  seal,
  SEAL_OVERHEAD,
  sealKeyFromSeed,
  unseal,
} from './index.ts';

const job = `0x${'11'.repeat(32)}` as const;
const other = `0x${'22'.repeat(32)}` as const;
const secret = Uint8Array.from({ length: 1000 }, (_, i) => i & 255);

describe('sealed data', () => {
  test('opens with the key it is sealed to, and only for its job and direction', async () => {
    const key = await newSealKey();
    const envelope = await seal(key.publicKey, job, 'input', secret);
    expect(envelope.length).toBe(secret.length + SEAL_OVERHEAD);
    expect(await unseal(key, job, 'input', envelope)).toEqual({ ok: true, value: secret });
    for (const attempt of [
      unseal(key, other, 'input', envelope),
      unseal(key, job, 'output', envelope),
      unseal(await newSealKey(), job, 'input', envelope),
    ]) {
      expect(await attempt).toEqual({ ok: false, error: { kind: 'seal/rejected' } });
    }
  });

  test('is another envelope each time', async () => {
    const key = await newSealKey();
    const one = await seal(key.publicKey, job, 'input', secret);
    expect(await seal(key.publicKey, job, 'input', secret)).not.toEqual(one);
  });

  test('does not open when any part of it is changed, or cut', async () => {
    const key = await newSealKey();
    const envelope = await seal(key.publicKey, job, 'output', secret);
    for (const at of [0, 15, 16, 47, 48, 500, envelope.length - 1]) {
      const changed = envelope.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect((await unseal(key, job, 'output', changed)).ok, `byte ${at}`).toBe(false);
    }
    for (const length of [0, 16, 47, SEAL_OVERHEAD - 1, SEAL_OVERHEAD, envelope.length - 1]) {
      const result = await unseal(key, job, 'output', envelope.subarray(0, length));
      expect(result.ok).toBe(false);
      if (!result.ok) expect(describeSealError(result.error)).toMatch(/^sealed data: /);
    }
  });

  test('keys come from their seeds', async () => {
    const key = await newSealKey();
    expect(await sealKeyFromSeed(key.seed)).toEqual(key);
    await expect(sealKeyFromSeed(new Uint8Array(31))).rejects.toThrow(RangeError);
  });

  test('a key that is none', async () => {
    await expect(seal('0x1234', job, 'input', secret)).rejects.toThrow(RangeError);
    await expect(seal(`0x${'00'.repeat(32)}`, job, 'input', secret)).rejects.toThrow(RangeError);
  });
});
