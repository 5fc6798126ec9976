import { toHex } from '@assay/core/hash';
import { createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keyFromSeed, preAuthEncoding, signPayload, verifySignature } from './dsse.ts';

const payload = new TextEncoder().encode('hello world');
const seed = Uint8Array.from({ length: 32 }, (_, i) => i);

describe('DSSE', () => {
  test('pre-authentication encoding counts bytes and names the type', () => {
    const text = new TextDecoder().decode(preAuthEncoding(payload));
    expect(text).toBe('DSSEv1 28 application/vnd.in-toto+json 11 hello world');
  });

  test('signatures are what another implementation of Ed25519 expects', () => {
    const key = keyFromSeed(seed);
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const other = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    const raw = createPublicKey(other).export({ format: 'der', type: 'spki' }).subarray(-32);
    expect(toHex(key.publicKey)).toBe(raw.toString('hex'));
    const signature = signPayload(payload, key);
    expect(verify(null, preAuthEncoding(payload), createPublicKey(other), signature)).toBe(true);
  });

  test('a signature holds for its payload and key only', () => {
    const key = keyFromSeed(seed);
    const signature = signPayload(payload, key);
    expect(verifySignature(payload, signature, key.publicKey)).toBe(true);
    expect(verifySignature(payload.subarray(1), signature, key.publicKey)).toBe(false);
    expect(verifySignature(payload, signature, keyFromSeed(seed.map((b) => b ^ 1)).publicKey)).toBe(
      false,
    );
    for (let bit = 0; bit < 512; bit += 7) {
      const bad = signature.slice();
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verifySignature(payload, bad, key.publicKey), `bit ${bit}`).toBe(false);
    }
  });

  test('any bytes are answered: wrong lengths, points off the curve, points of small order', () => {
    const key = keyFromSeed(seed);
    const signature = signPayload(payload, key);
    for (const length of [0, 1, 31, 33, 64]) {
      expect(verifySignature(payload, signature, new Uint8Array(length))).toBe(false);
    }
    for (const length of [0, 63, 65]) {
      expect(verifySignature(payload, new Uint8Array(length), key.publicKey)).toBe(false);
    }
    expect(verifySignature(payload, signature, new Uint8Array(32).fill(255))).toBe(false);
    // The neutral element as key and as R, s = 0: valid for every message where small orders are let in.
    const neutral = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0));
    const forged = new Uint8Array(64);
    forged.set(neutral);
    expect(verifySignature(payload, forged, neutral)).toBe(false);
  });

  test('s and s + L: only the smaller', () => {
    const key = keyFromSeed(seed);
    const signature = signPayload(payload, key);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    let s = signature.subarray(32).reduceRight((n, byte) => (n << 8n) | BigInt(byte), 0n) + order;
    const moved = signature.slice();
    for (let i = 32; i < 64; i++, s >>= 8n) moved[i] = Number(s & 255n);
    expect(s).toBe(0n);
    expect(verifySignature(payload, moved, key.publicKey)).toBe(false);
  });

  test('a seed has 32 bytes', () => {
    expect(() => keyFromSeed(new Uint8Array(31))).toThrow('keyFromSeed: expected 32 bytes, got 31');
  });
});
