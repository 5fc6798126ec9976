import { createEngine, testEngine } from '@assay/core/engine';
import { createWasmExecutor } from '@assay/core/engine/wasm';
import { keccak256, toHex } from '@assay/core/hash';
import { createNodePool } from '@assay/runtime/node';
import { expect, test } from 'vitest';
import { seededDraw } from '@assay/runtime/testing';
import { prove } from '../src/index.ts';
import { mlp, provingKeyOf } from './fixtures.ts';

const { program, weights } = mlp([40, 30, 10]);
const random = seededDraw(9);
const inputs = new Map([['x', Int32Array.from({ length: 40 }, () => random(-20, 20))]]);

test('one proof, whatever runs the kernels and on however many threads', async () => {
  const pool = await createNodePool({ threads: 2 });
  try {
    const engines = [
      testEngine(),
      createEngine(createWasmExecutor()),
      createEngine(pool, { shardNs: 0 }),
    ];
    const proofs = engines.map((engine) => {
      const key = provingKeyOf(engine, program, weights, { targetBits: 100 });
      return toHex(prove(engine, key, inputs).proof);
    });
    expect(proofs[1]).toBe(proofs[0]);
    expect(proofs[2]).toBe(proofs[0]);
    // Golden: changes only with the protocol's version or the derived parameters.
    expect(toHex(keccak256(new TextEncoder().encode(proofs[0] ?? '')))).toMatchInlineSnapshot(
      `"698478e96328d8304fa37814cf258ecffe7ded58497ccd626acafb9184673e78"`,
    );
  } finally {
    await pool.close();
  }
});
