import { describe, expect, it } from 'vitest';
import { renderMarkdown } from './markdown.ts';
import { renderOverPlain } from './report.ts';
import { type BenchRow, missedTargets, overPlain } from './row.ts';

const spread = (median: number): { median: number; min: number; max: number } => ({
  median,
  min: median / 2,
  max: 2 * median,
});

const plain = {
  model: 'm',
  profile: 'plain',
  hidden: [],
  zk: false,
  parameters: 62_006,
  setupMs: 500,
  proveMs: 100,
  verifyMs: 20,
  verifyPreparedMs: 15,
  inferMs: 1.5,
  proofBytes: 100 * 1024,
  peakMemoryBytes: 2 ** 27,
  provingKeyBytes: 2 ** 20,
  verifyingKeyBytes: 2048,
  accuracy: null,
  registration: null,
  overPlain: null,
  spread: {
    proveMs: spread(100),
    verifyMs: spread(20),
    verifyPreparedMs: spread(15),
    inferMs: spread(1.5),
  },
} as unknown as BenchRow;

const timed = {
  prove: spread(1.6),
  verify: spread(1.9),
  proveCpu: spread(1.4),
  verifyCpu: spread(1.7),
};

const zk: BenchRow = {
  ...plain,
  profile: 'zk',
  hidden: ['input'],
  zk: true,
  setupMs: 1000,
  proofBytes: 131 * 1024,
};
const row: BenchRow = { ...zk, overPlain: overPlain(zk, plain, timed) };
const hiddenWeights: BenchRow = {
  ...row,
  profile: 'zk-private',
  hidden: ['input', 'weights'],
  registration: { setupMs: 600, proofBytes: 40_960, verifyModelMs: 25, reservedProofs: 32 },
};

describe('overPlain', () => {
  it('takes times run by run, sizes as they are', () => {
    expect(row.overPlain).toMatchObject({
      prove: 1.6,
      verify: 1.9,
      proveCpu: 1.4,
      verifyCpu: 1.7,
      proof: 1.31,
      setup: 2,
      peakMemory: 1,
      targets: { prove: 1.5, verify: 2, proof: 1.3 },
    });
    expect(overPlain(plain, plain, null)).toBeNull();
  });

  it('asks more of large models', () => {
    const large = { ...zk, parameters: 2_000_000 };
    expect(overPlain(large, plain, timed)?.targets.prove).toBe(1.35);
  });
});

it('says by how much a target is missed', () => {
  const over = row.overPlain;
  expect(over && missedTargets(over)).toBe('prove 7 %, proof 1 %');
  expect(over && missedTargets({ ...over, prove: 1.5, proof: 1.3 })).toBe('–');
});

it('shows multiples beside their targets', () => {
  expect(renderOverPlain([plain, row]).split('\n')).toEqual([
    'multiples of plain  hidden   prove (min–max)   CPU  verify (min–max)   CPU  proof  setup  memory  keys (p, v)  targets      missed by',
    '──────────────────  ──────  ────────────────  ────  ────────────────  ────  ─────  ─────  ──────  ───────────  ───────────  ────────────────────',
    'm                   input   1.60 (0.80–3.20)  1.40  1.90 (0.95–3.80)  1.70   1.31   2.00    1.00   1.00, 1.00  1.5, 2, 1.3  prove 7 %, proof 1 %',
  ]);
  expect(renderOverPlain([plain, row, hiddenWeights]).split('\n').slice(-3)).toEqual([
    'registration   setup  of it registration  its proof  verify-model  verify a proof then  proofs reserved',
    '────────────  ──────  ──────────────────  ─────────  ────────────  ───────────────────  ───────────────',
    'm             1.00 s              600 ms   40.0 KiB         25 ms                15 ms               32',
  ]);
});

it('makes the tables of the README', () => {
  expect(renderMarkdown([plain]).split('\n')).toHaveLength(3);
  expect(renderMarkdown([plain, row, hiddenWeights]).split('\n')).toEqual([
    '| model | setup | prove | verify | proof | memory | keys | plain | agrees with the float model |',
    '|---|---|---|---|---|---|---|---|---|',
    '| m: 62k parameters | 500 ms | **100 ms** (50–200) | **20 ms** (10–40) | 100 KiB | 128 MiB | 1.00 MiB, 2.0 KiB | 1.5 ms | – |',
    '',
    '| model, input hidden | prove | × plain | verify | × plain | proof | × plain | memory | over target |',
    '|---|---|---|---|---|---|---|---|---|',
    '| m | **100 ms** (50–200) | 1.60, CPU 1.40 (≤ 1.5) | **20 ms** (10–40) | 1.90, CPU 1.70 (≤ 2) | 131 KiB | 1.31 (≤ 1.3) | 128 MiB | prove 7 %, proof 1 % |',
    '',
    '| model, input and weights hidden | setup | of it registration | registration proof | verify-model | prove | verify, key prepared | proof | keys |',
    '|---|---|---|---|---|---|---|---|---|',
    '| m | 1.00 s | 600 ms | 40 KiB | 25 ms | **100 ms** (50–200) | **15 ms** (8–30) | 131 KiB | 1.00 MiB, 2.0 KiB |',
  ]);
});
