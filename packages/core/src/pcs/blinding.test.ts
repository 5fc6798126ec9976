import { describe, expect, it } from 'vitest';
import {
  denseCase,
  proveCase,
  SMALL,
  SMALL_SLOTS,
  streamCase,
  verdict,
  verifyCase,
} from '../../test/whir-cases.ts';
import { createEngine, testEngine } from '../engine/index.ts';
import { createWasmExecutor } from '../engine/wasm-executor.ts';
import { toHex } from '../hash/index.ts';

describe('x', () => {
  it('y', () => {
    const c = denseCase(2, { ...SMALL, blinding: { powBits: 3 } }, SMALL_SLOTS, 1);
    const proof = proveCase(c).bytes;
    expect(verdict(verifyCase(c, proof))).toBe('ok');
    const streamed = streamCase(testEngine(), c);
    expect(toHex(streamed.bytes)).toBe(toHex(proof));
    expect(streamed.consistent).toBe(true);
    const wasm = streamCase(createEngine(createWasmExecutor()), c);
    expect(toHex(wasm.bytes)).toBe(toHex(proof));
  });
});
