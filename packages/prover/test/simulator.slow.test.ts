import { seededRandomness } from '@assay/core/testing';
import { seededDraw } from '@assay/runtime/testing';
import { verifyProof } from '@assay/verifier';
import { describe, expect, test, vi } from 'vitest';
import { claimedRun } from './liar.ts';
import { PROGRAMS } from './programs.ts';
import { simulateAll } from './simulator.ts';
import { steered } from './steered.ts';
import { PROFILES, proveToy, toyEngine, toyKey } from './toy-key.ts';

vi.mock('@assay/core/transcript', async (original) => {
  const actual = await original<typeof import('@assay/core/transcript')>();
  const { steeredTranscript } = await import('./steered.ts');
  return { ...actual, Transcript: steeredTranscript(actual.Transcript) };
});

describe.each(Object.entries(PROGRAMS))('%s', (_name, make) => {
  const engine = toyEngine();
  const toy = make(seededDraw(15));
  test.each(PROFILES.slice(1))('simulated: inputs %s, outputs %s, weights %s', (...profile) => {
    const mark = engine.mark();
    const key = toyKey(engine, toy.program, toy.weights, { profile, targetBits: 40 });
    const { trace } = proveToy(engine, key, toy);
    const made = simulateAll(
      {
        argument: key.argument,
        statement: claimedRun(engine, key, trace).statement,
        model: profile[2] === 'hidden' ? null : { weights: key.weights, tree: key.tree },
      },
      seededRandomness(16),
    );
    const found = steered({ queue: made.queue }, () =>
      verifyProof(made.key, made.statement, made.proof),
    );
    expect(found.ok).toBe(true);
    engine.release(mark);
  });
});
