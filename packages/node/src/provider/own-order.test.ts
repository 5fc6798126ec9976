import { seededDraw } from '@assay/runtime/testing';
import type { Hex } from 'viem';
import { expect, test } from 'vitest';
import { inOwnOrder } from './own-order.ts';
import type { Phase } from './phases.ts';
import type { JobRecord } from './records.ts';

const draw = seededDraw(11);
const hex = (bytes: number): Hex =>
  `0x${Array.from({ length: bytes }, () => draw(0, 255).toString(16).padStart(2, '0')).join('')}`;
const record = (phase: Phase): JobRecord => ({
  id: hex(32),
  phase,
  round: 0,
  input: null,
  output: null,
  outputRoot: null,
  traceRoot: null,
  receipt: null,
  sealedOutput: null,
  manifest: null,
  reason: null,
  attempts: 0,
  restUntil: 0,
});

test('what is under way comes first, in its order; then all others, each once', () => {
  const records = Array.from({ length: 200 }, (_, i) => record(i % 10 === 0 ? 'held' : 'seen'));
  const ordered = inOwnOrder(records, hex(20), 64);
  expect(new Set(ordered)).toEqual(new Set(records));
  const held = records.filter(({ phase }) => phase === 'held');
  expect(ordered.slice(0, held.length)).toEqual(held);
  const seen = records.filter(({ phase }) => phase === 'seen');
  // Nobody waits for ever: what came later than the window comes later.
  expect(new Set(ordered.slice(held.length, held.length + 64))).toEqual(new Set(seen.slice(0, 64)));
  expect(ordered.slice(held.length + 64)).toEqual(seen.slice(64));
});

test('three providers begin with other jobs, each with the same ones every time', () => {
  const records = Array.from({ length: 1000 }, () => record('seen'));
  let shared = 0;
  for (let trial = 0; trial < 50; trial++) {
    // Alike at the beginning, too.
    const [mine, theirs] = [hex(20), hex(20)].map((address): Hex => `0x9${address.slice(3)}`);
    if (mine === undefined || theirs === undefined) throw new Error('two addresses');
    const first = (address: Hex): readonly JobRecord[] =>
      inOwnOrder(records, address, 512).slice(0, 32);
    expect(first(mine)).toEqual(first(mine));
    const ours = new Set(first(mine));
    shared += first(theirs).filter((job) => ours.has(job)).length;
  }
  // 2 of 32 are to be expected; in the order of their posts it would be 32.
  expect(shared / 50).toBeLessThan(6);
});
