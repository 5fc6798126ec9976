import { readFileSync } from 'node:fs';
import { sha3_256 } from '@noble/hashes/sha3.js';
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
import { denseCommit, innerK, powerTable, proveDense } from '../../test/whir-reference.ts';
import { testEngine } from '../engine/index.ts';
import { addK, baseK, type K, mulK, ONE, ZERO } from '../field/index.ts';
import { asciiBytes, toHex } from '../hash/index.ts';
import { eqTable, evaluateUnivariate } from '../poly/index.ts';
import { TAG_CLAIMS, TAG_OUT_OF_DOMAIN, TAG_ROOT, Transcript } from '../transcript/index.ts';
import type { WhirParameters } from './parameters.ts';

/** Keeps the state after each message. */
class StateRecorder extends Transcript {
  readonly states: [number, string][] = [];

  override observe(tag: number, bytes: Uint8Array): void {
    super.observe(tag, bytes);
    this.states.push([tag, toHex(this.state())]);
  }
}

interface Golden {
  domain: string;
  modelColumns: number;
  foldings: number[];
  logInverseRates: number[];
  queries: number[];
  oodSamples: number[];
  variables: number;
  values: number[];
  points: K[][];
  claims: K[];
  states: [number, string][];
}

const vectors = new URL('../../../../vectors/whir/transcript.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(vectors, 'utf8'));
const [k0 = 0] = golden.foldings;

describe('dense reference prover', () => {
  it('reproduces the transcript of the executable specification', () => {
    const parameters: WhirParameters = {
      logRows: golden.variables - k0,
      columns: 2 ** k0,
      foldings: golden.foldings,
      logInverseRates: golden.logInverseRates,
      queries: golden.queries,
      oodSamples: golden.oodSamples,
      foldPowBits: [0, 0, 0],
      queryPowBits: [0, 0, 0],
      blinding: null,
    };
    const slots = [
      { firstColumn: 0, columns: golden.modelColumns },
      { firstColumn: golden.modelColumns, columns: 2 ** k0 - golden.modelColumns },
    ];
    const transcript = new StateRecorder(sha3_256, sha3_256(asciiBytes(golden.domain)));
    const trees = denseCommit(parameters, golden.values, slots, sha3_256);
    for (const { root } of trees) transcript.observe(TAG_ROOT, root);
    const values = golden.values.map(baseK);
    const batch: { table: K[]; value: K }[] = [];
    for (let j = 0; j < (golden.oodSamples[0] ?? 0); j++) {
      const z = transcript.sampleK();
      const value = evaluateUnivariate(values, z);
      transcript.observeK(TAG_OUT_OF_DOMAIN, [value]);
      batch.push({ table: powerTable(z, values.length), value });
    }
    for (const point of golden.points) {
      const table = eqTable(point);
      batch.push({ table, value: innerK(table, values) });
    }
    const claims = batch.slice(golden.oodSamples[0]).map((c) => c.value);
    expect(claims).toEqual(golden.claims);
    for (const value of claims) transcript.observeK(TAG_CLAIMS, [value]);
    const gamma = transcript.sampleK();
    let power = ONE;
    let claim: K = ZERO;
    let weights: K[] = values.map(() => ZERO);
    for (const { table, value } of batch) {
      const scale = power;
      weights = weights.map((w, i) => addK(w, mulK(scale, table[i] ?? ZERO)));
      claim = addK(claim, mulK(scale, value));
      power = mulK(power, gamma);
    }
    proveDense({
      parameters,
      transcript,
      hash: sha3_256,
      slots,
      trees,
      values: golden.values,
      weights,
      claim,
    });
    expect(transcript.states).toEqual(golden.states);
  });

  it('is accepted by the verifier, and by no other claim', () => {
    const c = denseCase(1);
    const { bytes } = proveCase(c);
    expect(verdict(verifyCase(c, bytes))).toBe('ok');
    expect(verdict(verifyCase(c, bytes, { claim: addK(c.claim, ONE) }))).toBe('whir/final-claim');
  });
});

describe('streaming prover', () => {
  const shapes: [string, WhirParameters, { firstColumn: number; columns: number }[]][] = [
    ['three oracles, two roots, zero columns', SMALL, [...SMALL_SLOTS]],
    [
      'one oracle, one column, every position opened',
      {
        logRows: 3,
        columns: 1,
        foldings: [1],
        logInverseRates: [1],
        queries: [200],
        oodSamples: [2],
        foldPowBits: [0],
        queryPowBits: [0],
        blinding: null,
      },
      [{ firstColumn: 0, columns: 1 }],
    ],
    [
      'folded to a constant, three roots, rate kept and dropped by the whole folding',
      {
        logRows: 4,
        columns: 4,
        foldings: [2, 3, 1],
        logInverseRates: [1, 1, 4],
        queries: [9, 9, 9],
        oodSamples: [2, 1, 1],
        foldPowBits: [0, 1, 0],
        queryPowBits: [0, 0, 4],
        blinding: null,
      },
      [
        { firstColumn: 0, columns: 1 },
        { firstColumn: 1, columns: 2 },
        { firstColumn: 3, columns: 1 },
      ],
    ],
  ];
  it.each(shapes)('equals the dense one byte for byte: %s', (_name, parameters, slots) => {
    const c = denseCase(2, parameters, slots);
    const streamed = streamCase(testEngine(), c);
    expect(streamed.consistent).toBe(true);
    expect(toHex(streamed.bytes)).toBe(toHex(proveCase(c).bytes));
    expect(verdict(verifyCase(c, streamed.bytes))).toBe('ok');
  });

  it('tells a false claim', () => {
    const c = denseCase(3);
    const streamed = streamCase(testEngine(), c, addK(c.claim, ONE));
    expect(streamed.consistent).toBe(false);
  });
});
